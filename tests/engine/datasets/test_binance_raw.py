"""Raw lines of Binance's streams, spot and futures, become a dataset or are refused in words."""

import json
import re
from collections.abc import Sequence
from typing import Any

import pytest

from engine.datasets.formats import UnknownFormat
from engine.datasets.unfit import UnfitAsked, UnfitSource
from tests.engine.datasets.importing import MS, T0_MS, T0_NS, Importing, shown, told
from tests.support.recorded import recorded_folder
from trading.datasets.meta import QueueKind
from trading.datasets.record import Flags, Kind

Levels = Sequence[tuple[str, str]]


def line(at_ms: int, message: Any, behind_ms: int = 0) -> str:
    return f"{T0_NS + (at_ms - behind_ms) * MS} {json.dumps(message)}"


def snapshot(at_ms: int, last: int, bids: Levels = (("10", "1"),), **more: Any) -> str:
    return line(at_ms, {"lastUpdateId": last, "bids": bids, "asks": [("11", "2")], **more})


def change(at_ms: int, first: int, last: int, bids: Levels, **more: Any) -> str:
    data = {"e": "depthUpdate", "E": T0_MS + at_ms - 5, "s": "BTCUSDT", "U": first, "u": last}
    return line(
        at_ms, {"stream": "btcusdt@depth@100ms", "data": {**data, "b": bids, "a": [], **more}}
    )


def trade(at_ms: int, price: str = "11", quantity: str = "0.5", behind_ms: int = 0) -> str:
    data = {"e": "trade", "s": "BTCUSDT", "p": price, "q": quantity, "m": False, "T": T0_MS + at_ms}
    return line(at_ms + 3, {"stream": "btcusdt@trade", "data": data}, behind_ms)


SPOT = [
    snapshot(10, 100),
    change(20, 101, 103, [("10", "0"), ("9.9", "4")]),
    trade(25),
    change(30, 104, 104, [("10.1", "1")]),
]


def test_a_book_and_its_trades_become_records_in_ticks_and_lots(importing: Importing) -> None:
    dataset = importing.dataset(importing.file("raw.gz", SPOT))
    assert shown(dataset) == [
        ("CLEAR", 0, 0, 0),
        ("SNAPSHOT_LEVEL", 1, 100, 1000),
        ("SNAPSHOT_LEVEL", 2, 110, 2000),
        ("LEVEL", 1, 100, 0),
        ("LEVEL", 1, 99, 4000),
        ("TRADE", 1, 110, 500),
        ("LEVEL", 1, 101, 1000),
    ]
    assert [each.flags for each in told(dataset)] == [0, 0, Flags.LAST] + [0] + [Flags.LAST] * 3
    changed = told(dataset, Kind.LEVEL)[0]
    assert (changed.exch_ns, changed.recv_ns) == (T0_NS + 15 * MS, T0_NS + 20 * MS)
    assert dataset.meta.queue is QueueKind.LEVELS
    assert dataset.meta.clock.difference_min_ns == 3 * MS
    assert dataset.meta.clock.shift_ns == 0


def test_a_receiver_whose_clock_is_behind_is_moved_by_the_largest_difference(
    importing: Importing,
) -> None:
    lines = [snapshot(10, 100), trade(20, behind_ms=5), trade(30, behind_ms=6)]
    meta = importing.dataset(importing.file("raw", lines)).meta
    assert meta.clock.difference_min_ns == -3 * MS
    assert meta.clock.shift_ns == 4 * MS


def test_changes_from_before_a_snapshot_follow_it_where_they_are_news(importing: Importing) -> None:
    lines = [
        change(1, 90, 95, [("1", "1")]),
        change(2, 96, 101, [("10", "7")]),
        snapshot(3, 100),
        change(4, 102, 102, [("10", "8")]),
    ]
    dataset = importing.dataset(importing.file("raw", lines))
    assert [each.quantity for each in told(dataset, Kind.LEVEL)] == [7000, 8000]
    happened = [each.exch_ns for each in told(dataset)]
    assert happened == sorted(happened)


def test_a_change_that_follows_on_none_is_a_gap_until_the_next_snapshot(
    importing: Importing,
) -> None:
    lines = [
        *SPOT,
        change(40, 110, 111, [("10", "1")]),
        change(50, 112, 113, [("10", "2")]),
        trade(55),
        snapshot(60, 115),
        change(70, 116, 116, [("10", "3")]),
    ]
    dataset = importing.dataset(importing.file("raw", lines))
    assert [kind for kind, *_ in shown(dataset)][7:] == [
        "GAP", "TRADE", "CLEAR", "SNAPSHOT_LEVEL", "SNAPSHOT_LEVEL", "LEVEL",
    ]  # fmt: skip
    assert len(dataset.meta.gaps) == 1


