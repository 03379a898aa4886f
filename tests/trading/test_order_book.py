"""The order book: its checksum, its gaps, and when it shows nothing."""

import zlib
from collections.abc import Sequence

import pytest
from msgspec.structs import replace

from tests.support.recorded import recorded_json
from tests.trading.builders import PAIR, D
from trading.books.levels import OrderBook
from trading.core.errors import ChecksumMismatch, SequenceGap
from trading.core.market import PriceLevel
from trading.messages.market import BookDiff, BookSnapshot
from trading.venues.valr.book_rules import RULES

Rows = Sequence[Sequence[str]]


def rows(levels: Rows) -> tuple[tuple[str, str], ...]:
    return tuple((price, quantity) for price, quantity in levels)


def a_snapshot(
    bids: Rows = (), asks: Rows = (), *, sequence: int = 10, checksum: int | None = None
) -> BookSnapshot:
    return BookSnapshot(
        pair=PAIR,
        bids=rows(bids),
        asks=rows(asks),
        sequence=sequence,
        checksum=checksum,
        received_at=1.5,
    )


def a_diff(
    bids: Rows = (), asks: Rows = (), *, sequence: int = 11, checksum: int | None = None
) -> BookDiff:
    return BookDiff(
        pair=PAIR,
        bids=rows(bids),
        asks=rows(asks),
        sequence=sequence,
        checksum=checksum,
        received_at=2.5,
    )


def a_book(bids: Rows = (), asks: Rows = ()) -> OrderBook:
    book = OrderBook(PAIR, RULES)
    book.apply(a_snapshot(bids, asks))
    return book


SMALL = ([["100", "1.5"], ["99", "2"]], [["101", "0.25"]])


# The checksum.


@pytest.mark.parametrize(
    ("bids", "asks", "checksum"),
    [
        pytest.param(*SMALL, 4064664171, id="l1_small"),
        pytest.param(
            [], [["1001", "1.1"], ["1002", "1.2"], ["1003", "1.3"]], 2630257339, id="one side"
        ),
        pytest.param([], [], 0, id="empty"),
        pytest.param([["100", "3"]], [["101", "1"]], 3513944856, id="above 2 to the 31"),
    ],
)
def test_the_checksum_is_the_venues(bids: Rows, asks: Rows, checksum: int) -> None:
    assert a_book(bids, asks).checksum() == checksum


def test_the_checksum_begins_with_the_best_bid_and_not_with_the_best_ask() -> None:
    assert a_book(*SMALL).checksum() != 1436535290


def test_levels_may_come_in_any_order() -> None:
    bids, asks = SMALL
    assert a_book(bids[::-1], asks).checksum() == 4064664171


def test_every_collected_vector_of_a_level_book_is_reproduced() -> None:
    vectors = recorded_json("valr/vectors.json")["checksums"]
    books = {name: v for name, v in vectors.items() if "b" in v}
    assert books.keys() == {"l1_small", "l1_30_levels_truncated_to_25", "l1_one_side"}
    for name, vector in books.items():
        assert a_book(vector["b"], vector["a"]).checksum() == vector["crc32"], name


def test_only_the_best_25_levels_of_each_side_are_hashed() -> None:
    bids = [[str(1000 - n), "1"] for n in range(30)]
    asks = [[str(1001 + n), "1"] for n in range(30)]
    best = a_book(bids[:25], asks[:25]).checksum()
    assert a_book(bids, asks).checksum() == best
    assert a_book(bids[:24], asks[:25]).checksum() != best
    assert a_book(bids[:25], asks[:24]).checksum() != best


def test_the_checksum_hashes_the_wires_own_text() -> None:
    assert a_book([["1.50", "2.0"]], []).checksum() == zlib.crc32(b"1.50:2.0")


def test_the_checksum_follows_a_top_that_goes_level_by_level_and_comes_back() -> None:
    bids = [[str(1000 - n), "1"] for n in range(200)]
    book, sequence = a_book(bids), 10
    steps = [(n, n + 1, "0") for n in range(200)] + [(n, n, "1") for n in reversed(range(200))]
    for at, best, quantity in steps:
        sequence += 1
        hashed = bids[best : best + 25]
        book.apply(
            a_diff(
                [[bids[at][0], quantity]],
                sequence=sequence,
                checksum=zlib.crc32(":".join(map(":".join, hashed)).encode()),
            )
        )


def test_a_wrong_checksum_is_an_error_with_both_numbers() -> None:
    with pytest.raises(ChecksumMismatch, match=r"change 10 .* is 1, ours 4064664171"):
        OrderBook(PAIR, RULES).apply(a_snapshot(*SMALL, checksum=1))


def test_a_right_checksum_is_none() -> None:
    book = OrderBook(PAIR, RULES)
    book.apply(a_snapshot(*SMALL, checksum=4064664171))
    book.apply(a_diff([["99", "0"]], checksum=zlib.crc32(b"100:1.5:101:0.25")))
    with pytest.raises(ChecksumMismatch):
        book.apply(a_diff([["98", "1"]], sequence=12, checksum=4064664171))


# Sequence.


