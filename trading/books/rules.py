"""A venue's rules for its books: how changes follow on each other, and the checksum."""

from collections.abc import Sequence
from typing import Protocol

from trading.messages.market import BookDiff


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
