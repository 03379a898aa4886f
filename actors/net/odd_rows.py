"""Logs rows of the venue's lists that cannot be read: each once, however often it is read."""

from collections.abc import Iterable

import structlog

from trading.core.forgetting import forget_oldest
from trading.core.listed import OddRow

log = structlog.get_logger()

_REMEMBERED_MAX = 1_000
"""Rows that were told; one that is forgotten is told once more."""


class OddRowsTold:
    """The odd rows that were logged."""

    def __init__(self) -> None:
        self._told: dict[tuple[frozenset[str] | None, str], None] = {}

    def tell(self, odd: Iterable[OddRow]) -> tuple[OddRow, ...]:
        """Log the new ones, and return them."""
        # By content, not by place: the same row moves up and down in its list.
        new = {(row.names, row.problem): row for row in odd}
        for known in self._told.keys() & new.keys():
            del new[known]
        for key, row in new.items():
            self._told[key] = None
            log.warning("row_unread", row=str(row))
        forget_oldest(self._told, _REMEMBERED_MAX)
        return tuple(new.values())
