"""
The process's stdout and stderr, whose readers may be slow, or gone.

Text goes to the descriptor at once: text left in a buffer of Python's would be written when the
interpreter ends, and a closed pipe or a held terminal would then decide how the process ends.
"""

import codecs
import contextlib
import io
import os
import select
import sys
import threading
from collections.abc import Sequence
from typing import TextIO

from typing_extensions import override

from engine.logs.line_writer import LineStream, whole_lines

_LAST_WORD_S = 5.0
"""For the reader of a command's result; a held terminal may take for ever."""


def hold_descriptors() -> None:
    """
    Open descriptors 0, 1 and 2 if they are closed, before anything else is opened.

    Otherwise the next file would get such a number: a ledger, into which the console would be
    written.
    """
    for number in range(3):
        try:
            os.fstat(number)
        except OSError:
            os.open(os.devnull, os.O_RDWR)


class _ForgivingStream(io.TextIOWrapper):
    """A text stream that drops the rest once its reader has gone; nothing is raised."""

    @override
    def write(self, text: str, /) -> int:
        try:
            return super().write(text)
        except BrokenPipeError:
            return self._leave(len(text))

    @override
    def flush(self) -> None:
        try:
            super().flush()
        except BrokenPipeError:
            self._leave(0)

    def _leave(self, length: int) -> int:
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, self.fileno())
        os.close(nowhere)
        return length


def forgive_readers_that_leave() -> None:
    """
    Drop further prints silently when the reader ends first, as ``head`` does.

    A command's result, and so its exit code, does not depend on the reader.
    """
    for name in ("stdout", "stderr"):
        stream = getattr(sys, name)
        if isinstance(stream, io.TextIOWrapper):
            forgiving = _ForgivingStream(
                stream.buffer,
                encoding=stream.encoding,
                errors=stream.errors,
                line_buffering=stream.line_buffering,
                write_through=stream.write_through,
            )
            setattr(sys, name, forgiving)


class DescriptorStream:
    """
    Writes text to a descriptor; waits where it has to, also for one that does not block.

    Raises:
        OSError: The reader has gone, or the disk is full.
    """

    def __init__(self, descriptor: int, encoding: str) -> None:
        self._descriptor = descriptor
        self._encoding = encoding

    def write(self, text: str, /) -> int:
        self.write_lines((text,))
        return len(text)

    def write_lines(self, lines: Sequence[str], /) -> int:
        """Write all of the lines, or as many as the reader takes; how many were written."""
        encoded = [line.encode(self._encoding, "backslashreplace") for line in lines]
        data = memoryview(b"".join(encoded))
        rest = data
        try:
            while rest:
                rest = self._write_some(rest)
        except OSError:
            whole = whole_lines(encoded, len(data) - len(rest))
            if not whole:
                raise
            return whole
        return len(lines)

    def _write_some(self, data: memoryview) -> memoryview:
        """Write what is taken at once; the rest."""
        try:
            return data[os.write(self._descriptor, data) :]
        except BlockingIOError:
            # Another process on the terminal has set it to non-blocking.
            poll = select.poll()
            poll.register(self._descriptor, select.POLLOUT)
            poll.poll()
            return data

    def flush(self) -> None:
        """Do nothing: nothing is buffered."""


def plain_stream(stream: TextIO | None) -> LineStream | None:
    """A standard stream without its buffer; ``None`` where there is none."""
    if stream is None:
        return None
    try:
        descriptor = stream.fileno()
    except (OSError, ValueError):
        return stream  # one that lives in memory
    with contextlib.suppress(OSError, ValueError):
        stream.flush()
    encoding = getattr(stream, "encoding", None) or "utf-8"
    with contextlib.suppress(LookupError):
        encoding = codecs.lookup(encoding).name
    return DescriptorStream(descriptor, encoding)


def say(text: str, *, error: bool = False, within_s: float = _LAST_WORD_S) -> str:
    """
    Write a last line, for so many seconds at most.

    Args:
        error: To stderr instead of stdout.

    Returns:
        Why it could not be written; empty if all of it was written.
    """
    standard = sys.stderr if error else sys.stdout
    # While an engine runs its prints become events; a last line does not.
    stream = plain_stream(getattr(standard, "instead_of", standard))
    if stream is None:
        return "there is no such stream"
    if isinstance(stream, io.TextIOBase):
        stream.write(text)
        return ""
    troubles: list[str] = []
    done = threading.Event()

    def write() -> None:
        try:
            stream.write(text)
        except OSError as trouble:
            troubles.append(trouble.strerror or str(trouble))
        done.set()

    threading.Thread(target=write, name="last word", daemon=True).start()
    if not done.wait(within_s):
        return f"nobody read it within {within_s:g} s"
    return troubles[0] if troubles else ""
