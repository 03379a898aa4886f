"""Sweeps: each cell once, whatever dies; the best beside others."""

import errno
from decimal import Decimal
from pathlib import Path

import pytest
from typing_extensions import override

from config.source.problems import ConfigurationProblems
from engine.backtest.refusal import NoBacktest
from engine.sweep.driver import Driver, SweepBrokenOff
from engine.sweep.page import sweep_page
from engine.sweep.standing import rank_correlation
from engine.sweep.store import Store
from engine.sweep.sweeping import sweep
from engine.sweep.text import sweep_lines, sweep_values
from tests.engine.sweep.sweep_rig import PLAN, SAMPLE, AtOnce, a_driver, planned
from tests.support.extras import extra


def files(folder: Path) -> dict[str, bytes]:
    return {str(file.relative_to(folder)): file.read_bytes() for file in folder.rglob("*.json")}


def test_each_cell_is_run_once_also_when_the_sweep_is_run_again(tmp_path: Path) -> None:
    planning, chosen = planned(tmp_path)
    first, again = AtOnce(), AtOnce()
    swept = sweep(planning, chosen, a_driver(first, Store(tmp_path / "out")), 2)
    before = files(tmp_path / "out")
    resumed = sweep(planning, chosen, a_driver(again, Store(tmp_path / "out")), 2)
    assert (len(first.requests), len(again.requests)) == (4, 0)
    assert len(before) == swept.cells == 4
    assert files(tmp_path / "out") == before
    objective = planning.plan.objective
    assert sweep_values(swept, objective) == sweep_values(resumed, objective)


def test_a_damaged_cell_is_run_again(tmp_path: Path) -> None:
    planning, chosen = planned(tmp_path)
    sweep(planning, chosen, a_driver(AtOnce(), Store(tmp_path)), 2)
    before = files(tmp_path)
    damaged = min((tmp_path / "cells").iterdir())
    damaged.write_bytes(damaged.read_bytes()[:100])
    again = AtOnce()
    sweep(planning, chosen, a_driver(again, Store(tmp_path)), 2)
    assert len(again.requests) == 1
    assert files(tmp_path) == before


def test_a_cell_whose_worker_dies_twice_has_the_result_that_it_would_have_had(
    tmp_path: Path,
) -> None:
    planning, chosen = planned(tmp_path)
    sweep(planning, chosen, a_driver(AtOnce(), Store(tmp_path / "calm")), 2)
    runner = AtOnce(deaths={1: 2})
    swept = sweep(planning, chosen, a_driver(runner, Store(tmp_path / "killed")), 2)
    assert not swept.failed
    assert len(runner.requests) == 6
    assert files(tmp_path / "calm") == files(tmp_path / "killed")


def test_after_three_deaths_a_cell_has_failed_and_the_others_are_finished(tmp_path: Path) -> None:
    planning, chosen = planned(tmp_path)
    swept = sweep(planning, chosen, a_driver(AtOnce(deaths={1: 3}), Store(tmp_path)), 2)
    [reason] = swept.failed.values()
    assert reason == "its worker died 3 times, the last time: its process ended with -9"
    assert len(files(tmp_path)) == 3
    assert any("its worker died" in line for line in sweep_lines(swept, planning.plan.objective))


def test_a_broken_off_sweep_keeps_what_is_finished(tmp_path: Path) -> None:
    planning, chosen = planned(tmp_path)
    runner, looks = AtOnce(), iter([False, True])
    runner.slots = 1
    driver = Driver(
        runner,
        Store(tmp_path),
        deadline_s=60.0,
        broken_off=lambda: next(looks),
        done=lambda: None,
    )
    with pytest.raises(SweepBrokenOff):
        sweep(planning, chosen, driver, 2)
    assert runner.stopped
    assert len(runner.requests) == len(files(tmp_path)) == driver.ran == 2


class FullDisk(Store):
    """Takes two results, and no more."""

    taken = 0

    @override
    def write(self, key: str, result: bytes) -> None:
        if self.taken == 2:
            raise OSError(errno.ENOSPC, "No space left on device")
        self.taken += 1
        super().write(key, result)


