"""A few of the points that ``tests.simulation.crash_matrix`` tries all of."""

import pytest

from engine.simulation.text import outcome_text
from tests.simulation.crash_matrix import KINDS, SCENARIOS, points, try_point

EVERY = 40


@pytest.mark.parametrize("scenario", SCENARIOS)
def test_an_engine_struck_at_any_step_comes_to_terms_with_its_disk_and_venue(
    scenario: str,
) -> None:
    tried = list(points(scenario, every=EVERY))
    assert {point.kind for point in tried} == set(KINDS)
    for point in tried:
        outcome = try_point(point)
        assert outcome.violation is None, (point, outcome_text(outcome, "engine simulate"))
    assert len(tried) >= 6, "the scenario has left its window"
