"""The log: JSON lines in a file, readable lines on the console, a secret in neither."""

import enum
import logging
import time
from collections.abc import Callable, Iterable, Mapping
from typing import Any

import structlog
from structlog.typing import EventDict, WrappedLogger
from typing_extensions import override

from actors.ports.ports import WallClock
from config.credentials import Secret
from config.sections.log import LogLevel
from engine.logs.cleaning import REDACTED, Cleaner
from engine.logs.destinations import Fan
from engine.logs.ear import Ear
from engine.logs.folding import Folding
from engine.logs.line_writer import LineStream, StartWriter, write_at_once
from engine.logs.lines import Entry, coloured_line, json_line, plain_line

__all__ = ["REDACTED", "LineStream", "Logs", "Verbosity", "configure_logs"]

_DRAIN_S = 2.0
"""At the end, for the lines that wait to be written."""

_LEVELS = {
    LogLevel.DEBUG: logging.DEBUG,
    LogLevel.INFO: logging.INFO,
    LogLevel.WARNING: logging.WARNING,
    LogLevel.ERROR: logging.ERROR,
}


class Verbosity(enum.Enum):
    """How much a person at the console wants to read: ``-q``, nothing, ``-v``."""

    QUIET = logging.WARNING
    NORMAL = logging.INFO
    VERBOSE = logging.DEBUG


class Logs:
    """
    The configured log: its destinations, and the texts that must never be in it.

    Made by ``configure_logs``; closing it undoes that function's changes of the process.
    """

    def __init__(self, cleaner: Cleaner, fan: Fan, foreign: logging.Handler) -> None:
        self._cleaner = cleaner
        self._fan = fan
        self._foreign = foreign

    def keep_secret(self, *secrets: Secret) -> None:
        """Replace these texts from now on, wherever they occur."""
        self._cleaner.keep_secret(secret.reveal() for secret in secrets)

    @property
    def lines_lost(self) -> Mapping[str, int]:
        """How many lines were not written, or not yet, by destination."""
        return {one.name: one.writer.lost for one in self._fan.destinations}

    def drain(self, within_s: float = _DRAIN_S) -> None:
        """Wait until everything is written that was logged, for so many seconds at most."""
        ends_at = time.monotonic() + within_s  # a process at its end, not a run
        # The console first: reports about it go to the file.
        for destination in reversed(self._fan.destinations):
            destination.writer.drain(max(0.0, ends_at - time.monotonic()))

    def close(self) -> None:
        """
        Write the waiting lines, and stop logging.

        The streams stay open, for they belong to the caller.
        """
        logging.getLogger().removeHandler(self._foreign)
        structlog.reset_defaults()
        self.drain()
        for destination in self._fan.destinations:
            destination.writer.close()


def configure_logs(
    *,
    console: LineStream | None,
    file: LineStream | None,
    wall_clock: WallClock,
    verbosity: Verbosity = Verbosity.NORMAL,
    file_level: LogLevel = LogLevel.INFO,
    colour: bool = False,
    render: Callable[[Entry], str] | None = None,
    fold: Folding | None = None,
    secrets: Iterable[Secret] = (),
    start_writer: StartWriter = write_at_once,
    ear: Ear | None = None,
) -> Logs:
    """
    Send every structlog event, and what libraries log, to the destinations given.

    Args:
        console: For people: one line an event.
        file: For programs: one JSON object a line.
        wall_clock: Each line's timestamp.
        verbosity: The least that the console shows.
        file_level: The least that the file holds.
        colour: Whether the console understands ANSI colours.
        render: Makes an event a line of the console.
        fold: Makes the entries that the console shows for each event; ``None`` shows all.
        secrets: Replaced wherever they occur.
        start_writer: Makes what writes to a destination: at once, or in a thread of its own where
            it could make the caller wait.
        ear: Hears some of the events too, if they are as important as what is shown.
    """
    cleaner = Cleaner()
    cleaner.keep_secret(secret.reveal() for secret in secrets)
    fan = Fan(start_writer, wall_clock, cleaner, ear)
    if file is not None:
        fan.add("file", file, _LEVELS[file_level], json_line)
    if console is not None:
        shown = render or (coloured_line if colour else plain_line)
        fan.add("console", console, verbosity.value, shown, fold)
    least = min((one.level for one in fan.destinations), default=logging.CRITICAL)
    if console is not None and fold is not None:
        least = min(least, logging.INFO)  # what ends an outage is looked for there
    structlog.configure(
        processors=[structlog.contextvars.merge_contextvars, _complete],
        wrapper_class=structlog.make_filtering_bound_logger(least),
        logger_factory=lambda *_: fan,
        # Actors make their loggers when they are imported, before this runs.
        cache_logger_on_first_use=False,
    )
    foreign = _ForeignLogs(level=logging.WARNING)
    logging.getLogger().addHandler(foreign)
    return Logs(cleaner, fan, foreign)


class _ForeignLogs(logging.Handler):
    """Logs of libraries by Python's ``logging`` take the same way: cleaned, escaped, counted."""

    @override
    def emit(self, record: logging.LogRecord) -> None:
        try:
            message = record.getMessage()
        except (TypeError, ValueError):
            message = str(record.msg)
        structlog.get_logger().log(
            min(record.levelno - record.levelno % 10, logging.CRITICAL),
            "library_message",
            library=record.name,
            message=message,
            exc_info=record.exc_info,
        )


def _complete(
    logger: WrappedLogger, method: str, event: EventDict
) -> tuple[tuple[EventDict], Mapping[str, Any]]:
    """The last of structlog's processors: adds what is known only where an event happens."""
    event["level"] = method
    if "exc_info" in event:
        # Python's own traceback: it shows no locals, where keys would be.
        event = structlog.processors.format_exc_info(logger, method, event)
    return (event,), {}
