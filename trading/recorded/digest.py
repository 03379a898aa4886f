"""A digest of whatever a strategy remembers, equal in every process for equal values."""

import hashlib
from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from typing import Any

import msgspec

from trading.strategies.looking import Mark

NO_DIGEST = ""
"""Of a state that cannot be told from another one: it has parts that are no values."""

_LENGTH = 8
"""Bytes: each digest is compared with one other, that of the same look."""


def digest(state: object, mark: Mark) -> str:
    """
    What tells a state, with the life's own memory, from others: 16 hexadecimal digits.

    Returns:
        ``NO_DIGEST`` where that cannot be said.
    """
    try:
        data = encoded((state, mark))
    except (TypeError, ValueError, RecursionError, OverflowError):
        return NO_DIGEST
    return hashlib.blake2b(data, digest_size=_LENGTH).hexdigest()


def encoded(value: object) -> bytes:
    """
    Everything that a value is made of, alike for equal ones.

    Raises:
        TypeError: Parts of it are no values.
    """
    try:
        return _ENCODER.encode(value)
    except TypeError:
        # Keys that are no text, or sets of what has no order: by hand, which takes longer.
        return _ENCODER.encode(_by_hand(value))


def _plain(value: object) -> object:
    """What msgspec does not know: views of mappings, and classes of other packages."""
    if isinstance(value, Mapping):
        return dict(value)
    if isinstance(value, AbstractSet):
        return frozenset(value)
    fields = _fields(value)
    if fields is None:
        raise TypeError(f"a {type(value).__name__} has no value")
    return [type(value).__qualname__, fields]


def _fields(value: object) -> dict[str, Any] | None:
    """The attributes of an object that is more than its address."""
    if callable(value) or isinstance(value, type):
        return None
    names = [name for kind in type(value).__mro__ for name in getattr(kind, "__slots__", ())]
    slots = {name: getattr(value, name) for name in names if hasattr(value, name)}
    fields = {**slots, **getattr(value, "__dict__", {})}
    return fields or None


def _by_hand(value: object) -> object:
    match value:
        case Mapping():
            pairs = [(_by_hand(key), _by_hand(each)) for key, each in value.items()]
            return ["mapping", sorted(pairs, key=_ENCODER.encode)]
        case AbstractSet():
            return ["set", sorted(map(_by_hand, value), key=_ENCODER.encode)]
        case list() | tuple():
            return [_by_hand(each) for each in value]
        case msgspec.Struct():
            return [_by_hand(getattr(value, name)) for name in value.__struct_fields__]
        case _ if type(value).__module__ == "builtins" or _written_as_it_is(value):
            return value
        case _:
            return _by_hand(_plain(value))


def _written_as_it_is(value: object) -> bool:
    """Whether it is written as it is: a number, a moment, a member of an enumeration."""
    if hasattr(value, "__attrs_attrs__") or hasattr(value, "__dataclass_fields__"):
        return False
    try:
        msgspec.msgpack.encode(value)
    except (TypeError, ValueError):
        return False
    return True


_ENCODER = msgspec.msgpack.Encoder(enc_hook=_plain, order="deterministic")
