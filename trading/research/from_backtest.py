"""A result from what a backtest says."""

from collections.abc import Mapping, Sequence
from decimal import Decimal

import attrs

from trading.backtest.outcome import BacktestFill, BacktestOrder, Outcome
from trading.core.decimals import ZERO
from trading.core.identifiers import Currency, Pair, StrategyName
from trading.core.instrument import Instrument
from trading.research.result import (
    GateSpan,
    Head,
    Holdings,
    MidSeries,
    Result,
    Run,
    RunFill,
    RunOrder,
)


@attrs.frozen(kw_only=True)
class Circumstances:
    """
    What a backtest's outcome does not say itself.

    Args:
        strategies: The pair of each.
        mids: Of each pair; of those that are left out the dataset that the head names is read.
        gates: Of each strategy; of those that are left out they are not recorded.
    """

    head: Head
    strategies: Mapping[StrategyName, Pair]
    instruments: Mapping[Pair, Instrument]
    mids: Mapping[Pair, MidSeries] = attrs.field(factory=dict)
    gates: Mapping[StrategyName, Sequence[GateSpan]] = attrs.field(factory=dict)


def result_of(outcome: Outcome, about: Circumstances) -> Result:
    """The result, with a run for each strategy, also for one that did nothing."""
    held: dict[Currency, Decimal] = {}
    for balance in outcome.balances:
        held.setdefault(balance.currency, balance.available + balance.reserved)
    users: dict[Currency, int] = {}
    for pair in about.strategies.values():
        names = about.instruments[pair]
        for currency in (names.base, names.quote):
            users[currency] = users.get(currency, 0) + 1
    shared = frozenset(currency for currency, count in users.items() if count > 1)
    return Result(
        head=about.head,
        runs=tuple(
            _run(outcome, about, strategy, pair, {} if _shares(about, pair, shared) else held)
            for strategy, pair in about.strategies.items()
        ),
    )


def _shares(about: Circumstances, pair: Pair, shared: frozenset[Currency]) -> bool:
    names = about.instruments[pair]
    return not shared.isdisjoint((names.base, names.quote))


def _run(
    outcome: Outcome,
    about: Circumstances,
    strategy: StrategyName,
    pair: Pair,
    held: Mapping[Currency, Decimal],
) -> Run:
    names = about.instruments[pair]
    gates = about.gates.get(strategy)
    start = None
    if names.base in held or names.quote in held:
        start = Holdings(held.get(names.base, ZERO), held.get(names.quote, ZERO))
    return Run(
        strategy=strategy,
        pair=pair,
        base=names.base,
        quote=names.quote,
        tick=names.tick_size,
        from_ns=outcome.began_ns,
        to_ns=outcome.ended_ns,
        orders=tuple(_order(order) for order in outcome.orders if order.strategy == strategy),
        fills=tuple(_fill(fill) for fill in outcome.fills if fill.strategy == strategy),
        gates=None if gates is None else tuple(gates),
        mids=about.mids.get(pair),
        start=start,
        queue="exact" if outcome.queue == "l3" else outcome.queue,
        tells_cancels=False,
    )


def _order(order: BacktestOrder) -> RunOrder:
    return RunOrder(
        order_id=order.client_order_id,
        side=order.side,
        price=order.price,
        quantity=order.quantity,
        filled=order.filled_quantity,
        decided_ns=order.placed_ns,
        placed_ns=None if order.end == "rejected" else order.arrived_ns,
        ended_ns=order.ended_ns,
        status=order.end,
        reason=order.reason,
        level=order.level,
        queue_ahead=order.ahead,
    )


def _fill(fill: BacktestFill) -> RunFill:
    return RunFill(
        at_ns=fill.at_ns,
        side=fill.side,
        price=fill.price,
        quantity=fill.quantity,
        fee=fill.fee,
        fee_currency=fill.fee_currency,
        order_id=fill.client_order_id,
        maker=fill.maker,
    )