def test_changes_of_a_futures_book_follow_by_the_number_of_the_one_before(
    importing: Importing,
) -> None:
    futures = [
        snapshot(10, 100, T=T0_MS + 8),
        change(20, 98, 105, [("10", "5")], pu=97, T=T0_MS + 12),
        change(30, 120, 130, [("10", "6")], pu=105, T=T0_MS + 22),
        change(40, 150, 160, [("10", "7")], pu=140, T=T0_MS + 32),
    ]
    dataset = importing.dataset(importing.file("raw", futures))
    assert [kind for kind, *_ in shown(dataset)][3:] == ["LEVEL", "LEVEL", "GAP"]
    # Matched, not sent.
    assert told(dataset, Kind.LEVEL)[0].exch_ns == T0_NS + 12 * MS
    assert told(dataset, Kind.CLEAR)[0].exch_ns == T0_NS + 8 * MS


def test_trades_that_are_none_of_the_market_are_left_out(importing: Importing) -> None:
    fund = SPOT[2].replace('"e": "trade"', '"X": "INSURANCE_FUND"')
    meta = importing.dataset(importing.file("raw", [*SPOT, fund])).meta
    assert meta.counts["TRADE"] == 1
    assert meta.skipped["trades that are none of the market's"] == 1


def test_our_own_capture_of_binance_is_of_the_same_form(importing: Importing) -> None:
    book = {"lastUpdateId": 100, "bids": [("10", "1")], "asks": [("11", "2")]}
    lines = [
        f'{T0_NS} {{"result":null,"id":1}}',
        line(10, {"stream": "btcusdt@snapshot", "data": book}),
        *SPOT[1:],
    ]
    assert importing.dataset(importing.file("raw", lines)).meta.counts["LEVEL"] == 3


def test_files_are_read_in_the_order_of_their_times(importing: Importing) -> None:
    second, first = importing.file("a", SPOT[2:]), importing.file("b.zst", SPOT[:2])
    apart = importing.dataset(second, first)
    assert [each.name for each in apart.meta.sources] == ["b.zst", "a"]
    whole = importing.dataset(importing.file("c", SPOT))
    assert apart.meta.digest == whole.meta.digest


def test_files_that_overlap_are_refused(importing: Importing) -> None:
    files = [importing.file("a", SPOT), importing.file("b", SPOT[1:])]
    with pytest.raises(UnfitSource, match="overlap"):
        importing.dataset(*files)


def test_lines_in_a_wrong_order_are_refused_but_a_clock_may_be_set_back(
    importing: Importing,
) -> None:
    back = importing.dataset(importing.file("a", [*SPOT, trade(35, behind_ms=900)]))
    assert "went back" in str(back.meta.guessed)
    with pytest.raises(UnfitSource, match=r"row 5.*6\.\d s before the line before"):
        importing.dataset(importing.file("b", [*SPOT, trade(35, behind_ms=6_100)]))


@pytest.mark.parametrize(
    ("asked", "words"),
    [
        ({"tick": "1"}, "row 2: the price 9.9 is no multiple of --tick 1; 0.1 would fit it"),
        ({"lot": "1"}, "row 3: the quantity 0.5 is no multiple of --lot 1; 0.1 would fit it"),
        ({"pair": "ETHUSDT"}, "nothing in it is of ETHUSDT"),
    ],
)
def test_what_does_not_fit_names_the_row_and_what_would_fit(
    importing: Importing, asked: dict[str, str], words: str
) -> None:
    file = importing.file("raw", SPOT)
    other = Importing(folder=importing.folder, **asked)
    with pytest.raises(UnfitAsked, match=re.escape(words)):
        other.dataset(file)


def test_a_line_that_is_none_names_its_row(importing: Importing) -> None:
    with pytest.raises(UnfitSource, match=r"raw: row 5: .*'1 \{\}'"):
        importing.dataset(importing.file("raw", [*SPOT, "1 {}"]))


@pytest.mark.parametrize("lines", [["hello"], ["1,2,3"], [f"{T0_NS} {{}}"], [f"{T0_NS} hello"]])
def test_what_is_not_recognised_is_refused(importing: Importing, lines: list[str]) -> None:
    with pytest.raises(UnknownFormat, match="no format that is known"):
        importing.dataset(importing.file("raw", lines))


def test_a_format_that_a_file_is_not_of_is_refused_with_what_it_looks_like(
    importing: Importing,
) -> None:
    other = Importing(folder=importing.folder, format_name="valr")
    with pytest.raises(UnknownFormat, match=r"not of the format valr.*binance-raw"):
        other.dataset(importing.file("raw", SPOT))


def test_the_recorded_days_of_bitcoin_are_as_hftbacktest_counts_them(importing: Importing) -> None:
    files = sorted(recorded_folder("market-data/binance-spot").glob("*.gz"))
    bitcoin = Importing(folder=importing.folder, tick="0.01", lot="0.00001")
    meta = bitcoin.dataset(files[-1], *files[:-1]).meta
    assert meta.counts == {"CLEAR": 1, "SNAPSHOT_LEVEL": 2000, "LEVEL": 298_094, "TRADE": 19_904}
    assert meta.clock.difference_min_ns == -1_276_159_997
    assert meta.gaps == ()
    assert "7 of 32980 different quantities are finer" in str(meta.guessed)
