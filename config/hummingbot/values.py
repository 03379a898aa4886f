"""Reads single values of a Hummingbot file as Hummingbot does."""

import json
from decimal import Decimal, InvalidOperation

from config.hummingbot.given import Given
from trading.core.decimals import decimal_text

_WORDS = {"true": True, "yes": True, "false": False, "no": False}
_ABSENT = {"", "none", "null", "~", "nan", ".nan"}
_DIGITS_MAX = 40


class NotUnderstood(ValueError):
    """A value that Hummingbot would not have taken either."""


def absent(given: Given | None) -> bool:
    """Whether a value is none: empty, None or NaN."""
    if given is None or given.value is None:
        return True
    return isinstance(given.value, str) and given.value.strip().lower() in _ABSENT


def number(given: Given) -> Decimal:
    """
    A finite number, exactly as it was written.

    Raises:
        NotUnderstood: It is none.
    """
    text = given.value
    if not isinstance(text, str) or len(text) > _DIGITS_MAX:
        raise NotUnderstood(f"{given.shown} is not a number")
    try:
        value = Decimal(text.strip().replace("_", ""))
    except InvalidOperation:
        raise NotUnderstood(f"{given.shown} is not a number") from None
    if not value.is_finite() or abs(value.adjusted()) > _DIGITS_MAX:
        raise NotUnderstood(f"{given.shown} is not a number of a sensible size")
    return value


def flag(given: Given) -> bool:
    """
    True or false.

    Raises:
        NotUnderstood: It is neither.
    """
    if isinstance(given.value, bool):
        return given.value
    found = _WORDS.get(given.value.strip().lower()) if isinstance(given.value, str) else None
    if found is None:
        raise NotUnderstood(f"{given.shown} is neither true nor false")
    return found


def text(given: Given) -> str:
    """
    Text of one line.

    Raises:
        NotUnderstood: It is something else.
    """
    if not isinstance(given.value, str) or not given.value.isprintable():
        raise NotUnderstood(f"{given.shown} is not text")
    return given.value.strip()


def numbers(given: Given) -> tuple[Decimal, ...]:
    """
    A list, or numbers with commas between.

    Raises:
        NotUnderstood: It is neither.
    """
    if isinstance(given.value, list):
        return tuple(number(each) for each in given.value)
    return tuple(number(Given(part, given.line)) for part in text(given).split(",") if part.strip())


def table(given: Given) -> dict[str, Given]:
    """
    A table, or one written as JSON.

    Raises:
        NotUnderstood: It is neither.
    """
    if isinstance(given.value, dict):
        return given.value
    try:
        found = json.loads(text(given), parse_float=str, parse_int=str)
    except (ValueError, RecursionError):
        raise NotUnderstood(f"{given.shown} is neither a table nor JSON") from None
    read = _of_json(found, given.line)
    if not isinstance(read.value, dict):
        raise NotUnderstood(f"{given.shown} is no table")
    return read.value


def _of_json(value: object, line: int) -> Given:
    match value:
        case dict():
            return Given({str(key): _of_json(each, line) for key, each in value.items()}, line)
        case list():
            return Given([_of_json(each, line) for each in value], line)
        case bool() | None | str():
            return Given(value, line)
        case _:
            return Given(str(value), line)


def percent(value: Decimal) -> str:
    """Percent as our file has them."""
    return f'"{decimal_text(value)} %"'


def quoted(value: str) -> str:
    """Text as our file has it."""
    return json.dumps(value, ensure_ascii=False)
