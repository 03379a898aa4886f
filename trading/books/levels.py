"""
A price-level order book kept from a venue's snapshot and changes.

Levels are found by exact price, the best of each side are hashed from the wire's own text, and a
book with a gap, a wrong checksum or crossed prices is never shown. The venue's ``BookRules`` say
what a gap is and what the checksum covers.
"""

from collections.abc import Collection
from decimal import Decimal

from typing_extensions import override

from trading.books.book import Book
from trading.books.rules import BookRules
from trading.books.side import BookSide, Level
from trading.core.identifiers import Pair
from trading.core.market import Side
from trading.messages.market import BookChange, BookDiff, BookSnapshot, Rows


class _Level(Level):
    """``line`` is what the checksum hashes, ``price:quantity`` as on the wire; or empty."""

    __slots__ = ("line",)

    def __init__(self) -> None:
        self.line = ""

    @override
    def lines(self) -> Collection[str]:
        return (self.line,)

    @override
    def quantity(self) -> Decimal:
        return Decimal(self.line.partition(":")[2])


class OrderBook(Book):
    """One pair's book by price levels."""

    _bids: BookSide[_Level]
    _asks: BookSide[_Level]
    _fresh: bool

    def __init__(self, pair: Pair, rules: BookRules) -> None:
        super().__init__(pair, rules)
        self._begin()

    @override
    def apply(self, change: BookChange) -> None:
        if isinstance(change, BookDiff):
            if self.sequence is None or not self._rules.follows(
                change, self.sequence, first=self._fresh
            ):
                return
            self._fresh = False
        elif isinstance(change, BookSnapshot):
            self._begin()
        else:
            return
        if change.bids:
            _set(self._bids, change.bids)
        if change.asks:
            _set(self._asks, change.asks)
        self.sequence = change.sequence
        self._received_at = change.received_at
        if change.checksum is not None:
            self.verify(change.checksum)

    def _begin(self) -> None:
        self._fresh = True
        covered = self._rules.checksum_depth
        self._bids = BookSide(Side.BUY, _Level, covered)
        self._asks = BookSide(Side.SELL, _Level, covered)


def _set(side: BookSide[_Level], changes: Rows) -> None:
    lines = side.lines
    for price_text, quantity_text in changes:
        level = side.by_text.get(price_text) or side.meet(price_text)
        before = level.line
        if quantity_text[0] == "0" and not quantity_text.strip("0."):
            level.line = ""
            if before:
                side.end(level)
                if level.rank >= lines.reach:
                    lines.remove(level.rank, before)
        else:
            level.line = f"{price_text}:{quantity_text}"
            if not before:
                _begin(side, level)
            elif level.rank >= lines.reach:
                lines.replace(level.rank, before, level.line)
        level.shown = None
        if level.rank >= side.shown_from:
            side.hide()


def _begin(side: BookSide[_Level], level: _Level) -> None:
    better = side.begin(level)
    if level.rank >= side.lines.reach:
        after = None if better is None else better.line
        side.lines.insert(level.rank, after, level.line)
