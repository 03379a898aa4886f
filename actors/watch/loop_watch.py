"""An actor that watches the event loop: after a stall, all that is known is old."""

from collections.abc import Sequence

import attrs
import structlog
import trio
from typing_extensions import override

from actors.ports.facts import FactBoard
from actors.ports.ports import Latest, WallClock
from actors.ports.stalls import Stalls
from actors.ports.ticks import next_tick
from trading.readiness.lease import Component, Readiness

log = structlog.get_logger()

_OUR_OWN = frozenset({Component.STRATEGY_RUNNING, Component.LEDGER})
"""The components that do not depend on the venue."""


@attrs.frozen(kw_only=True)
class LoopWatchActor:
    """
    Measures how late the loop is, and revokes all that the venue said after a stall.

    A stall is a task that does not give way, a suspended process or a machine that slept. The
    market went on meanwhile, and what waits in buffers looks new but is old. So all leases are
    withdrawn before any other task runs again, and only news of the venue from now on renews them.

    Ports:
        lateness: The worst of the last interval, in seconds (newest).
        leases: Each strategy's lease to quote; withdrawn.
        facts: The facts behind the leases; those that came from the venue are revoked.
        stalls: Tells the actors that have to ask the venue anew.

    Args:
        wall_clock: Shows what the monotonic clock does not: a sleep, and a clock that was set.
        stall_s: Later than that is a stall.
        interval_s: Seconds between two measurements.
    """

    lateness: Latest[float]
    leases: Sequence[Latest[Readiness]]
    facts: FactBoard
    stalls: Stalls
    wall_clock: WallClock
    stall_s: float = 1.0
    interval_s: float = 1.0

    async def run(self, *, task_status: trio.TaskStatus[None] = trio.TASK_STATUS_IGNORED) -> None:
        probe = _Probe(self)
        trio.lowlevel.add_instrument(probe)
        task_status.started()
        try:
            while True:
                began, wall_ns = trio.current_time(), self.wall_clock()
                due = next_tick(self.interval_s)
                await trio.sleep_until(due)
                now = trio.current_time()
                self.lateness.put(max(now - due, probe.take_longest()))
                jumped_s = (self.wall_clock() - wall_ns) / 1e9 - (now - began)
                if abs(jumped_s) > self.stall_s:
                    log.error("wall_clock_jumped", seconds=round(jumped_s, 3))
                    self.distrust(f"the time of day jumped by {jumped_s:+.1f} s")
        finally:
            trio.lowlevel.remove_instrument(probe)

    def stalled(self, seconds: float, culprit: str) -> None:
        log.error("loop_stalled", seconds=round(seconds, 3), in_task=culprit)
        self.distrust(f"the event loop stood still for {seconds:.1f} s")

    def distrust(self, reason: str) -> None:
        """Withdraw the leases and revoke all that the venue said."""
        for lease in self.leases:
            lease.withdraw()
        for component, scope in tuple(self.facts.facts):
            if component not in _OUR_OWN:
                self.facts.revoke(component, reason, scope=scope)
        self.stalls.happened(reason)


class _Probe(trio.abc.Instrument):
    """
    A trio instrument, called by the loop, so that a stall is noticed before the next task runs.

    The loop calls it at every step of every task, so the hooks are few and cheap.
    """

    def __init__(self, watch: LoopWatchActor) -> None:
        self._watch = watch
        self._now = trio.lowlevel.current_clock().current_time
        self._mark = self._now()
        self._longest_s = 0.0
        self._worth_noting_s = 0.0

    def take_longest(self) -> float:
        """The longest that the loop stood still since it was last asked, in seconds."""
        longest_s, self._longest_s, self._worth_noting_s = self._longest_s, 0.0, 0.0
        return longest_s

    @override
    def after_task_step(self, task: trio.lowlevel.Task) -> None:
        now = self._now()
        took_s, self._mark = now - self._mark, now
        if took_s > self._worth_noting_s:
            self._note(took_s, task.name)

    @override
    def before_io_wait(self, timeout: float) -> None:
        self._mark = self._now()

    @override
    def after_io_wait(self, timeout: float) -> None:
        now = self._now()
        late_s, self._mark = now - self._mark - timeout, now
        if late_s > self._worth_noting_s:
            # No task of ours: the process was suspended, or the machine had no time for it.
            self._note(late_s, "")

    def _note(self, seconds: float, culprit: str) -> None:
        self._longest_s = max(self._longest_s, seconds)
        self._worth_noting_s = min(self._longest_s, self._watch.stall_s)  # each stall, always
        if seconds > self._watch.stall_s:
            self._watch.stalled(seconds, culprit)
