"""The destinations of the log: each gets the events of its level, and reports of the others."""

import logging
from collections.abc import Callable
from typing import Any

from actors.ports.ports import WallClock
from engine.logs.cleaning import Cleaner
from engine.logs.ear import Ear
from engine.logs.events import LateLine, LoggedEvent
from engine.logs.folding import Folding
from engine.logs.line_writer import LineStream, StartWriter, Writer
from engine.logs.lines import Entry

_LEVELS = {
    "debug": logging.DEBUG,
    "info": logging.INFO,
    "warning": logging.WARNING,
    "error": logging.ERROR,
    "critical": logging.CRITICAL,
}


class Destination:
    """
    One stream and how it is written to.

    Args:
        name: Its name in reports.
        level: Events below are left out.
        render: Makes an entry a line.
        folding: Makes what is shown for an entry: itself, nothing, or more than one; ``None`` to
            show every entry as it is.
        report: Logs about this destination on the others, and returns that entry.
    """

    writer: Writer

    def __init__(
        self,
        name: str,
        level: int,
        render: Callable[[Entry], str],
        folding: Folding | None,
        report: Callable[..., Entry],
    ) -> None:
        self.name = name
        self.level = level
        self._render = render
        self._folding = folding
        self._report = report

    def write(self, event: LoggedEvent, level: str, name: object) -> None:
        if self._folding is None or self._folding.leaves_alone(name):
            if _LEVELS.get(level, logging.CRITICAL) >= self.level:
                self.writer.put(LateLine(event, self._render))
            return
        # Entries not shown are folded too: an outage ends with an event of a lower level.
        for shown in self._folding(event.entry()):
            if _LEVELS.get(shown["level"], logging.CRITICAL) >= self.level:
                self.writer.put(self._render(shown))

    def failed(self, error: Exception) -> None:
        reason = f"{type(error).__name__}: {error}"
        self._report(self, "log_destination_failed", "error", reason=reason)

    def flows_again(self, lost: int) -> str:
        # Readers of this destination have to know that lines are missing.
        return self._render(self._report(self, "log_destination_recovered", "warning", lost=lost))


class Fan:
    """
    The logger below structlog: hands each event to every destination.

    A destination that fails does not stop the engine: it is counted, reported once on the others,
    tried again with each line, and reported when it works again, also by itself.
    """

    def __init__(
        self,
        start_writer: StartWriter,
        wall_clock: WallClock,
        cleaner: Cleaner,
        ear: Ear | None = None,
    ) -> None:
        self.destinations: tuple[Destination, ...] = ()
        self._start_writer = start_writer
        self._wall_clock = wall_clock
        self._cleaner = cleaner
        self._ear = ear

    def add(
        self,
        name: str,
        stream: LineStream,
        level: int,
        render: Callable[[Entry], str],
        folding: Folding | None = None,
    ) -> None:
        destination = Destination(name, level, render, folding, self._report)
        destination.writer = self._start_writer(name, stream, destination)
        self.destinations = (*self.destinations, destination)

    def write(self, fields: Entry) -> None:
        event = LoggedEvent(fields, self._wall_clock(), self._cleaner)
        level, name = fields["level"], fields.get("event")
        if self._ear is not None and name in self._ear.names:
            self._ear.hear(event)
        for destination in self.destinations:
            destination.write(event, level, name)

    debug = info = warning = error = critical = msg = write

    def _report(self, about: Destination, name: str, level: str, **fields: Any) -> Entry:
        fields = {"level": level, "event": name, "destination": about.name, **fields}
        event = LoggedEvent(fields, self._wall_clock(), self._cleaner)
        if self._ear is not None and name in self._ear.names:
            self._ear.hear(event)
        for other in self.destinations:
            if other is not about:
                # No report about this one: two broken streams would report each other for ever.
                other.write(event, level, name)
        return event.entry()
