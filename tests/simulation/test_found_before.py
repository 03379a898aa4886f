"""
What simulations have found, kept as plans with the seeds that showed it (docs/simulation.md).

All in the market in which it was found: in another one other seeds would show it.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import attrs
import pytest

from engine.simulation.simulation import simulate
from engine.simulation.site import Conditions
from engine.simulation.swarm import Plan
from engine.simulation.text import outcome_text
from engine.simulation.trace import Trace
from tests.simulation.markets import LIVELIER
from tests.simulation.test_seeds import a_task

PLANS = Path(__file__).parent / "plans"
UNAIDED = "simulator.rules.cancel_on_disconnect_delay_s=86400"
"""The venue cancels nothing by itself."""
STRICT_TIME = "simulator.rules.timestamp_window_s=30"
"""The venue refuses what was signed longer ago."""

FOUND: Mapping[str, tuple[int, Sequence[str]]] = {
    "impossible_numbers": (1, ()),
    "unreadable_answers": (1, ()),
    "missing_fields": (2, ()),
    "two_names_of_a_fill": (1, ()),
    "never_sent": (1, ()),
    "unlisted_orders": (136, (UNAIDED,)),
    "limited_handshakes": (1, (STRICT_TIME,)),
}
LENGTH_S = 261.0


def test_each_plan_has_its_seed() -> None:
    assert {path.stem for path in PLANS.glob("*.toml")} == FOUND.keys()


@pytest.mark.parametrize("name", FOUND)
def test_what_was_found_once_is_not_found_again(name: str) -> None:
    seed, overrides = FOUND[name]
    plan = str(PLANS / f"{name}.toml")
    outcome = attrs.evolve(a_task(*LIVELIER, *overrides), faults=plan, length_s=LENGTH_S).run(seed)
    assert outcome.violation is None, outcome_text(outcome, "engine simulate")
    assert outcome.faults


def test_a_list_that_was_overtaken_by_the_end_of_an_order_on_it_withdraws_no_quotes() -> None:
    plan = Plan(
        length_s=120.0,
        conditions=Conditions(latency_s=0.2),
        overrides=('venue.order_entry="rest"',),
    )
    trace, events = Trace(), set()

    def note(entry: Mapping[str, Any]) -> None:
        events.add(entry["event"])

    trace.observers.append(note)
    task = attrs.evolve(a_task(*LIVELIER), faults="none")
    outcome = simulate(task.settings(plan), 4, plan, trace)
    assert outcome.violation is None, outcome_text(outcome, "engine simulate")
    assert "reconciled" in events
    assert "drift" not in events
