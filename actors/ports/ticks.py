"""Common moments for periodic work, by the loop's own clock (``trading.core.ticks``)."""

import trio

from trading.core import ticks


def next_tick(interval_s: float) -> float:
    """The next whole multiple of an interval, in seconds of the monotonic clock."""
    return ticks.next_tick(interval_s, trio.current_time())
