"""How much work something is, counted: the same on a slow machine and a fast one."""

import gc
import sys
from collections.abc import Callable
from types import FrameType
from typing import Any


def lines_of(work: Callable[[], object]) -> int:
    """How many lines of Python something runs; a loop's line counts each time round.

    The garbage collector waits meanwhile: it may come at any allocation, and what listens to it
    (Hypothesis does) would be counted.
    """
    lines = 0

    def count(_frame: FrameType, event: str, _argument: Any) -> Any:
        nonlocal lines
        lines += event == "line"
        return count

    measures_coverage, collects = sys.gettrace(), gc.isenabled()
    gc.disable()
    sys.settrace(count)
    try:
        work()
    finally:
        sys.settrace(measures_coverage)
        if collects:
            gc.enable()
    return lines
