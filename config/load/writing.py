"""Rules in words, and values as the file would have them."""

import enum
import inspect
import json
from collections.abc import Iterator
from datetime import UTC, datetime
from decimal import Decimal

import attrs

from config.credentials import SecretReference
from config.rules.hours import DailyHours, Hours, TimeOfDay
from config.rules.keys import Key, keys_of
from config.rules.rules import (
    Choice,
    Choices,
    Flag,
    Name,
    Number,
    OneOf,
    PairSymbol,
    Percent,
    Ratio,
    Rule,
    Seconds,
    Text,
    Whole,
    percent_text,
)
from config.source.locator import KeyPath
from config.strategies.rules import Instant, Listed, PriceUrl
from trading.core.decimals import decimal_text

_MINUTE_S = 60
_PLAIN_TYPES: tuple[tuple[type[Rule], str], ...] = (
    (Flag, "true or false"),
    (PairSymbol, "pair"),
    (Name, "name"),
    (Text, "text"),
    (DailyHours, "hours of the day, UTC"),
    (TimeOfDay, "time of day, UTC"),
    (Instant, "moment"),
    (PriceUrl, "address"),
)


@attrs.frozen
class RuleWords:
    """
    What a value may be.

    Args:
        type: ``percentage``, ``whole number``, ``pair`` ...
        unit: ``%``, ``s``; empty where a number has none of its own.
        range: Its bounds, or the words that are known; empty where there are none.
    """

    type: str
    unit: str = ""
    range: str = ""


def rule_words(rule: Rule) -> RuleWords:
    """The values that a rule takes, in words."""
    match rule:
        case Percent():
            return RuleWords("percentage", "%", _bounds(rule.bounds))
        case Number():
            return RuleWords("number", rule.unit, _bounds(rule))
        case Seconds():
            bounds = Number(above=rule.above, at_least=rule.at_least, at_most=rule.at_most)
            return RuleWords("time span", "s", _bounds(bounds))
        case Whole():
            return RuleWords("whole number", "", f"{rule.at_least} to {rule.at_most}")
        case Ratio():
            return RuleWords("number", "", _bounds(Number(above=rule.above, at_most=rule.at_most)))
        case Choice() | Choices() | OneOf():
            return RuleWords("word", "", ", ".join(_words(rule)))
        case Listed():
            element = rule_words(rule.rule)
            return RuleWords(f"list, each a {element.type}", element.unit, element.range)
        case _:
            plain = next((words for kind, words in _PLAIN_TYPES if isinstance(rule, kind)), None)
            return RuleWords(plain or _first_words(rule))


def _words(rule: "Choice[enum.Enum] | Choices[enum.Enum] | OneOf") -> list[str]:
    if isinstance(rule, OneOf):
        return sorted(rule.names())
    return [str(member.value) for member in rule.words]


def _first_words(rule: Rule) -> str:
    """A rule of another package describes itself."""
    line = (inspect.getdoc(type(rule)) or type(rule).__name__).splitlines()[0]
    return line.rstrip(".")


def _bounds(number: Number) -> str:
    named = (
        ("above", number.above),
        ("at least", number.at_least),
        ("below", number.below),
        ("at most", number.at_most),
    )
    return ", ".join(f"{words} {decimal_text(at)}" for words, at in named if at is not None)


def toml_text(value: object, rule: Rule | None = None) -> str:
    """A setting's value as the file would have it; empty for one that is absent."""
    match value, rule:
        case None, _:
            return ""
        case tuple(), Listed():
            return f"[{', '.join(toml_text(each, rule.rule) for each in value)}]"
        case tuple(), _:
            return f"[{', '.join(toml_text(each) for each in value)}]"
        case Decimal(), Percent():
            return f'"{percent_text(value)}"'
        case float(), Instant():
            moment = datetime.fromtimestamp(value, UTC).isoformat().replace("+00:00", "Z")
            return f'"{moment}"'
        case SecretReference(), _:
            kind = "env" if value.env is not None else "file"
            return f"{{ {kind} = {json.dumps(value.env or value.file)} }}"
        case (Hours() | int() as clock, DailyHours() | TimeOfDay()):
            return f'"{_clock_text(clock)}"'
        case _:
            return _plain(value)


def _plain(value: object) -> str:
    match value:
        case bool():
            return "true" if value else "false"
        case enum.Enum():
            return json.dumps(value.value)
        case Decimal():
            return decimal_text(value)
        case float():
            return decimal_text(Decimal(repr(value)))
        case int():
            return str(value)
        case _:
            return json.dumps(str(value), ensure_ascii=False)


def _clock_text(value: Hours | int) -> str:
    if isinstance(value, int):
        return _time_of_day(value)
    return f"{_time_of_day(value.start)}-{_time_of_day(value.end)}"


def _time_of_day(seconds: int) -> str:
    hours, minutes = divmod(seconds // _MINUTE_S, _MINUTE_S)
    return f"{hours:02}:{minutes:02}"


def written(settings: object, path: KeyPath = ()) -> Iterator[tuple[KeyPath, str]]:
    """
    Every key of a settings value with its text, those of tables below it included.

    A key that is absent has an empty text.
    """
    for key in keys_of(type(settings)):
        value, below = getattr(settings, key.field), (*path, key.name)
        if key.named:
            for name, each in value.items():
                yield from _one(each, key, (*below, str(name)))
        elif value is not None or key.table is None:
            yield from _one(value, key, below)


def _one(value: object, key: Key, path: KeyPath) -> Iterator[tuple[KeyPath, str]]:
    if key.table is None:
        yield path, toml_text(value, key.rule)
    else:
        yield from written(value, path)
