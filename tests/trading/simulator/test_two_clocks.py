"""What happens at the exchange, and what is seen of it, each in its order."""

from hypothesis import given
from hypothesis import strategies as st

from tests.support.recorded_market import S, ask, bid, sold
from trading.simulator.market.two_clocks import Row, TwoClocks, told_at_once

_MS = 1_000_000


@st.composite
def recordings(draw: st.DrawFn) -> list[Row]:
    """Records in the order in which they were seen, some of them dated wildly."""
    seen, rows = 0, []
    for number in range(draw(st.integers(0, 30))):
        seen += draw(st.integers(0, 300)) * _MS
        happened = seen - draw(st.integers(-50, 900)) * _MS
        kind = draw(st.sampled_from([bid, ask, sold]))
        rows.append(kind(happened / S, 100, number + 1, seen_s=seen / S))
    return rows


def _dealt(clocks: TwoClocks) -> tuple[list[list[Row]], list[Row]]:
    """What happened, moment by moment, and what was seen; the earlier of both first."""
    happened: list[list[Row]] = []
    seen: list[Row] = []
    known: set[int] = set()
    now = 0
    while clocks.happens_ns is not None or clocks.seen_ns is not None:
        due = [at for at in (clocks.happens_ns, clocks.seen_ns) if at is not None]
        now = max(now, min(due))
        if clocks.happens_ns is not None and clocks.happens_ns <= now:
            moment = [row for told in clocks.happen() for row in told.rows]
            happened.append(moment)
            known.update(row[3] for row in moment)
            continue
        told = clocks.see()
        assert all(row[3] in known for row in told.rows), "it was seen before it happened"
        seen += told.rows
    return happened, seen


@given(recordings(), st.sampled_from([0, 40 * _MS]), st.sampled_from([1, 100 * _MS, 5 * S]))
def test_everything_happens_once_and_is_seen_once_and_later(
    rows: list[Row], level_wait_ns: int, reach_ns: int
) -> None:
    happened, seen = _dealt(TwoClocks(told_at_once(rows), level_wait_ns, reach_ns))
    assert seen == rows
    assert sorted(row[3] for moment in happened for row in moment) == [row[3] for row in rows]
    for moment in happened:
        kinds = [row[5] == sold(0, 1, 1)[5] for row in moment]
        assert kinds == sorted(kinds, reverse=True), "trades go first"
    levels = [row[3] for moment in happened for row in moment if row[5] != sold(0, 1, 1)[5]]
    assert levels == sorted(levels), "a book's feed keeps its order"


@given(recordings())
def test_with_reach_enough_what_happens_is_in_the_exchange_s_order(rows: list[Row]) -> None:
    happened, _ = _dealt(TwoClocks(told_at_once(rows)))
    trades = [
        min(row[0], row[1]) for moment in happened for row in moment if row[5] == sold(0, 1, 1)[5]
    ]
    assert trades == sorted(trades)


def test_records_are_told_at_once_up_to_the_one_that_says_so() -> None:
    first, second = bid(1, 100, 1), bid(1, 99, 1)
    assert list(told_at_once([first, second])) == [[first], [second]]
    open_ended = (*first[:7], 0)
    assert list(told_at_once([open_ended, second])) == [[open_ended, second]]
    assert list(told_at_once([open_ended, bid(2, 99, 1)])) == [[open_ended], [bid(2, 99, 1)]]
