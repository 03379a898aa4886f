"""Reads back what a run begins with, from the ledger's file alone; every row is checked."""

from collections.abc import Sequence

from trading.core.identifiers import Currency, Pair
from trading.core.instrument import Currencies
from trading.core.market import Balance
from trading.journal.entries import FillBooked, OrderRecorded
from trading.journal.moment import Moment
from trading.journal.remembered import ENDED_MAX, FILLS_MAX, Remembered
from trading.journal.stored import (
    Session,
    StoredFill,
    StoredOrder,
    maybe_whole_of,
    stored_fill,
    stored_order,
    text_of,
    whole_of,
)
from trading.journal.streams import (
    OF_VENUE,
    each_fill,
    each_order,
    events_in,
    fills_in,
    newest_balances,
)
from trading.journal.tables import (
    ARCHIVED_SESSIONS,
    ARCHIVES,
    FILLS,
    HALTS,
    ORDER_EVENTS,
    ORDER_STATES,
    ORDERS,
    PAIRS,
    SESSION_ENDS,
    SESSIONS,
    Query,
    Row,
    Value,
)

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
                session=whole_of(session),
                engine=text_of(engine),
                venue=text_of(venue),
                simulated=bool(simulated),
                started_at_ns=whole_of(started),
                ended_at_ns=maybe_whole_of(end[1]),
                exit_code=maybe_whole_of(end[2]),
                ended_by=text_of(end[3]),
            )
        )
    return found


def remembered(query: Query, venue: str, now: Moment) -> Remembered:
    """What a life of the gateway begins with, on one venue."""
    sessions(query)  # checks them: which orders are the venue's is said there
    working = _states(query, venue, "ended = 0 ORDER BY orders.number")
    ended = _states(
        query,
        venue,
        # Where the venue's first session begins, so that years of others are not looked through.
        f"ended = 1 AND order_states.event >= ({_FIRST_EVENT})"
        f" ORDER BY order_states.event DESC LIMIT {ENDED_MAX}",
        (venue,),
    )
    rows = query(
        f"SELECT {FILLS.selected} FROM fills WHERE venue = ?"  # noqa: S608  # ours
        f" ORDER BY number DESC LIMIT {FILLS_MAX}",
        (venue,),
    )
    fills = [stored_fill(FILLS.checked(row)) for row in reversed(rows)]
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
    return text_of(HALTS.checked(rows[0])[2] or "") if rows else ""


def _resumed_at(query: Query, now: Moment) -> float:
    rows = query(
        f"SELECT {HALTS.selected} FROM halts WHERE reason IS NULL"  # noqa: S608  # ours
        " ORDER BY number DESC LIMIT 1",
        (),
    )
    return now.monotonic_of(whole_of(HALTS.checked(rows[0])[0])) if rows else float("-inf")


def session_entries(query: Query, session: int, now: Moment) -> list[OrderRecorded | FillBooked]:
    """What happened to orders in a session, and its fills: what its figures are folded from."""
    return [
        *(
            OrderRecorded(stored.order(now), now.monotonic_of(stored.recorded_at_ns))
            for stored in events_in(query, session)
        ),
        *(
            FillBooked(stored.fill, now.monotonic_of(stored.booked_at_ns))
            for stored in fills_in(query, session)
        ),
    ]


def events_written(query: Query) -> int:
    """The number of the newest order event; 0 before the first."""
    return whole_of(query("SELECT coalesce(max(number), 0) FROM order_events", ())[0][0])


def orders(query: Query, *, venue: str | None, since_ns: int, ended_too: bool) -> list[StoredOrder]:
    """A file's orders in their newest state, oldest first; as ``each_order``."""
    found = each_order(query, venue=venue, since_ns=since_ns, ended_too=ended_too)
    return [order for _, order in found]


def fills(query: Query, *, venue: str | None) -> list[StoredFill]:
    """A file's fills as they were booked, of one venue or all."""
    return [fill for _, fill in each_fill(query, venue=venue)]


def balances(query: Query, venue: str) -> dict[Currency, Balance]:
    """The newest that a file knows of each currency on a venue."""
    found = newest_balances(query, venue)
    return {currency: balance for currency, (_, balance) in found.items()}


def archive_files(query: Query) -> list[str]:
    """The names of the archives into which sessions were moved, oldest first."""
    rows = query(f"SELECT {ARCHIVES.selected} FROM archives ORDER BY archived_at_ns, rowid", ())  # noqa: S608
    return [text_of(ARCHIVES.checked(row)[0]) for row in rows]


def archived_sessions(query: Query) -> dict[int, str]:
    """The sessions that were moved, each with the name of its archive."""
    rows = query(f"SELECT {ARCHIVED_SESSIONS.selected} FROM archived_sessions", ())  # noqa: S608
    checked = [ARCHIVED_SESSIONS.checked(row) for row in rows]
    return {whole_of(session): text_of(file) for session, file in checked}


def currencies(query: Query) -> dict[Pair, Currencies]:
    """Base and quote of each pair that was ever traded."""
    rows = query(f"SELECT {PAIRS.selected} FROM pairs", ())  # noqa: S608  # ours
    checked = [PAIRS.checked(row) for row in rows]
    return {
        Pair(text_of(pair)): Currencies(
            base=Currency(text_of(base)), quote=Currency(text_of(quote))
        )
        for pair, base, quote in checked
    }


_NEWEST = (
    "order_states LEFT JOIN orders USING (client_order_id)"
    " LEFT JOIN order_events ON order_events.number = order_states.event"
)
"""Joins to the left: an order that is not found where its state is would be no order without it."""
_FIRST_EVENT = (
    "SELECT min(first) FROM (SELECT"
    " (SELECT min(number) FROM order_events WHERE order_events.session = sessions.session) AS first"
    " FROM sessions WHERE venue = ?)"
)


def _states(
    query: Query, venue: str, which: str, values: Sequence[Value] = ()
) -> list[StoredOrder]:
    rows = query(
        f"SELECT {ORDER_STATES.selected}, {ORDERS.selected}, {ORDER_EVENTS.selected}"  # noqa: S608
        f" FROM {_NEWEST} WHERE (orders.session IS NULL OR orders.{OF_VENUE}) AND {which}",
        (venue, *values),
    )
    for row in rows:
        ORDER_STATES.checked(row)
    return [stored_order(row[ORDER_STATES.width :]) for row in rows]
