"""The base of both kinds of order book: the top, and why there is none to quote from."""

import abc
from decimal import Decimal
from typing import Any

from trading.books.rules import BookRules
from trading.books.side import BookSide
from trading.core.errors import ChecksumMismatch
from trading.core.identifiers import Pair
from trading.core.market import PriceLevel, Side, TopOfBook
from trading.messages.market import BookChange

_BUY = Side.BUY
"""Python 3.11 takes longer to look up a member of an enum than to look up a price."""


class Book(abc.ABC):
    """
    One pair's book, kept from a venue's snapshots and changes.

    Args:
        pair: Whose changes it takes.
        rules: The venue's, for its books.

    Attributes:
        sequence: Of the last change; ``None`` before the first snapshot.
    """

    _bids: BookSide[Any]
    _asks: BookSide[Any]

    def __init__(self, pair: Pair, rules: BookRules) -> None:
        self.pair = pair
        self.sequence: int | None = None
        self._rules = rules
        self._received_at = 0.0
        self._hash = 0

    @property
    def empty(self) -> bool:
        """Whether no snapshot has come yet."""
        return self.sequence is None

    @abc.abstractmethod
    def apply(self, change: BookChange) -> None:
        """
        Take one change; one of another kind of feed, that is being left, is dropped.

        A difference that comes before the first snapshot is dropped: the snapshot contains it, or
        it is kept while the snapshot is waited for (``EarlyDiffs``).

        Raises:
            SequenceGap: A change before this one was missed.
            ChecksumMismatch: The book that results is not the venue's.
            ValueError: A price is not a plain decimal number, which no message has.
        """

    def checksum(self) -> int:
        """
        The hash of what the venue's checksum covers, from the wire's own text.

        It is kept, for many changes are behind what it covers.
        """
        bids, asks = self._bids, self._asks
        if bids.lines.changed or asks.lines.changed:
            self._hash = self._rules.checksum(
                bids.lines.first(bids.levels), asks.lines.first(asks.levels)
            )
            bids.lines.changed = asks.lines.changed = False
        return self._hash

    def best(self, side: Side) -> Decimal | None:
        """The best price of a side; ``None`` while it is empty."""
        levels = (self._bids if side is _BUY else self._asks).levels
        return levels[-1].price if levels else None

    def levels(self, side: Side, depth: int | None = None) -> tuple[PriceLevel, ...]:
        """The best ``depth`` levels of a side, best first; all of them for ``None``."""
        return (self._bids if side is _BUY else self._asks).shown(depth)

    def trouble(self) -> str | None:
        """Why there is no top to quote from, as a phrase; ``None`` when there is one."""
        if self.empty:
            return "no snapshot yet"
        bids, asks = self._bids.levels, self._asks.levels
        if not bids or not asks:
            return "a side of the book is empty"
        bid, ask = bids[-1].price, asks[-1].price
        if bid > ask:
            return f"the book is crossed: bid {bid}, ask {ask}"
        return f"the book is locked at {bid}" if bid == ask else None

    def top(self, depth: int) -> TopOfBook | None:
        """The best ``depth`` levels of both sides; ``None`` while there is ``trouble``."""
        if self.trouble() is not None:
            return None
        assert self.sequence is not None
        return TopOfBook(
            pair=self.pair,
            bids=self._bids.shown(depth),
            asks=self._asks.shown(depth),
            sequence=self.sequence,
            received_at=self._received_at,
        )

    def verify(self, checksum: int | None) -> None:
        """
        Compare with the venue's checksum, where there is one.

        Raises:
            ChecksumMismatch: It is not the venue's book.
        """
        if checksum is not None and checksum != (ours := self.checksum()):
            raise ChecksumMismatch(
                f"{self.pair}: at change {self.sequence} the venue's checksum is {checksum},"
                f" ours {ours}"
            )
