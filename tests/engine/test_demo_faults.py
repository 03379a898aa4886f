"""The demonstration of faults in virtual time: all of it holds, and what does not is told."""

import attrs
import pytest

from tests.engine.demo_faults import OVERRIDES, Outcome, Row, trial_run
from tests.support.links import LinkedNetwork
from tests.support.whole_engine import in_virtual_time, paper_settings, simulated_world


@pytest.fixture(scope="module")
def outcome() -> Outcome:
    settings, world = paper_settings(*OVERRIDES), simulated_world(1)
    assert isinstance(world.network, LinkedNetwork)
    links = world.network
    return in_virtual_time(1, lambda: trial_run(settings, world, links, quick=True))


def test_after_every_fault_quotes_are_withdrawn_within_a_second_and_come_back(
    outcome: Outcome,
) -> None:
    assert outcome.troubles == []
    rows = {row.fault: row for row in outcome.rows}
    for fault in (
        "account socket cut",
        "trade socket cut",
        "book with a wrong checksum",
        "balances unanswered",
        "trading rules unanswered",
        "crash of order gateway",
        "crash of strategy doge",
    ):
        withdrawn_s = rows[fault].withdrawn_s
        assert withdrawn_s is not None
        assert withdrawn_s < 1
        assert rows[fault].back_s is not None
    assert len(rows) == 10
    assert outcome.summary.restarts >= 8


def test_what_does_not_hold_is_named(outcome: Outcome) -> None:
    late = Row(fault="a fault", noticed_s=0.0, withdrawn_s=2.0, back_s=1.0, trouble="too late")
    assert attrs.evolve(outcome, rows=[late]).troubles == ["a fault: too late"]
