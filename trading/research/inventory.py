"""Inventory over time: how much was held of what was traded, and how fast it went back."""

import math
from collections.abc import Iterable, Iterator, Sequence
from decimal import Decimal
from itertools import pairwise

import attrs

from trading.core.decimals import ZERO
from trading.research.exact import exact
from trading.research.quantiles import held_quantile
from trading.research.result import Run
from trading.research.stated import NotStated
from trading.research.worth import steps

_NS = 1_000_000_000
_CHANGES_MIN = 30
"""Changes of the position below which its return to the middle is not estimated."""
_P95 = 0.95


@attrs.frozen(kw_only=True)
class Inventory:
    """
    The position that the run's fills and their fees in base currency add up to, in base currency.

    Args:
        end: At the end.
        mean: Time-weighted, ∫ position dt / time.
        p95: Time-weighted 95 % quantile of |position|.
        lowest: Of all times.
        highest: Of all times.
        half_life_s: In seconds, how long a deviation takes to halve: ln ½ / ln b, with b of
            x(t + 1 s) = a + b x(t) by least squares, the position taken each second.
    """

    end: Decimal
    mean: float
    p95: float
    lowest: Decimal
    highest: Decimal
    half_life_s: float | NotStated


def positions(run: Run) -> list[tuple[int, Decimal]]:
    """The position from each moment on at which it changed, within the run; 0 at its beginning."""
    with exact():
        found = {run.from_ns: ZERO}
        for step in steps(run, None):
            found[min(max(step.at_ns, run.from_ns), run.to_ns)] = step.position
    return list(found.items())


def inventory(run: Run) -> Inventory | NotStated:
    """What the position was like; it needs no mid price."""
    if run.to_ns == run.from_ns:
        return NotStated("the run took no time")
    path = positions(run)
    lengths = [later - earlier for earlier, later in pairwise([*(ns for ns, _ in path), run.to_ns])]
    held = [(float(position), length) for (_, position), length in zip(path, lengths, strict=True)]
    values = [position for _, position in path]
    return Inventory(
        end=values[-1],
        mean=sum(value * length for value, length in held) / (run.to_ns - run.from_ns),
        p95=held_quantile([(abs(value), length) for value, length in held], _P95),
        lowest=min(values),
        highest=max(values),
        half_life_s=half_life_s(path, run.to_ns),
    )


def half_life_s(path: Sequence[tuple[int, Decimal]], to_ns: int) -> float | NotStated:
    """
    How long a deviation takes to halve.

    Args:
        path: The position from each moment on, ascending.
        to_ns: The end.
    """
    if len(path) - 1 < _CHANGES_MIN:
        return NotStated(f"the position changed {len(path) - 1} times, below {_CHANGES_MIN}")
    sums = _Pairs()
    for before, after, times in _pairs(_by_second(path, to_ns)):
        sums.add(before, after, times)
    slope = sums.slope()
    if slope is None or not 0 < slope < 1:
        return NotStated("the position did not go back to its middle in this time")
    return math.log(0.5) / math.log(slope)


@attrs.define
class _Pairs:
    """Sums over values of two seconds that follow each other."""

    count: int = 0
    x: float = 0.0
    y: float = 0.0
    xx: float = 0.0
    xy: float = 0.0

    def add(self, before: float, after: float, times: int) -> None:
        self.count += times
        self.x += times * before
        self.y += times * after
        self.xx += times * before * before
        self.xy += times * before * after

    def slope(self) -> float | None:
        spread = self.count * self.xx - self.x * self.x
        return None if spread <= 0 else (self.count * self.xy - self.x * self.y) / spread


def _by_second(path: Sequence[tuple[int, Decimal]], to_ns: int) -> Iterator[tuple[float, int]]:
    """Values at whole seconds after the beginning, each with at how many in a row it stood."""
    begin = path[0][0]
    ends = [*(ns for ns, _ in path[1:]), to_ns + 1]
    for (since, value), until in zip(path, ends, strict=True):
        first = -((begin - since) // _NS)  # of the seconds since the beginning, rounded up
        beyond = -((begin - until) // _NS)
        if beyond > first:
            yield float(value), beyond - first


def _pairs(runs: Iterable[tuple[float, int]]) -> Iterator[tuple[float, float, int]]:
    last: float | None = None
    for value, seconds in runs:
        if last is not None:
            yield last, value, 1
        yield value, value, seconds - 1
        last = value
