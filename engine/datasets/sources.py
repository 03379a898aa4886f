"""Files to be imported: named, hashed, and read line by line, packed or not."""

import hashlib
import zipfile
import zlib
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO, cast

import attrs

from engine.storage.recording_files import CutFile, DamagedFile, read_chunks, read_lines
from engine.storage.session_files import HEAD
from engine.storage.session_folder import open_session
from trading.datasets.meta import SourceFile
from trading.recorded.noted import Ended, Part
from trading.recorded.replay import DamagedSession
from trading.recorded.session_lines import read_decisions_line

Advance = Callable[[int], None]
"""Told how many more bytes of a file were read."""

_FIRST_LINES = 20
_FIRST_BYTES = 1024
_START_BYTES_MAX = 4 * 1024 * 1024
"""A first line may be a whole book."""
_HASH_CHUNK_BYTES = 1024 * 1024
_RECORDED = ("market-*.zst", "account-*.zst")
_ZIP = b"PK\x03\x04"
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
        broke_off: Whether it ends early, as the last files of a session do whose engine was killed
            or goes on; known once it was read.
    """

    path: Path
    first: bytes
    start: bytes
    broke_off: bool = attrs.field(default=False, init=False)

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
        except CutFile as cut:
            if not _last_of_its_session(self.path):
                raise NoSource(f"{self.path}: {cut}") from cut
            if _ended_in_good_order(self.path.parent):
                raise NoSource(
                    f"{self.path} was cut off after it had been recorded whole: copy it again from"
                    " where it was recorded"
                ) from cut
            self.broke_off = True
        except _DAMAGE as error:
            raise NoSource(f"{self.path}: {_words(error)}") from error

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
            raise NoSource(f"{self.path}: {_words(error)}") from error


def expanded(paths: Sequence[Path]) -> Sequence[Path]:
    """
    Files, where folders of sessions stand for what they recorded of market and account.

    Raises:
        NoSource: A folder has nothing of a session.
    """
    found: list[Path] = []
    for path in paths:
        if not path.is_dir():
            found.append(path)
            continue
        recorded = [file for name in _RECORDED for file in sorted(path.glob(name))]
        if not recorded:
            raise NoSource(f"{path} is a folder without {' or '.join(_RECORDED)}: name its files")
        found += recorded
    return found


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


def _last_of_its_session(path: Path) -> bool:
    if not (path.parent / HEAD).is_file():
        return False
    for name in _RECORDED:
        kept = sorted(path.parent.glob(name))
        if path in kept:
            return path == kept[-1]
    return False


def _ended_in_good_order(session: Path) -> bool:
    """Whether a session has its end; then none of its files ends early."""
    try:
        newest = deque(open_session(session).lines(Part.DECISIONS, lambda _: None), maxlen=1)
        return any(isinstance(read_decisions_line(line.text), Ended) for line in newest)
    except (DamagedSession, OSError, ValueError) as error:
        raise NoSource(f"{session}: {error}") from error


def _words(error: Exception) -> str:
    return getattr(error, "strerror", None) or str(error)
