"""
Runs a cell in a process of its own, which ends with this one: the one function that is sent around.

The child reads its requests from a pipe, and ends where that does. So a worker that is killed
leaves nothing running, whatever its cluster makes of it.
"""

import contextlib
import os
import queue
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

import msgspec

from engine.sweep.arriving import arrived
from engine.sweep.cells import CellFailure, CellRequest, encode_cell
from engine.sweep.frames import read_frame, write_frame
from engine.sweep.parcels import is_parcel

ASKED_EVERY_S = 2.0
"""Between two looks whether a running cell is to be stopped."""
_ENDS_WITHIN_S = 5.0

_request = msgspec.json.Decoder(CellRequest)


class CellDied(Exception):
    """A cell's process ended without an answer: it was killed, or there was no memory."""


class CellStopped(Exception):
    """A cell was told to stop."""


def run(request: bytes) -> bytes:
    """
    Run a cell, or keep what comes of a dataset.

    Raises:
        CellDied: Its process has ended before it had a result.
    """
    return run_until(request, lambda: False)


def run_until(
    request: bytes, stopped: Callable[[], bool], *, asked_every_s: float = ASKED_EVERY_S
) -> bytes:
    """
    Run a cell, unless it is told to stop. What comes of a dataset is kept, in this process.

    Raises:
        CellDied: Its process has ended before it had a result.
        CellStopped: It was told to stop, before or while it ran.
    """
    if is_parcel(request):
        return arrived(request)
    asked = _request.decode(request)
    ends_at = time.monotonic() + asked.deadline_s
    if stopped():
        raise CellStopped
    child = _CHILDREN.take()
    kept = False
    try:
        child.ask(request)
        while True:
            left_s = ends_at - time.monotonic()
            answer = child.answer(min(asked_every_s, max(0.0, left_s)))
            if answer is not None:
                kept = True
                return answer
            if left_s <= 0:
                failed = f"it took longer than {asked.deadline_s:g} s"
                return encode_cell(CellFailure(key=asked.key, failed=failed))
            if stopped():
                raise CellStopped
    finally:
        if kept:
            _CHILDREN.give_back(child)
        else:
            child.end()


class _Child:
    """A process that runs cells."""

    def __init__(self) -> None:
        root = str(Path(__file__).parents[2])
        inherited = os.environ.get("PYTHONPATH")
        path = os.pathsep.join([root, *([inherited] if inherited else [])])
        self._process = subprocess.Popen(  # ourselves
            [sys.executable, "-m", "engine", "sweep-cell"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env={**os.environ, "PYTHONPATH": path},
            # A Ctrl-C of the terminal is its parent's alone.
            start_new_session=True,
        )
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._requests, self._replies = self._process.stdin, self._process.stdout
        self._answers: queue.SimpleQueue[bytes | None] = queue.SimpleQueue()
        threading.Thread(target=self._listen, daemon=True).start()

    @property
    def alive(self) -> bool:
        return self._process.poll() is None

    def ask(self, request: bytes) -> None:
        try:
            write_frame(self._requests, request)
        except OSError as error:
            raise CellDied("its process is gone") from error

    def answer(self, within_s: float) -> bytes | None:
        """
        Its answer; ``None`` if there is none yet.

        Raises:
            CellDied: There will be none.
        """
        try:
            answer = self._answers.get(timeout=within_s)
        except queue.Empty:
            return None
        if answer is None:
            code = self._process.wait()
            raise CellDied(f"its process ended with {code}")
        return answer

    def end(self) -> None:
        """End it, and wait until it has."""
        self._process.kill()
        with contextlib.suppress(OSError):
            self._requests.close()
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._process.wait(_ENDS_WITHIN_S)

    def _listen(self) -> None:
        with self._replies as replies:
            while (answer := read_frame(replies)) is not None:
                self._answers.put(answer)
        self._answers.put(None)


class _Children:
    """Processes that wait for the next cell: each takes a good part of a second to start."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._idle: list[_Child] = []

    def take(self) -> _Child:
        with self._lock:
            while self._idle:
                child = self._idle.pop()
                if child.alive:
                    return child
                child.end()
        return _Child()

    def give_back(self, child: _Child) -> None:
        with self._lock:
            self._idle.append(child)

    def end(self) -> None:
        with self._lock:
            for child in self._idle:
                child.end()
            self._idle.clear()


_CHILDREN = _Children()


def end_idle_children() -> None:
    """End the processes that wait for cells in this process."""
    _CHILDREN.end()
