"""Writes entries as rows of the ledger's tables."""

from collections.abc import Iterator
from decimal import Decimal

from trading.core.identifiers import ClientOrderId
from trading.journal import tables
from trading.journal.entries import (
    BalanceRecorded,
    FillBooked,
    Halted,
    LedgerEntry,
    OrderRecorded,
    OrdersIntended,
    Resumed,
)
from trading.journal.moment import Moment
from trading.journal.tables import Statement
from trading.orders.order import Order


class JournalWriter:
    """
    Writes the entries of one session.

    Args:
        session: Its number.
        venue: Whose trade ids its fills have.
        events: How many order events there are already: the writer numbers those that follow.
    """

    def __init__(self, session: int, venue: str, events: int) -> None:
        self._session = session
        self._venue = venue
        self._events = events
        self._known: set[ClientOrderId] = set()

    def write(self, entry: LedgerEntry, now: Moment) -> Iterator[Statement]:
        """The statements that make an entry durable, in order."""
        match entry:
            case OrdersIntended(orders, at, mid_price):
                for order in orders:
                    yield self._intent(order, mid_price, now)
                    yield from self._event(order, at, now)
            case OrderRecorded(order, at):
                yield from self._change(order, at, now)
            case FillBooked():
                yield self._fill(entry, now)
            case BalanceRecorded():
                yield self._balance(entry, now)
            case Halted(reason, at):
                yield tables.HALTS.insert(now.wall_of(at), self._session, reason)
            case Resumed(at):
                yield tables.HALTS.insert(now.wall_of(at), self._session, None)

    def _change(self, order: Order, at: float, now: Moment) -> Iterator[Statement]:
        if order.client_order_id not in self._known:
            # Of a former life, or never intended; a row that is there already stays as it is.
            yield self._intent(order, None, now)
        yield from self._event(order, at, now)

    def _intent(self, order: Order, mid_price: Decimal | None, now: Moment) -> Statement:
        self._known.add(order.client_order_id)
        return tables.ORDERS.insert(
            order.client_order_id,
            self._session,
            order.strategy,
            order.pair,
            order.side.value,
            str(order.price),
            str(order.quantity),
            int(order.post_only),
            order.time_in_force.value,
            None if mid_price is None else str(mid_price),
            now.wall_of(order.created_at),
        )

    def _event(self, order: Order, at: float, now: Moment) -> Iterator[Statement]:
        self._events += 1
        if order.status.terminal:
            self._known.discard(order.client_order_id)
        yield tables.ORDER_EVENTS.insert(
            self._events,
            order.client_order_id,
            self._session,
            order.status.value,
            str(order.quantity),
            str(order.filled_quantity),
            order.venue_order_id,
            order.reason.encode(errors="replace").decode(),  # foreign text, and text only
            now.wall_of(order.changed_at),
            now.wall_of(at),
        )
        yield tables.ORDER_STATES.replace(
            order.client_order_id, self._events, int(order.status.terminal)
        )

    def _fill(self, entry: FillBooked, now: Moment) -> Statement:
        fill = entry.fill
        assert fill.client_order_id is not None, "only fills of our own orders are booked"
        return tables.FILLS.insert(
            fill.trade_id,
            self._session,
            self._venue,
            fill.client_order_id,
            fill.venue_order_id,
            fill.pair,
            fill.side.value,
            str(fill.price),
            str(fill.quantity),
            str(fill.fee),
            fill.fee_currency,
            fill.traded_at_ms,
            now.wall_of(entry.at),
        )

    def _balance(self, entry: BalanceRecorded, now: Moment) -> Statement:
        balance = entry.balance
        return tables.BALANCES.insert(
            balance.currency,
            self._session,
            str(balance.available),
            str(balance.reserved),
            balance.updated_at_ms,
            now.wall_of(entry.at),
        )
