"""A backtest's outcome as runs that reports and figures are made from."""

from collections.abc import Mapping, Sequence
from decimal import Decimal

import attrs

from trading.backtest.outcome import BacktestFill, BacktestOrder, Outcome
from trading.core.identifiers import Currency, Pair, StrategyName
from trading.core.instrument import Instrument
from trading.research.result import GateSpan, Holdings, MidSeries, Run, RunFill, RunOrder


@attrs.frozen(kw_only=True)
class Ground:
    """
    Where a strategy was tested.

    Args:
        instrument: The pair's rules.
        mids: Of the market.
        start: What was held at the beginning; ``None`` where that is shared with others.
    """

    instrument: Instrument
    mids: MidSeries
    start: Holdings | None


def starts(
    instruments: Mapping[StrategyName, Instrument], held: Mapping[Currency, Decimal]
) -> Mapping[StrategyName, Holdings | None]:
    """What each strategy began with; ``None`` where it shares a currency with another one."""
    used = [c for one in instruments.values() for c in (one.base, one.quote)]
    return {
        name: Holdings(held.get(one.base, Decimal(0)), held.get(one.quote, Decimal(0)))
        if used.count(one.base) == used.count(one.quote) == 1
        else None
        for name, one in instruments.items()
    }


def runs_of_outcome(outcome: Outcome, grounds: Mapping[StrategyName, Ground]) -> list[Run]:
    """One run for each strategy, in the order in which they are given."""
    return [
        Run(
            strategy=name,
            pair=Pair(ground.instrument.pair),
            base=ground.instrument.base,
            quote=ground.instrument.quote,
            from_ns=outcome.began_ns,
            to_ns=outcome.ended_ns,
            orders=tuple(_order(one) for one in outcome.orders if one.strategy == name),
            fills=tuple(_fills(outcome.fills, name)),
            tick=ground.instrument.tick_size,
            gates=tuple(
                GateSpan(code=gate.code, side=gate.side, from_ns=gate.from_ns, to_ns=gate.to_ns)
                for gate in outcome.gates[name]
            ),
            mids=ground.mids,
            start=ground.start,
            queue=queue_name(outcome.queue),
        )
        for name, ground in grounds.items()
    ]


def queue_name(model: str) -> str:
    """How a report calls what is known of the queue."""
    return "exact" if model == "l3" else model


def _fills(fills: Sequence[BacktestFill], name: StrategyName) -> list[RunFill]:
    return [
        RunFill(
            at_ns=fill.at_ns,
            side=fill.side,
            price=fill.price,
            quantity=fill.quantity,
            fee=fill.fee,
            fee_currency=fill.fee_currency,
            order_id=fill.client_order_id,
            maker=fill.maker,
        )
        for fill in fills
        if fill.strategy == name
    ]


def _order(order: BacktestOrder) -> RunOrder:
    return RunOrder(
        order_id=order.client_order_id,
        side=order.side,
        price=order.price,
        quantity=order.quantity,
        filled=order.filled_quantity,
        decided_ns=order.placed_ns,
        placed_ns=order.arrived_ns,
        ended_ns=order.ended_ns,
        status=order.end,
        reason=order.reason,
        level=order.level,
        mid_price=order.mid_price,
        cancel_sent_ns=order.cancel_sent_ns,
        filled_at_cancel=order.filled_at_cancel,
        queue_ahead=order.ahead,
        queue_best=order.best_ahead,
    )
