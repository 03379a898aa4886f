"""Finds how a file is packed by its first bytes, as names may be wrong; gzip and zstd only."""

import zlib
from collections.abc import Callable, Mapping
from typing import Protocol

import zstandard

WINDOW_MAX = 128 * 1024 * 1024
"""Memory that unpacking a `.zst` may take; what `zstd` writes without `--long` needs 8 MiB."""

FIRST_BYTES = 32
"""So many bytes of the beginning tell the format."""

_GZIP, _ZSTD = b"\x1f\x8b", b"\x28\xb5\x2f\xfd"
_OTHERS: Mapping[bytes, tuple[str, str]] = {
    b"\xfd7zXZ\x00": ("xz", "xz -d"),
    b"PK\x03\x04": ("a zip archive", "unzip"),
    b"PK\x05\x06": ("an empty zip archive", "unzip"),
    b"BZh": ("bzip2", "bzip2 -d"),
    b"7z\xbc\xaf\x27\x1c": ("a 7z archive", "7z x"),
    b"\x04\x22\x4d\x18": ("lz4", "lz4 -d"),
    b"Rar!\x1a\x07": ("a rar archive", "unrar x"),
    b"\x5d\x00\x00": ("lzma", "lzma -d"),
}


class Unpacker(Protocol):
    """The common interface of zlib's and zstandard's decompressors."""

    @property
    def eof(self) -> bool: ...

    @property
    def unused_data(self) -> bytes: ...

    def decompress(self, data: bytes, /) -> bytes: ...


class NotUnpacked(ValueError):
    """A file is packed in a format that is not read here; names it, and what to do."""


def unpacker_of(first: bytes, suffix: str) -> Callable[[], Unpacker] | None:
    """
    How to unpack a file; ``None`` for one that is not packed.

    Args:
        first: Its beginning, ``FIRST_BYTES`` of it if there are as many.
        suffix: Of its name: decides where the beginning says nothing.

    Raises:
        NotUnpacked: It is packed by something else, or needs more memory than it may have.
    """
    for beginning, (name, command) in _OTHERS.items():
        if first.startswith(beginning):
            raise NotUnpacked(
                f"it is packed as {name}, which is not unpacked here: use `{command}`, or pack it"
                " as .gz or .zst"
            )
    if first.startswith(_ZSTD):
        _check_window(first)
        return _zstd
    if first.startswith(_GZIP):
        return _gzip
    return {".gz": _gzip, ".zst": _zstd}.get(suffix) if first else None


def _gzip() -> Unpacker:
    return zlib.decompressobj(wbits=31)


def _zstd() -> Unpacker:
    return zstandard.ZstdDecompressor(max_window_size=WINDOW_MAX).decompressobj()


def _check_window(first: bytes) -> None:
    try:
        window = zstandard.get_frame_parameters(first).window_size
    except zstandard.ZstdError:
        return  # cut off within its first bytes: found where it is unpacked
    if window > WINDOW_MAX:
        raise NotUnpacked(
            f"it was packed with a window of {window / 2**20:,.0f} MiB (zstd --long), and only"
            f" {WINDOW_MAX / 2**20:,.0f} MiB are unpacked here: unpack it with"
            " `zstd -d --long=31`, or pack it without --long"
        )
