"""The kinds of JSON values, by their spelling: a number as text is another kind than a number."""

import re
from collections.abc import Mapping
from decimal import Decimal, InvalidOperation
from types import MappingProxyType

_NUMBER = re.compile(r"-?(?:0|[1-9][0-9]*)(?:\.[0-9]*[1-9])?", re.ASCII)
_PADDED = re.compile(r"-?[0-9]+\.[0-9]*0|-?0[0-9]+(?:\.[0-9]+)?", re.ASCII)
_TIME = re.compile(r"([0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9:]{8})(?:\.([0-9]{1,9}))?(Z?)", re.ASCII)
_ID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.ASCII)

TEXT = "text"
"""Whatever else a text looks like, it is a text too."""

SAMPLES: Mapping[str, object] = MappingProxyType(
    {
        TEXT: "some text",
        "number": "1",
        "padded": "1.00",
        "integer": 1,
        "fraction": 1.5,
        "flag": True,
        "null": None,
        "list": [],
        "object": {},
        "id": "00000000-0000-7000-8000-000000000000",
        "time/0": "2026-01-01T00:00:00Z",
        "time/3": "2026-01-01T00:00:00.000Z",
        "time/6": "2026-01-01T00:00:00.000000Z",
        "time/9": "2026-01-01T00:00:00.000000000Z",
        "local/0": "2026-01-01T00:00:00",
        "local/3": "2026-01-01T00:00:00.000",
    }
)
"""A value of each kind."""


def kind_of(value: object) -> str:
    """How a value is spelled."""
    match value:
        case None:
            return "null"
        case bool():
            return "flag"
        case int():
            return "integer"
        case float() | Decimal():
            return "fraction"
        case list():
            return "list"
        case dict():
            return "object"
        case _:
            return _kind_of_text(str(value))


def fits(kind: str, allowed: frozenset[str]) -> bool:
    """Whether a kind is one of those allowed; any text is a text."""
    return kind in allowed or (TEXT in allowed and kind_of(SAMPLES.get(kind, "")) not in _NO_TEXTS)


def spelled(value: object, kind: str) -> object:
    """A value spelled in another way, as far as that is possible; else a sample of that kind."""
    if kind_of(value) == kind:
        return value
    if kind.partition("/")[0] in ("time", "local"):
        return _timed(str(value), kind)
    try:
        number = Decimal(str(value))
    except InvalidOperation:
        return SAMPLES[kind]
    match kind:
        case "integer":
            return int(number)
        case "fraction":
            return float(number)
        case "number":
            return format(number.normalize(), "f")
        case "padded":
            return f"{number:f}0" if "." in f"{number:f}" else f"{number:f}.00"
        case _:
            return SAMPLES[kind]


_NO_TEXTS = frozenset({"null", "flag", "integer", "fraction", "list", "object"})


def _kind_of_text(text: str) -> str:
    if _ID.fullmatch(text):
        return "id"
    if _NUMBER.fullmatch(text):
        return "number"
    if _PADDED.fullmatch(text):
        return "padded"
    if found := _TIME.fullmatch(text):
        return f"{'time' if found[3] else 'local'}/{len(found[2] or '')}"
    return TEXT


def _timed(text: str, kind: str) -> str:
    word, _, digits = kind.partition("/")
    found = _TIME.fullmatch(text)
    if found is None:
        return str(SAMPLES[kind])
    fraction = f"{found[2] or '':0<9}"[: int(digits)]
    return found[1] + (f".{fraction}" if fraction else "") + ("Z" if word == "time" else "")
