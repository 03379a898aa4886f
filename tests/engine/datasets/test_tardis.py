"""
CSV files of Tardis become datasets.

Heads and rows are those of docs.tardis.dev/downloadable-csv-files/data-types, and of two
files among the test data of NautilusTrader.
"""

import pytest

from engine.datasets.formats import UnknownFormat
from engine.datasets.unfit import UnfitAsked, UnfitSource
from tests.engine.datasets.importing import T0_NS, Importing, shown, told
from trading.datasets.importers.order import SET_BACK_NS_MAX
from trading.datasets.meta import QueueKind
from trading.datasets.record import Kind

BOOK = "exchange,symbol,timestamp,local_timestamp,is_snapshot,side,price,amount"
TRADES = "exchange,symbol,timestamp,local_timestamp,id,side,price,amount"
QUOTES = "exchange,symbol,timestamp,local_timestamp,ask_amount,ask_price,bid_price,bid_amount"
SNAPSHOTS = "exchange,symbol,timestamp,local_timestamp," + ",".join(
    f"{side}[{index}].{what}"
    for index in range(2)
    for side in ("asks", "bids")
    for what in ("price", "amount")
)
T0_US = T0_NS // 1000
MS = 1000


def row(at_ms: int, *cells: str, late_us: int = 800, symbol: str = "btc_usdt") -> str:
    told_us = T0_US + at_ms * MS
    return ",".join(["deribit", symbol, str(told_us), str(told_us + late_us), *cells])


DAY = [
    BOOK,
    row(0, "false", "bid", "9.9", "1"),  # before the first snapshot
    row(1, "true", "ask", "11", "2"),
    row(1, "true", "bid", "10", "1"),
    row(5, "false", "bid", "10", "0"),
    row(5, "false", "bid", "9.8", "3"),
    row(9, "false", "ask", "11", "1.5"),
]


def test_rows_become_levels_and_those_of_one_message_end_together(importing: Importing) -> None:
    dataset = importing.dataset(importing.file("book.csv.gz", DAY))
    assert shown(dataset) == [
        ("CLEAR", 0, 0, 0),
        ("SNAPSHOT_LEVEL", 2, 110, 2000),
        ("SNAPSHOT_LEVEL", 1, 100, 1000),
        ("LEVEL", 1, 100, 0),
        ("LEVEL", 1, 98, 3000),
        ("LEVEL", 2, 110, 1500),
    ]
    assert [each.flags for each in told(dataset)] == [0, 0, 1, 0, 1, 1]
    assert dataset.meta.skipped == {"rows before the first snapshot": 1}
    last = told(dataset)[-1]
    assert (last.exch_ns, last.recv_ns - last.exch_ns) == ((T0_US + 9 * MS) * 1000, 800_000)
    assert dataset.meta.queue is QueueKind.NONE  # without trades


def test_trades_go_before_books_of_the_same_time(importing: Importing) -> None:
    trades = [TRADES, row(5, "t1", "sell", "10", "0.7"), row(6, "t2", "unknown", "10", "0.1")]
    dataset = importing.dataset(
        importing.file("book.csv", DAY), importing.file("trades.csv.gz", trades)
    )
    kinds = [kind for kind, *_ in shown(dataset)]
    assert kinds[3:7] == ["TRADE", "LEVEL", "LEVEL", "TRADE"]
    assert [(each.side, each.quantity) for each in told(dataset, Kind.TRADE)] == [
        (2, 700),
        (0, 100),
    ]
    assert dataset.meta.queue is QueueKind.LEVELS


def test_a_snapshot_in_the_middle_of_a_day_follows_a_gap(importing: Importing) -> None:
    again = [row(20, "true", "bid", "10", "4"), row(20, "true", "ask", "11", "5")]
    kinds = [kind for kind, *_ in shown(importing.dataset(importing.file("b", [*DAY, *again])))]
    assert kinds[6:] == ["GAP", "CLEAR", "SNAPSHOT_LEVEL", "SNAPSHOT_LEVEL"]


@pytest.mark.parametrize(("silence_s", "gaps"), [(1, 0), (86_400, 1)])
def test_the_snapshot_that_a_day_begins_with_is_no_gap_unless_a_day_is_missing(
    importing: Importing, silence_s: int, gaps: int
) -> None:
    at_ms = silence_s * 1000
    second = [BOOK, row(at_ms, "true", "bid", "10", "4"), row(at_ms + 9, "false", "bid", "10", "5")]
    dataset = importing.dataset(importing.file("2", second), importing.file("1", DAY))
    assert dataset.meta.counts["CLEAR"] == 2
    assert dataset.meta.counts.get("GAP", 0) == gaps


