"""
The files of one session's recording: packed, begun anew when large or old, within a limit.

All of it waits for the disk, so a thread beside the event loop calls it.
"""

import contextlib
import errno
from collections.abc import Callable, Mapping, Sequence
from io import RawIOBase
from pathlib import PurePath
from typing import Protocol

import attrs
import zstandard

from trading.recorded.noted import Entry, Gap, Part, part_of
from trading.recorded.session_lines import SessionLines

HEAD = "head.json"
SUFFIX = ".zst"

_ODD = (TypeError, ValueError, OverflowError, RecursionError)
"""What is raised by an entry of which no line can be made."""


class RecordingDisk(Protocol):
    """The disk's interface for recordings; all may raise ``OSError``."""

    def new_file(self, path: str) -> RawIOBase:
        """Open a file that is not there yet, unbuffered, with its private folder made."""
        ...

    def sizes(self, folder: str) -> Mapping[str, int]:
        """Bytes of each file, and in each folder, right below a folder; nothing without one."""
        ...

    def remove(self, folder: str) -> None:
        """Delete a folder and the files in it."""
        ...


@attrs.frozen(kw_only=True)
class RecordingLimits:
    """
    How large recordings may be.

    Args:
        bytes_max: Of all sessions, packed.
        file_bytes: A file that is as large is followed by a new one.
        file_s: One that is as old, in seconds, is too.
    """

    bytes_max: int
    file_bytes: int = 64 * 10**6
    file_s: float = 3600.0


class _Packer(Protocol):
    """zstandard's compressor, whose class has no public name."""

    def compress(self, data: bytes, /) -> bytes: ...

    def flush(self, mode: int, /) -> bytes: ...


@attrs.define(kw_only=True)
class _PackedFile:
    """A file that is being packed."""

    file: RawIOBase
    begun_at: float
    size: int = 0
    _packer: _Packer = attrs.field(
        # The checksum shows a bit that has flipped, once the file is complete.
        factory=lambda: zstandard.ZstdCompressor(write_checksum=True).compressobj()
    )

    def write(self, data: bytes) -> None:
        self._put(self._packer.compress(data))

    def flush(self) -> None:
        """Have all that was written be there to be unpacked, whatever becomes of this process."""
        self._put(self._packer.flush(zstandard.COMPRESSOBJ_FLUSH_BLOCK))

    def close(self) -> None:
        try:
            self._put(self._packer.flush(zstandard.COMPRESSOBJ_FLUSH_FINISH))
        finally:
            self.file.close()

    def _put(self, data: bytes) -> None:
        left = memoryview(data)
        while left:
            written = self.file.write(left) or 0
            self.size += written
            left = left[written:]


