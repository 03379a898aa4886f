"""A virtual clock: whenever all tasks wait, time jumps to the next deadline."""

import heapq
import itertools
from collections.abc import Callable

import trio
from trio._core._run import GLOBAL_RUN_CONTEXT  # the one piece without a public name
from typing_extensions import override

from engine.simulation.quick_loop import quicken

_NEVER = float("inf")
_FOR_EVER_S = 24 * 60 * 60.0
"""Real seconds that the loop sleeps at a time when no task has a deadline."""


class VirtualClock(trio.abc.Clock):
    """
    Virtual time, in which a simulated hour takes as long as what happens in it.

    Does what ``trio.testing.MockClock(autojump_threshold=0)`` does, in half of the loop's turns:
    that one waits for nothing once before it jumps, this one jumps as soon as the loop asks how
    long to sleep. So it is for runs in memory only: what a socket or a thread says comes too late.
    """

    def __init__(self) -> None:
        self._now = 0.0
        self._calls: list[tuple[float, int, Callable[[], object]]] = []
        self._sleeping: list[tuple[float, int, Callable[[], object]]] = []
        self._numbers = itertools.count()

    @override
    def start_clock(self) -> None:
        """It begins at zero, and stands still until it jumps."""
        quicken()

    @override
    def current_time(self) -> float:
        return self._now

    def jump(self, seconds: float) -> None:
        """Let time pass in which no task could run."""
        self._now += seconds
        # As deadlines that pass meanwhile: before whatever else was to be done at a moment.
        self._wake_sleepers()

    def call_at(self, at: float, deed: Callable[[], object]) -> None:
        """
        Do something at a moment, between two steps of tasks, such as setting an event.

        For a world that is simulated: a task that waits with a deadline costs three times as much.
        """
        heapq.heappush(self._calls, (at, next(self._numbers), deed))

    async def sleep_until(self, deadline: float) -> None:
        """
        Wait until a moment: what ``trio.sleep_until`` does, in a third of the time.

        It takes as many steps, at the same moments; what it does without is a cancel scope.
        """
        if deadline <= self._now:
            await trio.lowlevel.cancel_shielded_checkpoint()
        else:
            awake = trio.Event()
            if deadline < _NEVER:
                self.wake_at(deadline, awake.set)
            await awake.wait()
        # Cancelled at the very moment: trio's own does not return from that either.
        if trio.current_effective_deadline() == -_NEVER:
            raise trio.Cancelled._create(source="unknown")  # noqa: SLF001

    def wake_at(self, at: float, deed: Callable[[], object]) -> None:
        """Wake somebody at a moment that is to come, just when a deadline would."""
        heapq.heappush(self._sleeping, (at, next(self._numbers), deed))

    def _wake_sleepers(self) -> None:
        sleeping = self._sleeping
        while sleeping and sleeping[0][0] <= self._now:
            heapq.heappop(sleeping)[2]()

    @override
    def deadline_to_sleep_time(self, deadline: float) -> float:
        """Asked by the loop only when no task can run."""
        calls, sleeping, at = self._calls, self._sleeping, deadline
        if calls and calls[0][0] < at:
            at = calls[0][0]
        if sleeping and sleeping[0][0] < at:
            at = sleeping[0][0]
        if at > self._now:
            # A task that waits until all are blocked (trio.testing.wait_all_tasks_blocked) is next.
            if at == _NEVER or GLOBAL_RUN_CONTEXT.runner.waiting_for_idle:
                return _FOR_EVER_S
            self._now = at
        while calls and calls[0][0] <= self._now:
            heapq.heappop(calls)[2]()
        self._wake_sleepers()
        return 0.0


def virtual_clock() -> VirtualClock:
    """The clock of this run, which has to be one of these."""
    clock = trio.lowlevel.current_clock()
    assert isinstance(clock, VirtualClock), "nothing is simulated in real time"
    return clock
