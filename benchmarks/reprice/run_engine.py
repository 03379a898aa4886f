"""
Runs one tree's engine with the venue's rate limits lifted, which end at 140 orders a second.

With BENCHMARK_PAUSES=FILE it writes how long each collection of cyclic garbage took, as one JSON
list of [monotonic seconds, generation, seconds] when the engine has ended; after 15 seconds it has
everything looked through once, as happens by itself after hours.
"""

import gc
import json
import os
import sys
import threading
import time
from pathlib import Path

import attrs

from engine.__main__ import main
from trading.venues.valr import limits

pauses: list[tuple[float, int, float]] = []
began = 0.0


def watch(phase: str, info: dict[str, int]) -> None:
    global began  # noqa: PLW0603
    now = time.perf_counter()
    if phase == "start":
        began = now
    else:
        pauses.append((time.monotonic(), info["generation"], now - began))


limits.LIMITS = tuple(attrs.evolve(limit, maximum=10**9) for limit in limits.LIMITS)
file = os.environ.get("BENCHMARK_PAUSES")
if file:
    gc.callbacks.append(watch)
    threading.Timer(15.0, gc.collect).start()
code = main()
if file:
    Path(file).write_text(json.dumps(pauses))
sys.exit(code)