def test_a_full_disk_ends_a_sweep_and_loses_no_finished_cell(tmp_path: Path) -> None:
    planning, chosen = planned(tmp_path)
    runner = AtOnce()
    with pytest.raises(OSError, match="No space left"):
        sweep(planning, chosen, a_driver(runner, FullDisk(tmp_path)), 2)
    assert runner.stopped
    assert len(files(tmp_path)) == 2
    again = AtOnce()
    sweep(planning, chosen, a_driver(again, Store(tmp_path)), 2)
    assert len(again.requests) == 2


def test_a_value_that_no_candidate_can_have_is_named_where_it_stands_in_the_plan(
    tmp_path: Path,
) -> None:
    with pytest.raises(ConfigurationProblems) as refused:
        planned(tmp_path, PLAN.replace('"0.1 %"]', '"0.1"]'))
    assert "plan.toml:5:1" in str(refused.value)
    assert "bid_spread" in str(refused.value)
    with pytest.raises(ConfigurationProblems, match="is not a known key"):
        planned(tmp_path, PLAN.replace("bid_spread", "bid_spred"))


def test_the_best_are_judged_on_another_span_beside_others(tmp_path: Path) -> None:
    text = PLAN.replace(f'"{SAMPLE}"', f'"{SAMPLE}@..+60"').replace("net_after_60s", "net")
    planning, chosen = planned(tmp_path, f'{text}[test]\ndata = "{SAMPLE}@+60..+119"\n')
    swept = sweep(planning, chosen, a_driver(AtOnce(), Store(tmp_path / "out")), 2)
    assert len(swept.tested) == 4
    assert swept.cells == 8
    assert swept.correlation is not None
    assert -1 <= swept.correlation <= 1
    text = "\n".join(sweep_lines(swept, planning.plan.objective))
    assert "on test" in text
    assert "drawn at random beside them" in text
    assert "correlation of the ranks of these 4" in text
    page = sweep_page(swept, planning.plan.objective)
    assert "<script" not in page


def test_what_was_chosen_by_cannot_judge(tmp_path: Path) -> None:
    text = PLAN.replace(f'"{SAMPLE}"', f'"{SAMPLE}@..+60"')
    with pytest.raises(NoBacktest, match="share a part of"):
        planned(tmp_path, f'{text}[test]\ndata = "{SAMPLE}@+50..+119"\n')
    with pytest.raises(NoBacktest, match="is no moment"):
        planned(tmp_path, PLAN.replace(f'"{SAMPLE}"', f'"{SAMPLE}@..noon"'))


def test_a_correlation_of_ranks_is_that_of_spearman() -> None:
    def of(*pairs: tuple[int, int]) -> float | None:
        return rank_correlation([(Decimal(a), Decimal(b)) for a, b in pairs])

    assert of((1, 10), (2, 20), (3, 35)) == pytest.approx(1.0)
    assert of((1, 3), (2, 2), (3, 1)) == pytest.approx(-1.0)
    # By hand: ranks 1 2 3 4 and 2 1 4 3, so 1 - 6 * 4 / (4 * 15).
    assert of((1, 2), (2, 1), (3, 4), (4, 3)) == pytest.approx(0.6)
    assert of((1, 1), (2, 1), (3, 1)) is None
    assert of((1, 1), (2, 2)) is None


def test_a_search_that_learns_repeats_itself(tmp_path: Path) -> None:
    extra("optuna", "search")
    text = PLAN.replace("[space]", '[search]\nkind = "tpe"\ntrials = 6\n[space]')
    asked = []
    for name in ("one", "other"):
        planning = planned(tmp_path, text)[0]
        runner = AtOnce()
        sweep(planning, [], a_driver(runner, Store(tmp_path / name)), 2)
        asked.append(runner.requests)
    assert asked[0] == asked[1]
    assert files(tmp_path / "one") == files(tmp_path / "other")
