"""Archives of arrays as numpy saves them: opened without numpy, which the engine does not need."""

import zipfile
import zlib
from collections.abc import Iterator

import attrs

from engine.datasets.sources import Advance, NoSource, Source
from trading.datasets.importers import hftbacktest_npz
from trading.datasets.importers.notes import Asked
from trading.datasets.standing import BareRecord

_ZIP = b"PK\x03\x04"
_MEMBER = "data.npy"
_MAGIC = b"\x93NUMPY"


def recognise(source: Source) -> bool:
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


def read(source: Source, asked: Asked, advance: Advance) -> Iterator[BareRecord]:
    """
    The records of the array.

    Raises:
        NoSource: The archive is damaged.
        ValueError: As ``hftbacktest_npz.read``.
    """
    asked.notes.guess(f"that {source.name} is of {asked.pair}, which an array does not say")
    try:
        with source.path.open("rb") as file:
            if source.first.startswith(_MAGIC):
                yield from hftbacktest_npz.read(_Told(file, advance), asked)
                return
            with zipfile.ZipFile(file) as archive, archive.open(_MEMBER) as member:
                share = source.size / max(archive.getinfo(_MEMBER).file_size, 1)
                yield from hftbacktest_npz.read(_Told(member, advance, share), asked)
    except (zipfile.BadZipFile, zlib.error, EOFError) as error:
        raise NoSource(f"{source.path}: it is damaged ({error})") from error
    except OSError as error:
        raise NoSource(f"{source.path}: {error.strerror}") from error


@attrs.frozen
class _Told:
    """A file that tells how far it was read; ``share`` of what is read lies in the packed file."""

    file: hftbacktest_npz.Readable
    advance: Advance
    share: float = 1.0

    def read(self, size: int, /) -> bytes:
        data = self.file.read(size)
        self.advance(round(len(data) * self.share))
        return data
