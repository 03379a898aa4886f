"""Simulations see wrong designs: a small plan for one of each room, and a table of them all."""

import multiprocessing
import re
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

from engine.simulation.batch import Task
from tests.wrong_designs.designs import DESIGNS, ROOMS
from tests.wrong_designs.hunt import ROOT, first_find, task_of, undisturbed

_PLANS = sorted(path.stem for path in (Path(__file__).parent / "plans").glob("*.toml"))
_LENGTH_S = 75.0
_SEED = 1
_ROW = re.compile(r"^\| `(\w+)` \| (.+) \| (I\d+) \| (\d+) \|", re.MULTILINE)


def _task(plan: str) -> Task:
    return task_of(_LENGTH_S / 3600, str(Path(__file__).parent / "plans" / f"{plan}.toml"))


def test_a_plan_finds_its_wrong_design_and_nothing_without_it() -> None:
    fresh = multiprocessing.get_context("spawn")
    with (
        # A design that is on stays on: each has a process of its own.
        ProcessPoolExecutor(2, mp_context=fresh, max_tasks_per_child=1) as wrong,
        ProcessPoolExecutor(1, mp_context=fresh) as right,
    ):
        without = {plan: right.submit(undisturbed, _SEED, _task(plan)) for plan in _PLANS}
        finds = {plan: wrong.submit(first_find, plan, (_SEED,), _task(plan)) for plan in _PLANS}
        missed = [plan for plan, find in finds.items() if find.result() is None]
        false_alarms = [plan for plan, invariant in without.items() if invariant.result()]
    assert not missed
    assert not false_alarms


def test_one_of_each_room_has_a_plan() -> None:
    assert all(designs.keys() & set(_PLANS) for designs in ROOMS.values())


def test_the_table_tells_of_every_wrong_design_what_it_does_and_which_seed_finds_it() -> None:
    text = (ROOT / "docs" / "wrong-designs.md").read_text(encoding="utf-8")
    rows = {name: (says, int(seed)) for name, says, _, seed in _ROW.findall(text)}
    assert {name: says for name, (says, _) in rows.items()} == {
        name: design.says for name, design in DESIGNS.items()
    }
    assert all(1 <= seed <= 50 for _, seed in rows.values())
