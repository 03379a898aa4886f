"""
Looks at regular intervals, all at the same moments: the loop wakes once for all who look.

What it saves is in ``benchmarks/simulation.py``.
"""

import trio


def next_tick(interval_s: float) -> float:
    """The next whole multiple of an interval, in seconds of the monotonic clock."""
    now = trio.current_time()
    tick = (now // interval_s + 1) * interval_s
    # A quotient and a product of floats may fall short.
    return tick if tick > now else tick + interval_s
