"""Two ledgers with the same entries, one of which is archived now and then."""

import io
from collections.abc import Callable, Iterator, Sequence
from decimal import Decimal
from pathlib import Path

import attrs
from hypothesis import strategies as st
from msgspec.structs import replace

from engine.storage.ledger_archive import Progress, archive
from engine.storage.ledger_database import LedgerDatabase, open_to_write
from engine.storage.whole_ledger import read_whole
from engine.views.ledger_reports import Asked, fills_sheet, history_sheet, orders_sheet
from engine.views.order_story import order_story
from engine.views.report import Format, Report
from tests.support.builders import a_balance, a_fill, an_order
from tests.support.journals import NOW, VENUE, written
from tests.support.ledger_files import begin, end
from trading.core.identifiers import ClientOrderId, TradeId, base36
from trading.journal import reading
from trading.journal.archiving import judged
from trading.journal.entries import (
    BalanceRecorded,
    FillBooked,
    LedgerEntry,
    OrderRecorded,
    OrdersIntended,
)
from trading.journal.stored import Session
from trading.journal.tables import Query
from trading.journal.whole import Whole
from trading.journal.writer import JournalWriter
from trading.orders.order import Order, OrderEvent

VENUES = (VENUE, "VALR https://api.example, subaccount 7")
_ALWAYS = 2**62


@attrs.frozen
class Chapter:
    """One session: its venue and its entries, in the order in which they are committed."""

    number: int
    venue: str
    entries: Sequence[LedgerEntry]
    archive_after: bool


@st.composite
def chapters(draw: st.DrawFn) -> list[Chapter]:
    """Sessions in which orders and fills of earlier ones on the same venue are told of again."""
    orders: dict[str, list[Order]] = {venue: [] for venue in VENUES}
    found = []
    for number in range(1, draw(st.integers(3, 6))):
        venue = draw(st.sampled_from((VENUES[0], *VENUES)))
        entries = [_entry(draw, number, orders[venue]) for _ in range(draw(st.integers(2, 8)))]
        if draw(st.sampled_from((True, True, False))):
            entries += [*_ends(orders[venue]), BalanceRecorded(a_balance("DOGE", "1"), 1000.0)]
        found.append(Chapter(number, venue, entries, draw(st.sampled_from((True, True, False)))))
    return found


def _ends(orders: list[Order]) -> Iterator[LedgerEntry]:
    for index, order in enumerate(orders):
        if not order.status.terminal:
            orders[index] = order.after(OrderEvent.CANCELLED, 1000.0)
            yield OrderRecorded(orders[index], 1000.0)


def _entry(draw: st.DrawFn, session: int, orders: list[Order]) -> LedgerEntry:
    at = float(draw(st.integers(0, 1000)))
    match draw(
        st.sampled_from(["intent", "balance", *["event", "end", "fill"] * 2 * bool(orders)])
    ):
        case "intent":
            name = ClientOrderId(f"qw-test-maker-{base36(session)}-{len(orders)}")
            order = replace(an_order(created_at=at, changed_at=at), client_order_id=name)
            orders.append(order)
            return OrdersIntended((order,), at, draw(st.sampled_from([None, Decimal("0.05")])))
        case "balance":
            return BalanceRecorded(a_balance("USDT", str(draw(st.integers(0, 9)))), at)
        case "fill":
            number, order = draw(st.integers(1, 2)), draw(st.sampled_from(orders))
            return FillBooked(
                a_fill(
                    trade_id=TradeId(f"t-{order.client_order_id}-{number}"),
                    client_order_id=order.client_order_id,
                    quantity=Decimal(draw(st.integers(1, 100))),
                    traded_at_ms=draw(st.integers(1, 8)) * 1000,
                ),
                at,
            )
        case kind:
            index = draw(st.integers(0, len(orders) - 1))
            event = OrderEvent.CANCELLED if kind == "end" else draw(st.sampled_from(OrderEvent))
            orders[index] = orders[index].after(event, at, reason="so it is")
            return OrderRecorded(orders[index], at)


def write_chapter(database: LedgerDatabase, chapter: Chapter) -> None:
    begin(database, chapter.number, venue=chapter.venue)
    scribe = JournalWriter(chapter.number, chapter.venue, database.read(reading.events_written))
    for entry in chapter.entries:
        database.commit(written(scribe, [entry]))
    end(database, chapter.number)


def write_chapters(path: Path, story: Sequence[Chapter]) -> None:
    database = open_to_write(path)
    database.connection.execute("PRAGMA synchronous = OFF")  # no power is lost here
    for chapter in story:
        write_chapter(database, chapter)
    database.close()


def archive_all(path: Path, progress: Progress = lambda _: None) -> Sequence[int]:
    """Archive whatever may go at all, however few orders a run would begin with."""
    database = open_to_write(path)
    found = database.read(lambda query: judged(query, _ALWAYS, ended_max=0, fills_max=0))
    database.close()
    sessions = [each.session.session for each in found if not each.stays]
    if sessions:
        archive(path, sessions, NOW.wall_ns, progress)
    return sessions


def all_that_is_read(path: Path) -> list[str]:
    """What every command that looks back shows of a ledger."""
    return read_whole(path, _shown)


def _shown(files: Whole) -> list[str]:
    session = _newest(files.ledger)
    names = {str(row[0]) for file in files.files for row in file(_ORDER_IDS, ())}
    sheets: list[Callable[[Asked], Report]] = [
        lambda asked: orders_sheet(asked, ended_too=True),
        lambda asked: orders_sheet(asked, ended_too=False),
        fills_sheet,
        history_sheet,
    ]
    shown = []
    for make in sheets:
        for venue in (*VENUES, None):
            for since_ns in (0, 4 * 10**9, NOW.wall_ns - 500 * 10**9)[: 3 if venue is None else 1]:
                asked = Asked(files=files, session=session, venue=venue, since_ns=since_ns)
                for form in (Format.JSON, Format.TEXT):
                    output = io.StringIO()
                    make(asked).write(form, output)
                    shown.append(output.getvalue())
    return [*shown, *(str(order_story(files, name)) for name in sorted(names))]


def _newest(query: Query) -> Session:
    return reading.sessions(query)[-1]


_ORDER_IDS = "SELECT client_order_id FROM orders"
