"""
A price-level order book kept from a venue's snapshot and changes.

Levels are found by exact price, the best 25 of each side are hashed from the wire's own text
(VALR protocol: CRC-32 of ``price:quantity`` pairs, bid and ask interleaved), and a gap, a wrong
checksum or a crossed book is never shown to anybody.
"""

import zlib
from bisect import bisect_left, insort
from decimal import Decimal
from itertools import zip_longest

from trading.decimals import ZERO, parse_decimal
from trading.errors import ChecksumMismatch, SequenceGap
from trading.identifiers import Pair
from trading.market import PriceLevel, TopOfBook
from trading.messages import BookChange, BookDiff, BookSnapshot

CHECKSUM_DEPTH = 25
"""Levels of each side that the checksum covers (VALR)."""

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

    def apply(self, change: BookChange) -> None:
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
        if change.checksum is not None and change.checksum != (ours := self.checksum()):
            raise ChecksumMismatch(
                f"{self.pair}: at change {change.sequence} the venue's checksum is"
                f" {change.checksum}, ours {ours}"
            )

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

    def top(self, depth: int) -> TopOfBook | None:
        """The best ``depth`` levels; ``None`` while a side is empty or the book is crossed."""
        bids, asks = self._bids, self._asks
        if self.sequence is None or not bids.prices or not asks.prices:
            return None
        if bids.prices[-1] >= asks.prices[0]:
            return None
        return TopOfBook(
            pair=self.pair,
            bids=_levels(bids, bids.prices[: -depth - 1 : -1]),
            asks=_levels(asks, asks.prices[:depth]),
            sequence=self.sequence,
            received_at=self._received_at,
        )

    def trouble(self) -> str | None:
        """Why there is no top of book, as a phrase; ``None`` when there is one."""
        if self.sequence is None:
            return "no snapshot yet"
        if not self._bids.prices or not self._asks.prices:
            return "a side of the book is empty"
        bid, ask = self._bids.prices[-1], self._asks.prices[0]
        return f"the book is crossed: bid {bid}, ask {ask}" if bid >= ask else None

    def _set_levels(self, side: _Side, levels: tuple[tuple[str, str], ...]) -> None:
        for price_text, quantity_text in levels:
            gone = _is_nothing(quantity_text)
            side.set(self._price(price_text), price_text, quantity_text, gone=gone)

    def _price(self, text: str) -> Decimal:
        try:
            return self._interned[text]
        except KeyError:
            price = parse_decimal(text)
        if price <= ZERO:
            raise ValueError(f"a price must be positive, not {text!r}")
        if len(self._interned) >= _INTERNED_PRICES_MAX:
            self._interned.clear()
        self._interned[text] = price
        return price


def _is_nothing(quantity_text: str) -> bool:
    if quantity_text == "0":
        return True
    quantity = parse_decimal(quantity_text)
    if quantity < ZERO:
        raise ValueError(f"a quantity cannot be negative: {quantity_text!r}")
    return quantity == ZERO


def _levels(side: _Side, prices: list[Decimal]) -> tuple[PriceLevel, ...]:
    return tuple(PriceLevel(price, Decimal(side.texts[price][1])) for price in prices)
