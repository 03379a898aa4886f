"""Archives of arrays as numpy saves them: opened without numpy, which the engine does not need."""

import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager

import attrs

from engine.datasets.binary import BinaryFormat, ReadFile
from engine.datasets.sources import Advance, NoSource, Source
from trading.datasets.importers.hftbacktest_npz import Arrays, Readable, first_time
from trading.datasets.importers.notes import Asked
from trading.datasets.standing import BareRecord

_ZIP = b"PK\x03\x04"
_MEMBER = "data.npy"
_MAGIC = b"\x93NUMPY"


def _recognise(source: Source) -> bool:
    """Whether a file is an archive that has the array ``data``, or is such an array itself."""
    if source.first.startswith(_MAGIC):
        return True
    if not source.first.startswith(_ZIP):
        return False
    try:
        with zipfile.ZipFile(source.path) as archive:
            return _MEMBER in archive.namelist()
    except zipfile.BadZipFile:
        return False


def _moment(source: Source) -> int:
    with _opened(source, lambda _: None) as file:
        return first_time(file)


def _begin(asked: Asked) -> ReadFile:
    arrays = Arrays(asked)

    def read(source: Source, advance: Advance) -> Iterator[BareRecord]:
        asked.notes.guess(f"that {source.name} is of {asked.pair}, which an array does not say")
        with _opened(source, advance) as file:
            yield from arrays.read(file)

    return read


@contextmanager
def _opened(source: Source, advance: Advance) -> Iterator[Readable]:
    """
    The array of a file.

    Raises:
        NoSource: It cannot be read.
    """
    try:
        with source.path.open("rb") as file:
            if source.first.startswith(_MAGIC):
                yield _Told(file, advance)
                return
            with zipfile.ZipFile(file) as archive, archive.open(_MEMBER) as member:
                share = source.size / max(archive.getinfo(_MEMBER).file_size, 1)
                yield _Told(member, advance, share)
    except (zipfile.BadZipFile, zlib.error, EOFError) as error:
        raise NoSource(f"{source.path}: it is damaged ({error})") from error
    except OSError as error:
        raise NoSource(f"{source.path}: {error.strerror}") from error


@attrs.frozen
class _Told:
    """A file that tells how far it was read; ``share`` of what is read lies in the packed file."""

    file: Readable
    advance: Advance
    share: float = 1.0

    def read(self, size: int, /) -> bytes:
        data = self.file.read(size)
        self.advance(round(len(data) * self.share))
        return data


FORMAT = BinaryFormat(
    name="hftbacktest-npz",
    title="an array of hftbacktest",
    content="book",
    recognise=_recognise,
    moment=_moment,
    begin=_begin,
)
