"""Logged events: taken quickly where they happen, cleaned and rendered where they are written."""

import datetime as dt
import enum
import functools
from collections.abc import Callable
from decimal import Decimal
from types import NoneType

import msgspec
from typing_extensions import override

from engine.logs.cleaning import Cleaner
from engine.logs.lines import Entry

_UNCHANGING = frozenset({str, int, float, bool, NoneType, Decimal})
_OVERHEAD = 100
"""Characters of an entry beside its texts: the timestamp, keys, and numbers."""


class LoggedEvent:
    """
    An event with the moment at which it was logged.

    It is cleaned when the first destination reads it. Values that could change until then, a list
    or an object, are cleaned at once.

    Args:
        fields: The event's name, its level and the rest; not changed by anyone afterwards.
        at_ns: Nanoseconds since the epoch.
    """

    __slots__ = ("_at_ns", "_cleaner", "_entry", "_fields", "size")

    def __init__(self, fields: Entry, at_ns: int, cleaner: Cleaner) -> None:
        self._fields = fields
        self._at_ns = at_ns
        self._cleaner = cleaner
        self._entry: Entry | None = None
        size, changing = _OVERHEAD, False
        for value in fields.values():
            kind = type(value)
            if kind is str:
                size += len(value)
            elif kind not in _UNCHANGING and not isinstance(value, enum.Enum):
                changing = True
        self.size = size
        if changing:
            entry = self.entry()
            self.size = _OVERHEAD + sum(map(_size, entry.values()))

    def entry(self) -> Entry:
        """The event as it is written."""
        entry = self._entry
        if entry is None:
            rest = self._cleaner.entry(self._fields)
            level, event = rest.pop("level", "info"), str(rest.pop("event", ""))
            rest.pop("timestamp", None)
            stamp = timestamp(self._at_ns)
            # Two threads may do so at once, with the same result.
            self._entry = entry = {"timestamp": stamp, "level": level, "event": event, **rest}
        return entry

    def lost(self, reason: str) -> Entry:
        """What is written in its place where it cannot be made a line."""
        stamp = timestamp(self._at_ns)
        return {"timestamp": stamp, "level": "error", "event": "log_line_lost", "reason": reason}


class LateLine(msgspec.Struct, gc=False):
    """A line that is rendered when it is written."""

    event: LoggedEvent
    render: Callable[[Entry], str]

    def __len__(self) -> int:
        return self.event.size

    @override
    def __str__(self) -> str:
        try:
            return self.render(self.event.entry())
        except Exception as error:  # noqa: BLE001  # the thread that writes has to go on
            # Only its kind: its words might hold what is to be kept secret.
            return self.render(self.event.lost(type(error).__name__))


def timestamp(wall_clock_ns: int) -> str:
    """A moment as the log writes it, to the millisecond."""
    seconds, rest_ns = divmod(wall_clock_ns, 10**9)
    return f"{_second(seconds)}.{rest_ns // 10**6:03d}Z"


@functools.lru_cache(maxsize=4)
def _second(seconds: int) -> str:
    return f"{dt.datetime.fromtimestamp(seconds, dt.UTC):%Y-%m-%dT%H:%M:%S}"


def _size(value: object) -> int:
    """The characters of a cleaned value, about."""
    match value:
        case str():
            return len(value)
        case list():
            return sum(map(_size, value))
        case dict():
            return sum(len(key) + _size(content) for key, content in value.items())
        case _:
            return 5
