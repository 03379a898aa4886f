"""A queue in which requests wait for room in the venue's rate limits, so that none is refused."""

from collections.abc import Sequence

import structlog
import trio

from trading.venues.rate_limits import Priority, RateBudget

log = structlog.get_logger()


class RateGate:
    """
    The rate limits of all requests to a venue, kept together.

    Args:
        budget: The room left in every limit.
    """

    def __init__(self, budget: RateBudget) -> None:
        self.budget = budget

    async def enter(self, lanes: Sequence[str], priority: Priority, weight: int = 1) -> None:
        """Wait until a request may leave; it is counted on return."""
        while wait_s := self.enter_at_once(lanes, priority, weight):  # noqa: ASYNC110  # no event
            await trio.sleep(wait_s)

    def enter_at_once(self, lanes: Sequence[str], priority: Priority, weight: int = 1) -> float:
        """Count a request if there is room: 0 then, or the seconds after which to ask again."""
        wait_s = self.budget.take(lanes, priority, trio.current_time(), weight)
        if wait_s:
            log.debug("rate_wait", lanes=lanes, priority=priority.name, seconds=wait_s)
        return wait_s

    def complain(self, lanes: Sequence[str], for_s: float | None = None) -> None:
        """Slow down as the venue asked, for so many seconds or for a whole window."""
        log.warning("rate_limited", lanes=lanes, for_s=for_s)
        self.budget.close(lanes, for_s, trio.current_time())
