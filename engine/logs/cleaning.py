"""Cleans log events: plain values of bounded size, without secrets."""

import enum
import math
import re
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Any

import attrs
import msgspec

from config.credentials import Secret
from engine.logs.lines import Entry
from trading.core.decimals import decimal_text

REDACTED = "[redacted]"

_TELLING_KEY = re.compile(
    r"api.?key|secret|signature|passw|passphrase|authorization|(auth|access).?token", re.IGNORECASE
)
_SECRET_LENGTH_MIN = 4
_TEXT_LENGTH_MAX = 2_000
_TRACEBACK_LENGTH_MAX = 20_000
_DEPTH_MAX = 8
_NUMBER_BITS_MAX = 512
_DECIMAL_DIGITS_MAX = 40
_KEYS_KEPT = 1_000
"""Far more than all events of the engine have; what venues send may have any keys."""


class Cleaner:
    """
    Makes any event a bounded tree of plain values in which no secret is left.

    Threads may clean at the same time.
    """

    def __init__(self) -> None:
        self._secrets: set[str] = set()
        self._pattern: re.Pattern[str] | None = None
        self._keys: dict[str, tuple[str, bool]] = {}

    def keep_secret(self, texts: Iterable[str]) -> None:
        # A shorter one would blacken half of every line, and is not really secret.
        self._secrets.update(text for text in texts if len(text) >= _SECRET_LENGTH_MIN)
        if self._secrets:
            # The longest first: one may be the beginning of another.
            longest_first = sorted(self._secrets, key=lambda text: (-len(text), text))
            self._pattern = re.compile("|".join(map(re.escape, longest_first)))
        # A new table: a thread that still cleans without the new secret fills the old one.
        self._keys = {}

    def entry(self, fields: Mapping[str, object]) -> Entry:
        """The fields of an event, cleaned."""
        entry = self._table(fields, depth=0)
        if "exception" in entry:
            # It comes last, and is longer than other texts.
            del entry["exception"]
            traceback = fields["exception"]
            if isinstance(traceback, str):
                entry["exception"] = self._text(traceback, _TRACEBACK_LENGTH_MAX)
        return entry

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
        entry: Entry = {}
        keys = self._keys
        for key, value in table.items():
            known = keys.get(key) if type(key) is str else None
            clean_key, telling = known or self._key(str(key))
            if telling:
                entry[clean_key] = REDACTED
            elif value is None or type(value) is bool:
                entry[clean_key] = value
            elif type(value) is str:
                entry[clean_key] = self._text(value)
            elif type(value) is Decimal:
                entry[clean_key] = _decimal(value)
            else:
                entry[clean_key] = self._value(value, depth)
        return entry

    def _key(self, key: str) -> tuple[str, bool]:
        """A key without secrets, and whether it names one."""
        keys = self._keys
        known = keys.get(key)
        if known is None:
            known = (self._text(key), _TELLING_KEY.search(key) is not None)
            if len(keys) < _KEYS_KEPT:
                keys[key] = known
        return known

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


def _decimal(value: Decimal) -> str:
    if value.is_finite() and abs(value.adjusted()) < _DECIMAL_DIGITS_MAX:
        return decimal_text(value)
    return str(value)


def _number(value: object) -> object:
    match value:
        case Decimal():
            return _decimal(value)
        case float() if not math.isfinite(value):
            return str(value)
        case int() if value.bit_length() > _NUMBER_BITS_MAX:
            return "a huge number"
        case _:
            return value
