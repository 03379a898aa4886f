"""The base of both kinds of order book: the top, and why there is none to quote from."""

import abc
from decimal import Decimal

from trading.books.rules import BookRules
from trading.core.errors import ChecksumMismatch
from trading.core.identifiers import Pair
from trading.core.market import PriceLevel, Side, TopOfBook
from trading.messages.market import BookChange


class Book(abc.ABC):
    """
    One pair's book, kept from a venue's snapshots and changes.

    Args:
        pair: Whose changes it takes.
        rules: The venue's, for its books.

    Attributes:
        sequence: Of the last change; ``None`` before the first snapshot.
    """

    def __init__(self, pair: Pair, rules: BookRules) -> None:
        self.pair = pair
        self.sequence: int | None = None
        self._rules = rules
        self._received_at = 0.0

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
            ValueError: A price or quantity is not a plain positive decimal number.
        """

    @abc.abstractmethod
    def checksum(self) -> int:
        """The hash of what the venue's checksum covers, from the wire's own text."""

    @abc.abstractmethod
    def best(self, side: Side) -> Decimal | None:
        """The best price of a side; ``None`` while it is empty."""

    @abc.abstractmethod
    def levels(self, side: Side, depth: int | None = None) -> tuple[PriceLevel, ...]:
        """The best ``depth`` levels of a side, best first; all of them for ``None``."""

    def trouble(self) -> str | None:
        """Why there is no top to quote from, as a phrase; ``None`` when there is one."""
        if self.empty:
            return "no snapshot yet"
        bid, ask = self.best(Side.BUY), self.best(Side.SELL)
        if bid is None or ask is None:
            return "a side of the book is empty"
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
            bids=self.levels(Side.BUY, depth),
            asks=self.levels(Side.SELL, depth),
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
