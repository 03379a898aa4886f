"""Time that jumps to the next deadline as soon as all tasks wait."""

import time
from collections.abc import Awaitable, Callable
from functools import partial

import trio
import trio.testing
from typing_extensions import override

from actors.ports.alarm import Alarm, DeadlineAlarm
from actors.ports.ports import Wakeup
from engine.simulation.clock_alarm import ClockAlarm
from engine.simulation.virtual_clock import VirtualClock, virtual_clock


async def _tell(story: list[tuple[float, str]], name: str, pauses: list[float]) -> None:
    for pause in pauses:
        await trio.sleep(pause)
        story.append((trio.current_time(), name))


async def _some_lives(story: list[tuple[float, str]]) -> None:
    async with trio.open_nursery() as nursery:
        nursery.start_soon(_tell, story, "slow", [7.0, 0.0, 3600.0])
        nursery.start_soon(_tell, story, "fast", [0.25] * 40)
        with trio.move_on_after(1.1):
            await trio.sleep_forever()
        story.append((trio.current_time(), "patience is over"))
        await trio.testing.wait_all_tasks_blocked()
        story.append((trio.current_time(), "all wait, and no time has passed"))


def _story(clock: trio.abc.Clock) -> list[tuple[float, str]]:
    story: list[tuple[float, str]] = []
    lives: Callable[[], Awaitable[None]] = partial(_some_lives, story)
    began_at: list[float] = []

    async def main() -> None:
        began_at.append(trio.current_time())
        await lives()

    trio.run(main, clock=clock)
    return [(at - began_at[0], what) for at, what in story]


def test_an_hour_passes_as_with_trios_own_clock_and_in_no_time() -> None:
    began = time.perf_counter()
    story = _story(VirtualClock())
    assert story[-1] == (3607.0, "slow")
    assert (1.1, "all wait, and no time has passed") in story
    # Those of one moment come in any order: that is the scheduler's to choose.
    assert sorted(story) == sorted(_story(trio.testing.MockClock(autojump_threshold=0)))
    assert time.perf_counter() - began < 60


def test_a_deadline_is_met_to_the_last_digit() -> None:
    async def main() -> None:
        for at in (0.1, 0.1 + 0.2, 1e6 + 1 / 3):
            await trio.sleep_until(at)
            assert trio.current_time() == at

    trio.run(main, clock=VirtualClock())


def test_what_is_to_be_done_at_a_moment_is_done_between_two_deadlines_and_in_order() -> None:
    story: list[tuple[float, str]] = []

    def note(what: str) -> None:
        story.append((trio.current_time(), what))

    async def main() -> None:
        clock = virtual_clock()
        for at, what in ((2.0, "third"), (1.0, "first"), (1.0, "second")):
            clock.call_at(at, partial(note, what))
        await trio.testing.wait_all_tasks_blocked()
        note("at once")
        await trio.sleep_until(1.5)
        note("deadline")
        happened = trio.Event()
        clock.call_at(3.0, happened.set)
        await happened.wait()
        note("woken")

    trio.run(main, clock=VirtualClock())
    assert story == [
        (0.0, "at once"),
        (1.0, "first"),
        (1.0, "second"),
        (1.5, "deadline"),
        (2.0, "third"),
        (3.0, "woken"),
    ]


def test_whoever_sleeps_by_the_clock_wakes_when_trio_would_wake_him() -> None:
    story: list[tuple[float, str]] = []

    async def sleep(name: str, until: float) -> None:
        try:
            await virtual_clock().sleep_until(until)
        except trio.Cancelled:
            story.append((trio.current_time(), f"{name} is cancelled"))
            raise
        story.append((trio.current_time(), name))

    async def main() -> None:
        await trio.sleep(1.0)
        await sleep("past", 0.5)
        await sleep("tomorrow", 1.5)
        with trio.move_on_at(2.0):
            await sleep("never", float("inf"))
        with trio.move_on_at(3.0):
            await sleep("the same moment", 3.0)
        async with trio.open_nursery() as nursery:
            nursery.start_soon(sleep, "leapt over", 4.0)
            await trio.testing.wait_all_tasks_blocked()
            virtual_clock().jump(6.0)

    trio.run(main, clock=VirtualClock())
    assert story == [
        (1.0, "past"),
        (1.5, "tomorrow"),
        (2.0, "never is cancelled"),
        (3.0, "the same moment is cancelled"),
        (9.0, "leapt over"),
    ]


def test_instruments_come_and_go_and_one_that_fails_is_not_called_again() -> None:
    steps: list[str] = []
    watched: trio.lowlevel.Task | None = None

    class Steps(trio.abc.Instrument):
        @override
        def before_task_step(self, task: trio.lowlevel.Task) -> None:
            if task is watched:
                steps.append("counted")

    class Failing(trio.abc.Instrument):
        @override
        def before_task_step(self, task: trio.lowlevel.Task) -> None:
            if task is watched:
                steps.append("failed")
                raise ValueError

    async def main() -> None:
        nonlocal watched
        watched = trio.lowlevel.current_task()
        counting = Steps()
        trio.lowlevel.add_instrument(counting)
        trio.lowlevel.add_instrument(Failing())
        await trio.lowlevel.checkpoint()
        await trio.lowlevel.checkpoint()
        trio.lowlevel.remove_instrument(counting)
        await trio.lowlevel.checkpoint()

    trio.run(main, clock=VirtualClock())
    assert steps == ["counted", "failed", "counted"]


def test_an_alarm_rings_at_its_moment_at_its_last_one_and_for_its_bell() -> None:
    async def rings(make: Callable[[Wakeup], Alarm]) -> list[float]:
        bell, story = Wakeup(), list[float]()
        alarm = make(bell)
        for moves in ((5.0,), (8.0, 7.0), (7.5, 9.0), (9.0,), (float("inf"), 1.0)):
            for at in moves:
                alarm.set(at)
            await alarm.wait()
            story.append(trio.current_time())
        alarm.set(99.0)
        bell.ring()
        await alarm.wait()
        return [*story, trio.current_time()]

    expected = [5.0, 7.0, 9.0, 9.0, 9.0, 9.0]
    assert trio.run(rings, DeadlineAlarm, clock=VirtualClock()) == expected
    assert trio.run(rings, ClockAlarm, clock=VirtualClock()) == expected
