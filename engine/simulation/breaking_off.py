"""Breaking a simulation off by a signal: a flag, so that nothing is interrupted or lost."""

import contextlib
import multiprocessing
import os
import signal
from collections.abc import Callable, Iterator
from types import FrameType

from engine.process import early
from engine.process.exit_codes import ExitCode
from engine.process.signals import STOPPING

BrokenOff = Callable[[], bool]


def nobody() -> bool:
    """The flag where a simulation cannot be broken off."""
    return False


@contextlib.contextmanager
def signals_noted() -> Iterator[BrokenOff]:
    """
    Note signals that mean a stop; what this yields says whether one has come.

    An exception raised by a signal would strike anywhere, in the midst of what a pool of processes
    does with its locks. A second Ctrl-C ends everything at once.
    """
    asked: list[int] = []

    def note(number: int, _frame: FrameType | None) -> None:
        if number == signal.SIGINT and number in asked:
            kill_children()
            os._exit(ExitCode.FORCED)
        asked.append(number)

    before = {number: signal.signal(number, note) for number in early.taken_over() & STOPPING}
    try:
        yield lambda: bool(asked or early.asked)
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def deafen() -> None:
    """Ignore signals in a process of the pool: the first process alone obeys the terminal's."""
    for number in early.taken_over() & STOPPING:
        signal.signal(number, signal.SIG_IGN)


def kill_children() -> None:
    """End the pool's processes: their results are not needed any more."""
    for process in multiprocessing.active_children():
        process.kill()
