"""A thread for each destination of the log: lines wait for it, and it writes those that wait."""

import threading
import time
from collections import deque
from collections.abc import Callable, Sequence
from queue import Empty, SimpleQueue

from engine.logs.line_writer import (
    Count,
    Line,
    LineStream,
    Listener,
    ManyLinesStream,
    Writer,
    write_line,
)

QUEUED_TEXT_MAX = 4_000_000
"""Characters that may wait for a destination: some 15,000 lines, minutes of a busy engine."""

_GATHERS_S = 0.1
"""
Lines that come within such a time are written together; nobody who reads them notices.

The first waits as well: whoever logs it has more to do just then, and needs the interpreter.
"""

_FLOOD = QUEUED_TEXT_MAX // 4
"""Characters that do not wait for more, lest the queue is full before they are written."""

_LINES_A_WRITE = 32
"""Rendering them takes less than a millisecond, for which all other threads have to wait."""

_LOOKS_AFTER_S = 1.0
_STUCK_S = 0.5


def write_in_a_thread(name: str, stream: LineStream, listener: Listener) -> Writer:
    """For real processes: lines wait in a bounded queue until a thread has written them."""
    return _Threaded(name, stream, listener)


class _Threaded:
    """
    A destination with a thread.

    A line after a silence wakes it, which costs more than the line. It waits a moment, writes that
    one and those that followed, and is silent again. When the queue is full its oldest lines are
    dropped: the newest tell the present state, and the very last how the run ended.
    """

    def __init__(self, name: str, stream: LineStream, listener: Listener) -> None:
        self._stream = stream
        self._many = stream if isinstance(stream, ManyLinesStream) else None
        self._count = Count(listener)
        self._lines: deque[Line] = deque()
        self._waiting = 0
        self._in_hand = 0
        self._written = 0
        self._idle = False
        self._drains = 0
        self._closing = False
        self._lock = threading.Lock()
        self._progress = threading.Condition(self._lock)
        self._calls = SimpleQueue[None]()  # of which one waits at most
        self._called = False
        threading.Thread(target=self._work, name=f"{name} writer", daemon=True).start()

    @property
    def lost(self) -> int:
        with self._lock:
            return self._count.all + len(self._lines) + self._in_hand

    def put(self, line: Line) -> None:
        dropped = 0
        with self._lock:
            if self._closing:
                return
            self._lines.append(line)
            self._waiting += len(line)
            while self._waiting > QUEUED_TEXT_MAX:
                self._waiting -= len(self._lines.popleft())
                dropped += 1
            if self._idle or self._waiting > _FLOOD:
                self._call()
        if dropped:
            self._count.failed(BlockingIOError("nobody takes its lines"), dropped)

    def drain(self, within_s: float) -> None:
        with self._lock:
            ends_at, moving = time.monotonic() + within_s, True
            self._drains += 1
            self._call()
            while (self._lines or self._in_hand) and moving and time.monotonic() < ends_at:
                moving = self._progress.wait_for(self._written_since(self._written), _STUCK_S)
            self._drains -= 1

    def _written_since(self, before: int) -> Callable[[], bool]:
        return lambda: self._written != before

    def close(self) -> None:
        with self._lock:
            self._closing = True
            self._call()

    def _call(self) -> None:
        """End the thread's present pause, or its next; called with the lock."""
        if not self._called:
            self._called = True
            self._calls.put(None)

    def _work(self) -> None:
        while not self._closing:
            self._be_idle()
            if not (self._drains or self._closing):
                self._pause(_GATHERS_S)
            self._write_all()

    def _be_idle(self) -> None:
        """Wait for a line."""
        while not (self._lines or self._closing):
            self._idle = True
            # One may have come before that was set.
            if not self._lines and not self._pause(_LOOKS_AFTER_S):
                _tend(self._stream)
            self._idle = False

    def _pause(self, for_s: float) -> bool:
        """Wait so long, or until called; whether it was called."""
        try:
            self._calls.get(timeout=for_s)
        except Empty:
            return False
        self._called = False
        return True

    def _write_all(self) -> None:
        """Write the lines that wait."""
        while lines := self._take():
            self._write(lines)

    def _take(self) -> Sequence[Line]:
        """The next lines to write."""
        with self._lock:
            if self._closing:
                return ()
            # One by one where it matters which of them was the last.
            alone = self._many is None or self._drains or self._count.failing
            number = min(len(self._lines), 1 if alone else _LINES_A_WRITE)
            lines = [self._lines.popleft() for _ in range(number)]
            self._waiting -= sum(map(len, lines))
            self._in_hand = number
            return lines

    def _write(self, lines: Sequence[Line]) -> None:
        """Write lines, or the first of them; a line that is not taken is lost."""
        texts = [f"{line}\n" for line in lines]
        try:
            if self._many is None:
                taken = 1
                write_line(self._stream, texts[0])
            else:
                taken = self._many.write_lines(texts)
        except (OSError, ValueError) as error:
            # Disk full, pipe broken; a closed stream raises ValueError.
            self._count.failed(error)
            self._done(lines[1:])
            return
        report = self._count.written()
        self._done([report, *lines[taken:]] if report else lines[taken:])

    def _done(self, rest: Sequence[Line]) -> None:
        """Note that lines were written; the rest comes before all that wait."""
        with self._lock:
            self._in_hand = 0
            self._written += 1
            self._lines.extendleft(reversed(rest))
            self._waiting += sum(map(len, rest))
            if self._drains:
                self._progress.notify_all()


def _tend(stream: LineStream) -> None:
    """Let a rotating stream look after its file while no line comes."""
    tend = getattr(stream, "tend", None)
    if tend is not None:
        tend()
