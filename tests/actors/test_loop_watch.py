"""After the loop stood still nothing is known any more, and nobody gets to act before that."""

import time
from collections.abc import MutableMapping
from typing import Any

import attrs
import pytest
import trio
import trio.lowlevel
from structlog.testing import capture_logs
from trio.testing import MockClock

from actors.ports.facts import FactBoard
from actors.ports.ports import Latest
from actors.ports.stalls import Stalls
from actors.watch.loop_watch import LoopWatchActor
from tests.support.lives import begin
from trading.core.identifiers import Pair, StrategyName
from trading.readiness.lease import Component, Readiness

DOGE = StrategyName("doge")
DOGEUSDT = Pair("DOGEUSDT")
READY = Readiness(strategy=DOGE, pair=DOGEUSDT, standing={}, missing={}, valid_until=1e9)


@attrs.define
class Rig:
    """
    A watch, and a lease made of facts.

    Args:
        wall_jump_s: How far somebody has set the wall clock.
    """

    wall_jump_s: float = 0.0
    lease: Latest[Readiness] = attrs.field(factory=Latest)
    lateness: Latest[float] = attrs.field(factory=Latest)
    facts: FactBoard = attrs.field(factory=FactBoard)
    stalls: Stalls = attrs.field(factory=Stalls)

    @property
    def actor(self) -> LoopWatchActor:
        return LoopWatchActor(
            lateness=self.lateness,
            leases=(self.lease,),
            facts=self.facts,
            stalls=self.stalls,
            wall_clock=lambda: round((trio.current_time() + self.wall_jump_s) * 1e9),
        )

    def hold(self) -> None:
        self.facts.affirm(Component.ORDER_BOOK, "seen", scope=DOGEUSDT, valid_for_s=1e9)
        self.facts.affirm(Component.CLOCK, "asked", valid_for_s=1e9)
        self.facts.affirm(Component.STRATEGY_RUNNING, "running", scope=DOGE, valid_for_s=1e9)
        self.lease.put(READY)

    @property
    def standing(self) -> set[Component]:
        now = trio.current_time()
        return {fact.component for fact in self.facts.facts.values() if fact.standing(now)}


@pytest.fixture
def rig() -> Rig:
    return Rig()


def events(logs: list[MutableMapping[str, Any]]) -> list[str]:
    return [entry["event"] for entry in logs]


async def test_a_task_that_does_not_give_way_costs_every_lease_before_anybody_else_runs(
    rig: Rig, nursery: trio.Nursery, autojump_clock: MockClock
) -> None:
    await begin(nursery, rig.actor)
    rig.hold()
    seen: list[tuple[object, set[Component]]] = []
    news = trio.Event()

    async def act_on_news() -> None:
        await news.wait()
        seen.append((rig.lease.read(), rig.standing))

    async def hog() -> None:
        news.set()
        autojump_clock.jump(1.5)
        await trio.lowlevel.checkpoint()

    nursery.start_soon(act_on_news)
    await trio.testing.wait_all_tasks_blocked()
    with capture_logs() as logs:
        nursery.start_soon(hog)
        await trio.sleep(3)  # the jump is a part of it

    assert seen == [(None, {Component.STRATEGY_RUNNING})]
    [stalled] = [entry for entry in logs if entry["event"] == "loop_stalled"]
    assert (stalled["seconds"], stalled["log_level"]) == (1.5, "error")
    assert "hog" in stalled["in_task"]
    assert rig.stalls.reason == "the event loop stood still for 1.5 s"


async def test_a_task_that_is_a_little_slow_is_measured_and_no_alarm(
    rig: Rig, nursery: trio.Nursery, autojump_clock: MockClock
) -> None:
    await begin(nursery, rig.actor)
    rig.hold()
    with capture_logs() as logs:
        autojump_clock.jump(0.4)
        await trio.sleep(0.7)
    assert rig.lateness.read() == pytest.approx(0.4)
    assert rig.lease.read() is READY
    assert not logs
    await trio.sleep(1)
    assert rig.lateness.read() == pytest.approx(0)


@pytest.mark.parametrize("jump_s", [3600.0, -3600.0])
async def test_a_wall_clock_that_jumps_makes_everything_old_once(
    rig: Rig, nursery: trio.Nursery, autojump_clock: MockClock, jump_s: float
) -> None:
    await begin(nursery, rig.actor)
    rig.hold()
    with capture_logs() as logs:
        rig.wall_jump_s = jump_s
        await trio.sleep(10)
    assert events(logs) == ["wall_clock_jumped"]
    assert rig.lease.read() is None
    assert rig.standing == {Component.STRATEGY_RUNNING}
    assert rig.stalls.count == 1


async def test_hours_of_nothing_to_do_are_no_stall(
    rig: Rig, nursery: trio.Nursery, autojump_clock: MockClock
) -> None:
    await begin(nursery, rig.actor)
    rig.hold()
    with capture_logs() as logs:
        await trio.sleep(600)
    assert not logs
    assert rig.lease.read() is READY


async def test_whoever_waits_for_a_stall_that_has_happened_already_does_not_wait() -> None:
    stalls = Stalls()
    before = stalls.count
    stalls.happened("once")
    with trio.fail_after(1):
        await stalls.after(before)
    with trio.move_on_after(0) as patience:
        await stalls.after(stalls.count)
    assert patience.cancelled_caught


def test_a_call_that_blocks_a_real_loop_is_noticed(rig: Rig) -> None:
    async def main() -> None:
        async with trio.open_nursery() as nursery:
            await begin(nursery, rig.actor)
            rig.hold()
            await trio.sleep(0.05)
            time.sleep(1.1)  # noqa: ASYNC251  # the point
            await trio.lowlevel.checkpoint()
            assert rig.lease.read() is None
            await trio.sleep(0.3)
            nursery.cancel_scope.cancel()

    with capture_logs() as logs:
        trio.run(main)
    assert events(logs) == ["loop_stalled"]
    assert logs[0]["seconds"] == pytest.approx(1.1, abs=0.2)
