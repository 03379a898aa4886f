"""
Writes lines to destinations that may block or fail: a held terminal, a pipe, a full disk.

The caller never waits for the reader. In real processes each destination has a thread of its own
and a bounded queue before it; where time is virtual, and wherever nothing can block, lines are
written at once (``write_at_once``).
"""

import threading
import time
from collections import deque
from collections.abc import Callable
from typing import Protocol

QUEUED_TEXT_MAX = 4_000_000
"""Characters that may wait for a destination: some 20,000 lines, minutes of a busy engine."""

_LOOKS_AFTER_S = 1.0
_STUCK_S = 0.5


class LineStream(Protocol):
    """A stream to write lines to; both methods raise ``OSError``, or ``ValueError`` once closed."""

    def write(self, text: str, /) -> int: ...

    def flush(self) -> None: ...


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

    def put(self, line: str) -> None: ...

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


class _Count:
    """Counts lost lines, all in all and in a row."""

    def __init__(self, listener: Listener) -> None:
        self.all = 0
        self._in_a_row = 0
        self._listener = listener
        self._changing = threading.RLock()

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
        with self._changing:
            lost, self._in_a_row = self._in_a_row, 0
        return self._listener.flows_again(lost) if lost else ""


def write_at_once(_name: str, stream: LineStream, listener: Listener) -> Writer:
    """A writer without thread and queue."""
    return _Direct(stream, listener)


class _Direct:
    def __init__(self, stream: LineStream, listener: Listener) -> None:
        self._stream = stream
        self._count = _Count(listener)

    @property
    def lost(self) -> int:
        return self._count.all

    def put(self, line: str) -> None:
        try:
            _write(self._stream, line)
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


def write_in_a_thread(name: str, stream: LineStream, listener: Listener) -> Writer:
    """For real processes: lines wait in a bounded queue until a thread has written them."""
    return _Threaded(name, stream, listener)


class _Threaded:
    """
    A destination with a thread.

    When the queue is full its oldest lines are dropped: the newest tell the present state, and the
    very last how the run ended.
    """

    def __init__(self, name: str, stream: LineStream, listener: Listener) -> None:
        self._stream = stream
        self._count = _Count(listener)
        self._lines: deque[str] = deque()
        self._waiting = 0
        self._writing = False
        self._written = 0
        self._closing = False
        self._changed = threading.Condition()
        threading.Thread(target=self._work, name=f"{name} writer", daemon=True).start()

    @property
    def lost(self) -> int:
        with self._changed:
            return self._count.all + len(self._lines) + self._writing

    def put(self, line: str) -> None:
        dropped = 0
        with self._changed:
            if self._closing:
                return
            self._lines.append(line)
            self._waiting += len(line)
            while self._waiting > QUEUED_TEXT_MAX:
                self._waiting -= len(self._lines.popleft())
                dropped += 1
            self._changed.notify_all()
        if dropped:
            self._count.failed(BlockingIOError("nobody takes its lines"), dropped)

    def drain(self, within_s: float) -> None:
        with self._changed:
            ends_at, moving = time.monotonic() + within_s, True
            while (self._lines or self._writing) and moving and time.monotonic() < ends_at:
                moving = self._changed.wait_for(self._written_since(self._written), _STUCK_S)

    def _written_since(self, before: int) -> Callable[[], bool]:
        return lambda: self._written != before

    def close(self) -> None:
        with self._changed:
            self._closing = True
            self._changed.notify_all()

    def _work(self) -> None:
        while (line := self._next()) is not None:
            if not line:
                _tend(self._stream)
                continue
            try:
                _write(self._stream, line)
            except (OSError, ValueError) as error:
                self._done()
                self._count.failed(error)
                continue
            self._done()
            if report := self._count.written():
                self._put_first(report)

    def _next(self) -> str | None:
        """The next line; empty when none came for a while; ``None`` at the end."""
        with self._changed:
            if not self._lines and not self._closing:
                self._changed.wait(_LOOKS_AFTER_S)
            if self._closing:
                return None
            if not self._lines:
                return ""
            line = self._lines.popleft()
            self._waiting -= len(line)
            self._writing = True
            return line

    def _done(self) -> None:
        with self._changed:
            self._writing = False
            self._written += 1
            self._changed.notify_all()

    def _put_first(self, line: str) -> None:
        with self._changed:
            self._lines.appendleft(line)
            self._waiting += len(line)


def _write(stream: LineStream, line: str) -> None:
    stream.write(f"{line}\n")
    stream.flush()


def _tend(stream: LineStream) -> None:
    """Let a rotating stream look after its file while no line comes."""
    tend = getattr(stream, "tend", None)
    if tend is not None:
        tend()
