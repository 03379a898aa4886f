"""
The rules for a single value in a configuration: each reads it, or says what is wrong with it.

A rule is attached to a field with ``Annotated``, so the field's type says its unit and its bounds.
"""

import difflib
import enum
import operator
import re
from collections.abc import Callable, Collection, Iterable
from decimal import Decimal
from typing import Annotated, Generic, Protocol, TypeVar, runtime_checkable
from urllib.parse import urlsplit

import attrs

from config.source.problems import Refused, cut, printable
from trading.core.decimals import ZERO, decimal_text
from trading.core.identifiers import NAME_PATTERN, Currency, Pair

_MAGNITUDE_MAX = Decimal(10) ** 15
_DECIMAL_PLACES_MAX = 18
_SHOWN_BITS_MAX = 256
_DAY_S = Decimal(86_400)

_PERCENT = re.compile(r"([+-]?[0-9]{1,15}(?:\.[0-9]{1,18})?)[ ]?%", re.ASCII)
_PAIR = re.compile(r"[A-Za-z0-9]{2,20}(?:[-/][A-Za-z0-9]{2,20})?", re.ASCII)
_CURRENCY = re.compile(r"[A-Za-z0-9]{1,20}", re.ASCII)
_LOOPBACK_HOSTS = frozenset({"localhost", "127.0.0.1", "::1"})


@runtime_checkable
class Rule(Protocol):
    """How one kind of value is read."""

    def read(self, value: object) -> object:
        """
        The value as the engine uses it.

        Raises:
            Refused: The value is not of this kind.
        """
        ...


@attrs.frozen(kw_only=True)
class Number:
    """
    An exact number, with its bounds.

    Args:
        unit: Written after the number in messages.
        example: What the cure shows.
    """

    above: Decimal | None = None
    at_least: Decimal | None = None
    below: Decimal | None = None
    at_most: Decimal | None = None
    unit: str = ""
    example: str = "40"

    def read(self, value: object) -> Decimal:
        number = exact(value, example=self.example)
        self.check(number)
        return number

    def check(self, number: Decimal) -> None:
        limits = (
            (self.above, operator.gt, "above"),
            (self.at_least, operator.ge, "at least"),
            (self.below, operator.lt, "below"),
            (self.at_most, operator.le, "at most"),
        )
        for limit, holds, words in limits:
            if limit is not None and not holds(number, limit):
                raise Refused(
                    f"{self._text(number)} is not {words} {self._text(limit)}",
                    f"give a number {words} {self._text(limit)}",
                )

    def _text(self, number: Decimal) -> str:
        return f"{decimal_text(number)} {self.unit}".rstrip()


@attrs.frozen(kw_only=True)
class Percent:
    """A percentage, as text with its sign; read as a fraction: ``"0.1 %"`` is 0.001."""

    bounds: Number

    def read(self, value: object) -> Decimal:
        match = _PERCENT.fullmatch(value.strip(" ")) if isinstance(value, str) else None
        if match is None:
            raise self._no_percentage(value)
        number = Decimal(match.group(1))
        self.bounds.check(number)
        # Moving the point is exact; a division would round at 28 digits.
        return number.scaleb(-2)

    @staticmethod
    def _no_percentage(value: object) -> Refused:
        if is_number(value):
            return Refused(
                f"{shown(value)} is a bare number, which could be a percentage or a fraction",
                f'write "{shown(value)} %" if that many percent are meant',
            )
        return Refused(f"{shown(value)} is not a percentage", 'write, for example, "0.1 %"')


def percent(**bounds: int) -> Percent:
    """A percentage; the bounds are ``Number``'s, in percent."""
    limits = {name: Decimal(limit) for name, limit in bounds.items()}
    return Percent(
        bounds=Number(
            above=limits.get("above"),
            at_least=limits.get("at_least"),
            below=limits.get("below"),
            at_most=limits.get("at_most"),
            unit="%",
        )
    )


def percent_text(fraction: Decimal) -> str:
    """A fraction as the configuration writes it."""
    return f"{decimal_text(fraction.scaleb(2))} %"


