"""The log: JSON lines in a file, readable lines on the console, a secret in neither."""

import datetime as dt
import enum
import logging
import math
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Any, Protocol

import attrs
import msgspec
import structlog
from structlog.typing import EventDict, WrappedLogger
from typing_extensions import override

from actors.ports import WallClock
from config.credentials import Secret
from config.settings import LogLevel
from engine.log_lines import Entry, coloured_line, json_line, plain_line
from trading.decimals import decimal_text

REDACTED = "[redacted]"


class LineStream(Protocol):
    """Where lines can be written; both raise ``OSError``, or ``ValueError`` once closed."""

    def write(self, text: str, /) -> int: ...

    def flush(self) -> None: ...


_TELLING_KEY = re.compile(
    r"api.?key|secret|signature|passw|passphrase|authorization|(auth|access).?token", re.IGNORECASE
)
_SECRET_LENGTH_MIN = 4
_TEXT_LENGTH_MAX = 2_000
_TRACEBACK_LENGTH_MAX = 20_000
_DEPTH_MAX = 8
_NUMBER_BITS_MAX = 512
_DECIMAL_DIGITS_MAX = 40
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
    What became of the log, and which texts must never be in it.

    Made by ``configure_logs``; to close it undoes what that did to the process.
    """

    def __init__(self, cleaner: "_Cleaner", fan: "_Fan", foreign: logging.Handler) -> None:
        self._cleaner = cleaner
        self._fan = fan
        self._foreign = foreign

    def keep_secret(self, *secrets: Secret) -> None:
        """From now on these are replaced wherever they occur."""
        self._cleaner.keep_secret(secret.reveal() for secret in secrets)

    @property
    def lines_lost(self) -> Mapping[str, int]:
        """How many lines could not be written, by destination."""
        return {destination.name: destination.lost for destination in self._fan.destinations}

    def close(self) -> None:
        """Stop logging there; the streams stay open, for they belong to the caller."""
        logging.getLogger().removeHandler(self._foreign)
        structlog.reset_defaults()


def configure_logs(
    *,
    console: LineStream | None,
    file: LineStream | None,
    wall_clock: WallClock,
    verbosity: Verbosity = Verbosity.NORMAL,
    file_level: LogLevel = LogLevel.INFO,
    colour: bool = False,
    secrets: Iterable[Secret] = (),
) -> Logs:
    """
    Send every structlog event, and what libraries log, to the destinations given.

    Args:
        console: For people: one line an event, on a terminal in colour if asked.
        file: For programs: one JSON object a line.
        wall_clock: Each line's timestamp.
        verbosity: The least that the console shows.
        file_level: The least that the file holds.
        colour: Whether the console understands ANSI colours.
        secrets: Replaced wherever they occur.
    """
    destinations: list[_Destination] = []
    if file is not None:
        destinations.append(_Destination("file", file, _LEVELS[file_level], json_line))
    if console is not None:
        render = coloured_line if colour else plain_line
        destinations.append(_Destination("console", console, verbosity.value, render))
    cleaner = _Cleaner()
    cleaner.keep_secret(secret.reveal() for secret in secrets)
    fan = _Fan(destinations, lambda: _timestamp(wall_clock()))
    least = min((destination.level for destination in destinations), default=logging.CRITICAL)
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            # Python's own traceback: it shows no locals, where keys would be.
            structlog.processors.format_exc_info,
            cleaner,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(least),
        logger_factory=lambda *_: fan,
        # Actors make their loggers when they are imported, before this runs.
        cache_logger_on_first_use=False,
    )
    foreign = _ForeignLogs(level=logging.WARNING)
    logging.getLogger().addHandler(foreign)
    return Logs(cleaner, fan, foreign)


class _Cleaner:
    """Makes any event a bounded tree of plain values in which no secret is left."""

    def __init__(self) -> None:
        self._secrets: set[str] = set()
        self._pattern: re.Pattern[str] | None = None

    def keep_secret(self, texts: Iterable[str]) -> None:
        # A shorter one would blacken half of every line, and is no secret worth the name.
        self._secrets.update(text for text in texts if len(text) >= _SECRET_LENGTH_MIN)
        if self._secrets:
            # The longest first: one may be the beginning of another.
            longest_first = sorted(self._secrets, key=lambda text: (-len(text), text))
            self._pattern = re.compile("|".join(map(re.escape, longest_first)))

    def __call__(
        self, _logger: WrappedLogger, _method: str, event: EventDict
    ) -> tuple[tuple[Entry], Mapping[str, Any]]:
        fields = dict(event)
        traceback = fields.pop("exception", None)
        entry: Entry = self._table(fields, depth=0)
        if isinstance(traceback, str):
            entry["exception"] = self._text(traceback, _TRACEBACK_LENGTH_MAX)
        return (entry,), {}

    def _value(self, value: object, depth: int) -> Any:
        match value:
            case Secret():
                return REDACTED
            case enum.Enum():
                return self._value(
                    value.value if isinstance(value.value, str) else value.name, depth
                )
            case None | bool() | int() | float() | Decimal():
                return _number(value)
            case str():
                return self._text(value)
            case bytes() | bytearray():
                return self._text(value.decode("utf-8", "backslashreplace"))
            case BaseException():
                return self._text(f"{type(value).__name__}: {value}")
            case _:
                return self._composite(value, depth)

    def _composite(self, value: object, depth: int) -> Any:
        if depth >= _DEPTH_MAX:
            return "..."
        match value:
            case Mapping():
                return self._table(value, depth + 1)
            case Sequence() | set() | frozenset():
                return [self._value(element, depth + 1) for element in value]
            case msgspec.Struct():
                return self._table(msgspec.structs.asdict(value), depth + 1)
            case _ if attrs.has(type(value)):
                return self._table(_attributes(value), depth + 1)
            case _:
                return self._text(repr(value))

    def _table(self, table: Mapping[Any, object], depth: int) -> Entry:
        return {
            self._text(str(key)): (
                REDACTED if _TELLING_KEY.search(str(key)) else self._value(value, depth)
            )
            for key, value in table.items()
        }

    def _text(self, text: str, length_max: int = _TEXT_LENGTH_MAX) -> str:
        # Before cutting: half a secret is a secret too.
        clean = text if self._pattern is None else self._pattern.sub(REDACTED, text)
        return clean if len(clean) <= length_max else f"{clean[:length_max]}..."


def _attributes(value: Any) -> Mapping[str, object]:
    """The fields that the value itself would show."""
    shown: dict[str, object] = {}
    for field in attrs.fields(type(value)):
        if field.repr is False:
            continue
        content = getattr(value, field.name)
        shown[field.name] = field.repr(content) if callable(field.repr) else content
    return shown


def _number(value: object) -> object:
    match value:
        case Decimal() if value.is_finite() and abs(value.adjusted()) < _DECIMAL_DIGITS_MAX:
            return decimal_text(value)
        case Decimal():
            return str(value)
        case float() if not math.isfinite(value):
            return str(value)
        case int() if value.bit_length() > _NUMBER_BITS_MAX:
            return "a huge number"
        case _:
            return value


class _Destination:
    """
    One stream and how it is written to.

    Args:
        name: What it is called in reports.
        stream: Where lines go.
        level: Events below are not for it.
        render: Makes an entry a line.
    """

    def __init__(
        self, name: str, stream: LineStream, level: int, render: Callable[[Entry], str]
    ) -> None:
        self.name = name
        self.level = level
        self.lost = 0
        self.lost_in_a_row = 0
        self._stream = stream
        self._render = render

    def write(self, entry: Entry) -> Exception | None:
        """Write and flush one entry; what went wrong is handed back, never raised."""
        try:
            self._stream.write(f"{self._render(entry)}\n")
            self._stream.flush()
        except (OSError, ValueError) as error:
            # Disk full, pipe broken; a stream that somebody closed raises ValueError.
            self.lost += 1
            self.lost_in_a_row += 1
            return error
        return None


class _Fan:
    """
    What structlog takes for its logger: hands each entry to every destination.

    A destination that fails does not stop the engine: it is counted, reported once on the others,
    tried again with each line, and reported when it works again.
    """

    def __init__(self, destinations: Sequence[_Destination], timestamp: Callable[[], str]) -> None:
        self.destinations = tuple(destinations)
        self._timestamp = timestamp

    def write(self, fields: Entry) -> None:
        entry = self._stamped(fields)
        level = logging.getLevelNamesMapping().get(entry["level"].upper(), logging.CRITICAL)
        for destination in self.destinations:
            if level >= destination.level:
                self._write_to(destination, entry)

    debug = info = warning = error = critical = msg = write

    def _write_to(self, destination: _Destination, entry: Entry) -> None:
        lost_before = destination.lost_in_a_row
        error = destination.write(entry)
        if error is not None:
            if lost_before == 0:
                reason = f"{type(error).__name__}: {error}"
                self._report(destination, "log_destination_failed", "error", reason=reason)
        elif lost_before > 0:
            destination.lost_in_a_row = 0
            self._report(destination, "log_destination_recovered", "warning", lost=lost_before)

    def _report(self, about: _Destination, event: str, level: str, **fields: Any) -> None:
        entry = self._stamped({"level": level, "event": event, "destination": about.name, **fields})
        for other in self.destinations:
            if other is not about:
                # No report about this one: two broken streams would report each other for ever.
                other.write(entry)

    def _stamped(self, fields: Entry) -> Entry:
        rest = dict(fields)
        level, event = rest.pop("level", "info"), str(rest.pop("event", ""))
        rest.pop("timestamp", None)
        return {"timestamp": self._timestamp(), "level": level, "event": event, **rest}


class _ForeignLogs(logging.Handler):
    """What libraries log by Python's own means goes the same way: cleaned, escaped, counted."""

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


def _timestamp(wall_clock_ns: int) -> str:
    seconds, rest_ns = divmod(wall_clock_ns, 10**9)
    moment = dt.datetime.fromtimestamp(seconds, dt.UTC)
    return f"{moment:%Y-%m-%dT%H:%M:%S}.{rest_ns // 10**6:03d}Z"
