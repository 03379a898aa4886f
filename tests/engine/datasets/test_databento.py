"""
Databento's market by order: what its messages mean, and files that its own library writes.

That library is an extra; what the messages mean is tested without it.
"""

import datetime as dt
import sys
from collections.abc import Iterator, Sequence
from decimal import Decimal
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import zstandard

from engine.datasets.extras import MissingExtra
from engine.datasets.sources import NoSource
from engine.datasets.unfit import UnfitAsked, UnfitSource
from tests.engine.datasets.importing import MS, T0_NS, Importing, shown, told
from tests.support.extras import extra
from trading.core.identifiers import Pair
from trading.datasets.importers.databento import (
    F_LAST,
    F_MAYBE_BAD_BOOK,
    F_SNAPSHOT,
    UNDEFINED_PRICE,
    MarketByOrder,
    Message,
)
from trading.datasets.importers.notes import UNTOLD_NS, Asked, Notes
from trading.datasets.importers.scale import Scale
from trading.datasets.record import Flags, Kind, Record

Row = tuple[str, str, int | None, int, int, int]
"""Action, side, price in quarters, size, order and flags."""


def message(row: Row, at_ms: int = 0) -> Message:
    action, side, quarters, size, order, flags = row
    price = UNDEFINED_PRICE if quarters is None else quarters * 250_000_000
    at_ns = T0_NS + at_ms * MS
    return Message(action, side, price, size, order, flags, at_ns, at_ns + MS // 10)


def meaning(rows: Sequence[Row]) -> tuple[list[tuple[str, int, int, int, int]], Notes]:
    notes = Notes()
    market = MarketByOrder(Asked(Pair("ESH4"), Scale(Decimal("0.25"), Decimal(1)), notes))
    records = [Record(*each) for row in rows for each in market.take(message(row))]
    records += [Record(*each) for each in market.end()]
    return [
        (Kind(each.kind).name, each.side, each.price, each.quantity, each.order_id)
        for each in records
    ], notes


BOOK: list[Row] = [
    ("R", "N", None, 0, 0, F_SNAPSHOT),
    ("A", "B", 100, 5, 7, F_SNAPSHOT),
    ("A", "A", 101, 9, 8, F_SNAPSHOT | F_LAST),
]


def test_a_fill_and_the_cancel_that_follows_it_are_counted_once() -> None:
    rows: list[Row] = [
        *BOOK,
        ("T", "A", 100, 5, 0, 0),
        ("F", "B", 100, 5, 7, 0),
        ("C", "B", 100, 5, 7, F_LAST),
    ]
    found, notes = meaning(rows)
    assert found[3:] == [("TRADE", 2, 100, 5, 0), ("FILL", 1, 100, 5, 7)]
    assert not notes.skipped


def test_a_part_that_is_filled_and_a_part_that_is_cancelled_are_told_apart() -> None:
    rows: list[Row] = [
        *BOOK,
        ("T", "A", 100, 2, 0, 0),
        ("F", "B", 100, 2, 7, 0),
        ("C", "B", 100, 5, 7, F_LAST),
    ]
    assert meaning(rows)[0][4:] == [("FILL", 1, 100, 2, 7), ("CANCEL", 1, 100, 3, 7)]


def test_a_modification_that_only_tells_of_a_fill_is_the_fill() -> None:
    rows: list[Row] = [
        *BOOK,
        ("T", "B", 101, 4, 0, 0),
        ("F", "A", 101, 4, 8, 0),
        ("M", "A", 101, 5, 8, F_LAST),
        ("M", "A", 102, 5, 8, F_LAST),
    ]
    assert meaning(rows)[0][3:] == [
        ("TRADE", 1, 101, 4, 0),
        ("FILL", 2, 101, 4, 8),
        ("MODIFY", 2, 102, 5, 8),
    ]


def test_a_fill_that_nothing_follows_changes_no_book() -> None:
    rows: list[Row] = [*BOOK, ("F", "B", 100, 2, 7, F_LAST), ("C", "B", 100, 5, 7, F_LAST)]
    found, notes = meaning(rows)
    assert found[3:] == [("CANCEL", 1, 100, 5, 7)]
    assert notes.skipped == {"fills that no change of the book followed": 1}


def test_orders_that_were_not_told_are_left_out_or_join() -> None:
    rows: list[Row] = [
        *BOOK,
        ("C", "B", 100, 5, 99, F_LAST),
        ("M", "B", 100, 5, 98, F_LAST),
        ("N", "N", None, 0, 0, F_LAST),
    ]
    found, notes = meaning(rows)
    assert found[3:] == [("ADD", 1, 100, 5, 98)]
    assert notes.skipped == {"changes of orders that were not told": 1}


def test_a_book_that_may_be_wrong_is_one_gap_until_it_is_cleared() -> None:
    rows: list[Row] = [
        *BOOK,
        ("A", "B", 99, 1, 9, F_LAST | F_MAYBE_BAD_BOOK),
        ("A", "B", 99, 1, 10, F_LAST | F_MAYBE_BAD_BOOK),
        ("R", "N", None, 0, 0, F_LAST),
    ]
    assert [kind for kind, *_ in meaning(rows)[0]][3:] == ["GAP", "ADD", "ADD", "CLEAR"]


def test_a_snapshot_has_no_times_of_the_exchange() -> None:
    market = MarketByOrder(Asked(Pair("ESH4"), Scale(Decimal("0.25"), Decimal(1)), Notes()))
    clear, added = [*market.take(message(BOOK[0])), *market.take(message(BOOK[2]))]
    assert (clear[0], added[0]) == (UNTOLD_NS, UNTOLD_NS)
    assert (clear[7], added[7]) == (0, Flags.LAST)
    [added] = market.take(message(("A", "B", 99, 1, 9, F_LAST)))
    assert added[0] == T0_NS


def test_trades_of_an_event_go_before_what_it_changes_in_the_book() -> None:
    rows: list[Row] = [
        *BOOK,
        ("T", "A", 100, 2, 0, 0),
        ("F", "B", 100, 2, 7, 0),
        ("C", "B", 100, 2, 7, 0),
        ("T", "A", 100, 3, 0, 0),
        ("F", "B", 100, 3, 7, 0),
        ("C", "B", 100, 3, 7, F_LAST),
    ]
    assert [kind for kind, *_ in meaning(rows)[0]][3:] == ["TRADE", "TRADE", "FILL", "FILL"]


@pytest.mark.parametrize(
    "row", [("X", "B", 100, 1, 1, 0), ("A", "X", 100, 1, 1, 0), ("A", "B", None, 1, 1, 0)]
)
def test_a_message_that_is_none_is_refused(row: Row) -> None:
    with pytest.raises(ValueError, match=r"no (action|side)|without a price"):
        meaning([row])


# Files.


@pytest.fixture
def library() -> Any:
    return extra("databento_dbn", "research")


@pytest.fixture
def future(importing: Importing) -> Importing:
    return Importing(folder=importing.folder, pair="ESH4", tick="0.25", lot="1")


def written(library: Any, rows: Sequence[Row], *, schema: str = "mbo", begin: int = T0_NS) -> bytes:
    # The library takes whatever has these names; its own classes are protocols.
    days = {"start_date": dt.date(2023, 11, 14), "end_date": dt.date(2023, 11, 15)}
    interval = SimpleNamespace(symbol="7", **days)
    mapping = SimpleNamespace(raw_symbol="ESH4", intervals=[interval])
    head = library.Metadata(
        dataset="GLBX.MDP3",
        schema=library.Schema.from_str(schema),
        start=begin,
        stype_in=library.SType.RAW_SYMBOL,
        stype_out=library.SType.INSTRUMENT_ID,
        symbols=["ESH4"],
        mappings=[mapping],
    )
    return bytes(head.encode()) + b"".join(_messages(library, rows))


def _messages(library: Any, rows: Sequence[Row]) -> Iterator[bytes]:
    for index, row in enumerate(rows):
        each = message(row, index)
        yield bytes(
            library.MBOMsg(
                publisher_id=1,
                instrument_id=7,
                ts_event=each.ts_event,
                order_id=each.order_id,
                price=each.price,
                size=each.size,
                action=library.Action.from_str(each.action),
                side=library.Side.from_str(each.side),
                ts_recv=each.ts_recv,
                flags=each.flags,
            )
        )


def as_file(folder: Path, data: bytes, name: str = "es.dbn") -> Path:
    path = folder / name
    path.write_bytes(data)
    return path


def test_a_file_of_the_librarys_own_is_read(library: Any, future: Importing) -> None:
    packed = zstandard.ZstdCompressor().compress(written(library, BOOK))
    dataset = future.dataset(as_file(future.folder, packed, "es.dbn.zst"))
    assert shown(dataset) == [("CLEAR", 0, 0, 0), ("ADD", 1, 100, 5), ("ADD", 2, 101, 9)]
    assert told(dataset)[1].recv_ns == T0_NS + MS + MS // 10


def test_another_instrument_is_refused(library: Any, future: Importing) -> None:
    other = Importing(folder=future.folder, pair="NQH4", tick="0.25", lot="1")
    with pytest.raises(UnfitAsked, match="it is of ESH4"):
        other.dataset(as_file(future.folder, written(library, BOOK)))


def test_another_schema_is_refused(library: Any, future: Importing) -> None:
    with pytest.raises(UnfitSource, match="its schema is trades: take mbo"):
        future.dataset(as_file(future.folder, written(library, BOOK, schema="trades")))


def test_a_file_that_was_cut_is_refused(library: Any, future: Importing) -> None:
    with pytest.raises((UnfitSource, NoSource), match="cut off"):
        future.dataset(as_file(future.folder, written(library, BOOK)[:-9]))


def test_files_that_overlap_are_refused(library: Any, future: Importing) -> None:
    first = as_file(future.folder, written(library, BOOK))
    second = as_file(future.folder, written(library, BOOK, begin=T0_NS + MS), "es2.dbn")
    with pytest.raises(UnfitSource, match="overlap"):
        future.dataset(second, first)


def test_a_price_that_fits_no_tick_names_its_row(library: Any, future: Importing) -> None:
    coarse = Importing(folder=future.folder, pair="ESH4", tick="1", lot="1")
    with pytest.raises(UnfitAsked, match=r"row 3: the price 25\.25"):
        coarse.dataset(as_file(future.folder, written(library, BOOK)))


def test_without_the_library_the_extra_is_named(
    future: Importing, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "databento_dbn", None)
    with pytest.raises(MissingExtra, match=r"databento-dbn is needed.*quotewright\[research\]"):
        future.dataset(as_file(future.folder, b"DBN\x03" + bytes(100)))
