"""The venue's clock from a few looks at it."""

from hypothesis import given
from hypothesis import strategies as st

from trading.readiness.clock_offset import (
    ClockLimits,
    ClockOffset,
    ClockSample,
    bears_out,
    doubt,
    estimate,
)

MS = 1_000_000

OFFSETS_MS = st.integers(-100_000, 100_000)
TRIPS = st.lists(st.tuples(st.integers(0, 400), st.floats(0, 1)), min_size=1, max_size=9)
"""Milliseconds that a look takes, and the share of them after which the clock is read."""


def look(offset_ms: int, trip_ms: int, share: float = 0.5, at_ms: int = 0) -> ClockSample:
    """A look at a clock that is ahead by ``offset_ms``, read after ``share`` of the trip."""
    return ClockSample(
        sent_ns=at_ms * MS,
        received_ns=(at_ms + trip_ms) * MS,
        venue_ns=round((at_ms + trip_ms * share + offset_ms) * MS),
    )


def test_symmetric_trips_tell_the_offset_exactly() -> None:
    offset = estimate([look(250, trip) for trip in (10, 80, 200)])
    assert offset is not None
    assert (offset.offset_ms, offset.samples) == (250, 3)
    assert offset.uncertainty_ms == 40


@given(OFFSETS_MS, TRIPS)
def test_one_look_is_never_wrong_by_more_than_half_its_trip(
    offset_ms: int, trips: list[tuple[int, float]]
) -> None:
    for trip, share in trips:
        sample = look(offset_ms, trip, share)
        assert abs(sample.offset_ns - offset_ms * MS) <= sample.uncertainty_ns + 1


@given(OFFSETS_MS, TRIPS)
def test_a_clock_that_nobody_sets_is_borne_out_by_every_look(
    offset_ms: int, trips: list[tuple[int, float]]
) -> None:
    known = ClockOffset(offset_ms=offset_ms, uncertainty_ms=0.0, samples=3)
    assert all(bears_out(look(offset_ms, trip, share), known) for trip, share in trips)


def test_a_clock_that_was_set_meanwhile_is_not_borne_out() -> None:
    known = ClockOffset(offset_ms=250, uncertainty_ms=10, samples=3)
    assert bears_out(look(250, 20), known)
    assert not bears_out(look(290, 20), known)
    assert not bears_out(ClockSample(sent_ns=10, received_ns=5, venue_ns=7), known)


def test_a_few_slow_looks_do_not_spoil_the_median() -> None:
    offset = estimate([look(5, 10), look(5, 12), look(5, 8), look(5, 5000, 1.0), look(5, 10)])
    assert offset is not None
    assert abs(offset.offset_ms - 5) <= 1
    assert doubt(offset, ClockLimits()) is None


def test_a_look_during_which_our_clock_was_set_back_counts_for_nothing() -> None:
    assert estimate([ClockSample(sent_ns=10, received_ns=5, venue_ns=7)]) is None
    assert estimate([]) is None


def test_every_doubt_says_what_is_wrong_and_by_how_much() -> None:
    limits = ClockLimits()
    good = ClockOffset(offset_ms=3, uncertainty_ms=20, samples=5)
    assert doubt(good, limits) is None
    assert "asked often enough" in (doubt(None, limits) or "")
    few = ClockOffset(offset_ms=3, uncertainty_ms=20, samples=2)
    assert "asked often enough" in (doubt(few, limits) or "")
    vague = ClockOffset(offset_ms=3, uncertainty_ms=900, samples=5)
    assert "900 ms only" in (doubt(vague, limits) or "")
    behind = ClockOffset(offset_ms=30_000, uncertainty_ms=20, samples=5)
    assert "-30000 ms off" in (doubt(behind, limits) or "")
