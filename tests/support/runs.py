"""Runs to judge, made by hand and at random."""

from decimal import Decimal
from typing import Any

import msgspec
from hypothesis import strategies as st

from trading.core.identifiers import Currency, Pair, StrategyName
from trading.core.market import Side
from trading.research.mid_path import MidPath
from trading.research.result import (
    GateSpan,
    Head,
    Holdings,
    MidSeries,
    Result,
    Run,
    RunFill,
    RunKind,
    RunOrder,
)

S = 1_000_000_000
"""A second."""
D = Decimal


def mids(
    *steps: tuple[int, str | None], until: int | None = None, continuous: bool = True
) -> MidSeries:
    """A series of mid prices; times in seconds."""
    return MidSeries(
        at_ns=tuple(second * S for second, _ in steps),
        prices=tuple(None if price is None else D(price) for _, price in steps),
        until_ns=(steps[-1][0] if until is None else until) * S,
        continuous=continuous,
    )


def a_path(*steps: tuple[int, str | None], until: int | None = None) -> MidPath:
    return MidPath(mids(*steps, until=until))


def a_run_fill(second: float, side: Side, price: str, quantity: str, **changes: Any) -> RunFill:
    fill = RunFill(
        at_ns=int(second * S),
        side=side,
        price=D(price),
        quantity=D(quantity),
        fee=D(0),
        fee_currency="USDT",
        order_id="o-1",
    )
    return msgspec.structs.replace(fill, **changes)


def a_run_order(number: int, side: Side, price: str, **changes: Any) -> RunOrder:
    order = RunOrder(
        order_id=f"o-{number}",
        side=side,
        price=D(price),
        quantity=D(10),
        filled=D(0),
        decided_ns=0,
        placed_ns=0,
        ended_ns=None,
        status="open",
    )
    return msgspec.structs.replace(order, **changes)


def a_run(*fills: RunFill, until: int = 100, **changes: Any) -> Run:
    run = Run(
        strategy=StrategyName("maker"),
        pair=Pair("DOGEUSDT"),
        base=Currency("DOGE"),
        quote=Currency("USDT"),
        from_ns=0,
        to_ns=until * S,
        orders=(),
        fills=fills,
    )
    return msgspec.structs.replace(run, **changes)


def a_head(**changes: Any) -> Head:
    head = Head(kind=RunKind.BACKTEST, engine="paper", venue="a recorded market")
    return msgspec.structs.replace(head, **changes)


def a_result(*runs: Run, **changes: Any) -> Result:
    return Result(head=a_head(**changes), runs=runs)


amounts = st.decimals(min_value=0, max_value=10**9, allow_nan=False, allow_infinity=False, places=8)
prices = st.decimals(min_value="0.00000001", max_value=10**9, places=8)
sides = st.sampled_from(Side)


@st.composite
def some_mids(draw: st.DrawFn, until_ns: int = 100 * S) -> MidSeries:
    """Mid prices with gaps; at least one is known."""
    times = sorted(draw(st.sets(st.integers(0, until_ns), min_size=1, max_size=12)))
    steps = [draw(st.none() | prices) for _ in times]
    if not any(steps):
        steps[draw(st.integers(0, len(steps) - 1))] = draw(prices)
    return MidSeries(
        at_ns=tuple(times),
        prices=tuple(steps),
        until_ns=draw(st.integers(times[-1], until_ns)),
    )


@st.composite
def run_fills(draw: st.DrawFn, until_ns: int = 100 * S) -> RunFill:
    return RunFill(
        at_ns=draw(st.integers(0, until_ns)),
        side=draw(sides),
        price=draw(prices),
        quantity=draw(amounts),
        fee=draw(st.decimals(min_value=-(10**4), max_value=10**4, places=10)),
        fee_currency=draw(st.sampled_from(["DOGE", "USDT", "VALR"])),
        order_id=f"o-{draw(st.integers(1, 5))}",
        maker=draw(st.none() | st.booleans()),
    )


@st.composite
def run_orders(draw: st.DrawFn, number: int, until_ns: int = 100 * S) -> RunOrder:
    decided = draw(st.integers(0, until_ns))
    placed = draw(st.none() | st.integers(decided, until_ns))
    ended = None if placed is None else draw(st.none() | st.integers(placed, until_ns))
    quantity = draw(amounts)
    return RunOrder(
        order_id=f"o-{number}",
        side=draw(sides),
        price=draw(prices),
        quantity=quantity,
        filled=draw(st.sampled_from([D(0), quantity])),
        decided_ns=decided,
        placed_ns=placed,
        ended_ns=ended,
        status="open" if ended is None else "cancelled",
        level=draw(st.none() | st.integers(0, 3)),
        mid_price=draw(st.none() | prices),
        cancel_sent_ns=draw(st.none() | st.just(ended)),
        queue_ahead=draw(st.none() | amounts),
        queue_best=draw(st.none() | amounts),
    )


@st.composite
def gate_spans(draw: st.DrawFn, until_ns: int = 100 * S) -> GateSpan:
    begin = draw(st.integers(0, until_ns))
    return GateSpan(
        code=draw(st.sampled_from(["not_ready", "fill_delay", "halted"])),
        side=draw(st.none() | sides),
        from_ns=begin,
        to_ns=draw(st.integers(begin, until_ns)),
    )


@st.composite
def some_runs(draw: st.DrawFn) -> Run:
    """Any run: fills in the order of their times, all else as it comes."""
    fills = draw(st.lists(run_fills(), max_size=8))
    holdings = st.builds(Holdings, amounts, amounts)
    return a_run(
        *sorted(fills, key=lambda fill: fill.at_ns),
        orders=tuple(draw(run_orders(number)) for number in range(draw(st.integers(0, 5)))),
        gates=draw(st.none() | st.lists(gate_spans(), max_size=4).map(tuple)),
        mids=draw(st.none() | some_mids()),
        start=draw(st.none() | holdings),
        tick=draw(st.none() | st.just(D("0.00001"))),
        queue=draw(st.sampled_from(["", "exact", "risk_averse"])),
    )
