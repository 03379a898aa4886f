"""A few of the points that ``tests.simulation.crash_matrix`` tries all of."""

from collections.abc import Mapping
from typing import Any

import pytest
import trio

from engine.simulation.text import outcome_text
from engine.simulation.trace import Trace
from tests.simulation.crash_matrix import (
    FILLED,
    KINDS,
    SCENARIOS,
    WINDOWS_S,
    plan,
    points,
    run,
    try_point,
)
from tests.support.this_commit import of_this_commit
from trading.core.market import Side

EVERY = 160
"""From another point on with each commit: some of all points, and in time all of them."""


@pytest.mark.parametrize("scenario", SCENARIOS)
def test_an_engine_struck_at_any_step_comes_to_terms_with_its_disk_and_venue(
    scenario: str,
) -> None:
    tried = list(points(scenario, every=EVERY, offset=of_this_commit()))
    assert {point.kind for point in tried} == set(KINDS), "the scenario has left its window"
    for point in tried:
        outcome = try_point(point)
        assert outcome.violation is None, (point, outcome_text(outcome, "engine simulate"))
    assert len(tried) <= 6 * len(KINDS)


def test_the_scenarios_place_and_fill_orders_of_both_sides() -> None:
    assert set(FILLED.values()) == set(Side)
    for scenario, side in FILLED.items():
        trace, seen = Trace(), set[tuple[str, Side]]()
        _, ends_s = WINDOWS_S[scenario]

        def note(
            entry: Mapping[str, Any],
            seen: set[tuple[str, Side]] = seen,
            ends_s: float = ends_s,
        ) -> None:
            if entry["event"] in {"order_placed", "fill"} and trio.current_time() < ends_s:
                seen.add((entry["event"], Side(entry["side"])))

        trace.observers.append(note)
        run(scenario, plan(scenario), trace)
        assert seen == {("order_placed", Side.BUY), ("order_placed", Side.SELL), ("fill", side)}
