"""Logs rows of the venue's lists that cannot be read: each once, however often it is read."""

from collections.abc import Iterable

import structlog

from trading.core.listed import OddRow
from trading.core.odd_rows import OddRows

log = structlog.get_logger()


class OddRowsTold:
    """The odd rows that were logged."""

    def __init__(self) -> None:
        self._rows = OddRows()

    def tell(self, odd: Iterable[OddRow]) -> tuple[OddRow, ...]:
        """Log the new ones, and return them."""
        new = self._rows.new(odd)
        for row in new:
            log.warning("row_unread", row=str(row))
        return new
