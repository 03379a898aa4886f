"""Reads a log's lines through its former files, and follows it through rotations."""

import os
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import BinaryIO

import trio

from engine.logs.files import present_files

_POLL_S = 0.25


class LogReader:
    """
    Reads all lines of a log, oldest first, and then those that are added.

    A line is handed out when it is whole. Files are known by identity, not by name, as a rotation
    renames them.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._file: BinaryIO | None = None
        self._part = b""

    def leave_out_all_but(self, bytes_max: int) -> None:
        """Begin with about the last so many bytes, at the beginning of a line."""
        files = list(present_files(self._path))
        for place, file in enumerate(reversed(files)):
            try:
                size = file.stat().st_size
                if size < bytes_max and place + 1 < len(files):
                    bytes_max -= size
                    continue
                self._file = file.open("rb")
            except FileNotFoundError:
                continue  # renamed between the two looks
            if size > bytes_max:
                self._file.seek(size - bytes_max)
                self._file.readline()
            return

    def read(self) -> Iterator[bytes]:
        """Every whole line that is there now and was not handed out yet."""
        while True:
            if self._file is None and not self._open_next(None):
                return
            yield from self._lines()
            if self._shrunk():
                continue
            # Checked before the last read: lines written between the two are not lost.
            behind = self._is_former()
            yield from self._lines()
            if not behind or not self._open_next(self._file):
                return

    def rest(self) -> bytes:
        """The beginning of a line that was never finished."""
        return self._part

    async def follow(self) -> AsyncIterator[bytes]:
        """As ``read``, and then each line that is added, for ever."""
        while True:
            for line in self.read():
                yield line
            await trio.sleep(_POLL_S)

    def close(self) -> None:
        if self._file is not None:
            self._file.close()

    def _lines(self) -> Iterator[bytes]:
        assert self._file is not None
        while line := self._file.readline():
            self._part += line
            if self._part.endswith(b"\n"):
                whole, self._part = self._part[:-1], b""
                yield whole

    def _shrunk(self) -> bool:
        """Whether another program has emptied the file; then it is read from its beginning."""
        assert self._file is not None
        if os.fstat(self._file.fileno()).st_size >= self._file.tell():
            return False
        self._file.seek(0)
        self._part = b""
        return True

    def _is_former(self) -> bool:
        assert self._file is not None
        try:
            return not _same(self._file, self._path)
        except FileNotFoundError:
            return False  # renamed a moment ago; the new one is not there yet

    def _open_next(self, after: BinaryIO | None) -> bool:
        """Go on to the next file; the oldest there is when the former one was deleted."""
        files = list(present_files(self._path))
        if after is not None:
            known = [index for index, file in enumerate(files) if _is_there(after, file)]
            files = files[known[0] + 1 :] if known else files
        for file in files:
            try:
                opened = file.open("rb")
            except FileNotFoundError:
                continue  # renamed between the two looks
            if after is not None:
                after.close()
            self._file, self._part = opened, b""
            return True
        return False


def _is_there(file: BinaryIO, path: Path) -> bool:
    try:
        return _same(file, path)
    except FileNotFoundError:
        return False


def _same(file: BinaryIO, path: Path) -> bool:
    return os.path.samestat(os.fstat(file.fileno()), path.stat())
