"""What a life of the gateway begins with: orders and fills of those before it."""

from collections.abc import Iterable
from typing import TypeVar

import attrs

from trading.identifiers import TradeId
from trading.journal.entries import (
    BalanceRecorded,
    FillBooked,
    Halted,
    LedgerEntry,
    OrderRecorded,
    OrdersIntended,
    Resumed,
)
from trading.orders import Fill, Order

K = TypeVar("K")
V = TypeVar("V")

ENDED_MAX = 500
TRADE_IDS_MAX = 5_000


@attrs.frozen(kw_only=True)
class Remembered:
    """
    What the ledger knows of this and former sessions on the same venue; all of it is durable.

    Args:
        orders: Not ended as far as we know, oldest first.
        ended: The newest that ended, at most ``ENDED_MAX``, so that a late fill finds its order;
            the latest ended comes last.
        trade_ids: The newest that are booked, at most ``TRADE_IDS_MAX``.
        last_fill_at_ms: The venue's wall clock of the newest fill; ``None`` before the first.
        halt: Why nothing may be quoted until somebody resumes; empty without a standing halt.
    """

    orders: tuple[Order, ...] = ()
    ended: tuple[Order, ...] = ()
    trade_ids: frozenset[TradeId] = frozenset()
    last_fill_at_ms: int | None = None
    halt: str = ""


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
        # A set forgets the order of booking; those of a former session are forgotten first.
        self._trade_ids = dict.fromkeys(begin_with.trade_ids)
        self._value = begin_with
        self._changed: set[str] = set()

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
                case FillBooked(fill):
                    self._book(fill)
                case Halted() | Resumed():
                    halt = entry.reason if isinstance(entry, Halted) else ""
                    self._value = attrs.evolve(self._value, halt=halt)
                case BalanceRecorded():
                    pass
        self._copy_what_changed()
        return self._value

    def _intend(self, order: Order) -> None:
        if order.client_order_id not in self._ended:
            self._orders.setdefault(order.client_order_id, order)
            self._changed.add("orders")

    def _record(self, order: Order) -> None:
        if not order.status.terminal:
            self._orders[order.client_order_id] = order
            self._changed.add("orders")
            return
        if self._orders.pop(order.client_order_id, None) is not None:
            self._changed.add("orders")
        self._ended.pop(order.client_order_id, None)  # so that it is the newest again
        self._ended[order.client_order_id] = order
        self._changed.add("ended")

    def _book(self, fill: Fill) -> None:
        self._trade_ids[fill.trade_id] = None
        self._changed.add("trade_ids")
        newest = max(self._value.last_fill_at_ms or 0, fill.traded_at_ms)
        self._value = attrs.evolve(self._value, last_fill_at_ms=newest)

    def _copy_what_changed(self) -> None:
        """Thousands of trade ids are copied when there is a new one, not with every commit."""
        _trim(self._ended, ENDED_MAX)
        _trim(self._trade_ids, TRADE_IDS_MAX)
        if "orders" in self._changed:
            self._value = attrs.evolve(self._value, orders=tuple(self._orders.values()))
        if "ended" in self._changed:
            self._value = attrs.evolve(self._value, ended=tuple(self._ended.values()))
        if "trade_ids" in self._changed:
            self._value = attrs.evolve(self._value, trade_ids=frozenset(self._trade_ids))
        self._changed.clear()


def _trim(newest_last: dict[K, V], keep: int) -> None:
    while len(newest_last) > keep:
        del newest_last[next(iter(newest_last))]
