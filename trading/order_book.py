"""
A price-level order book kept from a venue's snapshot and changes.

Levels are found by exact price, the best 25 of each side are hashed from the wire's own text
(VALR protocol: CRC-32 of ``price:quantity`` pairs, bid and ask interleaved), and a gap, a wrong
checksum or a crossed book is never shown to anybody.
"""

import re
import zlib
from bisect import bisect_left, insort
from decimal import Decimal
from itertools import islice, zip_longest

from trading import book
from trading.book import verify
from trading.decimals import ZERO, parse_decimal
from trading.errors import SequenceGap
from trading.identifiers import Pair
from trading.market import PriceLevel, Side, TopOfBook
from trading.messages import BookDiff, BookSnapshot, LevelChange

CHECKSUM_DEPTH = 25
"""Levels of each side that the checksum covers (VALR)."""

_QUANTITY = re.compile(r"[0-9]{1,40}(\.[0-9]{1,40})?", re.ASCII)

_INTERNED_PRICES_MAX = 100_000
"""Prices come again and again; past this many the memory of them starts afresh."""


class _Side:
    """One side's levels: prices ascending, and the wire's text of each level."""

    def __init__(self) -> None:
        self.prices: list[Decimal] = []
        self.texts: dict[Decimal, tuple[str, str]] = {}

    def set(self, price: Decimal, price_text: str, quantity_text: str, *, gone: bool) -> None:
        if gone:
            if price in self.texts:
                del self.texts[price]
                del self.prices[bisect_left(self.prices, price)]
            return
        if price not in self.texts:
            insort(self.prices, price)
        self.texts[price] = (price_text, quantity_text)


class OrderBook:
    """
    One pair's book.

    Args:
        pair: Whose changes it takes.
    """

    def __init__(self, pair: Pair) -> None:
        self.pair = pair
        self.sequence: int | None = None
        self._bids = _Side()
        self._asks = _Side()
        self._interned: dict[str, Decimal] = {}
        self._received_at = 0.0

    @property
    def empty(self) -> bool:
        """Whether no snapshot has come yet."""
        return self.sequence is None

    def apply(self, change: LevelChange) -> None:
        """
        Take one change.

        A difference that comes before the first snapshot is dropped: the snapshot contains it.

        Raises:
            SequenceGap: A change before this one was missed.
            ChecksumMismatch: The book that results is not the venue's.
            ValueError: A price or quantity is not a plain positive decimal number.
        """
        match change:
            case BookSnapshot():
                self._bids, self._asks = _Side(), _Side()
            case BookDiff():
                if self.sequence is None:
                    return
                if change.sequence != self.sequence + 1:
                    raise SequenceGap(
                        f"{self.pair}: change {change.sequence} came after {self.sequence}"
                    )
        self._set_levels(self._bids, change.bids)
        self._set_levels(self._asks, change.asks)
        self.sequence = change.sequence
        self._received_at = change.received_at
        verify(self, change.checksum)

    def checksum(self) -> int:
        """The hash of the best levels of both sides, from the wire's own text."""
        bids, asks = self._bids, self._asks
        parts: list[str] = []
        for bid, ask in zip_longest(
            reversed(bids.prices[-CHECKSUM_DEPTH:]), asks.prices[:CHECKSUM_DEPTH]
        ):
            if bid is not None:
                parts += bids.texts[bid]
            if ask is not None:
                parts += asks.texts[ask]
        return zlib.crc32(":".join(parts).encode("ascii"))

    def best(self, side: Side) -> Decimal | None:
        """The best price of a side; ``None`` while it is empty."""
        if side is Side.BUY:
            return self._bids.prices[-1] if self._bids.prices else None
        return self._asks.prices[0] if self._asks.prices else None

    def levels(self, side: Side, depth: int | None = None) -> tuple[PriceLevel, ...]:
        """The best ``depth`` levels of a side, best first; all of them for ``None``."""
        own = self._bids if side is Side.BUY else self._asks
        best_first = reversed(own.prices) if side is Side.BUY else iter(own.prices)
        return tuple(
            PriceLevel(price, Decimal(own.texts[price][1])) for price in islice(best_first, depth)
        )

    def top(self, depth: int) -> TopOfBook | None:
        """The best ``depth`` levels; ``None`` while a side is empty or the book is crossed."""
        return book.top(self, depth, self._received_at)

    def trouble(self) -> str | None:
        """Why there is no top of book, as a phrase; ``None`` when there is one."""
        return book.trouble(self)

    def _set_levels(self, side: _Side, levels: tuple[tuple[str, str], ...]) -> None:
        for price_text, quantity_text in levels:
            price = self._interned.get(price_text) or self._price(price_text)
            gone = _is_nothing(quantity_text)
            side.set(price, price_text, quantity_text, gone=gone)

    def _price(self, text: str) -> Decimal:
        price = parse_decimal(text)
        if price <= ZERO:
            raise ValueError(f"a price must be positive, not {text!r}")
        if len(self._interned) >= _INTERNED_PRICES_MAX:
            self._interned.clear()
        self._interned[text] = price
        return price


def _is_nothing(quantity_text: str) -> bool:
    if not _QUANTITY.fullmatch(quantity_text):
        raise ValueError(f"not a plain number of zero or more: {quantity_text[:60]!r}")
    return not quantity_text.strip("0.")
