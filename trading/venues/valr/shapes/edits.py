"""Makes a value look like another: edits as ``differences`` tells them, carried out."""

from collections.abc import Iterator, Sequence
from typing import Any

from trading.venues.valr.shapes.kinds import SAMPLES, spelled

_REMOVE, _ADD, _TURN, _SHUFFLE = "-", "+", "~", "?"

Place = tuple[Any, Any]
"""A list or an object, and where in it."""


def edited(value: object, edits: Sequence[str]) -> object:
    """A value after some edits; the given one is changed, as far as it is a list or an object."""
    holder: dict[str, object] = {"": value}
    for edit in edits:
        _carry_out(edit, holder)
    return holder[""]


def _carry_out(edit: str, holder: dict[str, object]) -> None:
    sign, rest = (edit[0], edit[1:]) if edit[:1] in (_REMOVE, _ADD, _TURN, _SHUFFLE) else ("", edit)
    match sign:
        case "-":
            for inner, key in list(_places(holder, rest)):
                inner.pop(key, None)
        case "+":
            path, _, kind = rest.rpartition(":")
            parent, _, name = path.rpartition(".")
            for inner, key in list(_places(holder, parent)):
                if isinstance(inner[key], dict):
                    inner[key][name] = SAMPLES[kind]
        case "~" | "?":
            for inner, key in list(_places(holder, rest)):
                if isinstance(inner[key], list):
                    inner[key].reverse()
        case _:
            path, _, kind = rest.rpartition(":")
            for inner, key in list(_places(holder, path)):
                inner[key] = spelled(inner[key], kind)


def _places(holder: dict[str, object], path: str) -> Iterator[Place]:
    """Every place that a path names."""
    places: list[Place] = [(holder, "")]
    for step in filter(None, path.replace("[]", ".[]").split(".")):
        inside: list[Place] = []
        for outer, key in places:
            value = outer[key]
            if step == "[]" and isinstance(value, list):
                inside += [(value, index) for index in range(len(value))]
            elif step != "[]" and isinstance(value, dict) and step in value:
                inside.append((value, step))
        places = inside
    yield from places
