"""A venue's rules for its books: how changes follow on each other, and the checksum."""

from collections import deque
from collections.abc import Sequence
from typing import Protocol

from trading.messages.market import BookDiff, BookNews

_EARLY_MAX = 1_000
"""Far more differences than come while a snapshot is asked for. Beyond that the oldest are dropped:
if the snapshot does not contain them, the gap is found."""


class BookRules(Protocol):
    """A venue's rules for its books of price levels."""

    @property
    def checksum_depth(self) -> int:
        """Levels, or orders, of each side that the checksum covers; 0 where there is none."""
        ...

    @property
    def overlaps(self) -> bool:
        """Whether a snapshot may be older than differences that came before it."""
        ...

    def checksum(self, bids: Sequence[str], asks: Sequence[str]) -> int:
        """
        The hash of a book, compared where a change has one.

        Args:
            bids: ``price:quantity`` in the wire's own text, best first, at most ``checksum_depth``.
            asks: Likewise.
        """
        ...

    def follows(self, diff: BookDiff, sequence: int, *, first: bool) -> bool:
        """
        Whether a difference is to be applied to a book; not where the book contains it.

        Args:
            sequence: The book's, before it.
            first: No difference has been applied since the snapshot.

        Raises:
            SequenceGap: A change before this one was missed.
        """
        ...


class EarlyDiffs:
    """
    The differences that come while a snapshot is waited for.

    A snapshot that comes on the same connection contains all that came before it. One that is asked
    for by another way may be older than some of them: these are to be applied to it.
    """

    def __init__(self, rules: BookRules) -> None:
        self._overlaps = rules.overlaps
        self._diffs = deque[BookDiff](maxlen=_EARLY_MAX)

    def keep(self, news: BookNews) -> None:
        """Keep what may have to be applied; nothing where snapshots never overlap."""
        if self._overlaps and isinstance(news, BookDiff):
            self._diffs.append(news)

    def taken(self) -> tuple[BookDiff, ...]:
        """All that were kept, in order; they are kept no more."""
        diffs = tuple(self._diffs)
        self._diffs.clear()
        return diffs
