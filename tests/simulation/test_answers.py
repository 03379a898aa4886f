"""The engine under plausible answers of the venue, in short; ``answers.py`` tries all of them."""

import pytest
import trio
from structlog.testing import capture_logs
from trio.testing import MockClock

from engine.simulation.text import outcome_text
from tests.simulation.answers import ANSWERS, UNPROVEN, task_of
from tests.support.this_commit import of_this_commit
from tests.support.whole_engine import start_rig
from trading.readiness.lease import Component

GRAVEST = ("trade-login-untold", "events-before-the-answer", "found-after-10-s")
"""That a login is never told, that all is told before it is answered, that nothing is found."""


@pytest.mark.parametrize("name", ANSWERS)
def test_an_engine_trades_under_every_answer_that_lets_it_know_the_book(name: str) -> None:
    outcome = task_of(name, length_s=120, faults="none").run(1)
    assert outcome.violation is None, outcome_text(outcome, "engine simulate")
    assert bool(outcome.orders) is (name not in UNPROVEN)


@pytest.mark.parametrize("name", sorted(UNPROVEN))
async def test_an_engine_that_cannot_prove_the_book_says_so(
    name: str, nursery: trio.Nursery, autojump_clock: MockClock
) -> None:
    _, settings = ANSWERS[name]
    with capture_logs() as logs:
        await start_rig(nursery, *settings)
        await trio.sleep(120)
    assert not [entry for entry in logs if entry["event"] == "order_placed"]
    assert [entry for entry in logs if entry["event"] == "book_unsafe"]
    [overdue, *_] = [entry for entry in logs if entry["event"] == "initialisation_overdue"]
    assert overdue["component"] == Component.ORDER_BOOK.value
    assert "order book" in overdue["evidence"]


@pytest.mark.parametrize("name", GRAVEST)
def test_an_engine_in_trouble_trades_and_violates_nothing_whatever_the_answer_is(name: str) -> None:
    outcome = task_of(name, length_s=600).run(of_this_commit())
    assert outcome.violation is None, outcome_text(outcome, "engine simulate")
    assert outcome.orders
