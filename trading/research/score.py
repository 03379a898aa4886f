"""
Fill models against real fills: what a shadow of each real order did under a model.

A shadow is an order of the same price and quantity in the market without our own, from when the
real one was open at the venue to its end.
"""

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from decimal import Decimal
from random import Random
from typing import TypeVar

import attrs

from trading.core.decimals import ZERO
from trading.core.market import Side
from trading.research.quantiles import quantile
from trading.research.stated import NotStated

T = TypeVar("T")

FILLS_MIN = 30
"""Real orders with a fill below which nothing is said of a model."""

_RESAMPLES = 500
_INTERVAL = (0.025, 0.975)
_PROBABILITY_MIN = 1e-6
"""What a model thought impossible and happened costs so much, not everything."""


@attrs.frozen(kw_only=True)
class Trial:
    """
    A real order and its shadow under one model.

    Args:
        model: Its name.
        placed_ns: When the real one was open at the venue.
        quantity: In base currency, of both.
        filled: Of the real one, in base currency.
        filled_ns: When the real one was first filled; ``None`` where it was not.
        shadow_filled: Of the shadow.
        shadow_filled_ns: Likewise.
        probability: What the model gives for a fill at all; ``None`` where it is not probabilistic.
    """

    model: str
    order_id: str
    side: Side
    placed_ns: int
    quantity: Decimal
    filled: Decimal
    filled_ns: int | None
    shadow_filled: Decimal
    shadow_filled_ns: int | None
    probability: float | None = None

    @property
    def is_filled(self) -> bool:
        return self.filled > ZERO

    @property
    def shadow_is_filled(self) -> bool:
        return self.shadow_filled > ZERO


@attrs.frozen(kw_only=True)
class Estimate:
    """
    A number with the interval in which 95 % of resamples of the orders lie.

    Args:
        samples: Of how many orders.
    """

    value: float
    low: float
    high: float
    samples: int


@attrs.frozen(kw_only=True)
class Score:
    """
    A model on one side, or on both.

    Args:
        both_filled: The real order and its shadow were filled.
        real_only: The real one alone was.
        shadow_only: The shadow alone was.
        neither: None of them was.
        agreement: (both_filled + neither) / all, between 0 and 1.
        log_loss: Mean of -ln p of what happened, in nats; of a model that gives probabilities.
        base_log_loss: The same of one that says the overall share of filled orders each time.
        error_median_s: Median of |first fill of the shadow - of the real one|, in seconds, where
            both were filled.
        error_p90_s: Its 90 % quantile.
        quantity_ratio: Σ filled of shadows / Σ filled of real orders.
    """

    model: str
    side: str
    orders: int
    fills: int
    both_filled: int
    real_only: int
    shadow_only: int
    neither: int
    agreement: Estimate
    log_loss: Estimate | NotStated
    base_log_loss: float
    error_median_s: Estimate | NotStated
    error_p90_s: Estimate | NotStated
    quantity_ratio: Estimate


@attrs.frozen(kw_only=True)
class NotEnough:
    """Fewer fills than anything can be said from."""

    model: str
    side: str
    fills: int
    needed: int = FILLS_MIN


def scores(trials: Iterable[Trial], random: Random) -> list[Score | NotEnough]:
    """
    Each model, on both sides together and on each, in the order in which models come first.

    Args:
        random: What resamples are drawn with: with the same seed the intervals are the same.
    """
    by_model: dict[str, list[Trial]] = {}
    for trial in trials:
        by_model.setdefault(trial.model, []).append(trial)
    found: list[Score | NotEnough] = []
    for model, of_model in by_model.items():
        found.append(score(model, "both", of_model, random))
        for side in Side:
            of_side = [trial for trial in of_model if trial.side is side]
            found.append(score(model, side.value, of_side, random))
    return found


def score(model: str, side: str, trials: Sequence[Trial], random: Random) -> Score | NotEnough:
    """One model on some orders; below 30 fills it is said so, and nothing else."""
    fills = sum(1 for trial in trials if trial.is_filled)
    if fills < FILLS_MIN:
        return NotEnough(model=model, side=side, fills=fills)
    table = _table(trials)
    share = fills / len(trials)
    return Score(
        model=model,
        side=side,
        orders=len(trials),
        fills=fills,
        both_filled=table[True, True],
        real_only=table[True, False],
        shadow_only=table[False, True],
        neither=table[False, False],
        agreement=_estimate(trials, _agreement, random),
        log_loss=_log_loss(trials, random),
        base_log_loss=_mean([-math.log(_of_outcome(share, trial.is_filled)) for trial in trials]),
        error_median_s=_errors(trials, 0.5, random),
        error_p90_s=_errors(trials, 0.9, random),
        quantity_ratio=_estimate(trials, _quantity_ratio, random),
    )


def log_loss(probability: float, *, filled: bool) -> float:
    """-ln of the probability of what happened, in nats; of the impossible about 14."""
    return -math.log(_of_outcome(probability, filled))


def probability_of(filled: int, tries: int) -> float:
    """
    What is to be expected after some tries of a shadow by chance: (filled + 1) / (tries + 2).

    Laplace's rule: never 0 or 1, for so few tries show neither.
    """
    return (filled + 1) / (tries + 2)


def _table(trials: Sequence[Trial]) -> Mapping[tuple[bool, bool], int]:
    table = {(real, shadow): 0 for real in (True, False) for shadow in (True, False)}
    for trial in trials:
        table[trial.is_filled, trial.shadow_is_filled] += 1
    return table


def _log_loss(trials: Sequence[Trial], random: Random) -> Estimate | NotStated:
    losses = [
        log_loss(trial.probability, filled=trial.is_filled)
        for trial in trials
        if trial.probability is not None
    ]
    if len(losses) < len(trials):
        return NotStated("the model gives no probabilities")
    return _estimate(losses, _mean, random)


def _errors(trials: Sequence[Trial], share: float, random: Random) -> Estimate | NotStated:
    errors = [
        abs(trial.shadow_filled_ns - trial.filled_ns) / 1e9
        for trial in trials
        if trial.filled_ns is not None and trial.shadow_filled_ns is not None
    ]
    if not errors:
        return NotStated("no order was filled both really and as a shadow")
    return _estimate(errors, lambda drawn: quantile(sorted(drawn), share), random)


def _agreement(trials: Sequence[Trial]) -> float:
    return sum(1 for one in trials if one.is_filled is one.shadow_is_filled) / len(trials)


def _quantity_ratio(trials: Sequence[Trial]) -> float:
    real = float(sum((trial.filled for trial in trials), ZERO))
    shadow = float(sum((trial.shadow_filled for trial in trials), ZERO))
    # A resample of an order in thirty that was filled may have none: then it says nothing.
    return shadow / real if real else 1.0


def _estimate(
    samples: Sequence[T], statistic: Callable[[Sequence[T]], float], random: Random
) -> Estimate:
    """A statistic, with the quantiles that it has in samples drawn with replacement."""
    count = len(samples)
    drawn = sorted(statistic(random.choices(samples, k=count)) for _ in range(_RESAMPLES))
    low, high = (quantile(drawn, share) for share in _INTERVAL)
    return Estimate(value=statistic(samples), low=low, high=high, samples=count)


def _mean(values: Sequence[float]) -> float:
    return math.fsum(values) / len(values)


def _of_outcome(probability: float, filled: bool) -> float:  # noqa: FBT001  # an outcome
    return max(_PROBABILITY_MIN, probability if filled else 1 - probability)
