"""The rate budget: never above a maximum, and always room for what matters more."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trading.venues.rate_limits import Priority, RateBudget, RateLimit, retry_after_s

LIMIT = RateLimit(lane="place", maximum=10, window_s=1)
CANCELS = RateLimit(lane="cancel", maximum=4, window_s=60)


def taken(budget: RateBudget, priority: Priority, *, at: float = 0.0) -> int:
    """How many requests of a kind find room at one moment."""
    count = 0
    while budget.take(["place"], priority, at) == 0:
        count += 1
    return count


def test_a_window_takes_its_maximum_of_cancels_and_says_when_it_is_over() -> None:
    budget = RateBudget([LIMIT])
    assert taken(budget, Priority.CANCEL, at=5.0) == LIMIT.maximum
    assert budget.take(["place"], Priority.CANCEL, 5.25) == 0.75
    assert budget.take(["place"], Priority.CANCEL, 6.0) == 0


def test_a_weighted_lane_counts_what_requests_weigh_and_any_other_counts_requests() -> None:
    weights = RateLimit(lane="weight", maximum=100, window_s=60, weighted=True)
    budget, lanes = RateBudget([weights, LIMIT]), ["weight", "place"]
    assert budget.take(lanes, Priority.QUERY, 0.0, weight=50) == 0
    assert budget.take(lanes, Priority.QUERY, 0.0, weight=10) == 0
    assert budget.take(lanes, Priority.QUERY, 0.25, weight=1) == 59.75
    assert budget.take(lanes, Priority.CANCEL, 0.25, weight=40) == 0
    use = budget.use_at(0.5)
    assert (use["weight"].used, use["place"].used) == (100, 3)


def test_a_request_that_weighs_more_than_its_share_leaves_when_nothing_else_has() -> None:
    budget = RateBudget([RateLimit(lane="weight", maximum=100, window_s=60, weighted=True)])
    assert budget.take(["weight"], Priority.QUERY, 0.0, weight=250) == 0
    assert budget.take(["weight"], Priority.CANCEL, 1.0, weight=1) == 59
    assert budget.take(["weight"], Priority.QUERY, 60.0, weight=250) == 0


def test_each_kind_leaves_room_for_those_before_it() -> None:
    budget = RateBudget([LIMIT])
    rising = [Priority.QUERY, Priority.NEW, Priority.REPLACE, Priority.REDUCE, Priority.CANCEL]
    assert [taken(budget, priority) for priority in rising] == [6, 1, 1, 1, 1]


def test_a_request_counts_in_all_of_its_lanes_or_in_none() -> None:
    budget = RateBudget([LIMIT, CANCELS])
    for _ in range(CANCELS.maximum):
        assert budget.take(["place", "cancel"], Priority.CANCEL, 0.0) == 0
    assert budget.take(["place", "cancel"], Priority.CANCEL, 0.5) == 59.5
    use = budget.use_at(0.5)
    assert (use["place"].used, use["place"].turned_away) == (4, 0)
    assert (use["cancel"].used, use["cancel"].turned_away) == (4, 1)


def test_a_lane_without_a_limit_has_room_always() -> None:
    assert RateBudget([]).take(["place"], Priority.QUERY, 0.0) == 0


def test_a_complaint_closes_a_lane_for_as_long_as_the_venue_asks() -> None:
    budget = RateBudget([LIMIT, CANCELS])
    budget.close(["place", "unheard of"], 7.0, 100.0)
    assert budget.take(["place"], Priority.CANCEL, 101.0) == 6.0
    assert budget.use_at(101.0)["place"].closed_for_s == 6.0
    assert budget.take(["cancel"], Priority.CANCEL, 101.0) == 0
    assert budget.take(["place"], Priority.CANCEL, 107.0) == 0


def test_a_complaint_without_a_time_closes_for_a_whole_window_and_never_shortens() -> None:
    budget = RateBudget([CANCELS])
    budget.close(["cancel"], None, 0.0)
    budget.close(["cancel"], 1.0, 0.0)
    assert budget.take(["cancel"], Priority.CANCEL, 0.0) == 60.0


def test_the_smallest_lane_is_shut_to_nobody() -> None:
    budget = RateBudget([RateLimit(lane="place", maximum=1, window_s=1)])
    assert budget.take(["place"], Priority.QUERY, 0.0) == 0


@given(
    st.lists(
        st.tuples(st.floats(0, 0.3), st.sampled_from(list(Priority))), min_size=1, max_size=200
    )
)
def test_no_window_of_the_venues_ever_sees_more_than_twice_our_maximum(
    requests: list[tuple[float, Priority]],
) -> None:
    budget, now, passed = RateBudget([LIMIT]), 0.0, list[float]()
    for pause, priority in requests:
        now += pause
        if budget.take(["place"], priority, now) == 0:
            passed.append(now)
    for start in passed:
        assert sum(start <= at < start + LIMIT.window_s for at in passed) <= 2 * LIMIT.maximum


@given(st.lists(st.sampled_from([p for p in Priority if p is not Priority.CANCEL]), max_size=50))
def test_a_cancel_finds_room_whatever_else_was_asked_for(others: list[Priority]) -> None:
    budget = RateBudget([LIMIT])
    for priority in others:
        budget.take(["place"], priority, 0.0)
    assert budget.take(["place"], Priority.CANCEL, 0.0) == 0


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        ("30", 30.0),
        (" 7 ", 7.0),
        ("0", 0.0),
        ("301", 301.0),
        ("3600", 3600.0),
        ("86401", 86400.0),
        ("9" * 400, 86400.0),
        ("Wed, 21 Oct 2026 07:28:00 GMT", None),
        ("-1", None),
        ("1.5", None),
        ("\u0663", None),
        ("", None),
        (None, None),
    ],
)
def test_a_wish_for_silence_is_read_strictly(header: str | None, seconds: float | None) -> None:
    assert retry_after_s(header) == seconds


_DATE = "Wed, 21 Oct 2026 07:28:00 GMT"


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        ("Wed, 21 Oct 2026 07:30:05 GMT", 125.0),
        ("Wednesday, 21-Oct-26 07:28:09 GMT", 9.0),  # RFC 850's
        ("Wed Oct 21 07:28:30 2026", 30.0),  # asctime's
        ("Wed, 21 Oct 2026 09:28:30 +0200", 30.0),
        ("Wed, 21 Oct 2026 07:00:00 GMT", 0.0),
        ("Wed, 21 Oct 2099 07:28:00 GMT", 86400.0),
        ("Wed, 21 Oct 2026", None),
        ("Wed, 99 Oct 2026 07:28:00 GMT", None),
    ],
)
def test_a_moment_is_measured_by_the_date_of_the_same_answer(
    header: str, seconds: float | None
) -> None:
    assert retry_after_s(header, _DATE) == seconds


@given(header=st.text(max_size=80), date=st.text(max_size=80))
def test_no_header_is_worse_than_none(header: str, date: str) -> None:
    seconds = retry_after_s(header, date)
    assert seconds is None or 0 <= seconds <= 86400
