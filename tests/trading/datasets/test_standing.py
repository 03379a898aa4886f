"""The book as it stands, told as records again."""

from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trading.datasets.record import Flags, Kind, RecordSide
from trading.datasets.standing import BareRecord, StandingBook

BUY, SELL = int(RecordSide.BUY), int(RecordSide.SELL)
Row = tuple[Kind, int, int, int, int]
"""Kind, order, side, price and quantity."""


def record(row: Row, at_ns: int = 10, flags: int = 0) -> BareRecord:
    kind, order, side, price, quantity = row
    return at_ns - 4, at_ns, price, quantity, order, int(kind), side, flags


def standing(rows: Sequence[Row]) -> StandingBook:
    book = StandingBook()
    for row in [(Kind.CLEAR, 0, 0, 0, 0), *rows]:
        book.take(record(row))
    return book


def queue(book: StandingBook) -> list[tuple[int, int, int]]:
    """Order, price and quantity of each order, first in its queue first."""
    return [(each[4], each[2], each[3]) for each in book.told(99) if each[5] == Kind.ADD]


TWO: list[Row] = [(Kind.ADD, 1, BUY, 100, 5), (Kind.ADD, 2, BUY, 100, 7)]


@pytest.mark.parametrize(
    ("row", "left"),
    [
        ((Kind.MODIFY, 1, BUY, 100, 3), [(1, 100, 3), (2, 100, 7)]),
        ((Kind.MODIFY, 1, BUY, 100, 6), [(2, 100, 7), (1, 100, 6)]),
        ((Kind.MODIFY, 1, BUY, 99, 5), [(2, 100, 7), (1, 99, 5)]),
        ((Kind.MODIFY, 1, BUY, 100, 0), [(2, 100, 7)]),
        ((Kind.MODIFY, 3, BUY, 100, 1), [(1, 100, 5), (2, 100, 7), (3, 100, 1)]),
        ((Kind.CANCEL, 1, BUY, 100, 2), [(1, 100, 3), (2, 100, 7)]),
        ((Kind.FILL, 1, BUY, 100, 5), [(2, 100, 7)]),
        ((Kind.FILL, 9, BUY, 100, 5), [(1, 100, 5), (2, 100, 7)]),
        ((Kind.ADD, 1, BUY, 100, 5), [(2, 100, 7), (1, 100, 5)]),
        ((Kind.TRADE, 0, SELL, 100, 5), [(1, 100, 5), (2, 100, 7)]),
        ((Kind.CLEAR, 0, 0, 0, 0), []),
    ],
)
def test_orders_keep_their_places_as_the_record_says(
    row: Row, left: list[tuple[int, int, int]]
) -> None:
    assert queue(standing([*TWO, row])) == left


def test_orders_of_ours_stay_flagged() -> None:
    book = standing(TWO)
    book.take(record((Kind.ADD, 3, BUY, 100, 1), flags=Flags.OWN_ORDER | Flags.LAST))
    assert [each[7] for each in book.told(99)] == [0, 0, 0, Flags.OWN_ORDER | Flags.LAST]


def test_a_gap_is_told_again_until_the_book_begins_anew() -> None:
    gap: Row = (Kind.GAP, 0, 0, 0, 0)
    assert list(standing([*TWO, gap]).told(99))[-1][5] == Kind.GAP
    assert [each[5] for each in standing([gap, (Kind.CLEAR, 0, 0, 0, 0)]).told(99)] == [Kind.CLEAR]


def test_it_happened_when_it_last_changed() -> None:
    book = standing([(Kind.LEVEL, 0, BUY, 100, 5)])
    book.take(record((Kind.LEVEL, 0, BUY, 100, 4), at_ns=50))
    book.take(record((Kind.TRADE, 0, BUY, 100, 4), at_ns=70))
    assert {each[:2] for each in book.told(99)} == {(46, 99)}


def test_nothing_is_told_before_a_book_begins() -> None:
    book = StandingBook()
    book.take(record((Kind.LEVEL, 0, BUY, 100, 5)))
    assert list(book.told(99)) == []


@given(
    st.lists(
        st.tuples(
            st.sampled_from(Kind), st.integers(0, 3), st.integers(1, 2), st.integers(1, 3),
            st.integers(0, 4),
        ),
        max_size=30,
    )
)  # fmt: skip
def test_a_book_that_takes_what_another_tells_is_that_book(rows: list[Row]) -> None:
    book, copy = standing(rows), StandingBook()
    for each in book.told(99):
        copy.take(each)
    assert list(copy.told(99)) == list(book.told(99))
