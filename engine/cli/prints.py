"""Logs what other code prints while the engine runs, as a print waits for its reader."""

import contextlib
import io
import sys
from collections.abc import Iterator
from typing import TextIO

import structlog
from typing_extensions import override

log = structlog.get_logger()

_LINE_MAX = 10_000


class _Prints(io.TextIOBase):
    """
    Takes text for a standard stream, and makes each line an event.

    Attributes:
        instead_of: The stream itself, for last words.
    """

    def __init__(self, name: str, instead_of: TextIO | None) -> None:
        self._name = name
        self.instead_of = instead_of
        self._begun = ""

    @override
    def write(self, text: str, /) -> int:
        *lines, self._begun = (self._begun + text).split("\n")
        if len(self._begun) > _LINE_MAX:
            lines, self._begun = [*lines, self._begun], ""
        for line in lines:
            if line.strip():
                log.info("printed", stream=self._name, text=line)
        return len(text)

    @override
    def writable(self) -> bool:
        return True


@contextlib.contextmanager
def prints_logged() -> Iterator[None]:
    """
    Turn what is written to ``sys.stdout`` and ``sys.stderr`` into events of the log.

    A strategy of another package that prints, a warning of Python's: neither may hold up the loop,
    nor come between the lines of a summary that a machine reads.
    """
    with (
        contextlib.redirect_stdout(_Prints("stdout", sys.stdout)),
        contextlib.redirect_stderr(_Prints("stderr", sys.stderr)),
    ):
        yield
