"""Reads the ledger's tables back into values; every row is checked on the way."""

from collections.abc import Sequence
from decimal import Decimal
from typing import TypeVar

import msgspec

from trading.core.identifiers import (
    ClientOrderId,
    Currency,
    Pair,
    StrategyName,
    TradeId,
    VenueOrderId,
)
from trading.core.instrument import Currencies
from trading.core.market import Balance, Side, TimeInForce
from trading.journal.entries import FillBooked, OrderRecorded
from trading.journal.moment import Moment
from trading.journal.remembered import ENDED_MAX, FILLS_MAX, Remembered
from trading.journal.tables import (
    BALANCES,
    FILLS,
    HALTS,
    ORDER_EVENTS,
    ORDER_STATES,
    ORDERS,
    PAIRS,
    SESSION_ENDS,
    SESSIONS,
    DamagedRow,
    Query,
    Row,
    Table,
    Value,
)
from trading.orders.order import Fill, Order, OrderStatus

E = TypeVar("E", str, int)

_OF_VENUE = "session IN (SELECT session FROM sessions WHERE venue = ?)"


class Session(msgspec.Struct, frozen=True, kw_only=True):
    """
    One run of an engine.

    Args:
        session: Grows with every run of this engine name.
        venue: Where its orders are; each run's simulated exchange is a venue of its own.
        started_at_ns: Wall clock.
        ended_at_ns: Wall clock; ``None`` while it runs, or when it was killed.
        ended_by: What made it end, in words; empty without a known end.
    """

    session: int
    engine: str
    venue: str
    simulated: bool
    started_at_ns: int
    ended_at_ns: int | None = None
    exit_code: int | None = None
    ended_by: str = ""


class StoredOrder(msgspec.Struct, frozen=True, kw_only=True):
    """
    An order in its newest state, or at one of its events, by the wall clock.

    Args:
        decided_at_ns: When it was decided.
        changed_at_ns: When something happened to it last.
        mid_price: What the decision took for the price.
    """

    client_order_id: ClientOrderId
    session: int
    strategy: StrategyName
    pair: Pair
    side: Side
    price: Decimal
    quantity: Decimal
    post_only: bool
    time_in_force: TimeInForce
    mid_price: Decimal | None
    decided_at_ns: int
    status: OrderStatus
    filled_quantity: Decimal
    venue_order_id: VenueOrderId | None
    reason: str
    changed_at_ns: int
    recorded_at_ns: int

    def order(self, now: Moment) -> Order:
        """It as an order of this process."""
        return Order(
            client_order_id=self.client_order_id,
            strategy=self.strategy,
            pair=self.pair,
            side=self.side,
            price=self.price,
            quantity=self.quantity,
            created_at=now.monotonic_of(self.decided_at_ns),
            changed_at=now.monotonic_of(self.changed_at_ns),
            post_only=self.post_only,
            time_in_force=self.time_in_force,
            status=self.status,
            venue_order_id=self.venue_order_id,
            filled_quantity=self.filled_quantity,
            reason=self.reason,
        )


class StoredFill(msgspec.Struct, frozen=True, kw_only=True):
    """A fill, where it was made and when it was booked by the wall clock."""

    fill: Fill
    session: int
    venue: str
    booked_at_ns: int


# Each function below may raise DamagedRow.


def last_session(query: Query) -> int:
    """The number of the newest session; 0 before the first."""
    return max((session.session for session in sessions(query)), default=0)


def sessions(query: Query) -> list[Session]:
    """All of them, oldest first."""
    rows = query(
        f"SELECT {SESSIONS.selected}, {SESSION_ENDS.selected} FROM sessions"  # noqa: S608  # ours
        " LEFT JOIN session_ends USING (session) ORDER BY sessions.session",
        (),
    )
    found = []
    for row in rows:
        session, engine, venue, simulated, started = SESSIONS.checked(row)
        end: Row = (None, None, None, "")
        if row[SESSIONS.width] is not None:
            end = SESSION_ENDS.checked(row[SESSIONS.width :])
        found.append(
            Session(
                session=_whole(session),
                engine=_text(engine),
                venue=_text(venue),
                simulated=bool(simulated),
                started_at_ns=_whole(started),
                ended_at_ns=_maybe_whole(end[1]),
                exit_code=_maybe_whole(end[2]),
                ended_by=_text(end[3]),
            )
        )
    return found


