"""An actor that measures the engine: how late its loop is, and how full its mailboxes get."""

from collections.abc import Callable, Mapping

import attrs
import msgspec
import trio

from actors.ports.ports import Latest
from actors.ports.ticks import next_tick


class Meters(msgspec.Struct, frozen=True, kw_only=True):
    """
    Measurements of the engine itself.

    Args:
        late_s: Seconds by which the loop was late at the last look.
        worst_s: The most that it ever was, in this life of the meter.
        depths_max: The most messages that were seen waiting, by mailbox.
        rates: Messages a second, by wire, since the look before.
    """

    late_s: float = 0.0
    worst_s: float = 0.0
    depths_max: Mapping[str, int] = msgspec.field(default_factory=dict)
    rates: Mapping[str, float] = msgspec.field(default_factory=dict)


@attrs.frozen(kw_only=True)
class MeterActor:
    """
    Measures loop and mailboxes every ``period_s``; a peak between two looks goes unseen.

    Ports:
        meters: What it measured (newest).

    Args:
        depths: How many messages wait, by mailbox.
        counts: How many messages have passed, by wire.
        period_s: Seconds between two looks.
    """

    meters: Latest[Meters]
    depths: Mapping[str, Callable[[], int]]
    counts: Mapping[str, Callable[[], int]] = attrs.field(factory=dict)
    period_s: float = 5.0

    async def run(self, *, task_status: trio.TaskStatus[None] = trio.TASK_STATUS_IGNORED) -> None:
        worst_s = 0.0
        depths_max = dict.fromkeys(self.depths, 0)
        looked_at, passed = trio.current_time(), self._passed()
        task_status.started()
        while True:
            due = next_tick(self.period_s)
            await trio.sleep_until(due)
            now = trio.current_time()
            late_s = now - due
            worst_s = max(worst_s, late_s)
            depths_max = {name: max(depths_max[name], read()) for name, read in self.depths.items()}
            before, passed = passed, self._passed()
            rates = {name: (passed[name] - before[name]) / (now - looked_at) for name in passed}
            looked_at = now
            self.meters.put(
                Meters(late_s=late_s, worst_s=worst_s, depths_max=depths_max, rates=rates)
            )

    def _passed(self) -> dict[str, int]:
        return {name: read() for name, read in self.counts.items()}
