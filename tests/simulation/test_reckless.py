"""Whatever a strategy wants, nothing leaves that is beyond its limits."""

from collections import Counter

import attrs

from engine.simulation.checks.coverage import POSSIBLE
from engine.simulation.simulation import simulate
from engine.simulation.text import outcome_text
from tests.simulation.reckless import reckless
from tests.simulation.test_seeds import QUIET, a_task

RUNS = (("none", 1), ("swarm", 2), ("swarm", 3))
HOURS = 0.05
NARROW = (
    "strategies.doge.limits.max_quote_holding=100010",
    "strategies.doge.limits.max_book_age_s=2",
)


def test_no_limit_is_broken_by_a_strategy_that_tries_them_all() -> None:
    refusals: Counter[str] = Counter()
    for faults, seed in RUNS:
        task = attrs.evolve(a_task(*QUIET, *NARROW, hours=HOURS), faults=faults)
        plan = task.plan(seed)
        outcome = simulate(reckless(task.settings(plan)), seed, plan)
        assert outcome.violation is None, outcome_text(outcome, "")
        assert outcome.orders > 5
        refusals.update(outcome.seen["refusals"])
    possible = POSSIBLE["refusals"]
    assert refusals.keys() == possible, possible ^ refusals.keys()
