"""What single values of a strategy may be, beyond numbers and words: lists, hours, addresses."""

from datetime import UTC, datetime
from typing import Generic, TypeVar
from urllib.parse import urlsplit

import attrs

from config.rules.rules import Text, shown, text_of
from config.source.problems import Refused

_LEVELS_MAX = 50

T = TypeVar("T")


@attrs.frozen
class Listed(Generic[T]):
    """A list, each element of which is read by one rule; complaints name the element."""

    rule: T

    def read(self, value: object) -> tuple[object, ...]:
        if not isinstance(value, list):
            raise Refused(f"{shown(value)} is not a list", "write it in brackets: [1, 2]")
        if len(value) > _LEVELS_MAX:
            raise Refused(f"has {len(value)} elements", f"give at most {_LEVELS_MAX}")
        return tuple(self._element(number, element) for number, element in enumerate(value, 1))

    def _element(self, number: int, element: object) -> object:
        try:
            return self.rule.read(element)  # type: ignore[attr-defined]
        except Refused as refused:
            raise Refused(f"its element {number}: {refused.message}", refused.cure) from None


@attrs.frozen
class Instant:
    """A moment with its time zone, ``"2026-01-31T08:00:00Z"``; read as seconds since the epoch."""

    def read(self, value: object) -> float:
        text = text_of(value)
        cure = 'write a date and time in UTC, for example "2026-01-31T08:00:00Z"'
        try:
            moment = datetime.fromisoformat(text)
        except ValueError:
            raise Refused(f"{shown(text)} is not a date and time", cure) from None
        if moment.tzinfo is None:
            raise Refused(f"{shown(text)} has no time zone", cure)
        return moment.astimezone(UTC).timestamp()


@attrs.frozen
class PriceUrl:
    """Where a price is asked for: any path, but no password."""

    def read(self, value: object) -> str:
        text = Text().read(value)
        cure = "write, for example, https://prices.example.com/doge-usdt"
        if "@" in text:
            # Not shown: what stands before an @ may be a password.
            raise Refused("holds a user name or password", "put no secrets into addresses")
        try:
            parts = urlsplit(text)
            port_is_fine = parts.port != 0
        except ValueError:
            raise Refused(f"{shown(text)} is not a URL", cure) from None
        if parts.scheme not in {"https", "http"} or not parts.hostname or not port_is_fine:
            raise Refused(f"{shown(text)} is not an https URL", cure)
        return text
