"""
The engine's side of the live picture: a pipe to the process that draws it.

The log's own writer, which can wait, puts the log's lines into the pipe; no other part of the
engine has to do with it. When the drawing process is gone, the lines go to the terminal as they
are.
"""

import contextlib
import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence

from engine.logs.line_writer import LineStream
from engine.logs.lines import Entry
from engine.logs.standard_streams import DescriptorStream, say
from engine.picture.events import GOODBYE
from engine.process.terminal_suspend import set_suspend_character, suspend_character

_THE_ENGINES = frozenset(
    {
        *(signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT, signal.SIGUSR1),
        *(signal.SIGTSTP, signal.SIGTTIN, signal.SIGTTOU),
    }
)
"""Signals that a terminal sends to all of its processes; the picture ends only with its input."""

_RESTORED = "\x1b[?1049l\x1b[?25h\x1b[0m"
"""Back to the ordinary screen, with a cursor; the drawing process does so itself if it can."""

_LAST_FRAME_S = 3.0


class PictureStream:
    """
    A stream for the log's JSON lines: to the drawing process, or plain to the terminal.

    Args:
        socket_path: Of the engine's operator socket.
        log: The log file's path; empty if there is none.
        plain: Where lines go when no process draws.
        render: Makes a line for ``plain`` of a log entry.
    """

    def __init__(
        self, *, socket_path: str, log: str, plain: LineStream, render: Callable[[Entry], str]
    ) -> None:
        self._command = [sys.executable, "-m", "engine.picture.process", socket_path, log]
        self._plain = plain
        self._render = render
        self._read_end, self._write_end = os.pipe()
        self._pipe = DescriptorStream(self._write_end, "utf-8")
        self._child: subprocess.Popen[bytes] | None = None
        self._broken = False
        self._suspends: int | None = None

    @contextlib.contextmanager
    def shown(self, drain: Callable[[], None]) -> Iterator[None]:
        """
        Draw for as long as this context is open; then the terminal is as it was.

        Meanwhile no character suspends: it would suspend a shell's ``make``, but not the engine.

        Args:
            drain: Has the log's last lines written.
        """
        self._suspends = suspend_character()
        self._start()
        set_suspend_character(None)
        try:
            yield
        finally:
            try:
                drain()
                self._close()
            finally:
                set_suspend_character(self._suspends)

    def _start(self) -> None:
        before = signal.pthread_sigmask(signal.SIG_BLOCK, _THE_ENGINES)
        try:
            command = [*self._command, "" if self._suspends is None else str(self._suspends)]
            self._child = subprocess.Popen(command, stdin=self._read_end)  # noqa: S603
        finally:
            signal.pthread_sigmask(signal.SIG_SETMASK, before)
        os.close(self._read_end)

    def write(self, text: str, /) -> int:
        if not self._broken:
            try:
                return self._pipe.write(text)
            except BrokenPipeError:
                self._broken = True
                self._plain.write(_RESTORED)
        for line in text.splitlines():
            self._plain.write(f"{self._render(json.loads(line))}\n")
        return len(text)

    def write_lines(self, lines: Sequence[str], /) -> int:
        self.write("".join(lines))
        return len(lines)

    def flush(self) -> None:
        """Nothing: no line is buffered."""

    def _close(self) -> None:
        """Give the terminal back, within a few seconds: it may be held."""
        child = self._child
        assert child is not None, "it was started"
        if not self._broken:
            with contextlib.suppress(OSError):
                os.set_blocking(self._write_end, False)
                os.write(self._write_end, f'{{"event": "{GOODBYE}"}}\n'.encode())
        os.close(self._write_end)
        self._broken = True
        try:
            child.wait(_LAST_FRAME_S)
        except subprocess.TimeoutExpired:
            child.kill()
            child.wait()
            say(_RESTORED, within_s=1.0)