@attrs.frozen(kw_only=True)
class Seconds:
    """A time span in seconds; above zero and no longer than a day unless said otherwise."""

    above: Decimal | None = ZERO
    at_least: Decimal | None = None
    at_most: Decimal = _DAY_S

    def read(self, value: object) -> float:
        bounds = Number(
            above=self.above, at_least=self.at_least, at_most=self.at_most, unit="s", example="15"
        )
        return float(bounds.read(value))


@attrs.frozen(kw_only=True)
class Ratio:
    """A pure number for which a binary fraction is exact enough: a speed."""

    above: Decimal = ZERO
    at_most: Decimal

    def read(self, value: object) -> float:
        return float(Number(above=self.above, at_most=self.at_most, example="1.0").read(value))


@attrs.frozen(kw_only=True)
class Whole:
    """A whole number within bounds, both included."""

    at_least: int
    at_most: int

    def read(self, value: object) -> int:
        number = exact(value, example=str(self.at_least))
        if not isinstance(value, int):
            raise Refused(
                f"{shown(value)} is not a whole number", "write it without a decimal point"
            )
        Number(at_least=Decimal(self.at_least), at_most=Decimal(self.at_most)).check(number)
        return value


@attrs.frozen
class Text:
    """Any text of one line."""

    def read(self, value: object) -> str:
        text = text_of(value)
        if not text.strip():
            raise Refused("is empty", "give a value, or leave the key out if it is optional")
        if printable(text) != text:
            raise Refused(f"{shown(text)} holds control characters", "remove them")
        return text


@attrs.frozen
class Words:
    """Any text of one line, also an empty one."""

    def read(self, value: object) -> str:
        return "" if value == "" else Text().read(value)


@attrs.frozen
class WordList:
    """Some texts of one line each, read as a tuple; also none."""

    def read(self, value: object) -> tuple[str, ...]:
        words = value if isinstance(value, list) else [value]
        return tuple(Text().read(word) for word in words)


@attrs.frozen
class Name:
    """A name that may become part of a client order id."""

    def read(self, value: object) -> str:
        text = text_of(value)
        if not NAME_PATTERN.fullmatch(text):
            raise Refused(
                f"{shown(text)} is not a name",
                "use 1 to 12 of a-z and 0-9: it becomes part of every client order id",
            )
        return text


@attrs.frozen
class PairSymbol:
    """A pair, in any of the ways people write it: ``DOGE-USDT``, ``doge/usdt``, ``DOGEUSDT``."""

    def read(self, value: object) -> Pair:
        text = text_of(value)
        if not _PAIR.fullmatch(text):
            raise Refused(f"{shown(text)} is not a pair", 'write, for example, "DOGE-USDT"')
        return Pair(text.replace("-", "").replace("/", "").upper())


@attrs.frozen
class CurrencyCode:
    def read(self, value: object) -> Currency:
        text = text_of(value)
        if not _CURRENCY.fullmatch(text):
            raise Refused(f"{shown(text)} is not a currency", 'write, for example, "USDT"')
        return Currency(text.upper())


E_co = TypeVar("E_co", bound=enum.Enum, covariant=True)


@attrs.frozen
class Choice(Generic[E_co]):
    """One of an enum's values."""

    words: type[E_co]

    def read(self, value: object) -> E_co:
        known = [member.value for member in self.words]
        if value not in known:
            raise Refused(f"{shown(value)} is not known", nearest_cure(str(value), known))
        return self.words(value)


@attrs.frozen
class OneOf:
    """One of some names, which are asked for when a value is read."""

    names: Callable[[], Collection[str]]

    def read(self, value: object) -> str:
        known = self.names()
        if not isinstance(value, str) or value not in known:
            raise Refused(f"{shown(value)} is not known", nearest_cure(str(value), known))
        return value


@attrs.frozen
class Choices(Generic[E_co]):
    """Some of an enum's values, read as a tuple."""

    words: type[E_co]

    def read(self, value: object) -> tuple[E_co, ...]:
        values = value if isinstance(value, list) else [value]
        return tuple(dict.fromkeys(Choice(self.words).read(one) for one in values))


@attrs.frozen
class Flag:
    """True or false."""

    def read(self, value: object) -> bool:
        if not isinstance(value, bool):
            raise Refused(f"{shown(value)} is neither true nor false", "write true or false")
        return value


