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
    Finds the answer to an upgrade, and leaves out informational ones (103 and the like).

    RFC 9110, 15.2, has a client take any number of them before the answer. To wsproto each status
    of 1xx but 101 is a refusal.

    Attributes:
        found: The answer has come; what follows it is not for here any more.
    """

    def __init__(self) -> None:
        self.found = False
        self._held = b""
        self._passed = 0

    def take(self, data: bytes) -> tuple[bytes, bytes]:
        """
        The head of the answer, once it has come, and what came after it.

        Raises:
            Outage: The heads do not end.
        """
        held = self._held + data
        # Bytes that are not HTTP are handed on at once, as a head: the library refuses them.
        while held.startswith(_BEGINNING[: len(held)]):
            end = _END.search(held)
            if self._passed + len(held) > _HEAD_BYTES_MAX and end is None:
                raise Outage(f"no answer to the upgrade within {_HEAD_BYTES_MAX >> 10} KiB")
            if end is None:
                self._held = held
                return b"", b""
            head, held = held[: end.end()], held[end.end() :]
            if _INFORMATIONAL.match(head) is None:
                self.found = True
                return head, held
            self._passed += len(head)
        self.found = True
        return held, b""
