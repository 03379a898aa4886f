"""
Reads the rows of one file of the ledger as they come, each with the number of its place.

A file is the ledger itself or one of its archives: a row keeps its number wherever it is, so that
files can be read side by side. Memory does not grow with the rows; each is checked on the way.
"""

from collections.abc import Iterator, Sequence
from decimal import Decimal

from trading.core.identifiers import Currency, Pair
from trading.core.market import Balance
from trading.journal.stored import (
    StoredFill,
    StoredOrder,
    stored_fill,
    stored_order,
    text_of,
    whole_of,
)
from trading.journal.tables import (
    BALANCES,
    FILLS,
    ORDER_EVENTS,
    ORDER_STATES,
    ORDERS,
    Query,
    Row,
    Value,
)

_ABOVE_ALL = 2**62
"""No row has a number as large as this."""

OF_VENUE = "session IN (SELECT session FROM sessions WHERE venue = ?)"
_OF_VENUE_OR_ALL = "session IN (SELECT session FROM sessions WHERE ? IN (venue, ''))"

# The joins in this order: by the orders' numbers, which needs no sorting; or by the index of what
# has not ended, which is little.
_ALL = (
    "orders CROSS JOIN order_states USING (client_order_id)"
    " CROSS JOIN order_events ON order_events.number = order_states.event WHERE"
)
_WORKING = (
    "order_states CROSS JOIN orders USING (client_order_id)"
    " CROSS JOIN order_events ON order_events.number = order_states.event"
    " WHERE order_states.ended = 0 AND"
)

_END_OF_TIME_MS = 2**62

# Each function below may raise DamagedRow.


def each_order(
    query: Query, *, venue: str | None, since_ns: int, ended_too: bool
) -> Iterator[tuple[int, StoredOrder]]:
    """
    Orders in their newest state, oldest first, with their numbers.

    Args:
        venue: Only of sessions there; ``None`` for all.
        since_ns: Only those to which something happened since, by the wall clock.
        ended_too: Also those that have ended.
    """
    rows = query.each(
        f"SELECT orders.number, {ORDER_STATES.selected}, {ORDERS.selected},"  # noqa: S608  # ours
        f" {ORDER_EVENTS.selected} FROM {_ALL if ended_too else _WORKING}"
        f" orders.{_OF_VENUE_OR_ALL} AND order_events.at_ns >= ? ORDER BY orders.number",
        (venue or "", since_ns),
    )
    for row in rows:
        ORDER_STATES.checked(row[1:])
        yield whole_of(row[0]), stored_order(row[1 + ORDER_STATES.width :])


def each_fill(
    query: Query, *, venue: str | None, since_ms: int = 0, before_ms: int | None = None
) -> Iterator[tuple[int, StoredFill]]:
    """
    Fills in the order in which they were booked, with their numbers.

    Args:
        venue: ``None`` for all.
        since_ms: Only those traded since, by the venue's clock.
        before_ms: Only those traded before that.
    """
    where, values = "? IN (venue, '') AND traded_at_ms >= ?", (venue or "", since_ms)
    if before_ms is None:
        yield from _numbered_fills(query, where, values)
    else:
        yield from _numbered_fills(query, f"{where} AND traded_at_ms < ?", (*values, before_ms))


def newest_fills(
    query: Query, *, venue: str, above: int = 0, below: int | None = None, most: int
) -> list[tuple[int, StoredFill]]:
    """
    So many of a venue's newest fills, oldest first, with their numbers.

    Args:
        above: Only those of greater numbers.
        below: Only those of smaller numbers; ``None`` for no limit.
    """
    where = "venue = ? AND number > ? AND number < ?"
    values = (venue, above, _ABOVE_ALL if below is None else below, most)
    rows = query(
        f"SELECT number, {FILLS.selected} FROM fills WHERE {where}"  # noqa: S608  # ours
        " ORDER BY number DESC LIMIT ?",
        values,
    )
    return [_numbered_fill(row) for row in reversed(rows)]


def newest_orders(
    query: Query, *, venue: str, below: int | None = None, most: int
) -> list[tuple[int, StoredOrder]]:
    """So many of a venue's newest orders in their newest state, oldest first, with numbers."""
    rows = query(
        f"SELECT orders.number, {ORDERS.selected}, {ORDER_EVENTS.selected}"  # noqa: S608  # ours
        f" FROM {_ALL} orders.{OF_VENUE} AND orders.number < ?"
        " ORDER BY orders.number DESC LIMIT ?",
        (venue, _ABOVE_ALL if below is None else below, most),
    )
    return [(whole_of(row[0]), stored_order(row[1:])) for row in reversed(rows)]


