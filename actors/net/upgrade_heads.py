"""Removes informational answers (1xx) that come before the answer to a WebSocket upgrade."""

import re

from trading.core.errors import Outage

_HEAD_BYTES_MAX = 64 * 1024
"""Of all heads together; the library's own limit for one is 16 KiB."""

_END = re.compile(rb"\r?\n\r?\n")
_INFORMATIONAL = re.compile(rb"HTTP/1\.\d 1(?!01)\d\d\b")
_BEGINNING = b"HTTP/1."


class FinalHead:
    """
    Lets the answer to an upgrade through and leaves out informational ones (103 and the like).

    RFC 9110, 15.2, has a client take any number of them before the answer. To wsproto each status
    of 1xx but 101 is a refusal.

    Attributes:
        found: The answer has begun; from here on all is let through.
    """

    def __init__(self) -> None:
        self.found = False
        self._held = b""
        self._passed = 0

    def take(self, data: bytes) -> bytes:
        """
        The bytes to hand on, once enough have come to tell.

        Raises:
            Outage: The heads do not end.
        """
        held = self._held + data
        # Bytes that are not HTTP are handed on at once: the library refuses them.
        while held.startswith(_BEGINNING[: len(held)]):
            end = _END.search(held)
            if self._passed + len(held) > _HEAD_BYTES_MAX and end is None:
                raise Outage(f"no answer to the upgrade within {_HEAD_BYTES_MAX >> 10} KiB")
            if end is None:
                self._held = held
                return b""
            if _INFORMATIONAL.match(held) is None:
                break
            self._passed += end.end()
            held = held[end.end() :]
        self.found, self._held = True, b""
        return held
