"""Signals that arrive while the program is still being loaded: remembered, and obeyed at once."""

import os
import signal
from types import FrameType

from engine.exit_codes import ExitCode

asked: list[str] = []
"""Names of the signals that came so far."""


def listen() -> None:
    """From now on remember stop signals, until a run takes them over."""
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, _remember)


def _remember(number: int, _frame: FrameType | None) -> None:
    name = signal.Signals(number).name
    if name == "SIGINT" and asked:
        os._exit(ExitCode.FORCED)
    asked.append(name)