def remembered(query: Query, venue: str, now: Moment) -> Remembered:
    """What a life of the gateway begins with, on one venue."""
    sessions(query)  # checks them: which orders are the venue's is said there
    working = _states(query, venue, "ended = 0 ORDER BY orders.number")
    ended = _states(query, venue, f"ended = 1 ORDER BY order_states.event DESC LIMIT {ENDED_MAX}")
    rows = query(
        f"SELECT {FILLS.selected} FROM fills WHERE venue = ?"  # noqa: S608  # ours
        f" ORDER BY number DESC LIMIT {FILLS_MAX}",
        (venue,),
    )
    fills = [_fill(FILLS.checked(row)) for row in reversed(rows)]
    return Remembered(
        orders=tuple(stored.order(now) for stored in working),
        ended=tuple(stored.order(now) for stored in reversed(ended)),
        fills=tuple(
            FillBooked(stored.fill, now.monotonic_of(stored.booked_at_ns)) for stored in fills
        ),
        halt=standing_halt(query),
        resumed_at=_resumed_at(query, now),
    )


def standing_halt(query: Query) -> str:
    """Why nothing may be quoted, on whatever venue; empty without a halt."""
    rows = query(
        f"SELECT {HALTS.selected} FROM halts ORDER BY number DESC LIMIT 1",  # noqa: S608  # ours
        (),
    )
    return _text(HALTS.checked(rows[0])[2] or "") if rows else ""


def _resumed_at(query: Query, now: Moment) -> float:
    rows = query(
        f"SELECT {HALTS.selected} FROM halts WHERE reason IS NULL"  # noqa: S608  # ours
        " ORDER BY number DESC LIMIT 1",
        (),
    )
    return now.monotonic_of(_whole(HALTS.checked(rows[0])[0])) if rows else float("-inf")


def session_entries(query: Query, session: int, now: Moment) -> list[OrderRecorded | FillBooked]:
    """What happened to orders in a session, and its fills: what its figures are folded from."""
    events = _orders(
        query,
        "order_events JOIN orders USING (client_order_id)"
        " WHERE order_events.session = ? ORDER BY order_events.number",
        (session,),
    )
    fills = _fills(query, "session = ? ORDER BY number", (session,))
    return [
        *(
            OrderRecorded(stored.order(now), now.monotonic_of(stored.recorded_at_ns))
            for stored in events
        ),
        *(FillBooked(stored.fill, now.monotonic_of(stored.booked_at_ns)) for stored in fills),
    ]


def events_written(query: Query) -> int:
    """The number of the newest order event; 0 before the first."""
    return _whole(query("SELECT coalesce(max(number), 0) FROM order_events", ())[0][0])


def orders(query: Query, *, venue: str | None, since_ns: int, ended_too: bool) -> list[StoredOrder]:
    """
    Orders in their newest state, oldest first.

    Args:
        venue: Only of sessions there; ``None`` for all.
        since_ns: Only those to which something happened since, by the wall clock.
        ended_too: Also those that have ended.
    """
    condition = "orders.session IN (SELECT session FROM sessions WHERE ? IN (venue, ''))"
    return _orders(
        query,
        f"{_NEWEST} WHERE {condition} AND order_states.ended <= ?"
        " AND order_events.at_ns >= ? ORDER BY orders.number",
        (venue or "", int(ended_too), since_ns),
    )


def fills(query: Query, *, venue: str | None, since_ms: int = 0) -> list[StoredFill]:
    """Fills as they were booked; of one venue or all, traded since a moment of its clock."""
    where = "? IN (venue, '') AND traded_at_ms >= ? ORDER BY number"
    return _fills(query, where, (venue or "", since_ms))


def events_of(query: Query, order_id: str) -> list[StoredOrder]:
    """An order after each of its events, oldest first; empty for one that is not in the ledger."""
    where = "order_events JOIN orders USING (client_order_id) WHERE orders.client_order_id = ?"
    return _orders(query, f"{where} ORDER BY order_events.number", (order_id,))


def fills_of(query: Query, order_id: str) -> list[StoredFill]:
    """An order's fills as they were booked."""
    return _fills(query, "client_order_id = ? ORDER BY number", (order_id,))


def currencies(query: Query) -> dict[Pair, Currencies]:
    """Base and quote of each pair that was ever traded."""
    rows = query(f"SELECT {PAIRS.selected} FROM pairs", ())  # noqa: S608  # ours
    checked = [PAIRS.checked(row) for row in rows]
    return {
        Pair(_text(pair)): Currencies(base=Currency(_text(base)), quote=Currency(_text(quote)))
        for pair, base, quote in checked
    }


def balances(query: Query, venue: str) -> dict[Currency, Balance]:
    """The newest that is known of each currency on a venue."""
    rows = query(
        f"SELECT {BALANCES.selected} FROM balances WHERE number IN"  # noqa: S608  # ours
        f" (SELECT max(number) FROM balances WHERE {_OF_VENUE} GROUP BY currency)",
        (venue,),
    )
    found = {}
    for currency, _, available, reserved, updated_at_ms, _ in map(BALANCES.checked, rows):
        balance = Balance(
            currency=Currency(_text(currency)),
            available=Decimal(_text(available)),
            reserved=Decimal(_text(reserved)),
            updated_at_ms=_whole(updated_at_ms),
        )
        found[balance.currency] = balance
    return found


