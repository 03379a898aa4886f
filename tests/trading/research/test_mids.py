"""The mid price as a function of time, and from the records of a dataset."""

from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from tests.support.runs import D, S, a_path, mids, some_mids
from trading.datasets.record import Flags, Kind, RecordSide
from trading.research.dataset_mids import BareRecord, mids_at_decisions, mids_of
from trading.research.mid_path import MidPath, clipped
from trading.research.result import MidSeries

BUY, SELL = int(RecordSide.BUY), int(RecordSide.SELL)
TICK = D("0.5")


def record(
    at_ns: int,
    kind: Kind,
    side: int = 0,
    price: int = 0,
    quantity: int = 0,
    order_id: int = 0,
    *,
    last: bool = True,
) -> BareRecord:
    flags = int(Flags.LAST) if last else 0
    return at_ns, at_ns, price, quantity, order_id, int(kind), side, flags


def steps_of(*records: BareRecord) -> dict[int, Decimal | None]:
    series = mids_of(records, TICK)
    return dict(zip(series.at_ns, series.prices, strict=True))


BOOK = (
    record(1, Kind.CLEAR, last=False),
    record(1, Kind.SNAPSHOT_LEVEL, BUY, 10, 1, last=False),
    record(1, Kind.SNAPSHOT_LEVEL, SELL, 13, 1),
)


def test_the_mid_price_is_known_once_the_book_is_whole() -> None:
    assert steps_of(*BOOK[:2]) == {}
    assert steps_of(*BOOK) == {1: D("5.75")}


def test_a_level_that_goes_uncovers_the_one_behind_it() -> None:
    found = steps_of(
        *BOOK,
        record(2, Kind.LEVEL, BUY, 12, 4),
        record(3, Kind.LEVEL, BUY, 12, 0),
    )
    assert found == {1: D("5.75"), 2: D("6.25"), 3: D("5.75")}


def test_a_gap_begins_after_the_last_record_before_it_and_ends_with_a_whole_book() -> None:
    found = steps_of(
        *BOOK,
        record(5, Kind.TRADE, BUY, 13, 1),
        record(9, Kind.GAP),
        record(10, Kind.LEVEL, BUY, 9, 1),
        *((20, *one[1:]) for one in BOOK),
    )
    assert found == {1: D("5.75"), 6: None, 20: D("5.75")}


def test_a_book_with_one_side_or_crossed_has_no_mid_price() -> None:
    found = steps_of(
        *BOOK,
        record(2, Kind.LEVEL, SELL, 13, 0),
        record(3, Kind.LEVEL, SELL, 10, 1),
        record(4, Kind.LEVEL, BUY, 10, 0),
    )
    assert found == {1: D("5.75"), 2: None}


def test_orders_that_come_go_and_shrink_make_the_levels() -> None:
    found = steps_of(
        record(1, Kind.ADD, BUY, 10, 5, 1, last=False),
        record(1, Kind.ADD, BUY, 10, 5, 2, last=False),
        record(1, Kind.ADD, SELL, 12, 5, 3),
        record(2, Kind.FILL, BUY, 10, 5, 1),
        record(3, Kind.CANCEL, BUY, 10, 2, 2),
        record(4, Kind.MODIFY, BUY, 8, 3, 2),
        record(5, Kind.CANCEL, BUY, 8, 3, 2),
    )
    assert found == {1: D("5.5"), 4: D(5), 5: None}


def test_an_exchange_time_that_goes_back_is_raised() -> None:
    found = steps_of(*((9, *one[1:]) for one in BOOK), record(4, Kind.LEVEL, BUY, 11, 1))
    assert found == {9: D(6)}


def test_mid_prices_of_decisions_are_known_at_their_moments_alone() -> None:
    series = mids_at_decisions([(5, D(2)), (1, D(3)), (5, D(2))])
    assert series == MidSeries(at_ns=(1, 5), prices=(D(3), D(2)), until_ns=5, continuous=False)
    assert mids_at_decisions([]) is None


def test_before_is_strictly_before_and_at_is_at_or_before() -> None:
    path = a_path((1, "10"), (2, "20"), until=3)
    assert (path.before(2 * S), path.at(2 * S)) == (D(10), D(20))
    assert path.before(1 * S) is None
    assert path.at(3 * S + 1) is None


def test_gaps_are_also_what_is_before_the_first_and_past_the_last() -> None:
    path = a_path((2, "10"), (3, None), (5, "10"), until=7)
    assert path.gaps(0, 9 * S) == [(0, 2 * S), (3 * S, 5 * S), (7 * S, 9 * S)]


def test_a_time_up_to_a_gap_that_begins_at_the_very_end_is_not_whole() -> None:
    assert not a_path((0, "10"), (5, None)).whole(0, 5 * S)
    assert a_path((0, "10"), (5, None)).whole(0, 5 * S - 1)


@given(some_mids(), st.integers(0, 100 * S), st.integers(0, 100 * S))
def test_a_time_is_whole_where_the_mid_price_is_known_all_along(
    series: MidSeries, one: int, other: int
) -> None:
    begin, end = sorted((one, other))
    path = MidPath(series)
    moments = [end, *(ns for ns in series.at_ns if begin < ns <= end)]
    if path.at(begin) is not None and begin < end:
        known = all(path.at(ns) is not None for ns in moments)
        assert path.whole(begin, end) is known


@given(some_mids(), st.integers(0, 100 * S), st.integers(0, 100 * S))
def test_what_is_clipped_is_the_same_within(series: MidSeries, one: int, other: int) -> None:
    begin, end = sorted((one, other))
    path, within = MidPath(series), MidPath(clipped(series, begin, end))
    for ns in (begin, (begin + end) // 2, end):
        assert within.at(ns) == path.at(ns)


def test_what_is_clipped_of_moments_begins_with_the_first_within() -> None:
    series = clipped(mids((1, "10"), (4, "20"), (9, "30"), continuous=False), 4 * S, 8 * S)
    assert series == mids((4, "20"), continuous=False)
