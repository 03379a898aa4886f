"""What simulations have found, kept as plans with the seeds that showed it (docs/simulation.md)."""

from pathlib import Path

import attrs
import pytest

from engine.simulation.text import outcome_text
from tests.simulation.test_seeds import a_task

PLANS = Path(__file__).parent / "plans"
FOUND = {
    "impossible_numbers": 1,
    "unreadable_answers": 1,
    "missing_fields": 2,
    "two_names_of_a_fill": 1,
    "never_sent": 1,
}
LENGTH_S = 261.0


def test_each_plan_has_its_seed() -> None:
    assert {path.stem for path in PLANS.glob("*.toml")} == FOUND.keys()


@pytest.mark.parametrize("name", FOUND)
def test_what_was_found_once_is_not_found_again(name: str) -> None:
    task = attrs.evolve(a_task(), faults=str(PLANS / f"{name}.toml"), length_s=LENGTH_S)
    outcome = task.run(FOUND[name])
    assert outcome.violation is None, outcome_text(outcome, "engine simulate")
    assert outcome.faults
