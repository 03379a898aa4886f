"""Whatever a strategy wants, nothing leaves that is beyond its limits."""

from collections import Counter

import attrs

from engine.simulation.simulation import simulate
from engine.simulation.text import outcome_text
from tests.simulation.reckless import reckless
from tests.simulation.test_seeds import QUIET, a_task

RUNS = (("none", 1), ("swarm", 2), ("swarm", 3))
HOURS = 0.05

ALWAYS_TRIED = {
    *("price_off_tick", "quantity_off_lot", "quantity_too_small", "quantity_too_large"),
    *("notional_too_large", "balance_too_low", "would_take", "far_from_mid"),
    *("notional_limit", "too_many_orders", "base_holding_high", "base_holding_low"),
    *("too_many_instructions", "self_cross", "far_from_last_trade"),
}


def test_no_limit_is_broken_by_a_strategy_that_tries_them_all() -> None:
    refusals: Counter[str] = Counter()
    for faults, seed in RUNS:
        task = attrs.evolve(a_task(*QUIET, hours=HOURS), faults=faults)
        plan = task.plan(seed)
        outcome = simulate(reckless(task.settings(plan)), seed, plan)
        assert outcome.violation is None, outcome_text(outcome, "")
        assert outcome.orders > 5
        refusals.update(outcome.seen["refusals"])
    assert refusals.keys() >= ALWAYS_TRIED, ALWAYS_TRIED - refusals.keys()
