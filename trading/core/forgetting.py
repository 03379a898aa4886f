"""Bounded mappings: what was put in first is forgotten first."""

from typing import TypeVar

K = TypeVar("K")
V = TypeVar("V")


def forget_oldest(newest_last: dict[K, V], keep: int) -> None:
    """Leave at most so many entries: those that were put in last."""
    while len(newest_last) > keep:
        del newest_last[next(iter(newest_last))]
