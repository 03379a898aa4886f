"""Somebody breaks a simulation off: a flag, so that nothing is interrupted and nothing is lost."""

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
    """Where nobody can break it off."""
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
    """In a process of the pool: a terminal tells all of them, but only the first one decides."""
    for number in early.taken_over() & STOPPING:
        signal.signal(number, signal.SIG_IGN)


def kill_children() -> None:
    """End the pool's processes: what they are at is for nobody any more."""
    for process in multiprocessing.active_children():
        process.kill()
