"""Two clocks at one moment."""

from hypothesis import given
from hypothesis import strategies as st

from trading.journal.moment import Moment

NOW = Moment(100.0, 1_700_000_000 * 10**9)


def test_a_moment_is_found_on_the_other_clock() -> None:
    assert NOW.wall_of(90.5) == NOW.wall_ns - 9_500_000_000
    assert NOW.monotonic_of(NOW.wall_ns - 250 * 10**9) == -150.0


def test_the_future_is_now() -> None:
    assert NOW.monotonic_of(NOW.wall_ns + 10**9) == NOW.monotonic_s


@given(st.integers(0, 100_000_000))
def test_there_and_back_is_the_same_microsecond(microseconds: int) -> None:
    at = microseconds / 1e6
    assert abs(NOW.monotonic_of(NOW.wall_of(at)) - at) < 1e-6
