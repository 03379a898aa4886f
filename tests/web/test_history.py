"""Rings of figures, bars of states, and ages as moments: bounded, in order, with their gaps."""

import math

from engine.web.bars import RUNS_MAX, Bar, Run
from engine.web.history import COLUMNS, Ring
from engine.web.moments import Moments


def row(at: float, mid: float = 1.0) -> list[float]:
    return [at, mid, *(0.0 for _ in COLUMNS[2:])]


def test_a_row_of_the_same_second_replaces_the_one_before() -> None:
    ring = Ring()
    for at in (10.0, 10.5, 11.0, 11.4, 11.9):
        ring.add(row(at))
    assert list(ring.columns(0, 99)[0]) == [10.5, 11.9]


def test_a_row_from_the_past_is_left_out() -> None:
    ring = Ring()
    ring.add(row(10.0))
    ring.add(row(9.0))
    ring.add(row(10.0, 5.0))
    assert list(ring.columns(0, 99)[1]) == [1.0]


def test_a_time_in_which_nobody_looked_is_a_gap() -> None:
    ring = Ring()
    ring.add(row(10.0))
    ring.add(row(100.0))
    times, mids = ring.columns(0, 999)[:2]
    assert list(times) == [10.0, 11.0, 100.0]
    assert math.isnan(mids[1])


def test_a_full_ring_forgets_the_oldest_and_stays_as_large_as_it_is() -> None:
    ring = Ring(rows_max=100)
    for at in range(1_000):
        ring.add(row(float(at)))
    assert len(ring) == 100
    assert list(ring.columns(0, 9e9)[0]) == [float(at) for at in range(900, 1_000)]


def test_a_bucket_has_its_last_row_and_the_extremes_of_its_mid_prices() -> None:
    ring = Ring()
    for at in range(10):
        ring.add(row(float(at), math.nan if at == 3 else float(at)))
    series = ring.series(0, 99, points=2)
    assert series["time"] == [4.0, 9.0]
    assert series["mid"] == [4.0, 9.0]
    assert (series["mid_min"], series["mid_max"]) == ([0.0, 5.0], [4.0, 9.0])


def test_few_rows_are_given_as_they_are() -> None:
    ring = Ring()
    for at in range(10):
        ring.add(row(float(at)))
    assert ring.series(2, 5, points=100)["time"] == [2.0, 3.0, 4.0, 5.0]


def test_a_figure_is_that_of_the_row_before_a_moment() -> None:
    ring = Ring()
    assert math.isnan(ring.at("mid", 5.0))
    ring.add(row(10.0, 7.0))
    assert math.isnan(ring.at("mid", 9.9))
    assert ring.at("mid", 10.0) == ring.at("mid", 12.0) == 7.0


def test_equal_states_are_one_run_and_another_state_begins_where_it_ends() -> None:
    bar = Bar()
    begun = [
        bar.saw(Run(at, at, kind), gap_ms=5_000)
        for at, kind in ((0, "quoting"), (500, "quoting"), (1_000, "waits"), (1_500, "waits"))
    ]
    assert begun == [True, False, True, False]
    assert [run.short() for run in bar.runs] == [
        [0, 1_000, "quoting", ""],
        [1_000, 1_500, "waits", ""],
    ]


def test_what_held_while_nobody_looked_is_not_known() -> None:
    bar = Bar()
    bar.saw(Run(0, 0, "quoting"), gap_ms=5_000)
    bar.saw(Run(60_000, 60_000, "quoting"), gap_ms=5_000)
    assert [run.short()[:2] for run in bar.runs] == [[0, 0], [60_000, 60_000]]
    assert bar.at(30_000) is None
    assert bar.at(60_000) is bar.runs[1]


def looked_at(*seen: tuple[int, str]) -> Bar:
    bar = Bar()
    for at, kind in seen:
        bar.saw(Run(at, at, kind), gap_ms=5_000)
    return bar


def test_a_lapse_between_two_looks_is_drawn_once_the_log_tells_of_it() -> None:
    bar = looked_at((0, "quoting"), (500, "quoting"), (1_000, "quoting"))
    assert [run.short()[:3] for run in bar.told(Run(600, 600, "missing"))] == [
        [600, 1_000, "missing"]
    ]
    assert [run.short()[:3] for run in bar.told(Run(610, 610, "quoting"))] == [
        [610, 1_000, "quoting"]
    ]
    bar.saw(Run(1_500, 1_500, "quoting"), gap_ms=5_000)
    assert [run.short()[:3] for run in bar.runs] == [
        [0, 600, "quoting"],
        [600, 610, "missing"],
        [610, 1_500, "quoting"],
    ]


def test_what_a_look_has_seen_begins_when_the_log_says() -> None:
    bar = looked_at((0, "quoting"), (500, "quoting"), (1_000, "missing"))
    assert [run.short()[:3] for run in bar.told(Run(700, 700, "missing"))] == [
        [700, 1_000, "missing"]
    ]
    assert [run.short()[:3] for run in bar.runs] == [[0, 700, "quoting"], [700, 1_000, "missing"]]


def test_what_is_told_of_a_time_that_nobody_saw_changes_nothing() -> None:
    bar = looked_at((1_000, "quoting"))
    assert not bar.told(Run(500, 500, "missing"))
    assert not bar.told(Run(2_000, 2_000, "missing"))
    assert not bar.told(Run(1_000, 1_000, "quoting"))


def test_a_bar_is_bounded() -> None:
    bar = Bar()
    for at in range(RUNS_MAX + 10):
        bar.saw(Run(at, at, f"{at % 2}"), gap_ms=5_000)
    assert len(bar.runs) == RUNS_MAX


def test_a_moment_does_not_flicker_with_the_age_it_is_made_of() -> None:
    moments = Moments()
    seen = set()
    for now_ms in range(10_000, 20_000, 487):
        seen.add(moments.since("order", now_ms, round((now_ms - 9_300) / 1000, 1)))
        moments.forget_the_rest()
    assert len(seen) == 1
    assert moments.since("order", 30_000, 1.0) == 29_000
    assert moments.since("order", 30_000, None) is None
