"""The numbers that a search looks for, or keeps within limits: one of each for a whole result."""

from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from typing import TypeVar

from trading.core.decimals import ZERO
from trading.research.figures import BOTH, Figures
from trading.research.markouts import HORIZONS_S, Markout
from trading.research.stated import NotStated

T = TypeVar("T")

Metric = Decimal | float | int
_Read = Callable[[Figures], Metric | NotStated]
_UNSTATED = NotStated("no strategy states it")


def _net(figures: Figures) -> Metric | NotStated:
    return _of(figures.change, lambda change: change.traded)


def _after(horizon_s: int) -> _Read:
    """What fills had made so many seconds later, less fees."""

    def read(figures: Figures) -> Metric | NotStated:
        found = figures.markouts[BOTH][HORIZONS_S.index(horizon_s)]
        parts = figures.identity
        if isinstance(found, Markout):
            return parts if isinstance(parts, NotStated) else found.money - parts.fees
        return found if figures.fills else ZERO

    return read


def _of(value: T | NotStated, read: Callable[[T], Metric | NotStated]) -> Metric | NotStated:
    return value if isinstance(value, NotStated) else read(value)


_SUMS: Mapping[str, _Read] = {
    "net": _net,
    **{f"net_after_{horizon}s": _after(horizon) for horizon in HORIZONS_S},
    "captured": lambda f: _of(f.identity, lambda parts: parts.captured),
    "inventory_profit": lambda f: _of(f.identity, lambda parts: parts.inventory),
    "fees": lambda f: _of(f.identity, lambda parts: parts.fees),
    "fills": lambda f: f.fills,
}
"""Those that add up over strategies."""
_GREATEST: Mapping[str, _Read] = {
    "inventory_p95": lambda f: _of(f.inventory, lambda inventory: inventory.p95),
    "drawdown": lambda f: _of(f.drawdown, lambda drawdown: drawdown.depth),
}
"""Those of which the greatest of all strategies counts."""
_LEAST: Mapping[str, _Read] = {
    "uptime": lambda f: _of(f.uptime, lambda uptime: uptime.quoted.both),
    "uptime_buy": lambda f: _of(f.uptime, lambda uptime: uptime.quoted.buy),
    "uptime_sell": lambda f: _of(f.uptime, lambda uptime: uptime.quoted.sell),
}
"""Those of which the least of all strategies counts."""

METRICS: Sequence[str] = (*_SUMS, *_GREATEST, *_LEAST)


def metrics(judged: Sequence[Figures]) -> Mapping[str, Metric | NotStated]:
    """Each number of a result, or why there is none."""
    return {
        **{name: _together(judged, read, _sum) for name, read in _SUMS.items()},
        **{name: _together(judged, read, max) for name, read in _GREATEST.items()},
        **{name: _together(judged, read, min) for name, read in _LEAST.items()},
    }


def _sum(values: Sequence[Metric]) -> Metric:
    return sum(values[1:], values[0])


def _together(
    judged: Sequence[Figures], read: _Read, join: Callable[[Sequence[Metric]], Metric]
) -> Metric | NotStated:
    if len({figures.quote for figures in judged}) > 1:
        return NotStated("the strategies count in different currencies")
    values: list[Metric] = []
    for figures in judged:
        value = read(figures)
        if isinstance(value, NotStated):
            return value
        values.append(value)
    return join(values) if values else _UNSTATED
