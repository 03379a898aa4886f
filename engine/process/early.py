"""Signals that come while the program is being loaded: remembered, and obeyed once it runs."""

import os
import signal
from types import FrameType

from engine.process.exit_codes import ExitCode
from engine.process.signals import MEANINGLESS, STOPPING, left_to_us, name_of

asked: list[str] = []
"""Names of the signals that came so far and mean a stop."""

_ours: set[int] = set()
"""The signals that ``listen`` has taken over from the system's default."""


def listen() -> None:
    """Remember signals that mean a stop from now on, until a command takes them over."""
    for number in sorted(STOPPING | MEANINGLESS):
        if left_to_us(number):
            signal.signal(number, _remember if number in STOPPING else _pass_over)
            _ours.add(number)


def taken_over() -> frozenset[int]:
    """The signals that a run is to take over: all but those that the process's parent ignored."""
    return frozenset(
        number for number in STOPPING | MEANINGLESS if number in _ours or left_to_us(number)
    )


def hand_back() -> None:
    """Restore the signals' usual effect: there is nothing to end in good order."""
    for number in sorted(_ours):
        usual = signal.default_int_handler if number == signal.SIGINT else signal.SIG_DFL
        signal.signal(number, usual)


def close_ears() -> None:
    """
    Ignore every signal: little is left to do, and the exit code must get out.

    Python's own handlers would be gone before the interpreter ends.
    """
    for number in STOPPING | MEANINGLESS:
        signal.signal(number, signal.SIG_IGN)


def _remember(number: int, _frame: FrameType | None) -> None:
    name = name_of(number)
    if name == "SIGINT" and name in asked:
        os._exit(ExitCode.FORCED)
    asked.append(name)


def _pass_over(_number: int, _frame: FrameType | None) -> None:
    pass
