"""A log entry as a line: JSON for programs, readable text for people."""

import json
from collections.abc import Callable
from typing import Any

from config.source.problems import printable

Entry = dict[str, Any]
"""One event as it is written: text, numbers, lists and tables of them, nothing else."""

_COLOURS = {"debug": "\x1b[2m", "warning": "\x1b[33m", "error": "\x1b[31m", "critical": "\x1b[31m"}
_END_OF_COLOUR = "\x1b[0m"


def json_line(entry: Entry) -> str:
    # ASCII only: nothing in it can act on a terminal.
    return json.dumps(entry)


def plain_line(entry: Entry) -> str:
    return _console_line(entry, lambda text, _: text)


def coloured_line(entry: Entry) -> str:
    return _console_line(entry, painted)


def painted(text: str, level: str) -> str:
    """A text in the colour of its level."""
    colour = _COLOURS.get(level)
    return f"{colour}{text}{_END_OF_COLOUR}" if colour else text


def shown_fields(fields: Entry) -> str:
    """Each field as ``key=value``; foreign text in it cannot act on a terminal."""
    return "".join(f" {printable(key)}={_console_value(value)}" for key, value in fields.items())


def below(text: str) -> str:
    """Foreign lines behind a bar, so that none can pass for a line of the log."""
    return "".join(f"\n    | {printable(line)}" for line in text.splitlines())


def _console_line(entry: Entry, paint: Callable[[str, str], str]) -> str:
    fields = dict(entry)
    time = fields.pop("timestamp")[11:]
    level = fields.pop("level")
    event = printable(fields.pop("event"))
    exception = fields.pop("exception", "")
    shown = shown_fields(fields)
    head = paint(f"{time} {level:<8} {event}", level)
    return f"{head}{shown}{below(exception)}"


def _console_value(value: object) -> str:
    if isinstance(value, str):
        text = printable(value)
        return f'"{text}"' if not text or any(sign in text for sign in ' ="') else text
    return printable(json.dumps(value, ensure_ascii=False))
