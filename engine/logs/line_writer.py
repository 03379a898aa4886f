"""
Writes lines where somebody else may not take them: a terminal that is held, a pipe, a full disk.

Whoever has something to say never waits for whoever reads it. In real processes each destination
has a thread of its own and a bounded queue before it; where time is virtual, and wherever nothing
can block, lines are written at once (``write_at_once``).
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
    """Where lines can be written; both raise ``OSError``, or ``ValueError`` once closed."""

    def write(self, text: str, /) -> int: ...

    def flush(self) -> None: ...


class Listener(Protocol):
    """Who is told what becomes of lines; called by whoever writes, so perhaps in a thread."""

    def failed(self, error: Exception) -> None:
        """The first line of a row could not be written."""
        ...

    def flows_again(self, lost: int) -> str:
        """A line was written after so many were lost; returns what to add there about it."""
        ...


class Writer(Protocol):
    """Takes lines for one destination, and never makes anybody wait."""

    @property
    def lost(self) -> int:
        """Lines that did not get there, those included that still wait for it."""
        ...

    def put(self, line: str) -> None: ...

    def drain(self, within_s: float) -> None:
        """
        Wait until nothing waits to be written, for so many seconds at most.

        Somebody who takes no line at all is not waited for so long.
        """
        ...

    def close(self) -> None:
        """Take nothing more; what could not be written by now is lost."""
        ...


StartWriter = Callable[[str, LineStream, Listener], Writer]
"""Makes the writer of a destination: its name, the stream, who is told."""


class _Count:
    """Lines that were lost, all in all and in a row."""

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
        """What to add after a line that was written."""
        with self._changing:
            lost, self._in_a_row = self._in_a_row, 0
        return self._listener.flows_again(lost) if lost else ""


def write_at_once(_name: str, stream: LineStream, listener: Listener) -> Writer:
    """The inline twin: no thread, no queue."""
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
            # Disk full, pipe broken; a stream that somebody closed raises ValueError.
            self._count.failed(error)
            return
        if report := self._count.written():
            self.put(report)

    def drain(self, within_s: float) -> None:
        """Nothing ever waits here."""

    def close(self) -> None:
        """There is nothing to end."""


def write_in_a_thread(name: str, stream: LineStream, listener: Listener) -> Writer:
    """For real processes: lines wait in a bounded queue until a thread has written them."""
    return _Threaded(name, stream, listener)


class _Threaded:
    """
    A destination with a thread.

    When the queue is full its oldest lines go: the newest say what is the matter now, and the last
    ones of all how it ended.
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
    """Let a stream that has something to look after do so while nobody writes."""
    tend = getattr(stream, "tend", None)
    if tend is not None:
        tend()
