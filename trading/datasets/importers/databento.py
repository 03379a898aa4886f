"""
Market by order of Databento (https://databento.com/docs/schemas/mbo): every order of an instrument.

``T`` tells a taker's trade and ``F`` each resting order that it filled; neither changes the book,
for a ``C`` or ``M`` of the filled order follows. A trade is counted from ``T``, and the change that
follows an ``F`` is its fill: nothing is counted twice. ``R`` clears the book.
"""

from collections.abc import Iterator
from decimal import Decimal

import attrs

from trading.datasets.importers.notes import UNTOLD_NS, Asked
from trading.datasets.record import Flags, Kind, RecordSide
from trading.datasets.standing import BareRecord

UNDEFINED_PRICE = 2**63 - 1
F_LAST, F_SNAPSHOT, F_BAD_TS_RECV, F_MAYBE_BAD_BOOK = 128, 32, 8, 4

_SIDES = {"B": int(RecordSide.BUY), "A": int(RecordSide.SELL), "N": int(RecordSide.NONE)}
_LAST = int(Flags.LAST)
_Told = tuple[int, int, int, int, int]
"""Price, quantity, order, kind and side."""


@attrs.frozen
class Message:
    """One record of the schema; times in nanoseconds, the price in billionths."""

    action: str
    side: str
    price: int
    size: int
    order_id: int
    flags: int
    ts_event: int
    ts_recv: int


@attrs.define
class MarketByOrder:
    """
    Orders that are known, fills whose change of the book is still to come, and the event so far.

    An event is what the venue told at once: its messages up to the one with ``F_LAST``.
    """

    asked: Asked
    orders: dict[int, tuple[int, int, int]] = attrs.field(factory=dict)
    filled: dict[int, int] = attrs.field(factory=dict)
    event: list[BareRecord] = attrs.field(factory=list)
    doubtful: bool = False
    prices: dict[int, int] = attrs.field(factory=dict)
    sizes: dict[int, int] = attrs.field(factory=dict)

    def take(self, message: Message) -> Iterator[BareRecord]:
        """
        What a message tells; of an event all at once, with its last message.

        Raises:
            ValueError: It is none, or fits no tick.
        """
        told_ns = UNTOLD_NS if message.flags & F_SNAPSHOT else message.ts_event
        if message.flags & F_BAD_TS_RECV:
            self.asked.notes.skip("receive times that Databento calls bad, which were taken")
        for change in (*self._doubts(message), *self._told(message)):
            self.event.append((told_ns, message.ts_recv, *change, 0))
        if message.flags & F_LAST:
            yield from self.end()

    def end(self) -> Iterator[BareRecord]:
        """The event so far: trades, each of which stands for itself, then the book's changes."""
        if self.filled:
            self.asked.notes.skip("fills that no change of the book followed", len(self.filled))
        self.filled.clear()
        event, self.event = self.event, []
        yield from ((*each[:7], _LAST) for each in event if each[5] == Kind.TRADE)
        changes = [each for each in event if each[5] != Kind.TRADE]
        yield from changes[:-1]
        yield from ((*each[:7], _LAST) for each in changes[-1:])

    def _doubts(self, message: Message) -> list[_Told]:
        """A gap, where Databento says that its book may be wrong, until it is cleared."""
        if message.action == "R":
            self.doubtful = False
        elif message.flags & F_MAYBE_BAD_BOOK and not self.doubtful:
            self.doubtful = True
            return [(0, 0, 0, int(Kind.GAP), 0)]
        return []

    def _told(self, message: Message) -> list[_Told]:  # one for each action
        side = _SIDES.get(message.side)
        if side is None:
            raise ValueError(f"{message.side!r} is no side")
        match message.action:
            case "R":
                self.orders.clear()
                self.filled.clear()
                return [(0, 0, 0, int(Kind.CLEAR), 0)]
            case "T":
                return [(self._ticks(message), self._lots(message.size), 0, int(Kind.TRADE), side)]
            case "F":
                lots = self._lots(message.size)
                self.filled[message.order_id] = self.filled.get(message.order_id, 0) + lots
                return []
            case "N":
                return []
            case _:
                return self._of_an_order(message, side)

    def _of_an_order(self, message: Message, side: int) -> list[_Told]:
        match message.action:
            case "A":
                return self._added(message, side)
            case "M":
                return self._modified(message, side)
            case "C":
                return self._cancelled(message)
            case action:
                raise ValueError(f"{action!r} is no action of the schema mbo")

    def _added(self, message: Message, side: int) -> list[_Told]:
        ticks, lots = self._ticks(message), self._lots(message.size)
        self.orders[message.order_id] = side, ticks, lots
        return [(ticks, lots, message.order_id, int(Kind.ADD), side)]

    def _modified(self, message: Message, side: int) -> list[_Told]:
        """An order's new price and size; what it was filled by before is told as a fill."""
        if message.order_id not in self.orders:
            return self._added(message, side)
        ticks, lots = self._ticks(message), self._lots(message.size)
        found = self._fill(message.order_id)
        if self.orders.get(message.order_id) != (side, ticks, lots):
            self.orders[message.order_id] = side, ticks, lots
            found.append((ticks, lots, message.order_id, int(Kind.MODIFY), side))
        return found

    def _cancelled(self, message: Message) -> list[_Told]:
        """So much of an order leaves: by a fill that was told of, and what is more by a cancel."""
        order, lots = message.order_id, self._lots(message.size)
        if order not in self.orders:
            self.asked.notes.skip("changes of orders that were not told")
            return []
        side, ticks, left = self.orders[order]
        lots = min(lots, left)
        self.filled[order] = min(self.filled.get(order, 0), lots)
        lots -= self.filled[order]
        found = self._fill(order)
        if lots:
            self._leave(order, lots)
            found.append((ticks, lots, order, int(Kind.CANCEL), side))
        return found

    def _fill(self, order: int) -> list[_Told]:
        side, ticks, left = self.orders[order]
        lots = min(self.filled.pop(order, 0), left)
        if not lots:
            return []
        self._leave(order, lots)
        return [(ticks, lots, order, int(Kind.FILL), side)]

    def _leave(self, order: int, lots: int) -> None:
        side, ticks, left = self.orders[order]
        if left > lots:
            self.orders[order] = side, ticks, left - lots
        else:
            del self.orders[order]

    def _ticks(self, message: Message) -> int:
        price = message.price
        if price == UNDEFINED_PRICE:
            raise ValueError(f"an action {message.action} without a price")
        if price not in self.prices:
            self.prices[price] = self.asked.scale.prices.of(Decimal(price).scaleb(-9))
        return self.prices[price]

    def _lots(self, size: int) -> int:
        if size not in self.sizes:
            self.sizes[size] = self.asked.scale.quantities.of(Decimal(size))
        return self.sizes[size]
