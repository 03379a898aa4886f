"""
From the settings of a strategy to what the strategy itself takes.

Fields are matched by name, so that no key is copied by hand and none can be forgotten.
"""

import functools
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any, TypeVar, get_type_hints

import attrs

P = TypeVar("P")

_NOTHING: Mapping[str, object] = MappingProxyType({})


def from_settings(kind: type[P], settings: object, derived: Mapping[str, object] = _NOTHING) -> P:
    """
    A strategy, or its parameters, filled from the settings' fields of the same name and type.

    A field that can be filled from nowhere is an error even if it has a default: a key that was
    forgotten here would be read, checked, and without effect.

    Args:
        kind: An attrs class; its fields carry the names of the settings' fields.
        settings: An attrs instance.
        derived: By the field's name, what is no key of its own but follows from several.

    Raises:
        TypeError: A field has no setting of its name and type, or ``derived`` names no field.
        ValueError: The values contradict each other, as ``kind`` sees it.
    """
    taker: Any = kind  # mypy does not take a class for something that can be hashed
    giver: Any = type(settings)
    names = _shared(taker, giver, frozenset(derived))
    make: Callable[..., P] = kind
    return make(**{name: getattr(settings, name) for name in names}, **derived)


def _named(kind: Any) -> str:
    return kind.__qualname__ if isinstance(kind, type) else str(kind)


@functools.cache
def _shared(kind: type[Any], settings: type[Any], derived: frozenset[str]) -> tuple[str, ...]:
    """The fields that both classes have; checked once for each pair of classes."""
    fields = {field.name for field in attrs.fields(kind) if field.init}
    keys = {field.name for field in attrs.fields(settings)}
    taken, given = get_type_hints(kind), get_type_hints(settings)
    names = fields - derived
    wrong = [f"{name} is no field of {kind.__name__}" for name in derived - fields]
    for name in names:
        if name not in keys:
            wrong.append(f"{settings.__name__} has no field {name}: add it, or derive it")
        elif taken[name] != given[name]:
            wrong.append(
                f"{name} is {_named(given[name])} in {settings.__name__} and"
                f" {_named(taken[name])} in {kind.__name__}: make them the same, or derive it"
            )
    if wrong:
        what = "; ".join(sorted(wrong))
        raise TypeError(f"{kind.__name__} cannot be filled from {settings.__name__}: {what}")
    return tuple(sorted(names))
