"""
Python's collector of cyclic garbage, kept from looking through what lives long.

A full collection stops everything for as long as it takes to visit each object: 40 to 60 ms in an
engine that quotes one pair (``benchmarks/pauses.py``). What is frozen is not visited. It still goes
as soon as nothing refers to it; only a cycle stays until the next collection of all.
"""

import gc
import time

_THRESHOLDS = 5_000, 5, 1_000_000
"""
So many more objects than were freed have to come before the youngest are looked through: half a
millisecond's work; each fifth time with those that survived the last times. Never all by itself.
"""


class SettledCollector:
    """The collector of this process."""

    def __init__(self) -> None:
        self._before = gc.get_threshold()

    def begin(self) -> None:
        self._before = gc.get_threshold()
        gc.set_threshold(*_THRESHOLDS)
        self.collect_all()

    def settle(self) -> float:
        began = time.perf_counter()
        gc.collect(1)
        gc.freeze()
        return time.perf_counter() - began

    def collect_all(self) -> float:
        began = time.perf_counter()
        gc.unfreeze()
        gc.collect()
        gc.freeze()
        return time.perf_counter() - began

    def end(self) -> None:
        gc.set_threshold(*self._before)
        gc.unfreeze()
