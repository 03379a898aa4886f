"""Which unreadable rows of the venue's lists are new: each is told once, however often it comes."""

from collections.abc import Iterable

from trading.core.forgetting import forget_oldest
from trading.core.listed import OddRow

_REMEMBERED_MAX = 1_000
"""Rows that were told; one that is forgotten is told once more."""


class OddRows:
    """The odd rows that were told."""

    def __init__(self) -> None:
        self._told: dict[tuple[frozenset[str] | None, str], None] = {}

    def new(self, odd: Iterable[OddRow]) -> tuple[OddRow, ...]:
        """The new ones, which are known from now on."""
        # By content, not by place: the same row moves up and down in its list.
        new = {(row.names, row.problem): row for row in odd}
        for known in self._told.keys() & new.keys():
            del new[known]
        self._told.update(dict.fromkeys(new))
        forget_oldest(self._told, _REMEMBERED_MAX)
        return tuple(new.values())
