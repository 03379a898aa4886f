"""
Which old sessions may be moved out of the ledger's file, and which rows are theirs.

A session goes whole, and only when no run needs a row of it any more: a run begins with the orders
that have not ended, the newest that have, and the newest fills (``Remembered``), and it gives new
rows the numbers after the newest. What is said of sessions themselves stays, with halts and pairs.
"""

from collections.abc import Iterable, Iterator, Sequence

import attrs

from trading.journal.reading import archived_sessions, sessions, standing_halt
from trading.journal.remembered import ENDED_MAX, FILLS_MAX
from trading.journal.stored import Session, whole_of
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
    Query,
    Table,
    Value,
)

COPIED = (SESSIONS, SESSION_ENDS, PAIRS)
"""An archive has all of their rows, so that it can be read by itself; the ledger keeps them too."""

_OF_THEIR_ORDERS = "client_order_id IN (SELECT client_order_id FROM orders WHERE session IN ({}))"
MOVED: dict[Table, str] = {
    # What happened to an order later goes with it. In this order, so that each can be deleted.
    ORDER_STATES: _OF_THEIR_ORDERS,
    ORDER_EVENTS: _OF_THEIR_ORDERS,
    ORDERS: "session IN ({})",
    FILLS: "session IN ({})",
    BALANCES: "session IN ({})",
}
"""Which rows of a table go with some sessions, whose numbers are to be put in."""

COUNTED = (ORDERS, ORDER_EVENTS, FILLS, BALANCES)
"""The rows that people are told of."""


@attrs.frozen(kw_only=True)
class Judged:
    """
    A session whose rows are in the ledger's file, and whether they may be moved.

    Args:
        over_at_ns: When it ended, by the wall clock; where it was killed, when the next one began.
        stays: Why it stays, in words; empty where it may go.
    """

    session: Session
    over_at_ns: int
    stays: str = ""


# Each function below may raise DamagedRow.


def judged(
    query: Query, before_ns: int, *, ended_max: int = ENDED_MAX, fills_max: int = FILLS_MAX
) -> list[Judged]:
    """
    Every session with rows that could be moved, oldest first.

    Args:
        before_ns: Those that were over later stay, by the wall clock.
        ended_max: How many ended orders a run begins with, on each venue.
        fills_max: How many fills.
    """
    every = sessions(query)
    gone, filled = archived_sessions(query), _with_rows(query)
    stays = _needed(query, every, ended_max, fills_max)
    found = []
    for session, following in zip(every, [*every[1:], None], strict=True):
        if session.session in gone or session.session not in filled:
            continue
        ended_at_ns = session.ended_at_ns
        if following is None:
            why, over_at_ns = "it is the newest", ended_at_ns or session.started_at_ns
        else:
            over_at_ns = following.started_at_ns if ended_at_ns is None else ended_at_ns
            why = stays.get(session.session, "") or (
                "it is not old enough" if over_at_ns >= before_ns else ""
            )
        found.append(Judged(session=session, over_at_ns=over_at_ns, stays=why))
    return found


def counts(query: Query, moved: Sequence[int]) -> dict[str, int]:
    """How many rows of each table go with some sessions."""
    return {
        table.name: whole_of(query(f"SELECT count(*) FROM {rows_of(table, moved)}", ())[0][0])  # noqa: S608
        for table in COUNTED
    }


def rows_of(table: Table, moved: Iterable[int]) -> str:
    """The rows of a table that go with some sessions, as what follows FROM."""
    return f"{table.name} WHERE {MOVED[table].format(', '.join(map(str, moved)))}"


def _with_rows(query: Query) -> set[int]:
    return {
        whole_of(session)
        for table in (ORDERS, FILLS, BALANCES)
        for (session,) in query(f"SELECT DISTINCT session FROM {table.name}", ())  # noqa: S608
    }


def _needed(
    query: Query, every: Sequence[Session], ended_max: int, fills_max: int
) -> dict[int, str]:
    """Sessions with a row that some run needs, and why."""
    needed: dict[int, str] = {}
    for session, why in _reasons(query, every, ended_max, fills_max):
        needed.setdefault(session, why)
    return needed


def _reasons(
    query: Query, every: Sequence[Session], ended_max: int, fills_max: int
) -> Iterator[tuple[int, str]]:
    def each(why: str, text: str, *values: Value) -> Iterator[tuple[int, str]]:
        return ((whole_of(row[0]), why) for row in query(text, values) if row[0] is not None)

    yield from each(
        "an order of it has not ended",
        "SELECT DISTINCT orders.session FROM order_states"
        " JOIN orders USING (client_order_id) WHERE ended = 0",
    )
    if standing_halt(query):
        newest = f"SELECT session FROM {HALTS.name} ORDER BY number DESC LIMIT 1"  # noqa: S608
        yield from each("its halt stands", newest)
    # Where a simulated exchange was, no run will ever be again.
    for venue in dict.fromkeys(s.venue for s in every if not s.simulated):
        yield from each(
            f"it has some of the newest {ended_max} ended orders, with which a run begins",
            "SELECT DISTINCT session FROM (SELECT orders.session FROM order_states"
            " JOIN orders USING (client_order_id) JOIN sessions USING (session)"
            " WHERE ended = 1 AND venue = ? ORDER BY event DESC LIMIT ?)",
            venue,
            ended_max,
        )
        yield from each(
            f"it has some of the newest {fills_max} fills, with which a run begins",
            "SELECT DISTINCT session FROM"
            " (SELECT session FROM fills WHERE venue = ? ORDER BY number DESC LIMIT ?)",
            venue,
            fills_max,
        )
    last = "it has the last row of a table, by which new ones are numbered"
    for table in (ORDERS, FILLS, BALANCES):
        yield from each(
            last,
            f"SELECT session FROM {table.name} ORDER BY number DESC LIMIT 1",  # noqa: S608
        )
    yield from each(
        last,
        "SELECT session FROM orders WHERE client_order_id ="
        " (SELECT client_order_id FROM order_events ORDER BY number DESC LIMIT 1)",
    )
