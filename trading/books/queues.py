"""
An order-by-order book: every resting order, in the order of its queue.

The sequence counts order entries; the checksum covers the first orders of each side, flattened over
levels in queue order (VALR's FULL_ORDERBOOK feed).
"""

from collections.abc import Collection, Sequence
from decimal import Decimal

from typing_extensions import override

from trading.books.book import Book
from trading.books.rules import BookRules
from trading.books.side import BookSide, Level
from trading.core.decimals import ZERO
from trading.core.errors import SequenceGap
from trading.core.identifiers import Pair, VenueOrderId
from trading.core.market import Side
from trading.messages.market import BookChange, QueueChange, QueueDiff, QueuedLevel, QueueSnapshot


class _Queue(Level):
    """
    A level's orders, first come first.

    ``orders`` has what the checksum hashes, ``order id:quantity`` as on the wire.
    """

    __slots__ = ("orders",)

    def __init__(self) -> None:
        self.orders: dict[VenueOrderId, str] = {}

    @override
    def lines(self) -> Collection[str]:
        return self.orders.values()

    @override
    def quantity(self) -> Decimal:
        return sum(map(_quantity, self.orders.values()), start=ZERO)

    def last(self) -> str:
        return next(reversed(self.orders.values()))


def _quantity(line: str) -> Decimal:
    return Decimal(line.rpartition(":")[2])


class QueueBook(Book):
    """
    One pair's book, order by order.

    Of the venue's rules only the checksum matters: here the sequence counts entries.
    """

    _bids: BookSide[_Queue]
    _asks: BookSide[_Queue]

    def __init__(self, pair: Pair, rules: BookRules) -> None:
        super().__init__(pair, rules)
        self._begin()

    @override
    def apply(self, change: BookChange) -> None:
        """Take the entries of a change one after the other: an order may come twice in a frame."""
        if not isinstance(change, QueueDiff | QueueSnapshot) or not self._follows(change):
            return
        if change.asks:
            self._set(self._asks, change.asks)
        if change.bids:
            self._set(self._bids, change.bids)
        self.sequence = change.sequence
        self._received_at = change.received_at
        self.verify(change.checksum)

    def queue(self, side: Side, price: Decimal) -> Sequence[tuple[VenueOrderId, Decimal]]:
        """The orders at a price, first in the queue first."""
        for level in (self._bids if side is Side.BUY else self._asks).levels:
            if level.price == price:
                return tuple((order, _quantity(line)) for order, line in level.orders.items())
        return ()

    def _begin(self) -> None:
        covered = self._rules.checksum_depth
        self._bids = BookSide(Side.BUY, _Queue, covered)
        self._asks = BookSide(Side.SELL, _Queue, covered)
        self._where: dict[VenueOrderId, tuple[BookSide[_Queue], _Queue]] = {}

    def _follows(self, change: QueueChange) -> bool:
        """Whether a change continues the book; a snapshot begins it anew."""
        if isinstance(change, QueueSnapshot):
            self._begin()
            return True
        if self.sequence is None:
            return False
        if change.sequence != self.sequence + change.entries:
            raise SequenceGap(
                f"{self.pair}: change {change.sequence} of {change.entries} entries came after"
                f" {self.sequence}"
            )
        return True

    def _set(self, side: BookSide[_Queue], changes: tuple[QueuedLevel, ...]) -> None:
        for price_text, orders in changes:
            level = side.by_text.get(price_text) or side.meet(price_text)
            for order_id, quantity_text in orders:
                if quantity_text[0] != "0" or quantity_text.strip("0."):
                    self._rest(order_id, quantity_text, side, level)
                elif (known := self._where.pop(order_id, None)) is not None:
                    self._remove(order_id, *known)

    def _rest(
        self, order_id: VenueOrderId, quantity_text: str, side: BookSide[_Queue], level: _Queue
    ) -> None:
        """A known order keeps its place, a new one goes to the end of its queue."""
        orders, line = level.orders, f"{order_id}:{quantity_text}"
        if (before := orders.get(order_id)) is not None:
            if level.rank >= side.lines.reach:
                side.lines.replace(level.rank, before, line)
        else:
            if (known := self._where.get(order_id)) is not None:
                self._remove(order_id, *known)  # it leaves its old price
            next_to = level if orders else side.begin(level)
            if level.rank >= side.lines.reach:
                after = None if next_to is None else next_to.last()
                side.lines.insert(level.rank, after, line)
            self._where[order_id] = side, level
        orders[order_id] = line
        level.shown = None
        if level.rank >= side.shown_from:
            side.hide()

    @staticmethod
    def _remove(order_id: VenueOrderId, side: BookSide[_Queue], level: _Queue) -> None:
        line = level.orders.pop(order_id)
        if not level.orders:
            side.end(level)
        if level.rank >= side.lines.reach:
            side.lines.remove(level.rank, line)
        level.shown = None
        if level.rank >= side.shown_from:
            side.hide()
