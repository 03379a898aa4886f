"""What a JSON value is expected to look like, and in what another one differs from it."""

from collections.abc import Iterator, Mapping
from decimal import Decimal, InvalidOperation

import attrs

from trading.venues.valr.shapes.kinds import fits, kind_of

ROOT = ""
_ABSENT = "?"


@attrs.frozen
class Field:
    """
    One place of a shape.

    Args:
        kinds: Any of them will do.
        optional: It may be absent.
        order: ``"<"`` for rising, ``">"`` for falling from row to row; of a list, by this place.
    """

    kinds: frozenset[str]
    optional: bool = False
    order: str = ""


@attrs.frozen
class Shape:
    """
    What a value is expected to look like.

    Args:
        fields: By path: ``Asks[].price`` is a place in each row of a list, the empty path is the
            value itself.
    """

    fields: Mapping[str, Field]

    @classmethod
    def read(cls, text: str) -> "Shape":
        """
        A shape from its words: ``PATH:KIND``, with ``|`` between kinds that both will do.

        A ``?`` after the path is a place that may be absent, ``<`` or ``>`` after the kind says how
        a list is sorted by it.
        """
        fields: dict[str, Field] = {}
        for word in text.split():
            path, _, kinds = word.rpartition(":")
            order = kinds[-1] if kinds[-1] in "<>" else ""
            fields[path.rstrip(_ABSENT)] = Field(
                frozenset(kinds.rstrip("<>").split("|")), path.endswith(_ABSENT), order
            )
        return cls(fields)


@attrs.define
class _Seen:
    """
    What was met at a path.

    Args:
        holders: How many objects could have had it.
    """

    values: list[object] = attrs.field(factory=list)
    holders: int = 1


def differences(shape: Shape, value: object) -> tuple[str, ...]:
    """
    The edits that would make a value of the expected shape look like this one.

    ``-PATH`` takes a place away, ``+PATH:KIND`` adds one, ``PATH:KIND`` spells it otherwise,
    ``~PATH`` turns a list round. None at all says that the value is as expected.
    """
    seen: dict[str, _Seen] = {}
    _look(value, ROOT, seen)
    return tuple(
        dict.fromkeys(
            [*_gone(shape, seen), *_new(shape, seen), *_odd(shape, seen), *_turned(shape, value)]
        )
    )


def parent_of(path: str) -> str:
    """The path of the object or list that holds a place."""
    if path.endswith("[]"):
        return path[:-2]
    return path.rpartition(".")[0]


def _look(value: object, path: str, seen: dict[str, _Seen]) -> None:
    seen.setdefault(path, _Seen()).values.append(value)
    if isinstance(value, dict):
        for key, inner in value.items():
            _look(inner, f"{path}.{key}" if path else str(key), seen)
    elif isinstance(value, list):
        for inner in value:
            _look(inner, f"{path}[]", seen)


def _objects(path: str, seen: Mapping[str, _Seen]) -> int:
    found = seen.get(path)
    return 0 if found is None else sum(isinstance(value, dict) for value in found.values)


def _gone(shape: Shape, seen: Mapping[str, _Seen]) -> Iterator[str]:
    for path, field in shape.fields.items():
        if field.optional or path == ROOT or path.endswith("[]"):
            continue
        holders = _objects(parent_of(path), seen)
        if len(seen[path].values if path in seen else ()) < holders:
            yield f"-{path}"


def _new(shape: Shape, seen: Mapping[str, _Seen]) -> Iterator[str]:
    for path, found in seen.items():
        parent = parent_of(path)
        known = path == ROOT or path in shape.fields or parent not in shape.fields
        if not known and not path.endswith("[]") and _is_open(shape, parent):
            yield f"+{path}:{kind_of(found.values[0])}"


def _is_open(shape: Shape, parent: str) -> bool:
    """Whether a shape says what is in an object; of one that it only names it says nothing."""
    inside = "" if parent == ROOT else f"{parent}."
    return any(
        path != parent and path.startswith(inside) and not path.startswith("[]", len(parent))
        for path in shape.fields
        if path != ROOT
    )


def _odd(shape: Shape, seen: Mapping[str, _Seen]) -> Iterator[str]:
    for path, field in shape.fields.items():
        if path in seen:
            kinds = {kind_of(value) for value in seen[path].values}
            for kind in sorted(kinds):
                if not fits(kind, field.kinds):
                    yield f"{path}:{kind}"


def _turned(shape: Shape, value: object) -> Iterator[str]:
    for path, field in shape.fields.items():
        if not field.order:
            continue
        head, _, key = path.rpartition("[].")
        rows = _at(value, head)
        keys = [_rank(row[key]) for row in rows if isinstance(row, dict) and key in row]
        if field.order == ">":
            keys.reverse()
        if keys != sorted(keys) and keys == sorted(keys, reverse=True):
            yield f"~{head}"
        elif keys != sorted(keys):
            yield f"?{head}"


def _at(value: object, path: str) -> list[object]:
    for key in filter(None, path.split(".")):
        value = value.get(key) if isinstance(value, dict) else None
    return value if isinstance(value, list) else []


def _rank(value: object) -> tuple[Decimal, str]:
    try:
        return Decimal(str(value)), ""
    except InvalidOperation:
        return Decimal(0), str(value)
