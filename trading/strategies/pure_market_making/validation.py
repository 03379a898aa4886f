"""Checks of single parameters, in words that name the field and what was given."""

import math
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import attrs

from trading.core.decimals import decimal_text

Number = Decimal | float | int
Validator = Callable[[Any, "attrs.Attribute[Any]", Any], None]


def number(holds: Callable[[Any], bool], expected: str) -> Validator:
    """A validator that names the field, what it expects and what it was given."""

    def check(_: Any, attribute: "attrs.Attribute[Any]", value: Number) -> None:
        # NaN compares as false with everything, so it would slip through "not below zero".
        if not math.isfinite(value) or not holds(value):
            raise ValueError(f"{attribute.name} must be {expected}, not {_text(value)}")

    return check


def unless_absent(check: Validator) -> Validator:
    def check_if_given(
        instance: Any, attribute: "attrs.Attribute[Any]", value: Number | None
    ) -> None:
        if value is not None:
            check(instance, attribute, value)

    return check_if_given


def _text(value: Number) -> str:
    if isinstance(value, Decimal) and value.is_finite():
        return decimal_text(value)
    return str(value)


POSITIVE = number(lambda value: value > 0, "above 0")
NOT_NEGATIVE = number(lambda value: value >= 0, "0 or more")
FRACTION = number(lambda value: 0 < value < 1, "a fraction between 0 and 1")
FRACTION_OR_ZERO = number(lambda value: 0 <= value < 1, "a fraction, 0 or more and below 1")
SHARE = number(lambda value: 0 <= value <= 1, "a share from 0 to 1")
SIGNED_FRACTION = number(lambda value: -1 <= value < 1, "a fraction from -1 to below 1")
FINITE = number(lambda _: True, "a finite number")
