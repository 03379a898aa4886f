"""Values as JSON has them, money as text without an exponent."""

from collections.abc import Mapping
from decimal import Decimal

import msgspec

from trading.core.decimals import decimal_text


def plain(value: object) -> object:
    """
    A value of structs, attrs classes, mappings and sequences as dictionaries, lists and text.

    A decimal is the number alone: ``0E-18`` is 0, ``0.150350`` is 0.15035.
    """
    return _told(msgspec.to_builtins(value, builtin_types=(Decimal,), str_keys=True))


def _told(value: object) -> object:
    match value:
        case Decimal():
            return decimal_text(value)
        case Mapping():
            return {str(key): _told(one) for key, one in value.items()}
        case list() | tuple():
            return [_told(one) for one in value]
        case _:
            return value
