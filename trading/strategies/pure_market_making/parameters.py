"""What the trader asks for."""

import math
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import attrs

from trading.decimals import ONE, ZERO, decimal_text

_Number = Decimal | float | int
_Validator = Callable[[Any, "attrs.Attribute[Any]", Any], None]


def _number(holds: Callable[[Any], bool], expected: str) -> _Validator:
    """A validator that names the field, what it expects and what it was given."""

    def check(_: Any, attribute: "attrs.Attribute[Any]", value: _Number) -> None:
        # NaN compares as false with everything, so it would slip through "not below zero".
        if not math.isfinite(value) or not holds(value):
            raise ValueError(f"{attribute.name} must be {expected}, not {_text(value)}")

    return check


def _text(value: _Number) -> str:
    if isinstance(value, Decimal) and value.is_finite():
        return decimal_text(value)
    return str(value)


def _unless_absent(check: _Validator) -> _Validator:
    def check_if_given(
        instance: Any, attribute: "attrs.Attribute[Any]", value: _Number | None
    ) -> None:
        if value is not None:
            check(instance, attribute, value)

    return check_if_given


_POSITIVE = _number(lambda value: value > 0, "above 0")
_NOT_NEGATIVE = _number(lambda value: value >= 0, "0 or more")
_FRACTION = _number(lambda value: 0 < value < 1, "a fraction between 0 and 1")
_FRACTION_OR_ZERO = _number(lambda value: 0 <= value < 1, "a fraction, 0 or more and below 1")
_FINITE = _number(lambda _: True, "a finite number")


@attrs.frozen(kw_only=True)
class Parameters:
    """
    What the trader asks for; Hummingbot's names, but fractions where it has percentages.

    Args:
        bid_spread: Distance of the first bid below the mid price, as a fraction (0.01 is 1 %).
        ask_spread: Distance of the first ask above the mid price, as a fraction.
        minimum_spread: An order closer than this fraction to the mid price is cancelled;
            ``None`` for never. Smaller than both spreads.
        order_amount: Quantity of the first level, in base currency.
        order_levels: How many orders on each side.
        order_level_spread: What each further level adds to the spread, as a fraction.
        order_level_amount: What each further level adds to the quantity, in base currency;
            negative makes them smaller.
        order_refresh_time: Seconds after which a set of orders is replaced.
        order_refresh_tolerance: A set is kept beyond that time while no price would move by more
            than this fraction; ``None`` replaces it in any case.
        filled_order_delay: Seconds to wait with new orders after one was filled whole.
        max_order_age: Seconds after which a set is replaced even within the tolerance.

    Raises:
        ValueError: A value is out of range; the message names the field.
    """

    bid_spread: Decimal = attrs.field(validator=_FRACTION)
    ask_spread: Decimal = attrs.field(validator=_FRACTION)
    minimum_spread: Decimal | None = attrs.field(
        default=None, validator=_unless_absent(_FRACTION_OR_ZERO)
    )
    order_amount: Decimal = attrs.field(validator=_POSITIVE)
    order_levels: int = attrs.field(default=1, validator=_number(lambda n: n >= 1, "1 or more"))
    order_level_spread: Decimal = attrs.field(default=ZERO, validator=_FRACTION_OR_ZERO)
    order_level_amount: Decimal = attrs.field(default=ZERO, validator=_FINITE)
    order_refresh_time: float = attrs.field(validator=_POSITIVE)
    order_refresh_tolerance: Decimal | None = attrs.field(
        default=ZERO, validator=_unless_absent(_FRACTION_OR_ZERO)
    )
    filled_order_delay: float = attrs.field(default=60.0, validator=_NOT_NEGATIVE)
    max_order_age: float = attrs.field(default=1800.0, validator=_POSITIVE)

    def __attrs_post_init__(self) -> None:
        narrowest = min(self.bid_spread, self.ask_spread)
        if self.minimum_spread is not None and self.minimum_spread >= narrowest:
            raise ValueError(
                f"minimum_spread must be below bid_spread and ask_spread, not"
                f" {decimal_text(self.minimum_spread)}: every order would be cancelled at once"
            )
        if self.order_levels > 1:
            self._check_levels()

    def _check_levels(self) -> None:
        last = self.order_levels - 1
        if self.order_level_spread == ZERO:
            raise ValueError("order_level_spread must be above 0 with more than one order_levels")
        if self.bid_spread + last * self.order_level_spread >= ONE:
            raise ValueError(
                "order_level_spread must leave the last bid above 0, not"
                f" {decimal_text(self.order_level_spread)} with {self.order_levels} levels"
            )
        if self.order_amount + last * self.order_level_amount <= ZERO:
            raise ValueError(
                "order_level_amount must leave the last level above 0, not"
                f" {decimal_text(self.order_level_amount)} with {self.order_levels} levels"
            )
