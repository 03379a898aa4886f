"""How alike two runs on one market are: a live one, and what a backtest makes of it."""

from collections.abc import Sequence
from decimal import Decimal

import attrs

from trading.core.decimals import ZERO
from trading.core.market import Side
from trading.research.exact import exact
from trading.research.mid_path import MidPath
from trading.research.result import Run, RunFill

WITHIN_S = 1.0
"""Fills of the same order on two clocks are no further apart: a latency, and milliseconds."""
_NS = 1_000_000_000
_STEPS = 10


@attrs.frozen(kw_only=True)
class Apart:
    """
    Both runs at one moment.

    Args:
        live: What trading had made at mid by then, in quote currency; ``None`` where no mid price
            is known.
        made: The same of the backtest.
    """

    at_ns: int
    live: Decimal | None
    made: Decimal | None
    live_fills: int
    made_fills: int


@attrs.frozen(kw_only=True)
class Likeness:
    """
    A live run beside a backtest.

    Args:
        live_fills: Of the live run.
        made_fills: Of the backtest.
        reproduced: Live fills that the backtest has too: side, price and quantity, within a second.
        first: The first live fill that it has not, or the first that it alone has.
        first_is_live: Which of both that is.
        orders_alike: How many orders came out the same, from the first on: side, price, quantity.
        live_orders: Of the live run.
        steps: Both over time.
    """

    strategy: str
    live_fills: int
    made_fills: int
    reproduced: int
    first: RunFill | None
    first_is_live: bool
    orders_alike: int
    live_orders: int
    steps: Sequence[Apart]


def likeness(live: Run, made: Run, path: MidPath | None) -> Likeness:
    """
    Compare.

    Args:
        live: From the moment on at which the backtest begins.
        path: The mid price of both.
    """
    lone_live, lone_made = _matched(live.fills, made.fills)
    lone = [(fill.at_ns, True, fill) for fill in lone_live]
    lone += [(fill.at_ns, False, fill) for fill in lone_made]
    first = min(lone, key=lambda each: each[:2], default=None)
    return Likeness(
        strategy=live.strategy,
        live_fills=len(live.fills),
        made_fills=len(made.fills),
        reproduced=len(live.fills) - len(lone_live),
        first=None if first is None else first[2],
        first_is_live=first is not None and first[1],
        orders_alike=_alike(live, made),
        live_orders=len(live.orders),
        steps=[_apart(live, made, path, at) for at in _moments(made)],
    )


def _matched(
    live: Sequence[RunFill], made: Sequence[RunFill]
) -> tuple[list[RunFill], list[RunFill]]:
    """Live fills that are not among the others, and the other way round."""
    left = [fill.quantity for fill in made]
    lone: list[RunFill] = []
    for fill in live:
        missing = fill.quantity
        for index, other in enumerate(made):
            if left[index] > ZERO and _same(fill, other):
                taken = min(missing, left[index])
                left[index] -= taken
                missing -= taken
        if missing > ZERO:
            lone.append(fill)
    return lone, [fill for fill, rest in zip(made, left, strict=True) if rest > ZERO]


def _same(one: RunFill, other: RunFill) -> bool:
    near = abs(one.at_ns - other.at_ns) <= WITHIN_S * _NS
    return near and one.side is other.side and one.price == other.price


def _alike(live: Run, made: Run) -> int:
    count = 0
    for one, other in zip(live.orders, made.orders, strict=False):
        if (one.side, one.price, one.quantity) != (other.side, other.price, other.quantity):
            break
        count += 1
    return count


def _moments(made: Run) -> list[int]:
    length = made.to_ns - made.from_ns
    return [made.from_ns + length * step // _STEPS for step in range(1, _STEPS + 1)]


def _apart(live: Run, made: Run, path: MidPath | None, at_ns: int) -> Apart:
    mid = None if path is None else path.at(at_ns)
    return Apart(
        at_ns=at_ns,
        live=_worth(live, mid, at_ns),
        made=_worth(made, mid, at_ns),
        live_fills=sum(1 for fill in live.fills if fill.at_ns <= at_ns),
        made_fills=sum(1 for fill in made.fills if fill.at_ns <= at_ns),
    )


def _worth(run: Run, mid: Decimal | None, at_ns: int) -> Decimal | None:
    if mid is None:
        return None
    signs = {Side.BUY: Decimal(1), Side.SELL: Decimal(-1)}
    total = ZERO
    with exact():
        for fill in run.fills:
            if fill.at_ns <= at_ns:
                total += signs[fill.side] * (mid - fill.price) * fill.quantity
                if fill.fee_currency == run.quote:
                    total -= fill.fee
                elif fill.fee_currency == run.base:
                    total -= fill.fee * mid
    return total
