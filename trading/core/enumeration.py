"""Enumerations that are keys of tables which are looked up all the time."""

import enum


class TableKey(enum.Enum):
    """
    An enumeration whose members are hashed by what they are, which takes no call of Python.

    Each member exists once, so equal ones hash alike; sets of them have no order worth relying on,
    as with any enumeration.
    """

    __hash__ = object.__hash__
