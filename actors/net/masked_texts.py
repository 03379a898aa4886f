"""Text messages as a client of a WebSocket sends them: one masked frame each (RFC 6455, 5.2)."""

import os
import struct

_WHOLE_TEXT = 0x81
"""The first byte: FIN, no RSV bit, opcode 1."""

_MASKED = 0x80
_SHORT_MAX, _MEDIUM_MAX = 125, 0xFFFF
_MEDIUM, _LONG = 126, 127
"""These lengths say that the length follows, in two bytes or in eight."""

_KEY_BYTES = 4
_KEYS_AT_ONCE = 256
"""Each ask for random bytes gives way to other threads, which may take their time."""


class MaskedTexts:
    """Makes the frames of one connection; each has a random key of its own (5.3)."""

    def __init__(self) -> None:
        self._keys = b""

    def frame(self, text: str) -> bytes:
        payload = text.encode()
        size = len(payload)
        if size <= _SHORT_MAX:
            head = struct.pack("!BB", _WHOLE_TEXT, _MASKED | size)
        elif size <= _MEDIUM_MAX:
            head = struct.pack("!BBH", _WHOLE_TEXT, _MASKED | _MEDIUM, size)
        else:
            head = struct.pack("!BBQ", _WHOLE_TEXT, _MASKED | _LONG, size)
        key = self._key()
        # All bytes at once, as two large numbers.
        mask = int.from_bytes((key * (size // _KEY_BYTES + 1))[:size], "big")
        masked = int.from_bytes(payload, "big") ^ mask
        return b"".join((head, key, masked.to_bytes(size, "big")))

    def _key(self) -> bytes:
        if not self._keys:
            self._keys = os.urandom(_KEY_BYTES * _KEYS_AT_ONCE)
        key, self._keys = self._keys[:_KEY_BYTES], self._keys[_KEY_BYTES:]
        return key
