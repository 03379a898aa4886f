"""
A price-level order book kept from a venue's snapshot and changes.

Levels are found by exact price, the best of each side are hashed from the wire's own text, and a
book with a gap, a wrong checksum or crossed prices is never shown. The venue's ``BookRules`` say
what a gap is and what the checksum covers.
"""

from bisect import bisect_left
from decimal import Decimal
from itertools import islice

from typing_extensions import override

from trading.books.book import Book
from trading.books.rules import BookRules
from trading.core.decimals import ZERO, is_plain_number, parse_decimal
from trading.core.identifiers import Pair
from trading.core.market import PriceLevel, Side
from trading.messages.market import BookChange, BookDiff, BookSnapshot

_BUY = Side.BUY
"""Python 3.11 takes longer to look up a member of an enum than to look up a price."""

_PRICES_KEPT_MAX = 20_000
"""Prices return, so emptied levels are kept; beyond so many they are dropped."""


class _Level:
    """
    One price of a side, the same for every text of that number.

    ``line`` is what the checksum hashes, ``price:quantity`` as on the wire; empty while nothing
    rests there. ``shown`` is the same as numbers: most levels are shown many times as they are.
    """

    __slots__ = ("line", "price", "shown")

    def __init__(self, price: Decimal) -> None:
        self.price = price
        self.write("")

    def write(self, line: str) -> None:
        self.line = line
        self.shown: PriceLevel | None = None

    def as_price_level(self) -> PriceLevel:
        if self.shown is None:
            self.shown = PriceLevel(self.price, Decimal(self.line.partition(":")[2]))
        return self.shown


class _Side:
    """
    One side's levels, ascending, with their prices in step.

    Args:
        best: Where in that order those levels are that the checksum covers, best first.
    """

    def __init__(self, best: slice) -> None:
        self.levels: list[_Level] = []
        self.prices: list[Decimal] = []
        self._by_text: dict[str, _Level] = {}
        self._by_price: dict[Decimal, _Level] = {}
        self._best = best
        self._hashed: list[str] | None = None

    def hashed(self) -> list[str]:
        """
        The lines that the checksum covers, best first.

        They are kept, for most changes leave those of the other side alone
        (``benchmarks/order_book.py``).
        """
        if self._hashed is None:
            self._hashed = [level.line for level in self.levels[self._best]]
        return self._hashed

    def set(self, changes: tuple[tuple[str, str], ...]) -> None:
        self._hashed = None
        for price_text, quantity_text in changes:
            if not is_plain_number(quantity_text):
                raise ValueError(f"not a plain number of zero or more: {quantity_text[:60]!r}")
            level = self._by_text.get(price_text) or self._meet(price_text)
            gone = quantity_text[0] == "0" and not quantity_text.strip("0.")
            if not gone:
                if not level.line:
                    at = bisect_left(self.prices, level.price)
                    self.prices.insert(at, level.price)
                    self.levels.insert(at, level)
                level.write(f"{price_text}:{quantity_text}")
            elif level.line:
                level.write("")
                at = bisect_left(self.prices, level.price)
                del self.prices[at], self.levels[at]

    def _meet(self, price_text: str) -> _Level:
        price = parse_decimal(price_text)
        if price <= ZERO:
            raise ValueError(f"a price must be positive, not {price_text!r}")
        if len(self._by_text) > len(self.levels) + _PRICES_KEPT_MAX:
            self._by_price = {level.price: level for level in self.levels}
            self._by_text = {level.line.partition(":")[0]: level for level in self.levels}
        level = self._by_price.setdefault(price, _Level(price))
        self._by_text[price_text] = level
        return level


class OrderBook(Book):
    """One pair's book by price levels."""

    def __init__(self, pair: Pair, rules: BookRules) -> None:
        super().__init__(pair, rules)
        self._fresh = True
        self._begin()

    @override
    def apply(self, change: BookChange) -> None:
        if isinstance(change, BookSnapshot):
            self._begin()
        elif not isinstance(change, BookDiff) or self.sequence is None:
            return
        elif self._rules.follows(change, self.sequence, first=self._fresh):
            self._fresh = False
        else:
            return
        if change.bids:
            self._bids.set(change.bids)
        if change.asks:
            self._asks.set(change.asks)
        self.sequence = change.sequence
        self._received_at = change.received_at
        if change.checksum is not None:
            self.verify(change.checksum)

    @override
    def checksum(self) -> int:
        return self._rules.checksum(self._bids.hashed(), self._asks.hashed())

    @override
    def best(self, side: Side) -> Decimal | None:
        if side is _BUY:
            return self._bids.prices[-1] if self._bids.prices else None
        return self._asks.prices[0] if self._asks.prices else None

    @override
    def levels(self, side: Side, depth: int | None = None) -> tuple[PriceLevel, ...]:
        bids, asks = self._bids.levels, self._asks.levels
        best_first = reversed(bids) if side is Side.BUY else iter(asks)
        return tuple(level.as_price_level() for level in islice(best_first, depth))

    def _begin(self) -> None:
        depth = self._rules.checksum_depth
        self._fresh = True
        self._bids: _Side = _Side(best=slice(None, -depth - 1, -1))
        self._asks: _Side = _Side(best=slice(depth))
