"""Measures the engine itself: how late its loop is, and how full its mailboxes get."""

from collections import deque
from collections.abc import Callable, Mapping, Sequence

import attrs
import trio

from actors.ports import Latest
from actors.ticks import next_tick

_LOOKS = 3


@attrs.frozen(kw_only=True)
class Meters:
    """
    How the engine itself is doing.

    Args:
        late_s: Seconds by which the loop was late at the last look.
        worst_s: The most that it ever was, in this life of the meter.
        depths_max: The most messages that were seen waiting, by mailbox.
        rates: Messages a second, by wire, over the last two looks.
    """

    late_s: float = 0.0
    worst_s: float = 0.0
    depths_max: Mapping[str, int] = attrs.field(factory=dict)
    rates: Mapping[str, float] = attrs.field(factory=dict)


@attrs.frozen(kw_only=True)
class MeterActor:
    """
    Looks once in a while, so a peak between two looks goes unseen.

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
        looks: deque[tuple[float, dict[str, int]]] = deque([self._counted()], maxlen=_LOOKS)
        task_status.started()
        while True:
            due = next_tick(self.period_s)
            await trio.sleep_until(due)
            late_s = trio.current_time() - due
            worst_s = max(worst_s, late_s)
            depths_max = {name: max(depths_max[name], read()) for name, read in self.depths.items()}
            looks.append(self._counted())
            self.meters.put(
                Meters(late_s=late_s, worst_s=worst_s, depths_max=depths_max, rates=_rates(looks))
            )

    def _counted(self) -> tuple[float, dict[str, int]]:
        return trio.current_time(), {name: read() for name, read in self.counts.items()}


def _rates(looks: Sequence[tuple[float, dict[str, int]]]) -> dict[str, float]:
    (began, before), (ended, after) = looks[0], looks[-1]
    return {name: (after[name] - before[name]) / (ended - began) for name in after}
