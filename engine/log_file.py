"""The log's file: begun anew when it is large, with a bounded number of former ones beside it."""

import contextlib
from collections.abc import Sequence
from pathlib import Path
from typing import Protocol, TextIO

import attrs


class LogDisk(Protocol):
    """What the log needs of a disk; all may raise ``OSError``."""

    def append_text(self, path: str) -> TextIO:
        """Open a file to write at its end, with its folder made if need be."""
        ...

    def shift(self, path: str, keep: int) -> None:
        """Give a file the name PATH.1, a former PATH.1 the next, and delete what is beyond."""
        ...


@attrs.frozen(kw_only=True)
class Rotation:
    """
    When the log begins anew.

    Args:
        size_max: Bytes that a file may have.
        keep: How many former files are kept.
    """

    size_max: int
    keep: int


class RotatingFile:
    """
    A stream of lines that never loses one to a rotation.

    While a new file cannot be begun, the old one is written on.

    Raises:
        OSError: Of the first opening; later ones are tried again with each line.
    """

    def __init__(self, disk: LogDisk, path: str, rotation: Rotation) -> None:
        self._disk = disk
        self._path = path
        self._rotation = rotation
        self._file = disk.append_text(path)
        self._size = self._file.tell()
        self._shifted = False

    def write(self, text: str, /) -> int:
        """Write a whole line."""
        size = len(text.encode("utf-8", "replace"))
        if self._size and self._size + size > self._rotation.size_max:
            with contextlib.suppress(OSError):
                self._begin_anew()
        written = self._file.write(text)
        self._size += size
        return written

    def flush(self) -> None:
        self._file.flush()

    def close(self) -> None:
        self._file.close()

    def _begin_anew(self) -> None:
        self._file.flush()
        if not self._shifted:
            self._disk.shift(self._path, self._rotation.keep)
            self._shifted = True  # should the opening fail, what was shifted is not shifted again
        new = self._disk.append_text(self._path)
        old, self._file, self._size, self._shifted = self._file, new, new.tell(), False
        old.close()


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
    # Somebody may have configured fewer than before.
    for number in _numbers(path):
        if number > keep:
            former(path, number).unlink(missing_ok=True)