@attrs.frozen
class Paths:
    """One path or several, read as a tuple."""

    def read(self, value: object) -> tuple[str, ...]:
        paths = value if isinstance(value, list) else [value]
        if not paths:
            raise Refused("names no file", "give at least one path")
        return tuple(Text().read(path) for path in paths)


@attrs.frozen(kw_only=True)
class Origin:
    """
    Scheme, host and port of a server, without a path.

    Args:
        secure: The scheme with encryption.
        plain: The scheme without: only for this very machine.
        in_the_open: What would be wrong with it beyond this machine.
        example: A host.
    """

    secure: str
    plain: str
    in_the_open: str = "would send the key without encryption"
    example: str = "api.valr.com"

    def read(self, value: object) -> str:
        text = Text().read(value)
        cure = f"write, for example, {self.secure}://{self.example}"
        if "@" in text:
            # Not shown: what stands before an @ may be a password.
            raise Refused("holds more than scheme, host and port", cure)
        try:
            parts = urlsplit(text)
            port_is_fine = parts.port != 0
        except ValueError:
            raise Refused(f"{shown(text)} is not a URL", cure) from None
        if parts.scheme not in {self.secure, self.plain} or not parts.hostname or not port_is_fine:
            raise Refused(f"{shown(text)} is not a {self.secure} URL", cure)
        if parts.scheme == self.plain and parts.hostname not in _LOOPBACK_HOSTS:
            raise Refused(f"{shown(text)} {self.in_the_open}", f"use {self.secure}://")
        if parts.path not in {"", "/"} or parts.query or parts.fragment:
            raise Refused(f"{shown(text)} holds more than scheme, host and port", cure)
        return f"{parts.scheme}://{parts.netloc}"


def exact(value: object, *, example: str) -> Decimal:
    """
    A number as it was written.

    Raises:
        Refused: It is no number, not finite, or of an absurd size.
    """
    if isinstance(value, bool) or not isinstance(value, int | Decimal):
        raise Refused(
            f"{shown(value)} is not a number", f"write a number without quotes: {example}"
        )
    number = Decimal(value)
    if not number.is_finite():
        raise Refused(f"{shown(value)} is not a finite number", f"write a number: {example}")
    exponent = number.as_tuple().exponent
    assert isinstance(exponent, int)
    if number.adjusted() >= _MAGNITUDE_MAX.adjusted():
        raise Refused(f"{shown(value)} is too large", "give a number below 10^15")
    if exponent < -_DECIMAL_PLACES_MAX:
        raise Refused(
            f"{shown(value)} has too many decimal places",
            f"give at most {_DECIMAL_PLACES_MAX} decimal places",
        )
    return number


def is_number(value: object) -> bool:
    return isinstance(value, int | Decimal) and not isinstance(value, bool)


def text_of(value: object) -> str:
    """
    The value, if it is text.

    Raises:
        Refused: It is something else.
    """
    if not isinstance(value, str):
        cure = f'put it in quotes: "{shown(value)}"' if is_number(value) else "write text in quotes"
        raise Refused(f"{shown(value)} is not text", cure)
    return value


def shown(value: object) -> str:
    """A value from the configuration as a message shows it: bounded, printable."""
    match value:
        case bool():
            return "true" if value else "false"
        case str():
            return f'"{cut(value)}"'
        case dict():
            return "a table"
        case list():
            return "a list"
        case int() if value.bit_length() > _SHOWN_BITS_MAX:
            # Python refuses to write very long numbers, which would not be readable anyway.
            return "a huge number"
        case _:
            return cut(str(value))


def nearest_cure(word: str, known: Iterable[str]) -> str:
    """Did you mean: the nearest known word, or all of them while they are few."""
    words = sorted(known)
    by_fold = {candidate.casefold(): candidate for candidate in words}
    near = difflib.get_close_matches(word.casefold(), by_fold, n=1, cutoff=0.6)
    if near:
        return f"did you mean {by_fold[near[0]]}?"
    few = 16
    if 0 < len(words) <= few:
        return f"known here: {', '.join(words)}"
    return "remove it"


Span = Annotated[float, Seconds()]
"""A span of time in seconds, above zero."""