def mid_prices(query: Query, venue: str) -> dict[Pair, tuple[int, Decimal]]:
    """The newest mid price that a decision went by, and when (wall ns), by pair."""
    rows = query(
        f"SELECT {ORDERS.selected} FROM orders WHERE number IN"  # noqa: S608  # ours
        f" (SELECT max(number) FROM orders WHERE {_OF_VENUE} AND mid_price IS NOT NULL"
        " GROUP BY pair)",
        (venue,),
    )
    checked = [ORDERS.checked(row) for row in rows]
    return {Pair(_text(row[3])): (_whole(row[10]), Decimal(_text(row[9]))) for row in checked}


_NEWEST = (
    "order_states JOIN orders USING (client_order_id)"
    " JOIN order_events ON order_events.number = order_states.event"
)


def _states(query: Query, venue: str, which: str) -> list[StoredOrder]:
    rows = query(
        f"SELECT {ORDER_STATES.selected}, {ORDERS.selected}, {ORDER_EVENTS.selected}"  # noqa: S608
        f" FROM {_NEWEST} WHERE orders.{_OF_VENUE}"
        # Where the venue's first session begins, so that years of others are not looked through.
        f" AND order_states.event >= (SELECT min(number) FROM order_events WHERE {_OF_VENUE})"
        f" AND {which}",
        (venue, venue),
    )
    for row in rows:
        ORDER_STATES.checked(row)
    return [_stored(row[ORDER_STATES.width :]) for row in rows]


def _orders(query: Query, where: str, values: Sequence[Value]) -> list[StoredOrder]:
    select = f"SELECT {ORDERS.selected}, {ORDER_EVENTS.selected} FROM {where}"  # noqa: S608  # ours
    return [_stored(row) for row in query(select, values)]


def _stored(row: Row) -> StoredOrder:
    intent = _named(ORDERS, row)
    event = _named(ORDER_EVENTS, row[ORDERS.width :])
    mid_price, venue_order_id = intent["mid_price"], event["venue_order_id"]
    return StoredOrder(
        client_order_id=ClientOrderId(_text(intent["client_order_id"])),
        session=_whole(intent["session"]),
        strategy=StrategyName(_text(intent["strategy"])),
        pair=Pair(_text(intent["pair"])),
        side=Side(intent["side"]),
        price=Decimal(_text(intent["price"])),
        quantity=Decimal(_text(event["quantity"])),  # an order can be made smaller
        post_only=bool(intent["post_only"]),
        time_in_force=TimeInForce(intent["time_in_force"]),
        mid_price=None if mid_price is None else Decimal(_text(mid_price)),
        decided_at_ns=_whole(intent["decided_at_ns"]),
        status=OrderStatus(event["status"]),
        filled_quantity=Decimal(_text(event["filled_quantity"])),
        venue_order_id=None if venue_order_id is None else VenueOrderId(_text(venue_order_id)),
        reason=_text(event["reason"]),
        changed_at_ns=_whole(event["changed_at_ns"]),
        recorded_at_ns=_whole(event["at_ns"]),
    )


def _fills(query: Query, where: str, values: Sequence[Value]) -> list[StoredFill]:
    rows = query(f"SELECT {FILLS.selected} FROM fills WHERE {where}", values)  # noqa: S608  # ours
    return [_fill(FILLS.checked(row)) for row in rows]


def _fill(row: Row) -> StoredFill:
    named = dict(zip(FILLS.columns, row, strict=True))
    text = {
        column: _text(named[column]) for column in FILLS.columns if isinstance(named[column], str)
    }
    return StoredFill(
        fill=Fill(
            trade_id=TradeId(text["trade_id"]),
            pair=Pair(text["pair"]),
            side=Side(text["side"]),
            price=Decimal(text["price"]),
            quantity=Decimal(text["quantity"]),
            fee=Decimal(text["fee"]),
            fee_currency=text["fee_currency"],
            venue_order_id=VenueOrderId(text["venue_order_id"]),
            client_order_id=ClientOrderId(text["client_order_id"]),
            traded_at_ms=_whole(named["traded_at_ms"]),
        ),
        session=_whole(named["session"]),
        venue=text["venue"],
        booked_at_ns=_whole(named["booked_at_ns"]),
    )


def _named(table: Table, row: Row) -> dict[str, Value]:
    return dict(zip(table.columns, table.checked(row), strict=True))


def _text(value: Value) -> str:
    if not isinstance(value, str):
        raise DamagedRow(f"{value!r} is no text")
    return value


def _whole(value: Value) -> int:
    if not isinstance(value, int):
        raise DamagedRow(f"{value!r} is no whole number")
    return value


def _maybe_whole(value: Value) -> int | None:
    return None if value is None else _whole(value)
