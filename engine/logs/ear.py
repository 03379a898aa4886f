"""Keeps those entries of the log that somebody waits for, as they happen."""

from collections import deque
from collections.abc import Collection

from engine.logs.events import LoggedEvent
from engine.logs.lines import Entry

_KEPT_MAX = 500


class Ear:
    """
    Hears the events of some names; the oldest go when nobody takes them.

    Threads may log at the same time.

    Attributes:
        names: Of the events.
    """

    def __init__(self, names: Collection[str]) -> None:
        self.names = frozenset(names)
        self._heard: deque[Entry] = deque(maxlen=_KEPT_MAX)

    def hear(self, event: LoggedEvent) -> None:
        self._heard.append(event.entry())

    def take(self) -> list[Entry]:
        """What was heard since the last time, oldest first."""
        taken = []
        while self._heard:
            taken.append(self._heard.popleft())
        return taken
