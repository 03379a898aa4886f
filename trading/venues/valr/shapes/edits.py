"""Makes a value look like another: edits as ``differences`` tells them, carried out."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from trading.venues.valr.shapes.kinds import SAMPLES, spelled

Place = tuple[Any, Any]
"""A list or an object, and where in it."""


def edited(value: object, edits: Sequence[str]) -> object:
    """A value after some edits; the given one is changed, as far as it is a list or an object."""
    holder: dict[str, object] = {"": value}
    for edit in edits:
        _carry_out(edit, holder)
    return holder[""]


def _carry_out(edit: str, holder: dict[str, object]) -> None:
    if edit[:1] in _CHANGES:
        path, change = edit[1:], _CHANGES[edit[0]]
    else:
        path, change = edit, _spell
    path, _, kind = path.rpartition(":") if change in (_spell, _add) else (path, "", "")
    parent, _, name = path.rpartition(".")
    for inner, key in list(_places(holder, parent if change is _add else path)):
        change(inner, key, name, kind)


def _remove(inner: Any, key: Any, _name: str, _kind: str) -> None:
    del inner[key]


def _add(inner: Any, key: Any, name: str, kind: str) -> None:
    if isinstance(inner[key], dict):
        inner[key][name] = SAMPLES[kind]


def _turn(inner: Any, key: Any, _name: str, _kind: str) -> None:
    if isinstance(inner[key], list):
        inner[key].reverse()


def _spell(inner: Any, key: Any, _name: str, kind: str) -> None:
    inner[key] = spelled(inner[key], kind)


_CHANGES: Mapping[str, Callable[[Any, Any, str, str], None]] = {
    "-": _remove,
    "+": _add,
    "~": _turn,
    "?": _turn,
}


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
