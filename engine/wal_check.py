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

import attrs

_HEADER, _FRAME = 32, 24
_MAGIC_LITTLE_ENDIAN, _MAGIC_BIG_ENDIAN = 0x377F0682, 0x377F0683
_WORD = 0xFFFFFFFF


@attrs.frozen
class Frame:
    """A frame, counted from 1, and where in the file it begins."""

    number: int
    offset: int


def damaged_frame(wal: bytes) -> Frame | None:
    """
    The frame that is damaged though whole commits follow it; ``None`` when all may be trusted.

    One transaction at the end may be torn anywhere, its commit frame included; so damage is told
    by a second commit after the first frame that is not whole.
    """
    if len(wal) < _HEADER:
        return None
    magic, _version, page_size = struct.unpack_from(">3I", wal)
    if magic not in (_MAGIC_LITTLE_ENDIAN, _MAGIC_BIG_ENDIAN) or page_size not in _PAGE_SIZES:
        # Nothing of it would be read. A log that never got beyond its header held nothing.
        return Frame(0, 0) if len(wal) > _HEADER and any(wal) else None
    swap = magic == _MAGIC_LITTLE_ENDIAN
    sums = _checksum(wal[: _HEADER - 8], (0, 0), swap=swap)
    if sums != struct.unpack_from(">2I", wal, _HEADER - 8):
        return Frame(0, 0)
    salt, size = wal[16:24], _FRAME + page_size
    count = (len(wal) - _HEADER) // size
    first_bad: Frame | None = None
    commits_behind = 0
    for number in range(1, count + 1):
        offset = _HEADER + (number - 1) * size
        frame = wal[offset : offset + size]
        whole = frame[8:16] == salt
        if first_bad is None:
            if whole:
                sums = _checksum(frame[:8], sums, swap=swap)
                sums = _checksum(frame[_FRAME:], sums, swap=swap)
                whole = sums == struct.unpack_from(">2I", frame, 16)
            if not whole:
                first_bad = Frame(number, offset)
                continue
        elif whole and frame[4:8] != b"\0\0\0\0":
            commits_behind += 1
    return first_bad if commits_behind > 1 else None


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
