"""Markouts of a made dataset are those of a hand calculation."""

from decimal import Decimal

import pytest
from hypothesis import given, settings

from tests.support.runs import D, S, a_path, a_run_fill, some_runs
from trading.core.market import Side
from trading.datasets.record import Flags, Kind, Record, RecordSide
from trading.research.dataset_mids import BareRecord, mids_of
from trading.research.figures import mid_path
from trading.research.markouts import NO_FILLS, Markout, markout
from trading.research.mid_path import MidPath
from trading.research.result import Run
from trading.research.stated import NotStated, stated
from trading.research.worth import captured

TICK = D("0.01")


def level(second: float, side: RecordSide, ticks: int, lots: int = 5) -> BareRecord:
    at_ns = int(second * S)
    kind, flags = int(Kind.LEVEL), int(Flags.LAST)
    return tuple(Record(at_ns, at_ns + 7, ticks, lots, 0, kind, int(side), flags))  # type: ignore[return-value]


def test_markouts_of_a_made_dataset_equal_a_hand_calculation() -> None:
    """
    The book, in ticks of 0.01, and two fills.

    0 s bid 9990, ask 10010: mid 100.00
    3 s bid 10010 and ask 10030: mid 100.20
    20 s ask 10050: mid 100.30
    100 s bid 9990 is back alone: bid 9990, ask 10050: mid 100.20; the dataset ends at 101 s

    A buy of 2 at 99.95 at 1 s: m⁻ 100.00.
      h = 1: 100.00, + 0.05 x 2 = 0.10
      h = 5 (6 s): 100.20, + 0.25 x 2 = 0.50
      h = 30 (31 s): 100.30, + 0.35 x 2 = 0.70
      h = 60 (61 s): 100.30, the same
    A sale of 3 at 100.40 at 45 s: m⁻ 100.30.
      h = 1, 5, 30: 100.30, 0.10 x 3 = 0.30
      h = 60 (105 s): past the end, left out
    """
    records = [
        level(0, RecordSide.BUY, 9990),
        level(0, RecordSide.SELL, 10010),
        level(3, RecordSide.SELL, 10010, 0),
        level(3, RecordSide.SELL, 10030),
        level(3, RecordSide.BUY, 10010),
        level(20, RecordSide.SELL, 10030, 0),
        level(20, RecordSide.SELL, 10050),
        level(100, RecordSide.BUY, 10010, 0),
        level(101, RecordSide.BUY, 9000),
    ]
    path = MidPath(mids_of(records, TICK))
    fills = [a_run_fill(1, Side.BUY, "99.95", "2"), a_run_fill(45, Side.SELL, "100.40", "3")]
    found = [stated(markout(fills, path, horizon)) for horizon in (1, 5, 30, 60)]
    assert [one.money for one in found] == [D("0.40"), D("0.80"), D("1.00"), D("0.70")]
    assert [(one.fills, one.left_out) for one in found] == [(2, 0), (2, 0), (2, 0), (1, 1)]
    paid = D("99.95") * 2 + D("100.40") * 3
    assert [round(one.bps, 9) for one in found[:3]] == [
        round(float(money / paid * 10_000), 9) for money in (D("0.40"), D("0.80"), D("1.00"))
    ]
    assert round(found[3].bps, 9) == round(float(D("0.70") / (D("99.95") * 2) * 10_000), 9)
    # captured: 0.05 x 2 + 0.10 x 3 = 0.40; of the buy alone 0.10
    assert stated(captured(fills, path)).money == D("0.40")
    assert [one.adverse for one in found] == [D(0), D("0.40"), D("0.60"), D("0.60")]


def test_a_fill_whose_time_lies_across_a_gap_is_left_out_and_counted() -> None:
    path = a_path((0, "100"), (5, None), (6, "101"), until=100)
    fills = [a_run_fill(4, Side.BUY, "100", "1"), a_run_fill(7, Side.BUY, "100", "1")]
    found = stated(markout(fills, path, 5))
    assert (found.fills, found.left_out, found.money) == (1, 1, D(1))


def test_a_fill_in_a_gap_has_a_markout_only_where_the_gap_is_over() -> None:
    path = a_path((0, "100"), (5, None), (6, "101"), until=100)
    assert isinstance(markout([a_run_fill(5.5, Side.BUY, "100", "1")], path, 1), NotStated)


def test_the_first_fill_without_a_mid_price_before_it_has_a_markout_and_no_adverse_selection() -> (
    None
):
    found = stated(markout([a_run_fill(1, Side.BUY, "100", "1")], a_path((2, "101"), until=9), 1))
    assert found.money == D(1)
    assert isinstance(found.adverse, NotStated)


def test_there_is_no_markout_without_fills() -> None:
    assert markout([], a_path((0, "100"), until=100), 1) == NO_FILLS


@settings(max_examples=50)
@given(some_runs())
def test_adverse_selection_is_the_markout_less_what_the_same_fills_captured(run: Run) -> None:
    path = mid_path(run)
    for horizon in (1, 60):
        found = markout(run.fills, path, horizon)
        if isinstance(found, NotStated):
            continue
        assert found.fills + found.left_out == len(run.fills)
        assert path is not None
        later = horizon * S
        counted = [
            fill
            for fill in run.fills
            if path.whole(fill.at_ns, fill.at_ns + later) and path.at(fill.at_ns + later)
        ]
        assert len(counted) == found.fills
        spread = stated(captured(counted, path))
        if spread.fills == len(counted):
            assert found.adverse == found.money - spread.money


@pytest.mark.parametrize("side", Side)
def test_a_price_that_stands_still_makes_a_markout_what_was_captured(side: Side) -> None:
    path = a_path((0, "100"), until=1000)
    fills = [a_run_fill(second, side, "99.5", "3") for second in range(1, 9)]
    found = markout(fills, path, 30)
    assert isinstance(found, Markout)
    assert found.money == stated(captured(fills, path)).money
    assert found.adverse == Decimal(0)
