"""
Common moments for periodic work: all tasks of an interval run in one wake-up of the loop.

What that saves is in ``benchmarks/simulation.py``.
"""


def next_tick(interval_s: float, now: float) -> float:
    """The next whole multiple of an interval after ``now``, in seconds of the monotonic clock."""
    tick = (now // interval_s + 1) * interval_s
    # A quotient and a product of floats may fall short.
    return tick if tick > now else tick + interval_s
