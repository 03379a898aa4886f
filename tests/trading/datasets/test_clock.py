"""Times of a source, corrected: laws that hold whatever the clocks were."""

from hypothesis import given
from hypothesis import strategies as st

from trading.datasets.clock import ClockCorrection, TimesTold
from trading.datasets.importers.notes import UNTOLD_NS
from trading.datasets.record import Kind
from trading.datasets.standing import BareRecord

LATENCY_NS = 1000

_kinds = st.sampled_from((Kind.TRADE, Kind.LEVEL, Kind.CLEAR))
_times = st.integers(-5000, 5000).map(lambda behind: behind) | st.none()


@st.composite
def seen(draw: st.DrawFn) -> list[BareRecord]:
    """Records in the order in which they were seen, from whichever side of the exchange's clock."""
    now, found = 10_000, []
    for late in draw(st.lists(_times, max_size=30)):
        now += draw(st.integers(0, 300))
        exch_ns = UNTOLD_NS if late is None else now - late
        found.append((exch_ns, now, 1, 1, 0, int(draw(_kinds)), 1, 0))
    return found


def corrected(records: list[BareRecord]) -> tuple[list[BareRecord], ClockCorrection]:
    told = TimesTold()
    for record in records:
        told.take(record[0], record[1])
    correction = ClockCorrection(told, LATENCY_NS)
    return list(correction.corrected(records)), correction


@given(seen())
def test_nothing_is_seen_before_it_happened_and_the_order_stays(records: list[BareRecord]) -> None:
    found, _ = corrected(records)
    assert all(exch_ns <= recv_ns for exch_ns, recv_ns, *_ in found)
    assert [each[1] for each in found] == sorted(each[1] for each in found)
    assert [each[2:] for each in found] == [each[2:] for each in records]


@given(seen())
def test_all_receive_times_are_moved_by_the_same_and_only_where_they_must(
    records: list[BareRecord],
) -> None:
    found, correction = corrected(records)
    moved = {new[1] - old[1] for new, old in zip(found, records, strict=True)}
    differences = [each[1] - each[0] for each in records if each[0] != UNTOLD_NS]
    behind = min([0, *differences])
    assert moved <= {correction.shift_ns}
    assert correction.shift_ns == (LATENCY_NS - behind if behind < 0 else 0)
    assert correction.clock().told == len(differences)


@given(seen())
def test_changes_of_a_book_happen_in_the_order_in_which_they_were_told(
    records: list[BareRecord],
) -> None:
    found, correction = corrected(records)
    book = [each[0] for each in found if each[5] != Kind.TRADE]
    assert book == sorted(book)
    raised = [
        new for new, old in zip(found, records, strict=True) if old[0] not in {UNTOLD_NS, new[0]}
    ]
    assert len(raised) == correction.moved
