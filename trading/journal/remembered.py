"""The orders and fills of earlier lives, with which a life of the gateway begins."""

from collections.abc import Iterable, Mapping
from decimal import Decimal

import msgspec

from trading.core.decimals import ZERO
from trading.core.forgetting import forget_oldest
from trading.core.identifiers import ClientOrderId, TradeId
from trading.journal.entries import (
    BalanceRecorded,
    FillBooked,
    Halted,
    LedgerEntry,
    OrderRecorded,
    OrdersIntended,
    Resumed,
)
from trading.orders.order import Order

ENDED_MAX = 500
FILLS_MAX = 5_000


class Remembered(msgspec.Struct, frozen=True, kw_only=True):
    """
    What the ledger knows of this and former sessions on the same venue; all of it is durable.

    Args:
        orders: Not ended as far as we know, oldest first.
        ended: The newest that ended, at most ``ENDED_MAX``, so that a late fill finds its order;
            the latest ended comes last.
        fills: The newest that are booked, at most ``FILLS_MAX``, in the order of booking.
        halt: Why nothing may be quoted until a person resumes; empty without a standing halt.
        resumed_at: Monotonic seconds at which the last halt was lifted; minus infinity without one.
    """

    orders: tuple[Order, ...] = ()
    ended: tuple[Order, ...] = ()
    fills: tuple[FillBooked, ...] = ()
    halt: str = ""
    resumed_at: float = float("-inf")

    @property
    def trade_ids(self) -> frozenset[TradeId]:
        """Of the fills."""
        return frozenset(booked.fill.trade_id for booked in self.fills)

    @property
    def last_fill_at_ms(self) -> int | None:
        """The venue's wall clock of the newest fill; ``None`` before the first."""
        return max((booked.fill.traded_at_ms for booked in self.fills), default=None)

    @property
    def booked(self) -> Mapping[ClientOrderId, Decimal]:
        """What the fills of each order add up to, in base currency."""
        sums: dict[ClientOrderId, Decimal] = {}
        for entry in self.fills:
            if (order_id := entry.fill.client_order_id) is not None:
                sums[order_id] = sums.get(order_id, ZERO) + entry.fill.quantity
        return sums

    @property
    def short(self) -> frozenset[ClientOrderId]:
        """
        Orders that are filled by more than what is booked of their fills.

        An order as old as the oldest fill that is remembered may have had others before.
        """
        whole = len(self.fills) < FILLS_MAX
        since = float("-inf") if whole else min(booked.at for booked in self.fills)
        sums = self.booked
        return frozenset(
            order.client_order_id
            for order in (*self.ended, *self.orders)
            if order.filled_quantity > sums.get(order.client_order_id, ZERO)
            and order.created_at > since
        )


_NOTHING = Remembered()


class RememberedFold:
    """
    Keeps what is remembered up to date, entry by entry, at the cost of what changed.

    Args:
        begin_with: What was remembered so far.
    """

    def __init__(self, begin_with: Remembered = _NOTHING) -> None:
        self._orders = {order.client_order_id: order for order in begin_with.orders}
        self._ended = {order.client_order_id: order for order in begin_with.ended}
        self._fills = {booked.fill.trade_id: booked for booked in begin_with.fills}
        self._value = begin_with
        self._changed: set[str] = set()
        # Their places in the ledger, in which those that have not ended are listed.
        self._numbers = {name: number for number, name in enumerate((*self._ended, *self._orders))}
        self._last_number = len(self._numbers)

    @property
    def value(self) -> Remembered:
        """Everything added so far."""
        return self._value

    def add(self, entries: Iterable[LedgerEntry]) -> Remembered:
        """What is remembered after some more entries."""
        for entry in entries:
            match entry:
                case OrdersIntended(orders):
                    for order in orders:
                        self._intend(order)
                case OrderRecorded(order):
                    self._record(order)
                case FillBooked():
                    self._book(entry)
                case Halted() | Resumed():
                    self._stand_by(entry)
                case BalanceRecorded():
                    pass
        self._copy_what_changed()
        return self._value

    def _stand_by(self, entry: Halted | Resumed) -> None:
        if isinstance(entry, Halted):
            self._value = msgspec.structs.replace(self._value, halt=entry.reason)
        else:
            self._value = msgspec.structs.replace(self._value, halt="", resumed_at=entry.at)

    def _intend(self, order: Order) -> None:
        if order.client_order_id not in self._ended:
            self._number(order)
            self._orders.setdefault(order.client_order_id, order)
            self._changed.add("orders")

    def _number(self, order: Order) -> None:
        if order.client_order_id not in self._numbers:
            self._last_number += 1
            self._numbers[order.client_order_id] = self._last_number

    def _record(self, order: Order) -> None:
        self._number(order)
        if not order.status.terminal:
            self._work(order)
            return
        if self._orders.pop(order.client_order_id, None) is not None:
            self._changed.add("orders")
        self._ended.pop(order.client_order_id, None)  # so that it is the newest again
        self._ended[order.client_order_id] = order
        self._changed.add("ended")

    def _work(self, order: Order) -> None:
        """Take an order that has not ended, or works again after all."""
        self._orders[order.client_order_id] = order
        self._changed.add("orders")
        if self._ended.pop(order.client_order_id, None) is not None:
            self._changed.add("ended")
            by_place = sorted(self._orders.items(), key=lambda item: self._numbers[item[0]])
            self._orders = dict(by_place)

    def _book(self, booked: FillBooked) -> None:
        if booked.fill.trade_id not in self._fills:
            self._fills[booked.fill.trade_id] = booked
            self._changed.add("fills")

    def _copy_what_changed(self) -> None:
        """Thousands of fills are copied when there is a new one, not with every commit."""
        while len(self._ended) > ENDED_MAX:
            oldest = next(iter(self._ended))
            del self._ended[oldest], self._numbers[oldest]
        forget_oldest(self._fills, FILLS_MAX)
        if "orders" in self._changed:
            self._value = msgspec.structs.replace(self._value, orders=tuple(self._orders.values()))
        if "ended" in self._changed:
            self._value = msgspec.structs.replace(self._value, ended=tuple(self._ended.values()))
        if "fills" in self._changed:
            self._value = msgspec.structs.replace(self._value, fills=tuple(self._fills.values()))
        self._changed.clear()
