"""
Writes lines to destinations that may block or fail: a held terminal, a pipe, a full disk.

The caller never waits for the reader. In real processes each destination has a thread of its own
and a bounded queue before it (``writer_thread.py``); where time is virtual, and wherever nothing
can block, lines are written at once (``write_at_once``).
"""

import threading
from collections.abc import Callable, Sequence, Sized
from typing import Protocol, runtime_checkable

Line = Sized
"""A line: ``str`` makes its text when it is written, ``len`` says how long that will be, about."""


class LineStream(Protocol):
    """A stream to write lines to; both methods raise ``OSError``, or ``ValueError`` once closed."""

    def write(self, text: str, /) -> int: ...

    def flush(self) -> None: ...


@runtime_checkable
class ManyLinesStream(Protocol):
    """A stream that takes several lines as fast as one."""

    def write_lines(self, lines: Sequence[str], /) -> int:
        """
        Write lines, each with its end.

        Returns:
            How many were written as a whole, from the first on; the others were not written.

        Raises:
            OSError: Not even the first was.
            ValueError: The stream is closed.
        """
        ...


class Listener(Protocol):
    """Takes reports of lost lines; called by the writer, so perhaps in a thread."""

    def failed(self, error: Exception) -> None:
        """Report that a line could not be written, the first of a row."""
        ...

    def flows_again(self, lost: int) -> str:
        """Report that a line was written after so many were lost; the text to add about it."""
        ...


class Writer(Protocol):
    """Takes lines for one destination, without making the caller wait."""

    @property
    def lost(self) -> int:
        """Lines that were not written, or not yet."""
        ...

    def put(self, line: Line) -> None: ...

    def drain(self, within_s: float) -> None:
        """
        Wait until nothing waits to be written, for so many seconds at most.

        A destination that takes no line at all is not waited for so long.
        """
        ...

    def close(self) -> None:
        """Take no more lines; those not written by now are lost."""
        ...


StartWriter = Callable[[str, LineStream, Listener], Writer]
"""Makes the writer of a destination: its name, the stream, the listener."""


class Count:
    """Counts lost lines, all in all and in a row."""

    def __init__(self, listener: Listener) -> None:
        self.all = 0
        self._in_a_row = 0
        self._listener = listener
        self._changing = threading.RLock()

    @property
    def failing(self) -> bool:
        """Whether the last line was lost."""
        return bool(self._in_a_row)

    def failed(self, error: Exception, lines: int = 1) -> None:
        with self._changing:
            first = not self._in_a_row
            self.all += lines
            self._in_a_row += lines
        # Without the lock: the listener reports to other destinations, which have locks too.
        if first:
            self._listener.failed(error)

    def written(self) -> str:
        """The lines to add after a line that was written."""
        if not self._in_a_row:
            return ""
        with self._changing:
            lost, self._in_a_row = self._in_a_row, 0
        return self._listener.flows_again(lost) if lost else ""


def write_at_once(_name: str, stream: LineStream, listener: Listener) -> Writer:
    """A writer without thread and queue."""
    return _Direct(stream, listener)


class _Direct:
    def __init__(self, stream: LineStream, listener: Listener) -> None:
        self._stream = stream
        self._count = Count(listener)

    @property
    def lost(self) -> int:
        return self._count.all

    def put(self, line: Line) -> None:
        try:
            write_line(self._stream, f"{line}\n")
        except (OSError, ValueError) as error:
            # Disk full, pipe broken; a closed stream raises ValueError.
            self._count.failed(error)
            return
        if report := self._count.written():
            self.put(report)

    def drain(self, within_s: float) -> None:
        """Do nothing: no line ever waits here."""

    def close(self) -> None:
        """Do nothing: there is no thread to end."""


def write_line(stream: LineStream, text: str) -> None:
    stream.write(text)
    stream.flush()


def whole_lines(lines: Sequence[bytes], size: int) -> int:
    """How many of the lines, from the first on, have no more than so many bytes together."""
    for number, line in enumerate(lines):
        size -= len(line)
        if size < 0:
            return number
    return len(lines)
