"""The interface of both kinds of order book: the top, and why there is none to quote from."""

from decimal import Decimal
from typing import Protocol

from trading.core.errors import ChecksumMismatch
from trading.core.identifiers import Pair
from trading.core.market import PriceLevel, Side, TopOfBook


class Book(Protocol):
    """One pair's book, kept from a venue's snapshots and changes."""

    pair: Pair
    sequence: int | None

    @property
    def empty(self) -> bool:
        """Whether no snapshot has come yet."""
        ...

    def checksum(self) -> int:
        """The hash of what the venue's checksum covers, from the wire's own text."""
        ...

    def best(self, side: Side) -> Decimal | None:
        """The best price of a side; ``None`` while it is empty."""
        ...

    def levels(self, side: Side, depth: int | None = None) -> tuple[PriceLevel, ...]:
        """The best ``depth`` levels of a side, best first; all of them for ``None``."""
        ...


def trouble(book: Book) -> str | None:
    """Why a book has no top to quote from, as a phrase; ``None`` when it has one."""
    if book.empty:
        return "no snapshot yet"
    bid, ask = book.best(Side.BUY), book.best(Side.SELL)
    if bid is None or ask is None:
        return "a side of the book is empty"
    if bid > ask:
        return f"the book is crossed: bid {bid}, ask {ask}"
    return f"the book is locked at {bid}" if bid == ask else None


def top(book: Book, depth: int, received_at: float) -> TopOfBook | None:
    """
    The best ``depth`` levels of a book; ``None`` while there is ``trouble``.

    Args:
        received_at: Monotonic seconds at which its last change was read.
    """
    if trouble(book) is not None:
        return None
    assert book.sequence is not None
    return TopOfBook(
        pair=book.pair,
        bids=book.levels(Side.BUY, depth),
        asks=book.levels(Side.SELL, depth),
        sequence=book.sequence,
        received_at=received_at,
    )


def verify(book: Book, checksum: int | None) -> None:
    """
    Compare a book with the venue's checksum, where there is one.

    Raises:
        ChecksumMismatch: They are not the same book.
    """
    if checksum is not None and checksum != (ours := book.checksum()):
        raise ChecksumMismatch(
            f"{book.pair}: at change {book.sequence} the venue's checksum is {checksum},"
            f" ours {ours}"
        )