def decided_prices(
    query: Query, *, venue: str, since_ns: int
) -> Iterator[tuple[int, str, Decimal]]:
    """The mid price of each decision for an order on a venue: wall ns, strategy, price."""
    rows = query.each(
        f"SELECT decided_at_ns, strategy, mid_price FROM orders WHERE {OF_VENUE}"  # noqa: S608
        " AND decided_at_ns >= ? AND mid_price IS NOT NULL ORDER BY number",
        (venue, since_ns),
    )
    for at_ns, strategy, price in rows:
        yield whole_of(at_ns), text_of(strategy), Decimal(text_of(price))


def events_of(query: Query, order_id: str) -> list[StoredOrder]:
    """An order after each of its events, oldest first; empty for one that is not in the file."""
    return list(_events(query, "orders.client_order_id = ?", order_id))


def first_of(query: Query, order_id: str) -> tuple[int, StoredOrder] | None:
    """An order after its first event, with its number; ``None`` where it is not in the file."""
    numbers = query("SELECT number FROM orders WHERE client_order_id = ?", (order_id,))
    events = events_of(query, order_id) if numbers else []
    return (whole_of(numbers[0][0]), events[0]) if events else None


def events_in(query: Query, session: int) -> Iterator[StoredOrder]:
    """Orders after each of the events of a session, oldest first."""
    return _events(query, "order_events.session = ?", session)


def fills_of(query: Query, order_id: str) -> Iterator[tuple[int, StoredFill]]:
    """An order's fills as they were booked, with their numbers."""
    return _numbered_fills(query, "client_order_id = ?", (order_id,))


def fills_in(query: Query, session: int) -> list[StoredFill]:
    """A session's fills as they were booked."""
    return [fill for _, fill in _numbered_fills(query, "session = ?", (session,))]


def newest_balances(
    query: Query, venue: str, *, before_ms: int = _END_OF_TIME_MS
) -> dict[Currency, tuple[int, Balance]]:
    """
    The newest balance of each currency on a venue, with its number.

    Args:
        before_ms: Only those that the venue told of an earlier moment, by its own clock.
    """
    rows = query(
        f"SELECT number, {BALANCES.selected} FROM balances WHERE number IN"  # noqa: S608  # ours
        f" (SELECT max(number) FROM balances WHERE {OF_VENUE} AND updated_at_ms < ?"
        " GROUP BY currency)",
        (venue, before_ms),
    )
    found = {}
    for row in rows:
        currency, _, available, reserved, updated_at_ms, _ = BALANCES.checked(row[1:])
        balance = Balance(
            currency=Currency(text_of(currency)),
            available=Decimal(text_of(available)),
            reserved=Decimal(text_of(reserved)),
            updated_at_ms=whole_of(updated_at_ms),
        )
        found[balance.currency] = whole_of(row[0]), balance
    return found


def newest_mid_price(query: Query, venue: str, pair: Pair) -> tuple[int, int, Decimal] | None:
    """A pair's newest mid price by which something was decided: its number, when (wall ns), it."""
    rows = query(
        f"SELECT number, {ORDERS.selected} FROM orders"  # noqa: S608  # ours
        f" WHERE {OF_VENUE} AND pair = ? AND mid_price IS NOT NULL ORDER BY number DESC LIMIT 1",
        (venue, pair),
    )
    for row in rows:
        checked = ORDERS.checked(row[1:])
        return whole_of(row[0]), whole_of(checked[10]), Decimal(text_of(checked[9]))
    return None


def _events(query: Query, where: str, value: Value) -> Iterator[StoredOrder]:
    rows = query.each(
        f"SELECT {ORDERS.selected}, {ORDER_EVENTS.selected}"  # noqa: S608  # ours
        f" FROM order_events JOIN orders USING (client_order_id) WHERE {where}"
        " ORDER BY order_events.number",
        (value,),
    )
    return map(stored_order, rows)


def _numbered_fills(
    query: Query, where: str, values: Sequence[Value]
) -> Iterator[tuple[int, StoredFill]]:
    rows = query.each(
        f"SELECT number, {FILLS.selected} FROM fills WHERE {where} ORDER BY number",  # noqa: S608
        values,
    )
    return map(_numbered_fill, rows)


def _numbered_fill(row: Row) -> tuple[int, StoredFill]:
    return whole_of(row[0]), stored_fill(FILLS.checked(row[1:]))
