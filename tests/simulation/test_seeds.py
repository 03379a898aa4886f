"""Whole engines through simulated hours of trouble, all checkers looking on."""

import os
from random import Random

import pytest

from engine.simulation.batch import CALM_MARKET, PAPER, Task
from engine.simulation.text import outcome_text
from tests.support.this_commit import of_this_commit

SEEDS = 4
"""Of each commit; all of them: `engine simulate --seeds 1..200 --hours 1 --faults swarm`."""

QUIET = (
    "simulator.crowd.limit_orders_per_s=0.03",
    "simulator.crowd.lifetime_s=2000",
    "simulator.crowd.market_orders_per_s=0.02",
    "strategies.doge.order_refresh_time=60",
    "venue.balance_refresh_s=60",
    "venue.balance_age_max_s=180",
    "venue.clock_refresh_s=120",
)
"""A market in which little happens beside the trouble: an hour of it takes seconds."""


def a_task(*overrides: str, hours: float = 1.0) -> Task:
    return Task(
        config=PAPER,
        overrides=(*CALM_MARKET, *overrides),
        own_configuration=False,
        faults="swarm",
        length_s=hours * 3600.0,
    )


@pytest.mark.parametrize("seed", Random(of_this_commit()).sample(range(1, 201), SEEDS))
def test_an_hour_of_trouble_violates_nothing(seed: int) -> None:
    outcome = a_task(*QUIET).run(seed)
    assert outcome.violation is None, outcome_text(outcome, "engine simulate")
    assert outcome.simulated_s >= 3600
    assert outcome.orders
    assert outcome.faults


def test_the_seed_of_this_commit_violates_nothing() -> None:
    hours = float(os.environ.get("SIMULATED_HOURS", "0.1"))
    outcome = a_task(hours=hours).run(of_this_commit())
    assert outcome.violation is None, outcome_text(outcome, "engine simulate")
