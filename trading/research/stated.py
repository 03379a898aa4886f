"""A number, or the reason why it cannot be stated: nothing is said that the data cannot bear."""

from typing import TypeVar

import msgspec

T = TypeVar("T")


class NotStated(msgspec.Struct, frozen=True):
    """
    What stands in a number's place.

    Args:
        not_stated: Why, as a sentence without its full stop; what would have to be known.
    """

    not_stated: str


def stated(value: T | NotStated) -> T:
    """
    A value that is known to be stated.

    Raises:
        ValueError: It is not.
    """
    if isinstance(value, NotStated):
        raise ValueError(value.not_stated)  # noqa: TRY004  # it is no mistake of types
    return value