def test_exchange_times_that_are_receive_times_are_named_as_guessed(importing: Importing) -> None:
    rows = [BOOK, row(1, "true", "bid", "10", "1", late_us=0)]
    dataset = importing.dataset(importing.file("book", rows))
    assert "exchange times" in dataset.meta.guessed[0]
    assert dataset.meta.clock.told == 0


def test_whole_books_become_their_differences_and_the_ask_comes_first(importing: Importing) -> None:
    rows = [
        SNAPSHOTS,
        row(1, "11", "2", "10", "1", "11.1", "3", "9.9", "1"),
        row(2, "11", "2", "10", "1.5", "11.2", "3", "", ""),
    ]
    dataset = importing.dataset(importing.file("snapshots", rows))
    assert shown(dataset) == [
        ("CLEAR", 0, 0, 0),
        ("SNAPSHOT_LEVEL", 2, 110, 2000),
        ("SNAPSHOT_LEVEL", 1, 100, 1000),
        ("SNAPSHOT_LEVEL", 2, 111, 3000),
        ("SNAPSHOT_LEVEL", 1, 99, 1000),
        ("LEVEL", 1, 99, 0),
        ("LEVEL", 2, 111, 0),
        ("LEVEL", 1, 100, 1500),
        ("LEVEL", 2, 112, 3000),
    ]
    assert "best 2 levels" in dataset.meta.guessed[0]


@pytest.mark.parametrize("head", [QUOTES, TRADES.replace("id,side", "funding_rate,index")])
def test_files_without_a_book_are_refused_as_such(importing: Importing, head: str) -> None:
    with pytest.raises(UnknownFormat, match="incremental_book_L2"):
        importing.dataset(importing.file("quotes", [head, row(1, "1", "11", "10", "1")]))


def test_two_books_of_one_market_are_refused(importing: Importing) -> None:
    files = [importing.file("a", DAY), importing.file("b", [SNAPSHOTS, row(1, *["1"] * 8)])]
    with pytest.raises(UnknownFormat, match="two books"):
        importing.dataset(*files)


def test_files_of_several_formats_do_not_mix(importing: Importing) -> None:
    dump = importing.file("dump", ["1,10.0,1,10,1700000000000,True,True"])
    with pytest.raises(UnknownFormat, match="do not mix"):
        importing.dataset(importing.file("a", DAY), dump)


def test_rows_of_other_pairs_are_left_out_and_a_file_of_them_alone_is_refused(
    importing: Importing,
) -> None:
    other = row(3, "false", "bid", "7", "1", symbol="ETH-USDT")
    assert importing.dataset(importing.file("a", [*DAY, other])).meta.skipped["rows of other pairs"]
    with pytest.raises(UnfitAsked, match="it is of ETH-USDT"):
        importing.dataset(importing.file("b", [BOOK, other]))


@pytest.mark.parametrize(
    "cells",
    [("maybe", "bid", "10", "1"), ("true", "buyer", "10", "1"), ("true", "bid", "10", "1", "2")],
)
def test_a_row_that_is_none_is_named(importing: Importing, cells: tuple[str, ...]) -> None:
    with pytest.raises(UnfitSource, match=r"book: row 8: not a row of incremental_book_L2"):
        importing.dataset(importing.file("book", [*DAY, row(10, *cells)]))


def test_a_price_that_fits_no_tick_is_named(importing: Importing) -> None:
    rows = [*DAY, row(10, "false", "bid", "10.05", "1")]
    with pytest.raises(UnfitAsked, match=r"row 8: the price 10\.05 .* 0\.01 would fit"):
        importing.dataset(importing.file("book", rows))


def test_times_of_another_unit_are_refused(importing: Importing) -> None:
    rows = [line.replace(str(T0_US)[:6], str(T0_US)[:3], 1) for line in DAY]
    with pytest.raises(UnfitSource, match="is no time of 16 digits"):
        importing.dataset(importing.file("book", rows))


def test_rows_in_a_wrong_order_are_refused(importing: Importing) -> None:
    late = row(100 + SET_BACK_NS_MAX // 1_000_000, "false", "bid", "10", "1")
    with pytest.raises(UnfitSource, match="not in the order in which they came"):
        importing.dataset(importing.file("book", [*DAY, late, DAY[-1]]))
