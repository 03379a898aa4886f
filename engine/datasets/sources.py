"""Files to be imported: named, hashed, and read line by line, packed or not."""

import hashlib
import zipfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import islice
from pathlib import Path
from typing import BinaryIO, cast

import attrs

from engine.storage.recording_files import DamagedFile, read_lines
from trading.datasets.meta import SourceFile

Advance = Callable[[int], None]
"""Told how many more bytes of a file were read."""

_FIRST_LINES = 20
_FIRST_BYTES = 1024
_HASH_CHUNK_BYTES = 1024 * 1024
_ZIP = b"PK\x03\x04"
_DAMAGE = (
    DamagedFile, OSError, EOFError, zlib.error, zipfile.BadZipFile,
    RuntimeError,  # what a zip archive raises that is encrypted, or packed in an unknown way
)  # fmt: skip


class NoSource(Exception):
    """A file cannot be read, or not to its end; the message says which, and why."""


@attrs.frozen
class Source:
    """
    One file.

    Args:
        first: Its first bytes, as they lie there.
        head: Its first lines, unpacked; none where it cannot be unpacked or is no text.
    """

    path: Path
    first: bytes
    head: tuple[bytes, ...]

    @property
    def name(self) -> str:
        return self.path.name

    @property
    def size(self) -> int:
        return self.path.stat().st_size

    def told(self) -> SourceFile:
        """Its name, size and hash."""
        digest = hashlib.sha256()
        with self.path.open("rb") as file:
            while chunk := file.read(_HASH_CHUNK_BYTES):
                digest.update(chunk)
        return SourceFile(name=self.name, size=self.size, sha256=digest.hexdigest())

    def lines(self, advance: Advance) -> Iterator[bytes]:
        """
        Its lines, without their ends.

        Raises:
            NoSource: It is not readable to its end.
        """
        try:
            yield from _lines(self.path, advance)
        except _DAMAGE as error:
            raise NoSource(f"{self.path}: {_words(error)}") from error


def source_of(path: Path) -> Source:
    """
    A file by its name.

    Raises:
        NoSource: It is not there, or empty.
    """
    try:
        with path.open("rb") as file:
            first = file.read(_FIRST_BYTES)
    except OSError as error:
        raise NoSource(f"{path}: {error.strerror}") from error
    if not first:
        raise NoSource(f"{path} is empty")
    return Source(path, first, _head(path))


def _head(path: Path) -> tuple[bytes, ...]:
    try:
        return tuple(islice(_lines(path, lambda _: None), _FIRST_LINES))
    except _DAMAGE:
        return ()  # told when it is read


def _lines(path: Path, advance: Advance) -> Iterator[bytes]:
    with _opened(path) as (file, name):
        for line in read_lines(file, name, advance):
            yield line.removesuffix(b"\r")


@contextmanager
def _opened(path: Path) -> Iterator[tuple[BinaryIO, Path]]:
    """A file; of a zip archive the only file in it, as exchanges pack their dumps."""
    with path.open("rb") as file:
        packed = file.read(len(_ZIP)) == _ZIP
        file.seek(0)
        if not packed:
            yield file, path
            return
        with zipfile.ZipFile(file) as archive:
            names = archive.namelist()
            if len(names) != 1:
                raise DamagedFile(f"it is a zip archive of {len(names)} files, and not of one")
            with archive.open(names[0]) as member:
                yield cast("BinaryIO", member), Path(names[0])


def _words(error: Exception) -> str:
    return getattr(error, "strerror", None) or str(error)
