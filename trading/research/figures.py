"""All numbers of a report about one run, each a value or the reason why there is none."""

from collections.abc import Mapping, Sequence
from decimal import Decimal

import attrs

from trading.core.market import SIDES, Side
from trading.research.drawdown import Drawdown, drawdown
from trading.research.gates import gate_shares
from trading.research.hours import Hour, fills_by_hour
from trading.research.inventory import Inventory, inventory
from trading.research.markouts import HORIZONS_S, Markout, markout
from trading.research.mid_path import MidPath, Span, clipped
from trading.research.order_lives import OrderLives, QueueFigures, order_lives, queue_figures
from trading.research.result import Run, RunFill
from trading.research.sharpe import Sharpe, sharpe
from trading.research.stated import NotStated
from trading.research.uptime import Uptime, uptime
from trading.research.worth import (
    Captured,
    Change,
    Identity,
    captured,
    change_of_worth,
    fees_paid,
    identity,
    lacking,
)


@attrs.frozen(kw_only=True)
class Coverage:
    """
    How much of the run the mid price is known for.

    Args:
        share: Time in which it is known / all time, between 0 and 1.
        gaps: Where it is not, oldest first.
    """

    share: float | NotStated
    gaps: Sequence[Span]


@attrs.frozen(kw_only=True)
class Figures:
    """
    A run in numbers.

    Args:
        captured: By side, and of both.
        markouts: By side, and of both, for each horizon.
        fees: Paid, by currency.
        makers: Of the fills of which it is told, how many were of orders that had rested.
    """

    strategy: str
    pair: str
    base: str
    quote: str
    from_ns: int
    to_ns: int
    fills: int
    makers: int | NotStated
    coverage: Coverage
    captured: Mapping[str, Captured | NotStated]
    markouts: Mapping[str, Sequence[Markout | NotStated]]
    identity: Identity | NotStated
    change: Change | NotStated
    fees: Mapping[str, Decimal]
    uptime: Uptime | NotStated
    orders: OrderLives
    queue: QueueFigures | NotStated
    inventory: Inventory | NotStated
    drawdown: Drawdown | NotStated
    sharpe: Sharpe | NotStated
    gates: Mapping[Side, Mapping[str, float]] | NotStated
    hours: Sequence[Hour]


BOTH = "both"


def mid_path(run: Run) -> MidPath | None:
    """The mid price within a run; ``None`` where there is none."""
    if run.mids is None:
        return None
    within = clipped(run.mids, run.from_ns, run.to_ns)
    return MidPath(within) if within.at_ns else None


def figures(run: Run, path: MidPath | None) -> Figures:
    """
    Every number.

    Args:
        path: The mid price, as ``mid_path`` has it.
    """
    groups: dict[str, Sequence[RunFill]] = {BOTH: run.fills}
    for side in SIDES:
        groups[side.value] = [fill for fill in run.fills if fill.side is side]
    return Figures(
        strategy=run.strategy,
        pair=run.pair,
        base=run.base,
        quote=run.quote,
        from_ns=run.from_ns,
        to_ns=run.to_ns,
        fills=len(run.fills),
        makers=_makers(run),
        coverage=_coverage(run, path),
        captured={name: captured(fills, path) for name, fills in groups.items()},
        markouts={
            name: [markout(fills, path, horizon) for horizon in HORIZONS_S]
            for name, fills in groups.items()
        },
        identity=identity(run, path),
        change=change_of_worth(run, path),
        fees=fees_paid(run),
        uptime=uptime(run, path),
        orders=order_lives(run),
        queue=queue_figures(run),
        inventory=inventory(run),
        drawdown=drawdown(run, path),
        sharpe=sharpe(run, path),
        gates=gate_shares(run),
        hours=fills_by_hour(run.fills),
    )


def _makers(run: Run) -> int | NotStated:
    told = [fill.maker for fill in run.fills if fill.maker is not None]
    if len(told) < len(run.fills):
        return NotStated("the venue's fills do not say which order had rested")
    return sum(told)


def _coverage(run: Run, path: MidPath | None) -> Coverage:
    if (reason := lacking(path)) is not None:
        return Coverage(share=reason, gaps=())
    assert path is not None
    gaps = path.gaps(run.from_ns, run.to_ns)
    total = run.to_ns - run.from_ns
    missing = sum(end - begin for begin, end in gaps)
    share = 1 - missing / total if total else NotStated("the run took no time")
    return Coverage(share=share, gaps=gaps)
