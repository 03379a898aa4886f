"""Who says whether a strategy may quote, and who writes down what it did."""

import pytest
import trio
from structlog.testing import capture_logs
from structlog.typing import EventDict
from trio.testing import MockClock

from actors.ports.facts import FactBoard
from actors.ports.ports import Latest, Wakeup
from actors.watch.readiness import ReadinessActor
from tests.support.builders import DOGE, MAKER
from tests.support.lives import begin
from trading.readiness.lease import Component, Milestones, Readiness, Scope

SCOPES: dict[Component, Scope] = {
    Component.SYMBOLS_MAPPING: None,
    Component.ORDER_BOOK: DOGE,
    Component.ACCOUNT_BALANCE: None,
    Component.TRADING_RULES: DOGE,
    Component.USER_STREAM: None,
    Component.CLOCK: None,
    Component.LEDGER: None,
    Component.RECONCILED: None,
    Component.VENUE_ONLINE: None,
    Component.STRATEGY_RUNNING: MAKER,
}


class Ready:
    """A readiness actor's ports."""

    def __init__(self) -> None:
        self.bell = Wakeup()
        self.facts = FactBoard(self.bell)
        self.readiness = Latest[Readiness]()
        self.milestones = Latest[Milestones]()

    @property
    def actor(self) -> ReadinessActor:
        return ReadinessActor(
            facts=self.facts,
            bell=self.bell,
            readiness={MAKER: self.readiness},
            milestones={MAKER: self.milestones},
            pairs={MAKER: DOGE},
            engine_started_at=0.0,
        )

    def affirm(self, *components: Component, valid_for_s: float = 1000.0) -> None:
        for component in components:
            self.facts.affirm(component, "seen", scope=SCOPES[component], valid_for_s=valid_for_s)

    @property
    def now(self) -> Readiness:
        readiness = self.readiness.read()
        assert readiness is not None
        return readiness


def events(logs: list[EventDict]) -> list[str]:
    return [entry["event"] for entry in logs]


async def test_nothing_heard_is_not_ready(nursery: trio.Nursery, autojump_clock: MockClock) -> None:
    board = Ready()
    with capture_logs() as logs:
        await begin(nursery, board.actor)
        await trio.sleep(1)
    assert not board.now.ready
    assert set(board.now.missing.values()) == {"nothing heard yet"}
    assert events(logs) == ["component_not_ready"] * len(Component) + ["not_ready"]


@pytest.mark.parametrize("late", Component)
async def test_all_components_but_one_are_not_enough(
    nursery: trio.Nursery, autojump_clock: MockClock, late: Component
) -> None:
    board = Ready()
    await begin(nursery, board.actor)
    board.affirm(*(component for component in Component if component is not late))
    await trio.sleep(1)
    assert list(board.now.missing) == [late]
    board.affirm(late)
    await trio.sleep(1)
    assert board.now.ready


@pytest.mark.parametrize("component", Component)
async def test_each_component_lapses_by_itself_at_its_time_and_recovers(
    nursery: trio.Nursery, autojump_clock: MockClock, component: Component
) -> None:
    board = Ready()
    board.affirm(*Component)
    board.affirm(component, valid_for_s=5)
    await begin(nursery, board.actor)
    with capture_logs() as logs:
        await trio.sleep(4.9)
        assert board.now.ready
        assert board.now.valid_until == 5
        await trio.sleep(0.2)
        assert list(board.now.missing) == [component]
        await trio.sleep(5)
        board.affirm(component)
        await trio.sleep(0.1)
        assert board.now.ready
    assert events(logs) == ["component_not_ready", "not_ready", "component_ready", "ready"]
    assert logs[0]["component"] == component.value


@pytest.mark.parametrize("component", Component)
async def test_a_revoked_component_says_why_and_each_new_reason_is_told_once(
    nursery: trio.Nursery, autojump_clock: MockClock, component: Component
) -> None:
    board = Ready()
    board.affirm(*Component)
    await begin(nursery, board.actor)
    with capture_logs() as logs:
        for reason in ("first", "first", "second"):
            board.facts.revoke(component, reason, scope=SCOPES[component])
            await trio.sleep(1)
    assert board.now.missing == {component: "second"}
    told = [entry["reason"] for entry in logs if entry["event"] == "component_not_ready"]
    assert told == ["first", "second"]
    assert events(logs).count("not_ready") == 1


async def test_a_renewed_fact_extends_the_lease_without_a_word(
    nursery: trio.Nursery, autojump_clock: MockClock
) -> None:
    board = Ready()
    board.affirm(*Component, valid_for_s=5)
    await begin(nursery, board.actor)
    with capture_logs() as logs:
        for _ in range(5):
            await trio.sleep(3)
            board.affirm(*Component, valid_for_s=5)
        await trio.sleep(0.1)
    assert board.now.valid_until == 20
    assert logs == []


async def test_a_lease_far_from_its_end_is_extended_in_time_and_not_at_each_renewal(
    nursery: trio.Nursery, autojump_clock: MockClock
) -> None:
    board = Ready()
    board.affirm(*Component, valid_for_s=20)
    await begin(nursery, board.actor)
    shown = []
    for _ in range(100):
        await trio.sleep(1)
        board.affirm(*Component, valid_for_s=20)
        shown.append(board.now)
    assert all(readiness.ready for readiness in shown)
    assert all(readiness.valid_until > at for at, readiness in enumerate(shown, start=1))
    assert len({readiness.valid_until for readiness in shown}) < 10


async def test_a_renewed_lease_wakes_nobody_who_waits_for_news_but_one_that_ran_out_does(
    nursery: trio.Nursery, autojump_clock: MockClock
) -> None:
    board, news = Ready(), Wakeup()
    board.readiness = Latest[Readiness](news)
    board.affirm(*Component, valid_for_s=5)
    await begin(nursery, board.actor)
    await trio.sleep(0.1)
    await news.wait()
    board.affirm(*Component, valid_for_s=5)
    with trio.move_on_after(4) as waiting:
        await news.wait()
    assert waiting.cancelled_caught
    assert board.now.valid_until == 5.1
    await trio.sleep_until(5.1)
    board.affirm(*Component, valid_for_s=5)  # at the very moment: somebody may have seen it lapsed
    with trio.fail_after(1):
        await news.wait()
    await trio.sleep(0.1)
    assert board.now.ready


async def test_milestones_say_when_each_component_first_stood_and_never_change(
    nursery: trio.Nursery, autojump_clock: MockClock
) -> None:
    board = Ready()
    await begin(nursery, board.actor)
    for component in Component:
        await trio.sleep(1)
        board.affirm(component)
    await trio.sleep(10)
    board.facts.revoke(Component.ORDER_BOOK, "gap", scope=DOGE)
    await trio.sleep(10)
    board.affirm(Component.ORDER_BOOK)
    await trio.sleep(1)
    milestones = board.milestones.read()
    assert milestones is not None
    assert milestones.ready == len(Component)
    assert list(milestones.components.values()) == list(range(1, 11))


async def test_it_does_not_go_round_in_circles_once_a_fact_has_lapsed(
    nursery: trio.Nursery, autojump_clock: MockClock
) -> None:
    board = Ready()
    board.affirm(*Component, valid_for_s=5)
    await begin(nursery, board.actor)
    await trio.sleep(1000)
    assert board.readiness.puts < 10
