"""Quantiles, of plain samples and of values that hold for so long."""

import math
from collections.abc import Sequence
from typing import TypeVar

T = TypeVar("T", int, float)


def quantile(ordered: Sequence[T], share: float) -> T:
    """
    The smallest sample that at least a share of all do not exceed: one of the samples.

    Args:
        ordered: Ascending, at least one.
        share: Between 0 and 1.
    """
    return ordered[max(0, math.ceil(share * len(ordered)) - 1)]


def held_quantile(held: Sequence[tuple[float, int]], share: float) -> float:
    """
    The smallest value that is not exceeded for at least a share of the time.

    Args:
        held: Values, each with for how long it held; at least one for longer than nothing.
    """
    ordered = sorted(held)
    wanted = share * sum(length for _, length in ordered)
    so_far = 0
    for value, length in ordered:
        so_far += length
        if so_far >= wanted and length:
            return value
    return ordered[-1][0]