@pytest.mark.parametrize("sequence", [12, 10, 9, 0, 1_000_000])
def test_a_difference_that_is_not_the_next_is_a_gap(sequence: int) -> None:
    book = a_book(*SMALL)
    with pytest.raises(SequenceGap, match=f"change {sequence} came after 10"):
        book.apply(a_diff([["98", "1"]], sequence=sequence))
    assert book.sequence == 10
    assert book.checksum() == 4064664171


def test_a_difference_before_the_snapshot_is_dropped() -> None:
    book = OrderBook(PAIR, RULES)
    book.apply(a_diff([["1", "1"]], sequence=3, checksum=7))
    assert book.empty
    book.apply(a_snapshot(*SMALL, sequence=500))
    book.apply(a_diff(sequence=501))
    assert book.sequence == 501
    assert book.checksum() == 4064664171


def test_a_new_snapshot_replaces_everything() -> None:
    book = a_book([["7", "7"]], [["8", "8"]])
    book.apply(a_snapshot(*SMALL, sequence=3, checksum=4064664171))
    assert book.sequence == 3


# Levels.


def test_a_level_of_nothing_is_gone() -> None:
    book = a_book(*SMALL)
    book.apply(a_diff([["100", "0"]], [["101", "0.000"], ["102", "1"]]))
    top = book.top(5)
    assert top is not None
    assert (top.bids, top.asks) == ((PriceLevel(D(99), D(2)),), (PriceLevel(D(102), D(1)),))


def test_taking_away_what_is_not_there_changes_nothing() -> None:
    book = a_book(*SMALL)
    book.apply(a_diff([["55", "0"]], [["155", "0"]]))
    assert book.checksum() == 4064664171


def test_a_price_is_one_level_however_it_is_written() -> None:
    book = a_book([["100.0", "1"]], [["101", "1"]])
    book.apply(a_diff([["100", "3"]]))
    assert book.checksum() == zlib.crc32(b"100:3:101:1")
    book.apply(a_diff([["100.00", "0"]], sequence=12))
    assert book.top(1) is None


@pytest.mark.parametrize(
    "level",
    [
        ("NaN", "1"),
        ("1", "NaN"),
        ("-1", "1"),
        ("1", "-1"),
        ("1", "-0.5"),
        ("0", "1"),
        ("1e5", "1"),
        ("1", "1e400"),
        ("1,000", "1"),
        ("1", ""),
        ("", "1"),
        ("\uff11", "1"),
    ],
)
def test_a_level_that_is_no_plain_positive_number_is_refused(level: tuple[str, str]) -> None:
    with pytest.raises(ValueError, match=r"number|positive|negative"):
        a_book([level])
    with pytest.raises(ValueError, match=r"number|positive|negative"):
        a_book((), [level])


def test_prices_at_which_nothing_rests_any_more_are_let_go_and_known_again() -> None:
    book = a_book(*SMALL)
    passing = [(f"{n}.5", quantity) for n in range(200, 100_300) for quantity in ("1", "0")]
    book.apply(a_diff((), passing))
    book.apply(a_diff([["100.0", "0"]], [["200.5", "7"]], sequence=12))
    assert book.checksum() == zlib.crc32(b"99:2:101:0.25:200.5:7")


# The top.


def test_the_top_is_best_first_and_as_deep_as_asked() -> None:
    bids = [[str(n), f"{n}.5"] for n in (90, 95, 100)]
    asks = [[str(n), "1"] for n in (120, 110, 105)]
    book = a_book(bids, asks)
    two, ten = book.top(2), book.top(10)
    assert two is not None
    assert ten is not None
    assert two.bids == (PriceLevel(D(100), D("100.5")), PriceLevel(D(95), D("95.5")))
    assert [level.price for level in two.asks] == [105, 110]
    assert [level.price for level in ten.bids] == [100, 95, 90]
    assert [level.price for level in ten.asks] == [105, 110, 120]
    assert (two.best_bid, two.best_ask, two.mid_price) == (D(100), D(105), D("102.5"))


def test_the_top_says_when_and_at_which_change() -> None:
    book = a_book(*SMALL)
    top = book.top(1)
    assert top is not None
    assert (top.pair, top.sequence, top.received_at) == (PAIR, 10, 1.5)
    book.apply(a_diff())
    later = book.top(1)
    assert later == replace(top, sequence=11, received_at=2.5)


def test_a_sound_book_has_no_trouble() -> None:
    assert a_book(*SMALL).trouble() is None


@pytest.mark.parametrize(
    ("bids", "asks", "trouble"),
    [
        ([], [], "a side of the book is empty"),
        ([["100", "1"]], [], "a side of the book is empty"),
        ([], [["100", "1"]], "a side of the book is empty"),
        ([["101", "1"]], [["100", "1"]], "the book is crossed: bid 101, ask 100"),
        ([["100", "1"]], [["100", "1"]], "the book is locked at 100"),
    ],
)
def test_a_book_that_cannot_be_quoted_from_shows_no_top_and_says_why(
    bids: Rows, asks: Rows, trouble: str
) -> None:
    book = a_book(bids, asks)
    assert book.top(1) is None
    assert book.trouble() == trouble


def test_a_book_without_a_snapshot_shows_nothing_and_says_so() -> None:
    book = OrderBook(PAIR, RULES)
    assert book.empty
    assert book.top(1) is None
    assert book.trouble() == "no snapshot yet"
    assert book.checksum() == 0
