"""
Tells a torn tail of SQLite's write-ahead log from damage in its middle.

SQLite stops reading at the first frame that is not whole. After a power cut that is right: nothing
that was synchronised comes after it. When a bit has flipped in the middle it would silently forget
every commit from there on, so such a log has to be refused.

The format is https://www.sqlite.org/fileformat2.html#the_write_ahead_log: a header of 32 bytes,
then frames of 24 bytes and a page, each with the log's salt and a running checksum.
"""

import struct
from array import array
from collections.abc import Sequence

import attrs

_HEADER, _FRAME = 32, 24
_MAGIC_LITTLE_ENDIAN, _MAGIC_BIG_ENDIAN = 0x377F0682, 0x377F0683
_WORD = 0xFFFFFFFF
_NO_COMMIT = bytes(4)
"""The database's size after a commit is in its last frame; in others there is none."""


@attrs.frozen
class Frame:
    """A frame, counted from 1, and where in the file it begins."""

    number: int
    offset: int


def damaged_frame(wal: bytes) -> Frame | None:
    """
    The frame that is damaged though whole commits follow it; ``None`` when all may be trusted.

    One transaction at the end may be torn anywhere, its commit frame included; so damage is told
    by a second commit from the first frame on that is not whole.
    """
    if len(wal) <= _HEADER:
        return None  # nothing was ever written behind the header
    magic, _version, page_size = struct.unpack_from(">3I", wal)
    swap = magic == _MAGIC_LITTLE_ENDIAN
    if (
        magic not in (_MAGIC_LITTLE_ENDIAN, _MAGIC_BIG_ENDIAN)
        or page_size not in _PAGE_SIZES
        or _checksum(wal[: _HEADER - 8], (0, 0), swap=swap) != _sums_at(wal, _HEADER - 8)
    ):
        return Frame(0, 0)  # the header: SQLite would read none of what is behind it
    size = _FRAME + page_size
    frames = [wal[offset : offset + size] for offset in range(_HEADER, len(wal) - size + 1, size)]
    salt = wal[16:24]
    whole = _whole_frames(frames, salt, _sums_at(wal, _HEADER - 8), swap=swap)
    commits = sum(_commits(frame, salt) for frame in frames[whole:])
    return Frame(whole + 1, _HEADER + whole * size) if commits > 1 else None


def _commits(frame: bytes, salt: bytes) -> bool:
    """Whether a frame ends a transaction of this log; its salt may be what one bit flipped in."""
    strange = int.from_bytes(frame[8:16]) ^ int.from_bytes(salt)
    return strange.bit_count() <= 1 and frame[4:8] != _NO_COMMIT


def _whole_frames(
    frames: Sequence[bytes], salt: bytes, sums: tuple[int, int], *, swap: bool
) -> int:
    """How many frames from the beginning on are whole."""
    for number, frame in enumerate(frames):
        sums = _checksum(frame[:8], sums, swap=swap)
        sums = _checksum(frame[_FRAME:], sums, swap=swap)
        if frame[8:16] != salt or sums != _sums_at(frame, 16):
            return number
    return len(frames)


def _sums_at(data: bytes, offset: int) -> tuple[int, int]:
    first, second = struct.unpack_from(">2I", data, offset)
    return first, second


_PAGE_SIZES = frozenset(1 << power for power in range(9, 17))


def _checksum(data: bytes, sums: tuple[int, int], *, swap: bool) -> tuple[int, int]:
    """SQLite's running checksum over whole pairs of 32-bit words; little-endian when ``swap``."""
    words = array("I", data)
    if (array("I", b"\1\0\0\0")[0] == 1) != swap:
        words.byteswap()
    first, second = sums
    pairs = iter(words)
    for even, odd in zip(pairs, pairs, strict=True):
        first = (first + even + second) & _WORD
        second = (second + odd + first) & _WORD
    return first, second
