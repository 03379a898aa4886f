"""Simulated engines record too, and what they recorded decides the same again, killed or not."""

from pathlib import Path

from engine.simulation.batch import Task
from engine.simulation.recordings import MemoryRecordings
from engine.simulation.simulation import simulate
from tests.support.recorded_session import replayed

THREE = Path(__file__).with_name("three_strategies.toml")
KILLED = """
calms = [[110, 180]]
[[episode]]
at_s = 60
fault = "P01"
for_s = 0
[[episode]]
at_s = 80
fault = "P14"
for_s = 20
"""
"""Killed after a minute; later an actor is crashed."""


def test_sessions_of_engines_in_trouble_are_replayed_without_a_difference(tmp_path: Path) -> None:
    plan_file, found = tmp_path / "killed.toml", MemoryRecordings()
    plan_file.write_text(KILLED)
    task = Task(
        config=str(THREE),
        overrides=("recording.enabled=true",),
        own_configuration=True,
        faults=str(plan_file),
        length_s=180.0,
    )
    plan = task.plan(1)
    outcome = simulate(task.settings(plan), 1, plan, recordings=found)
    assert outcome.violation is None
    killed, ended = (
        replayed(session, books=True) for session in found.all_copied_to(tmp_path / "found")
    )
    assert (killed.end.ended, ended.end.ended) == (False, True)
    for report in (killed, ended):
        assert report.same
        assert len(report.tallies) == 3
        for tally in report.tallies.values():
            assert tally.judged == tally.looks > 20
        assert report.books is not None
        assert report.books.compared > 50