@attrs.define(kw_only=True)
class SessionFiles:
    """
    One life of the recorder at the files of one session.

    Args:
        folder: Of the session; those of others lie beside it, named by their numbers.
        head: Makes the content of ``head.json``.
    """

    disk: RecordingDisk
    folder: str
    head: Callable[[], bytes]
    limits: RecordingLimits
    _lines: SessionLines = attrs.field(factory=SessionLines)
    _open: dict[Part, _PackedFile] = attrs.field(factory=dict)
    _numbers: dict[Part, int] = attrs.field(factory=dict)
    _closed_bytes: int = 0
    _others: dict[str, int] = attrs.field(factory=dict)
    _unsure: set[Part] = attrs.field(factory=set)

    def begin(self) -> None:
        """
        Make the folder with its head, unless a former life of the recorder has, and room for it.

        Raises:
            OSError: The disk does not take it.
        """
        own = PurePath(self.folder).name
        beside = self.disk.sizes(str(PurePath(self.folder).parent))
        self._others = {name: size for name, size in beside.items() if _is_older(name, own)}
        known = self.disk.sizes(self.folder)
        self._closed_bytes = sum(known.values())
        for part in Part:
            self._numbers[part] = max((part_number(name, part) for name in known), default=0)
            if self._numbers[part]:
                self._unsure.add(part)  # a former life has not ended its last file
        self._make_room()
        if HEAD not in known:
            with self.disk.new_file(str(PurePath(self.folder) / HEAD)) as file:
                data = self.head()
                self._closed_bytes += len(data)
                while data:
                    data = data[file.write(data) or 0 :]

    def write(self, entries: Sequence[Entry | Gap], now: float, *, flush: bool) -> int:
        """
        Write entries down.

        Args:
            now: Monotonic seconds.
            flush: Whether they are to survive a crash of this process from now on.

        Returns:
            Bytes that the session has on the disk.

        Raises:
            OSError: The disk does not take them, or the limit is reached.
        """
        for part, file in tuple(self._open.items()):
            if file.size >= self.limits.file_bytes or now - file.begun_at >= self.limits.file_s:
                self._close(part)
        for part, data in self._packed_together(entries).items():
            self._file(part, now).write(data)
        if flush:
            for file in self._open.values():
                file.flush()
            self._make_room()
        return self._size

    def close(self, entries: Sequence[Entry | Gap], now: float) -> int:
        """
        Write the last entries down, and end all files.

        Raises:
            OSError: The disk does not take them.
        """
        try:
            self.write(entries, now, flush=False)
            for part in tuple(self._open):
                self._close(part)
        finally:
            self.abandon()
        return self._size

    def abandon(self) -> None:
        """Let go of the files as they are; nothing more is written."""
        for file in self._open.values():
            with contextlib.suppress(OSError):
                file.file.close()
        self._open.clear()

    def _packed_together(self, entries: Sequence[Entry | Gap]) -> Mapping[Part, bytes]:
        if Part.DECISIONS not in self._open:
            self._lines.begin_anew()  # each file can be read without the one before
        lines: dict[Part, list[bytes]] = {}
        for entry in entries:
            for part, line in self._made(entry):
                lines.setdefault(part, []).append(line)
        return {part: b"".join(those) for part, those in lines.items()}

    def _made(self, entry: Entry | Gap) -> Sequence[tuple[Part, bytes]]:
        try:
            return [self._lines.line(entry)]
        except _ODD:
            if isinstance(entry, Gap):
                raise
            # Such as a figure of another package's strategy that is no value.
            return [self._lines.line(Gap(part_of(entry), 0, 1))]

    def _file(self, part: Part, now: float) -> _PackedFile:
        if part not in self._open:
            self._numbers[part] += 1
            name = f"{part.value}-{self._numbers[part]:04}{SUFFIX}"
            file = self.disk.new_file(str(PurePath(self.folder) / name))
            self._open[part] = _PackedFile(file=file, begun_at=now)
            if part in self._unsure:
                self._unsure.discard(part)
                self._open[part].write(self._lines.line(Gap(part, 0, lost=0))[1])
        return self._open[part]

    def _close(self, part: Part) -> None:
        file = self._open.pop(part)
        try:
            file.close()
        finally:
            self._closed_bytes += file.size

    @property
    def _size(self) -> int:
        return self._closed_bytes + sum(file.size for file in self._open.values())

    def _make_room(self) -> None:
        """Delete the oldest sessions until all are within the limit."""
        while self._others and self._size + sum(self._others.values()) > self.limits.bytes_max:
            oldest = min(self._others, key=int)
            self.disk.remove(str(PurePath(self.folder).parent / oldest))
            del self._others[oldest]
        if self._size > self.limits.bytes_max:
            raise OSError(
                errno.EDQUOT,
                f"this session alone has {self.limits.bytes_max / 1e9:g} GB (recording.max_gb)",
            )


def _is_older(name: str, own: str) -> bool:
    return name.isascii() and name.isdecimal() and int(name) < int(own)


def part_number(name: str, part: Part) -> int:
    """Which of its part's files a name is of; 0 for none."""
    number = name.removeprefix(f"{part.value}-").removesuffix(SUFFIX)
    whole = name == f"{part.value}-{number}{SUFFIX}" and number.isascii() and number.isdecimal()
    return int(number) if whole else 0
