"""Recordings on disk: read line by line, packed or not; written whole or not at all."""

import gzip
import itertools
import re
import zipfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO, Protocol, cast

import attrs
import zstandard

from engine.storage.packed_files import FIRST_BYTES, NotUnpacked, Unpacker, unpacker_of
from engine.storage.places import check_file, draft_of, where_it_leads
from trading.core.errors import Fatal, FatalReason

MARKET = "market.txt"
"""The file of a bundle that holds the frames of its market data."""

ZIP = b"PK\x03\x04"
CUT_ZIP = "it is packed as a zip archive that is cut off or damaged: copy it again"

_CHUNK_BYTES = 64 * 1024
_RECORDED = re.compile(rb"[0-9]{19} ")
"""How a line of our own recordings begins: with its receive time."""
_LINE_BYTES_MAX = 16 * 1024 * 1024
"""A line is one message of a venue, the longest of them a whole order book."""


class DamagedFile(Exception):
    """A file cannot be read to its end; what came before is sound."""


class CutFile(DamagedFile):
    """A file ends too early, as one does whose writer was killed."""


def read_lines(file: BinaryIO, path: Path, advance: Callable[[int], None]) -> Iterator[bytes]:
    """
    A recording's lines, without their ends.

    Args:
        file: The open file.
        path: Its suffix says how it is packed, where its first bytes do not.
        advance: Told how many more bytes of the file were read.

    Raises:
        DamagedFile: It cannot be unpacked, ends too early, or has a line without end.
    """
    rest = b""
    for chunk in read_chunks(file, path, advance):
        *lines, rest = (rest + chunk).split(b"\n")
        yield from lines
        if len(rest) > _LINE_BYTES_MAX:
            raise DamagedFile(f"a line is longer than {_LINE_BYTES_MAX} bytes")
    if rest:
        yield rest


def read_chunks(file: BinaryIO, path: Path, advance: Callable[[int], None]) -> Iterator[bytes]:
    """
    What is in a file, unpacked, in pieces of whatever length.

    Args:
        file: The open file.
        path: Its suffix says how it is packed, where its first bytes do not.
        advance: Told how many more bytes of the file were read.

    Raises:
        DamagedFile: It cannot be unpacked, or ends too early.
    """
    if (bundled := _bundled(file)) is not None:
        file = bundled
    chunks = _chunks(file, advance)
    first = next(chunks, b"")
    chunks = itertools.chain([first], chunks)
    try:
        make = unpacker_of(first[:FIRST_BYTES], path.suffix)
    except NotUnpacked as error:
        raise DamagedFile(str(error)) from error
    return chunks if make is None else _unpacked(chunks, make)


def _bundled(file: BinaryIO) -> BinaryIO | None:
    """
    The market data in a bundle of ``engine conformance``; ``None`` for any other file.

    Raises:
        DamagedFile: It is a zip archive without its end.
    """
    if not file.seekable():
        return None
    began = file.tell()
    try:
        if file.read(len(ZIP)) != ZIP:
            return None
        return cast("BinaryIO", zipfile.ZipFile(file).open(MARKET))
    except zipfile.BadZipFile as error:
        raise DamagedFile(CUT_ZIP) from error
    except (KeyError, RuntimeError):  # it has no such file, or an encrypted one
        return None
    finally:
        file.seek(began)


def _chunks(file: BinaryIO, advance: Callable[[int], None]) -> Iterator[bytes]:
    try:
        while chunk := file.read(_CHUNK_BYTES):
            advance(len(chunk))
            yield chunk
    except (zipfile.BadZipFile, zlib.error, EOFError) as error:  # of a file in an archive
        raise DamagedFile(f"what is packed in it is damaged ({error})") from error


def _unpacked(chunks: Iterator[bytes], make: Callable[[], Unpacker]) -> Iterator[bytes]:
    """Unpack one stream after the other: files that were packed apart may have been joined."""
    unpacker = None
    try:
        for chunk in chunks:
            data = chunk
            while data:
                unpacker = unpacker or make()
                yield unpacker.decompress(data)
                data = unpacker.unused_data
                if unpacker.eof:
                    unpacker = None
    except (zlib.error, zstandard.ZstdError) as error:
        raise DamagedFile(f"what is packed in it is damaged, or it is not packed ({error})") from (
            error
        )
    if unpacker is not None:
        raise CutFile("it was cut off: it ends in the middle of what is packed")


class _Sink(Protocol):
    def write(self, data: bytes, /) -> int: ...

    def flush(self) -> object: ...

    def close(self) -> None: ...


@attrs.define
class RecordingFile:
    """
    A recording that is being written.

    Args:
        path: Where it is from its first line on.
        begun_at: Where it lies until then.
    """

    path: Path
    _sink: _Sink
    _begun_at: Path
    empty: bool = attrs.field(default=True, init=False)

    def write(self, line: str) -> None:
        """
        Add a line; with the first one it takes the place of a file that is there already.

        Raises:
            Fatal: The disk does not take it.
        """
        with self._translating():
            self._sink.write(line.encode())
            if self.empty and self._begun_at != self.path:
                self._begun_at.replace(self.path)
        self.empty = False

    def flush(self) -> None:
        """
        Hand what was added to the operating system, so that it survives a crash of ours.

        Raises:
            Fatal: The disk does not take it.
        """
        with self._translating():
            self._sink.flush()

    def close(self) -> None:
        """
        Write what is left.

        Raises:
            Fatal: The disk does not take it.
        """
        with self._translating():
            self._sink.close()

    @contextmanager
    def _translating(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            text = f"{self.path} cannot be written: {error.strerror}; it may end in half a line"
            raise Fatal(text, FatalReason.DISK) from error


def is_recording(path: Path) -> bool:
    """
    Whether a file is a recording, as far as its first line shows.

    Raises:
        OSError: It cannot be read.
    """
    with path.open("rb") as file:
        try:
            first = next(read_lines(file, path, lambda _: None), b"")
        except DamagedFile:
            return False
    return _RECORDED.match(first) is not None


@contextmanager
def new_recording(path: Path, *, force: bool) -> Iterator[RecordingFile]:
    """
    Begin a recording; it is complete when the context ends, and not kept where it has no line.

    Args:
        path: Its suffix says how it is to be packed.
        force: Whether a file that is there already is replaced, by a recording that has a line.

    Raises:
        OSError: It cannot be; ``FileExistsError`` where one is there, ``PlaceTaken`` where what is
            to be replaced is none.
        Fatal: The disk does not take what is left at the end.
    """
    if force:
        check_file(path, is_recording, "recording")
    path = where_it_leads(path)
    begun_at = draft_of(path) if force and path.is_file() else path
    with begun_at.open("wb" if force else "xb") as file:
        recording = RecordingFile(path, _packed(file, path.suffix), begun_at)
        try:
            yield recording
        finally:
            recording.close()
            if recording.empty and begun_at.is_file():
                begun_at.unlink()


def _packed(file: BinaryIO, suffix: str) -> _Sink:
    match suffix:
        case ".gz":
            return gzip.GzipFile(fileobj=file, mode="wb")
        case ".zst":
            # The checksum shows a bit that has flipped, as gzip's does.
            packer = zstandard.ZstdCompressor(write_checksum=True)
            return packer.stream_writer(file, closefd=False)
        case _:
            return file
