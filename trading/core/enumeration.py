"""The base class of enumerations that are keys of tables on hot paths."""

import enum


class TableKey(enum.Enum):
    """
    An enumeration whose members are hashed by identity, without calling Python code.

    Each member exists once, so equal ones hash alike; sets of them have no order worth relying on,
    as with any enumeration.
    """

    __hash__ = object.__hash__
