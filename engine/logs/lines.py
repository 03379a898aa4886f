"""A log entry as a line: JSON for programs, readable text for people."""

import json
from collections.abc import Callable
from types import NoneType
from typing import Any

import msgspec

from config.source.problems import printable

Entry = dict[str, Any]
"""One event as it is written: text, numbers, lists and tables of them, nothing else."""

_COLOURS = {"debug": "\x1b[2m", "warning": "\x1b[33m", "error": "\x1b[31m", "critical": "\x1b[31m"}
_END_OF_COLOUR = "\x1b[0m"
_DELETE = "\x7f"
_IN_THE_HEAD = frozenset({"timestamp", "level", "event", "exception"})
_WRITTEN_ALIKE = frozenset({str, int, bool, NoneType})
"""Types that msgspec writes as ``json`` does; floats it does not."""


def json_line(entry: Entry) -> str:
    """The entry as JSON, in ASCII: nothing in it can act on a terminal."""
    if _WRITTEN_ALIKE.issuperset(map(type, entry.values())):
        try:
            text = msgspec.json.format(msgspec.json.encode(entry), indent=0).decode()
        except (OverflowError, UnicodeEncodeError):
            return json.dumps(entry)  # a number of more than 64 bits, half a character
        # The same text in less time; two things msgspec does not escape.
        if text.isascii() and _DELETE not in text:
            return text
    return json.dumps(entry)


def plain_line(entry: Entry) -> str:
    return _console_line(entry, None)


def coloured_line(entry: Entry) -> str:
    return _console_line(entry, painted)


def painted(text: str, level: str) -> str:
    """A text in the colour of its level."""
    colour = _COLOURS.get(level)
    return f"{colour}{text}{_END_OF_COLOUR}" if colour else text


def shown_fields(fields: Entry) -> str:
    """Each field as ``key=value``; foreign text in it cannot act on a terminal."""
    return "".join([f" {printable(key)}={_console_value(value)}" for key, value in fields.items()])


def below(text: str) -> str:
    """Foreign lines behind a bar, so that none can pass for a line of the log."""
    return "".join(f"\n    | {printable(line)}" for line in text.splitlines())


def _console_line(entry: Entry, paint: Callable[[str, str], str] | None) -> str:
    level = entry["level"]
    head = f"{entry['timestamp'][11:]} {level:<8} {printable(entry['event'])}"
    fields = [
        f" {printable(key)}={_console_value(value)}"
        for key, value in entry.items()
        if key not in _IN_THE_HEAD
    ]
    if "exception" in entry:
        fields.append(below(entry["exception"]))
    return f"{paint(head, level) if paint else head}{''.join(fields)}"


def _console_value(value: object) -> str:
    if isinstance(value, str):
        text = printable(value)
        quoted = not text or " " in text or "=" in text or '"' in text
        return f'"{text}"' if quoted else text
    if value is None:
        return "null"
    return printable(json.dumps(value, ensure_ascii=False))
