"""The log's file and its rotation: begun anew when large, with a bounded number of former ones."""

import contextlib
import os
from collections.abc import Sequence
from io import FileIO
from pathlib import Path
from typing import Protocol

import attrs

from engine.logs.line_writer import whole_lines


class LogDisk(Protocol):
    """The log's interface to a disk; all may raise ``OSError``."""

    def append(self, path: str) -> FileIO:
        """Open a file to write at its end, unbuffered, with its folder made if need be."""
        ...

    def still_at(self, path: str, file: FileIO) -> bool:
        """Whether an open file is still the one at a path: not deleted or moved."""
        ...

    def shift(self, path: str, keep: int) -> None:
        """Give a file the name PATH.1, a former PATH.1 the next, and delete what is beyond."""
        ...


@attrs.frozen(kw_only=True)
class Rotation:
    """
    When the log is rotated.

    Args:
        size_max: Bytes that a file may have.
        keep: How many former files are kept.
    """

    size_max: int
    keep: int


class RotatingFile:
    """
    A stream of lines that loses none in a rotation, its own or another program's.

    While a new file cannot be begun, the old one is written on. Where the file was moved away or
    deleted, a new one is begun at its place with the next line, or when ``tend`` is called.
    Nothing is buffered: a line that a full disk did not take is lost, and the exception says so.

    Raises:
        OSError: Of the first opening; later ones are tried again with each line.
    """

    def __init__(self, disk: LogDisk, path: str, rotation: Rotation) -> None:
        self._disk = disk
        self._path = path
        self._rotation = rotation
        self._file = disk.append(path)
        self._shifted = False
        self._torn = False

    def write(self, text: str, /) -> int:
        """Write a whole line."""
        self.write_lines((text,))
        return len(text)

    def write_lines(self, lines: Sequence[str], /) -> int:
        """Write the lines that the file has room for, at least one; how many were written."""
        encoded = [line.encode("utf-8", "replace") for line in lines]
        self.tend()
        size = _size(self._file)
        if size and size + len(encoded[0]) > self._rotation.size_max:
            with contextlib.suppress(OSError):
                self._begin_anew()
                size = 0
        fitting = whole_lines(encoded, self._rotation.size_max - size) or 1
        return self._write_all(encoded[:fitting])

    def flush(self) -> None:
        """Do nothing: nothing is buffered."""

    def tend(self) -> None:
        """Begin a new file where this one was moved or deleted."""
        with contextlib.suppress(OSError):
            if not self._disk.still_at(self._path, self._file):
                self._open_anew()

    def close(self) -> None:
        self._file.close()

    def _write_all(self, lines: Sequence[bytes]) -> int:
        # Half a line, which a full disk leaves, must not swallow the one after it.
        before = b"\n" if self._torn else b""
        data = memoryview(before + b"".join(lines))
        rest = data
        try:
            while rest:
                rest = rest[self._file.write(rest) or 0 :]
        except OSError:
            if len(rest) == len(data):
                raise
            taken = len(data) - len(rest) - len(before)
            whole = whole_lines(lines, taken)
            self._torn = taken != sum(map(len, lines[:whole]))
            if not whole:
                raise
            return whole
        self._torn = False
        return len(lines)

    def _begin_anew(self) -> None:
        if not self._shifted:
            self._disk.shift(self._path, self._rotation.keep)
            self._shifted = True  # if the opening fails, the files are not shifted a second time
        self._open_anew()

    def _open_anew(self) -> None:
        new = self._disk.append(self._path)
        old, self._file, self._shifted, self._torn = self._file, new, False, False
        old.close()


def _size(file: FileIO) -> int:
    """The file's present size: another program may have emptied it."""
    return os.fstat(file.fileno()).st_size


def still_at(path: Path, file: FileIO) -> bool:
    """Whether an open file is still the one at a path."""
    try:
        return os.path.samestat(path.stat(), os.fstat(file.fileno()))
    except FileNotFoundError:
        return False


def shift(path: Path, keep: int) -> None:
    """
    Make room for a new file at a path.

    Raises:
        OSError: A file cannot be renamed.
    """
    for number in range(keep - 1, 0, -1):
        with contextlib.suppress(FileNotFoundError):
            former(path, number).replace(former(path, number + 1))
    path.replace(former(path, 1))
    _delete_beyond(path, keep)


def former(path: Path, number: int) -> Path:
    """The file that the log was written to so many rotations ago; 0 is the present one."""
    return path if number == 0 else path.with_name(f"{path.name}.{number}")


def present_files(path: Path) -> Sequence[Path]:
    """All files of a log, oldest first."""
    numbers = _numbers(path)
    files = [former(path, number) for number in sorted(numbers, reverse=True)]
    return [*files, path] if path.exists() else files


def _numbers(path: Path) -> list[int]:
    endings = (file.name.removeprefix(f"{path.name}.") for file in _beside(path))
    return [int(ending) for ending in endings if ending.isascii() and ending.isdigit()]


def _beside(path: Path) -> Sequence[Path]:
    if not path.parent.is_dir():
        return ()
    return [file for file in path.parent.iterdir() if file.name.startswith(f"{path.name}.")]


def _delete_beyond(path: Path, keep: int) -> None:
    # Fewer may be configured than before.
    for number in _numbers(path):
        if number > keep:
            former(path, number).unlink(missing_ok=True)
