"""Latency models: read, written and asked."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trading.backtest.latency import (
    ConstantLatency,
    FeedLatency,
    Latency,
    Measured,
    MeasuredLatency,
    parse_latency,
)

_MS = 1_000_000
_SAMPLES = (Measured(1000, 5, 7), Measured(2000, 50, 70))


def _measured(session: str) -> tuple[Measured, ...]:
    assert session == "4711"
    return _SAMPLES


_ANY = st.one_of(
    st.builds(ConstantLatency, st.integers(1, 10**12), st.integers(1, 10**12)),
    st.builds(FeedLatency, st.integers(1, 99).map(float)),
    st.just(MeasuredLatency("4711", _SAMPLES)),
)


@given(_ANY)
def test_what_is_written_is_read_as_the_same(latency: Latency) -> None:
    assert parse_latency(str(latency), _measured) == latency


def test_times_have_units() -> None:
    assert parse_latency("constant:1.5ms,0.2s") == ConstantLatency(1_500_000, 200 * _MS)
    assert str(ConstantLatency(1_500_000, 200 * _MS)) == "constant:1500us,200ms"
    assert str(ConstantLatency()) == "constant:50ms,50ms"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "50ms",
        "constant",
        "constant:",
        "constant:50ms",
        "constant:50,50",
        "constant:0ms,50ms",
        "constant:0.1ns,50ms",
        "constant:-1ms,50ms",
        "constant:50ms,50ms,50ms",
        "feed:0",
        "feed:nan",
        "feed:x",
        "measured:",
        "none:1",
    ],
)
def test_everything_else_is_refused_with_the_right_form(text: str) -> None:
    with pytest.raises(ValueError, match=r"constant:|feed:"):
        parse_latency(text, _measured)


def test_without_sessions_nothing_is_measured() -> None:
    with pytest.raises(ValueError, match="no sessions"):
        parse_latency("measured:4711")


@pytest.mark.parametrize("samples", [(), _SAMPLES[::-1], (Measured(1, 0, 1),)])
def test_measured_latencies_are_some_in_order_and_take_time(samples: tuple[Measured, ...]) -> None:
    with pytest.raises(ValueError, match=r"no order|in order|above zero"):
        MeasuredLatency("4711", samples)


def test_the_measured_order_that_is_nearest_in_time_counts() -> None:
    latency = MeasuredLatency("4711", _SAMPLES)
    assert [latency.entry_ns(at, 0) for at in (0, 1499, 1501, 9999)] == [5, 5, 50, 50]
    assert latency.answer_ns(1501, 0) == 70


def test_a_slow_feed_means_slow_orders_and_never_no_time_at_all() -> None:
    latency = FeedLatency(1.5)
    assert latency.entry_ns(0, 10 * _MS) == latency.answer_ns(0, 10 * _MS) == 15 * _MS
    assert latency.entry_ns(0, 0) == _MS
