"""Reads the plain text frames of a WebSocket server, and leaves all other frames to wsproto."""

import struct
from collections.abc import Iterator

_SHORT, _LONG, _SHORT_MAX = 0x8100, 0x817E, 125
"""
The first two bytes of a whole text message: FIN, no RSV bit, opcode 1, not masked. To those of a
short one its length is added, up to 125; after those of a long one it follows in two bytes.
"""

_FIN, _CONTROL = 0x80, 0x08
"""Bits of the first byte."""

_LENGTH = 0x7F
"""Bits of the second byte; the other one says that the frame is masked, as no server's is (5.1)."""

_LENGTH_BYTES = {126: 2, 127: 8}
"""How long the length is that follows the second byte where it has one of these."""

_SHORT_HEAD_BYTES, _HEAD_BYTES_MAX = 2, 10

_two_numbers = struct.Struct("!HH").unpack_from


class PlainTexts:
    """
    Cuts what a server sends into texts and into bytes that wsproto is to read (RFC 6455, 5.2).

    Read here are whole text messages, each in one unmasked frame with a length of at most 16 bits
    that has come completely. wsproto gets all else, byte for byte and in order: other frames, odd
    ones, and those of which a part has come. So it is wsproto that checks everything but these
    texts, and as nothing is held back, it finds a fault as early as it would alone.
    """

    def __init__(self) -> None:
        self._data, self._at = b"", 0
        # Of the frame that wsproto has a part of:
        self._head = b""  # as far as it has come
        self._missing = 0  # bytes until its end, once its head has come
        self._in_fragments = False

    def feed(self, data: bytes) -> None:
        """Add what has come next."""
        self._data, self._at = self._data[self._at :] + data, 0

    def parts(self) -> Iterator[list[str] | bytes]:
        """What has come, in order: texts, and bytes that do not go beyond the end of a frame."""
        while self._at < len(self._data):
            if not (self._missing or self._head or self._in_fragments):
                texts, self._at = _texts(self._data, self._at)
                if texts:
                    yield texts
                    continue
            began, self._at = self._at, self._end()
            yield self._data[began : self._at]

    def _end(self) -> int:
        """Where the frame of which the next byte is ends, or all that has come."""
        if not self._missing:
            known = len(self._head)
            head = self._head + self._data[self._at : self._at + _HEAD_BYTES_MAX - known]
            size = _head_size(head)
            if len(head) < size:
                self._head = head
                return len(self._data)
            self._head = b""
            self._missing = size - known + _payload_size(head[:size])
            if not head[0] & _CONTROL:  # control frames may come between fragments (5.4)
                self._in_fragments = not head[0] & _FIN
        end = min(self._at + self._missing, len(self._data))
        self._missing -= end - self._at
        return end


def _texts(data: bytes, at: int) -> tuple[list[str], int]:
    """The texts of the whole plain frames from a place on, and where they end."""
    texts: list[str] = []
    try:
        while True:
            head, size = _two_numbers(data, at)
            begin = at + 4
            if head != _LONG:
                size, begin = head - _SHORT, at + 2
                if not 0 <= size <= _SHORT_MAX:
                    break
            elif size <= _SHORT_MAX:
                break  # a length is to have its shortest form
            end = begin + size
            if end > len(data):
                break
            texts.append(data[begin:end].decode())
            at = end
    except (struct.error, UnicodeDecodeError):
        pass  # too short for a head, or no text: for wsproto to judge
    return texts, at


def _head_size(head: bytes) -> int:
    """Bytes of an unmasked frame's head, as far as those that have come can tell."""
    if len(head) < _SHORT_HEAD_BYTES:
        return _SHORT_HEAD_BYTES
    return _SHORT_HEAD_BYTES + _LENGTH_BYTES.get(head[1] & _LENGTH, 0)


def _payload_size(head: bytes) -> int:
    return int.from_bytes(head[_SHORT_HEAD_BYTES:]) or head[1] & _LENGTH
