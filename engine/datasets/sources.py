"""Files to be imported: named, hashed, and read line by line, packed or not."""

import hashlib
import zipfile
import zlib
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO, cast

import attrs

from engine.storage.recording_files import CUT_ZIP, ZIP, DamagedFile, read_chunks, read_lines
from trading.datasets.meta import SourceFile

Advance = Callable[[int], None]
"""Told how many more bytes of a file were read."""

_FIRST_LINES = 20
_FIRST_BYTES = 1024
_START_BYTES_MAX = 4 * 1024 * 1024
"""A first line may be a whole book."""
_HASH_CHUNK_BYTES = 1024 * 1024
_DAMAGE = (
    DamagedFile, OSError, EOFError, zlib.error, zipfile.BadZipFile,
    RuntimeError,  # what a zip archive raises that is encrypted, or packed in an unknown way
)  # fmt: skip


class NoSource(Exception):
    """A file cannot be read, or not to its end; the message says which, and why."""


@attrs.define
class Source:
    """
    One file.

    Args:
        first: Its first bytes, as they lie there.
        start: Its beginning, unpacked; empty where it cannot be.

    Attributes:
        row: Which of its lines was read last, from 1.
    """

    path: Path
    first: bytes
    start: bytes
    row: int = attrs.field(default=0, init=False)

    @property
    def head(self) -> tuple[bytes, ...]:
        """Its first lines; the last of them may be cut."""
        lines = self.start.split(b"\n", _FIRST_LINES)
        return tuple(line.removesuffix(b"\r") for line in lines[:_FIRST_LINES] if line)

    @property
    def name(self) -> str:
        return self.path.name

    @property
    def size(self) -> int:
        return self.path.stat().st_size

    @property
    def missing(self) -> Sequence[str]:
        """Names of files that end early; known once it was read."""
        return ()

    def told(self) -> Sequence[SourceFile]:
        """Name, size and hash of each of its files."""
        return [told_file(self.path)]

    def lines(self, advance: Advance) -> Iterator[bytes]:
        """
        Its lines, without their ends.

        Raises:
            NoSource: It is not readable to its end.
        """
        try:
            for line in _lines(self.path, advance):
                self.row += 1
                yield line
        except _DAMAGE as error:
            raise NoSource(f"{self.path}: {words_of(error)}") from error

    def chunks(self, advance: Advance) -> Iterator[bytes]:
        """
        What is in it, unpacked, in pieces of whatever length.

        Raises:
            NoSource: It is not readable to its end.
        """
        try:
            with _opened(self.path) as (file, name):
                yield from read_chunks(file, name, advance)
        except _DAMAGE as error:
            raise NoSource(f"{self.path}: {words_of(error)}") from error


def told_file(path: Path) -> SourceFile:
    """A file's name, size and hash."""
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while chunk := file.read(_HASH_CHUNK_BYTES):
            digest.update(chunk)
    return SourceFile(name=path.name, size=path.stat().st_size, sha256=digest.hexdigest())


def source_of(path: Path) -> Source:
    """
    A file by its name.

    Raises:
        NoSource: It is not there, or empty.
    """
    if path.exists() and not (path.is_file() or path.is_dir()):
        raise NoSource(f"{path} is no regular file, and has to be read twice")
    try:
        with path.open("rb") as file:
            first = file.read(_FIRST_BYTES)
    except OSError as error:
        raise NoSource(f"{path}: {error.strerror}") from error
    if not first:
        raise NoSource(f"{path} is empty")
    if first.startswith(ZIP) and not zipfile.is_zipfile(path):
        raise NoSource(f"{path}: {CUT_ZIP}")
    return Source(path, first, _start(path))


def _start(path: Path) -> bytes:
    """Enough for some lines; what is wrong with the rest is told when it is read."""
    found = b""
    try:
        with _opened(path) as (file, name):
            for chunk in read_chunks(file, name, lambda _: None):
                found += chunk
                if found.count(b"\n") >= _FIRST_LINES or len(found) > _START_BYTES_MAX:
                    break
    except _DAMAGE:
        pass
    return found


def _lines(path: Path, advance: Advance) -> Iterator[bytes]:
    with _opened(path) as (file, name):
        for line in read_lines(file, name, advance):
            yield line.removesuffix(b"\r")


@contextmanager
def _opened(path: Path) -> Iterator[tuple[BinaryIO, Path]]:
    """A file; of a zip archive the only file in it, as exchanges pack their dumps."""
    with path.open("rb") as file:
        packed = file.read(len(ZIP)) == ZIP
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


def words_of(error: Exception) -> str:
    return getattr(error, "strerror", None) or str(error)
