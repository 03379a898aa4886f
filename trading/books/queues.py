"""
An order-by-order book: every resting order, in the order of its queue.

The sequence counts order entries; the checksum covers the first orders of each side, flattened over
levels in queue order (VALR's FULL_ORDERBOOK feed).
"""

from bisect import bisect_left, insort
from collections.abc import Iterator, Sequence
from decimal import Decimal
from itertools import chain, islice

from typing_extensions import override

from trading.books.book import Book
from trading.books.rules import BookRules
from trading.core.decimals import ZERO, parse_decimal
from trading.core.errors import SequenceGap
from trading.core.identifiers import Pair, VenueOrderId
from trading.core.market import PriceLevel, Side
from trading.messages.market import BookChange, QueueChange, QueueDiff, QueueSnapshot


class _Queues:
    """One side: prices ascending, and at each the quantities' texts by order, first come first."""

    def __init__(self) -> None:
        self.prices: list[Decimal] = []
        self.queues: dict[Decimal, dict[VenueOrderId, str]] = {}

    def remove(self, price: Decimal, order_id: VenueOrderId) -> None:
        queue = self.queues[price]
        del queue[order_id]
        if not queue:
            del self.queues[price]
            del self.prices[bisect_left(self.prices, price)]

    def set(self, price: Decimal, order_id: VenueOrderId, quantity_text: str) -> None:
        queue = self.queues.get(price)
        if queue is None:
            insort(self.prices, price)
            queue = self.queues[price] = {}
        # A known order keeps its place, a new one goes to the end: a dict does just that.
        queue[order_id] = quantity_text


class QueueBook(Book):
    """
    One pair's book, order by order.

    Of the venue's rules only the checksum matters: here the sequence counts entries.
    """

    def __init__(self, pair: Pair, rules: BookRules) -> None:
        super().__init__(pair, rules)
        self._sides = {Side.BUY: _Queues(), Side.SELL: _Queues()}
        self._where: dict[VenueOrderId, tuple[Side, Decimal]] = {}

    @override
    def apply(self, change: BookChange) -> None:
        """Take the entries of a change one after the other: an order may come twice in a frame."""
        if not isinstance(change, QueueSnapshot | QueueDiff) or not self._follows(change):
            return
        for side, levels in ((Side.SELL, change.asks), (Side.BUY, change.bids)):
            for price_text, orders in levels:
                price = parse_decimal(price_text)
                for order_id, quantity_text in orders:
                    self._set(side, price, order_id, quantity_text)
        self.sequence = change.sequence
        self._received_at = change.received_at
        self.verify(change.checksum)

    @override
    def checksum(self) -> int:
        """The hash of the first orders of both sides, from the wire's own text."""
        return self._rules.checksum(self._first(Side.BUY), self._first(Side.SELL))

    @override
    def best(self, side: Side) -> Decimal | None:
        prices = self._sides[side].prices
        if not prices:
            return None
        return prices[-1] if side is Side.BUY else prices[0]

    @override
    def levels(self, side: Side, depth: int | None = None) -> tuple[PriceLevel, ...]:
        queues = self._sides[side].queues
        return tuple(
            PriceLevel(price, sum(map(Decimal, queues[price].values()), start=ZERO))
            for price in islice(self._best_first(side), depth)
        )

    def queue(self, side: Side, price: Decimal) -> Sequence[tuple[VenueOrderId, Decimal]]:
        """The orders at a price, first in the queue first."""
        queue = self._sides[side].queues.get(price, {})
        return tuple((order_id, Decimal(text)) for order_id, text in queue.items())

    def _follows(self, change: QueueChange) -> bool:
        """Whether a change continues the book; a snapshot begins it anew."""
        if isinstance(change, QueueSnapshot):
            self._sides = {Side.BUY: _Queues(), Side.SELL: _Queues()}
            self._where = {}
            return True
        if self.sequence is None:
            return False
        if change.sequence != self.sequence + change.entries:
            raise SequenceGap(
                f"{self.pair}: change {change.sequence} of {change.entries} entries came after"
                f" {self.sequence}"
            )
        return True

    def _set(self, side: Side, price: Decimal, order_id: VenueOrderId, text: str) -> None:
        known = self._where.get(order_id)
        gone = text == "0" or parse_decimal(text) == ZERO
        if known is not None and (gone or known != (side, price)):
            # An order that reappears at another price must leave the old one.
            known_side, known_price = known
            self._sides[known_side].remove(known_price, order_id)
            del self._where[order_id]
        if not gone:
            self._where[order_id] = (side, price)
            self._sides[side].set(price, order_id, text)

    def _best_first(self, side: Side) -> Iterator[Decimal]:
        prices = self._sides[side].prices
        return reversed(prices) if side is Side.BUY else iter(prices)

    def _first(self, side: Side) -> list[str]:
        queues = self._sides[side].queues
        orders = chain.from_iterable(queues[price].items() for price in self._best_first(side))
        return [
            f"{order_id}:{text}" for order_id, text in islice(orders, self._rules.checksum_depth)
        ]
