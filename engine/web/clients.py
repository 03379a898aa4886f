"""What each open page is still to be sent: the newest of everything, whatever its speed."""

import contextlib
from collections.abc import Iterator
from typing import Any

import msgspec

from actors.ports.ports import Wakeup

Json = dict[str, Any]

CLIENTS_MAX = 16
LIST_MAX = 200
"""Items of one kind that wait for a slow page; then it is told that it missed some."""

_encode = msgspec.json.Encoder().encode


class Slot:
    """
    One page's: parts of which only the newest counts, and lists that are bounded.

    A page that reads slowly skips what was replaced meanwhile.
    """

    def __init__(self) -> None:
        self.bell = Wakeup()
        self._parts: dict[str, bytes] = {}
        self._lists: dict[str, list[Any]] = {}
        self._missed: set[str] = set()
        self._sent: dict[str, bytes] = {}

    def part(self, name: str, encoded: bytes) -> None:
        if self._parts.get(name, self._sent.get(name)) != encoded:
            self._parts[name] = encoded
            self.bell.ring()

    def item(self, kind: str, item: Any) -> None:
        waiting = self._lists.setdefault(kind, [])
        waiting.append(item)
        if len(waiting) > LIST_MAX:
            del waiting[0]
            self._missed.add(kind)
        self.bell.ring()

    def take(self, moment: int) -> bytes:
        """
        Everything that waits, as events of a stream; nothing waits any more.

        Args:
            moment: The stream's id: what is sent is what was known then.
        """
        frames = []
        parts = {
            name: encoded
            for name, encoded in self._parts.items()
            if self._sent.get(name) != encoded
        }
        if parts:
            content = {name: msgspec.Raw(encoded) for name, encoded in parts.items()}
            frames.append(_frame("status", moment, content))
            self._sent |= parts
        frames += [_frame(kind, moment, items) for kind, items in self._lists.items()]
        if self._missed:
            frames.append(_frame("missed", moment, sorted(self._missed)))
        self._parts, self._lists, self._missed = {}, {}, set()
        return b"".join(frames)


class Clients:
    """All open pages; of those that would be too many none is let in."""

    def __init__(self) -> None:
        self._slots: set[Slot] = set()
        self.opened = Wakeup()

    def __len__(self) -> int:
        return len(self._slots)

    @contextlib.contextmanager
    def joined(self) -> Iterator[Slot | None]:
        """A slot for as long as a page is open; ``None`` where there are too many."""
        if len(self._slots) >= CLIENTS_MAX:
            yield None
            return
        slot = Slot()
        self._slots.add(slot)
        self.opened.ring()
        try:
            yield slot
        finally:
            self._slots.discard(slot)

    def part(self, name: str, encoded: bytes) -> None:
        for slot in self._slots:
            slot.part(name, encoded)

    def item(self, kind: str, item: Any) -> None:
        for slot in self._slots:
            slot.item(kind, item)


def _frame(event: str, moment: int, content: object) -> bytes:
    return b"id: %d\nevent: %s\ndata: %s\n\n" % (moment, event.encode(), _encode(content))
