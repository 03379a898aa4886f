"""The exponent of a queue model, chosen on one half of the orders and judged on the other."""

from collections.abc import Mapping, Sequence

import attrs

from trading.research.score import FILLS_MIN, log_loss


@attrs.frozen(kw_only=True)
class Outcome:
    """
    A real order, and how likely each exponent holds a fill of it.

    Args:
        probabilities: By exponent.
    """

    placed_ns: int
    filled: bool
    probabilities: Mapping[float, float]


@attrs.frozen(kw_only=True)
class PowerFit:
    """
    The best exponent of the first half of the orders, by the time at which they were placed.

    Args:
        exponent: n of ``power:n``.
        fitted: Its mean log loss on the first half, in nats.
        judged: Its mean log loss on the second half.
        base: What saying the first half's share of filled orders each time loses on the second.
        best_of_second: The exponent that would have been best there.
        first: Orders in the first half.
        second: Orders in the second half.
    """

    exponent: float
    fitted: float
    judged: float
    base: float
    best_of_second: float
    first: int
    second: int


@attrs.frozen(kw_only=True)
class TooFewToFit:
    """A half has fewer fills than a fit can rest upon."""

    fills: tuple[int, int]
    needed: int = FILLS_MIN


def fit_power(outcomes: Sequence[Outcome], exponents: Sequence[float]) -> PowerFit | TooFewToFit:
    """
    Fit by log loss; of exponents that are equally good the smallest.

    Args:
        exponents: At least one, each of which every outcome has a probability for.
    """
    ordered = sorted(outcomes, key=lambda outcome: outcome.placed_ns)
    first, second = ordered[: len(ordered) // 2], ordered[len(ordered) // 2 :]
    fills = _filled(first), _filled(second)
    if min(fills) < FILLS_MIN:
        return TooFewToFit(fills=fills)
    best = _best(first, exponents)
    share = fills[0] / len(first)
    return PowerFit(
        exponent=best,
        fitted=_loss(first, best),
        judged=_loss(second, best),
        base=sum(log_loss(share, filled=one.filled) for one in second) / len(second),
        best_of_second=_best(second, exponents),
        first=len(first),
        second=len(second),
    )


def _filled(outcomes: Sequence[Outcome]) -> int:
    return sum(1 for outcome in outcomes if outcome.filled)


def _best(outcomes: Sequence[Outcome], exponents: Sequence[float]) -> float:
    return min(sorted(exponents), key=lambda exponent: _loss(outcomes, exponent))


def _loss(outcomes: Sequence[Outcome], exponent: float) -> float:
    return sum(log_loss(one.probabilities[exponent], filled=one.filled) for one in outcomes) / len(
        outcomes
    )
