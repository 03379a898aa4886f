"""An actor that collects cyclic garbage when it disturbs nobody."""

from collections.abc import Sequence

import attrs
import structlog
import trio

from actors.ports.garbage import GarbageCollector
from actors.ports.ports import Latest
from actors.ports.ticks import next_tick
from trading.readiness.lease import Readiness

log = structlog.get_logger()

_LONG_S = 0.005


@attrs.frozen(kw_only=True)
class GarbageActor:
    """
    Collects all while nothing is quoted, and only what is new while something is.

    Ports:
        leases: Each strategy's lease to quote (newest).

    Args:
        period_s: Seconds between two collections of what is new.
    """

    collector: GarbageCollector
    leases: Sequence[Latest[Readiness]]
    period_s: float = 10.0

    async def run(self, *, task_status: trio.TaskStatus[None] = trio.TASK_STATUS_IGNORED) -> None:
        self.collector.begin()
        task_status.started()
        collected = True
        try:
            while True:
                await trio.sleep_until(next_tick(self.period_s))
                if self._quotes():
                    collected = False
                    if (took_s := self.collector.settle()) > _LONG_S:
                        log.warning("long_collection", seconds=round(took_s, 4))
                elif not collected:
                    collected = True
                    log.debug("collected_all", seconds=round(self.collector.collect_all(), 3))
        finally:
            self.collector.end()

    def _quotes(self) -> bool:
        now = trio.current_time()
        leases = (slot.peek() for slot in self.leases)
        return any(lease is not None and lease.holds_at(now) for lease in leases)
