"""The Sharpe ratio of daily profit, with how little is known of it."""

import math
from collections.abc import Sequence
from decimal import Decimal

import attrs

from trading.research.exact import exact
from trading.research.mid_path import MidPath
from trading.research.result import Run
from trading.research.stated import NotStated
from trading.research.worth import lacking, steps

DAYS_MIN = 20
"""Days below which a Sharpe ratio says nothing."""

_DAY_NS = 86_400_000_000_000
_DAYS_A_YEAR = 365
_Z95 = 1.96


@attrs.frozen(kw_only=True)
class Sharpe:
    """
    Annual Sharpe ratio of daily profit at mid against having held, without unit.

    Args:
        ratio: mean / standard deviation · √365; the deviation with n - 1.
        interval: ± 1.96 · √((1 + SR²/2) / n) · √365, with SR of a day: of 95 %.
        days: n, whole UTC days with a mid price at both ends.
    """

    ratio: float
    interval: float
    days: int


def sharpe(run: Run, path: MidPath | None) -> Sharpe | NotStated:
    """The ratio of a run; below 20 whole days only how many days there are."""
    days = (run.to_ns - run.from_ns) / _DAY_NS
    if days < DAYS_MIN:
        return NotStated(f"{days:.1f} days")
    if (reason := lacking(path)) is not None:
        return reason
    return sharpe_of(daily_profits(run, path))


def sharpe_of(profits: Sequence[float]) -> Sharpe | NotStated:
    """The ratio of daily profits, all of the same capital."""
    count = len(profits)
    if count < DAYS_MIN:
        return NotStated(f"{count} whole days")
    mean = math.fsum(profits) / count
    deviation = math.sqrt(math.fsum((one - mean) ** 2 for one in profits) / (count - 1))
    if not deviation:
        return NotStated("profit was the same each day")
    daily = mean / deviation
    year = math.sqrt(_DAYS_A_YEAR)
    return Sharpe(
        ratio=daily * year,
        interval=_Z95 * math.sqrt((1 + daily * daily / 2) / count) * year,
        days=count,
    )


def daily_profits(run: Run, path: MidPath | None) -> list[float]:
    """Profit of each whole UTC day at whose both ends a mid price is known, in quote currency."""
    at_midnight: dict[int, Decimal | None] = {}
    state: Decimal | None = None
    first = -(-run.from_ns // _DAY_NS)
    day = first
    with exact():
        for step in steps(run, path):
            while day * _DAY_NS < step.at_ns:
                at_midnight[day] = state
                day += 1
            state = step.gain
        while day * _DAY_NS <= run.to_ns:
            at_midnight[day] = state
            day += 1
        found = []
        for each in range(first, day - 1):
            begin, end = at_midnight[each], at_midnight[each + 1]
            if begin is not None and end is not None:
                found.append(float(end - begin))
    return found
