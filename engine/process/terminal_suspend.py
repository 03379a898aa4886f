"""
Turns off Ctrl-Z on a terminal that shows the live picture.

Ctrl-Z would suspend a shell or ``make`` above an engine, while the engine trades on unseen.
"""

import contextlib
import os
import signal
import termios

_CHARACTERS = 6
_ITS_OUTPUT = 1


def suspend_character(terminal: int = _ITS_OUTPUT) -> int | None:
    """The number of the character that suspends; ``None`` without one, or without a terminal."""
    with contextlib.suppress(termios.error, OSError, ValueError):
        number = ord(termios.tcgetattr(terminal)[_CHARACTERS][termios.VSUSP])
        return None if number == os.fpathconf(terminal, "PC_VDISABLE") else number
    return None


def set_suspend_character(number: int | None, terminal: int = _ITS_OUTPUT) -> None:
    """Let this character suspend, or none for ``None``; a terminal that has gone is left alone."""
    # A process in the background would be suspended itself by this call.
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGTTOU})
    try:
        with contextlib.suppress(termios.error, OSError, ValueError):
            attributes = termios.tcgetattr(terminal)
            nothing = os.fpathconf(terminal, "PC_VDISABLE")
            attributes[_CHARACTERS][termios.VSUSP] = bytes([nothing if number is None else number])
            termios.tcsetattr(terminal, termios.TCSANOW, attributes)
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
