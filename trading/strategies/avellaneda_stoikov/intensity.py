"""How often trades happen at a distance from the mid price: ``alpha * exp(-kappa * distance)``."""

import itertools
import math
from collections import defaultdict
from collections.abc import Iterable, Sequence
from decimal import Decimal

import attrs

from trading.core.market import Trade

_DISTANCES_MAX = 100
"""Of one second; what is traded at more of them counts at the nearest that is known."""


@attrs.frozen(kw_only=True)
class Curve:
    """
    A fitted intensity.

    Args:
        alpha: At the mid price itself: trades a second, or in compat mode base currency.
        kappa: By how much it falls, per unit of price.
    """

    alpha: float
    kappa: float


@attrs.frozen
class Distance:
    """What was traded at one distance from the mid price within one second."""

    value: float
    amount: float
    trades: int


@attrs.frozen
class Second:
    """One second with a trade of anyone; its moment in whole monotonic seconds."""

    at: int
    distances: tuple[Distance, ...]


@attrs.frozen(kw_only=True)
class Intensity:
    """
    The last seconds with a trade of anyone, a bounded number of them.

    Args:
        size: How many seconds are kept.
        since: Monotonic seconds from which on trades were listened for.
        seconds: Oldest first.
    """

    size: int
    since: float
    seconds: tuple[Second, ...] = ()

    def after(self, trades: Iterable[Trade], mid: Decimal, now: float) -> "Intensity":
        """
        With more trades.

        Args:
            trades: Those since the last time.
            mid: The mid price before them.
            now: Monotonic seconds.
        """
        # Subtracted exactly, or one distance would come out as two floats.
        heard = [(float(abs(trade.price - mid)), float(trade.quantity)) for trade in trades]
        if not heard:
            return self
        seconds, at = self.seconds, math.floor(now)
        known: dict[float, Distance] = {}
        if seconds and seconds[-1].at == at:
            known = {distance.value: distance for distance in seconds[-1].distances}
            seconds = seconds[:-1]
        for value, amount in heard:
            is_new = value not in known and len(known) >= _DISTANCES_MAX
            place = _nearest(known, value) if is_new else value
            before = known.get(place, Distance(place, 0.0, 0))
            known[place] = Distance(place, before.amount + amount, before.trades + 1)
        second = Second(at, tuple(known.values()))
        kept = seconds[1 - self.size :] if self.size > 1 else ()
        since = float(seconds[0].at) if len(seconds) >= self.size else self.since
        return attrs.evolve(self, seconds=(*kept, second), since=since)

    @property
    def trades(self) -> int:
        return sum(distance.trades for second in self.seconds for distance in second.distances)

    @property
    def full(self) -> bool:
        return len(self.seconds) >= self.size

    def likeliest(self, now: float) -> Curve | None:
        """
        The curve that makes what was seen most likely; ``None`` where every trade was at the mid.

        A trade at a distance fills every order that is nearer, so distances are spread like
        ``kappa * exp(-kappa * distance)``, whose likeliest kappa is one over their mean.
        """
        count = self.trades
        total = math.fsum(
            distance.value * distance.trades
            for second in self.seconds
            for distance in second.distances
        )
        elapsed = now - self.since
        if total <= 0 or elapsed <= 0:
            return None
        return Curve(alpha=count / elapsed, kappa=count / total)

    def fitted(self) -> Curve | None:
        """Hummingbot's: a least-squares fit through the amounts traded at each distance."""
        amounts: defaultdict[float, float] = defaultdict(float)
        for second in self.seconds:
            for distance in second.distances:
                amounts[distance.value] += distance.amount
        points = sorted(amounts.items())
        return fit_exponential([x for x, _ in points], [y for _, y in points])


def _nearest(known: Iterable[float], value: float) -> float:
    return min(known, key=lambda other: abs(other - value))


_GRID = 64
_GOLDEN = (math.sqrt(5) - 1) / 2
_NARROWINGS = 80
"""Golden sections: each keeps 0.618 of the range, so these are enough for all of a float."""


def fit_exponential(distances: Sequence[float], amounts: Sequence[float]) -> Curve | None:
    """
    The least-squares fit of ``alpha * exp(-kappa * distance)``, neither of them negative.

    For a given kappa the best alpha is known, so one parameter is searched for: on a grid first,
    for the sum of squares may have more than one valley, then within the best cell.

    Args:
        distances: Ascending, all different.
        amounts: One for each, above 0.

    Returns:
        ``None`` with fewer than two distances.
    """
    if len(distances) < 2:  # noqa: PLR2004 - as many as parameters
        return None
    first = distances[0]
    gap = min(b - a for a, b in itertools.pairwise(distances))
    steepest = 40 / gap  # beyond it nothing is left of the second point in a float

    def best(kappa: float) -> tuple[float, float]:
        """The squares that are left, and the amount at the first distance."""
        falls = [math.exp(-kappa * (x - first)) for x in distances]
        level = math.fsum(y * f for y, f in zip(amounts, falls, strict=True)) / math.fsum(
            f * f for f in falls
        )
        left = math.fsum((y - level * f) ** 2 for y, f in zip(amounts, falls, strict=True))
        return left, level

    flattest = 1e-3 / (distances[-1] - first)
    ratio = math.pow(steepest / flattest, 1 / (_GRID - 1))
    grid = [0.0, *(flattest * ratio**step for step in range(_GRID))]
    index = min(range(len(grid)), key=lambda place: best(grid[place])[0])
    low, high = grid[max(0, index - 1)], grid[min(len(grid) - 1, index + 1)]
    for _ in range(_NARROWINGS):
        left, right = high - _GOLDEN * (high - low), low + _GOLDEN * (high - low)
        if best(left)[0] <= best(right)[0]:
            high = right
        else:
            low = left
    kappa = min(low, grid[index], high, key=lambda place: best(place)[0])
    level = best(kappa)[1]
    exponent = kappa * first
    # Far from the mid price the amount at the mid itself may be beyond a float.
    alpha = level * math.exp(exponent) if exponent < 700 else math.inf  # noqa: PLR2004
    return Curve(alpha=alpha, kappa=kappa)
