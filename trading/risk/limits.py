"""The limits of one strategy, whatever it decides."""

from decimal import Decimal
from typing import Any

import attrs

from trading.core.decimals import ZERO, decimal_text


def _above_zero(_: Any, attribute: "attrs.Attribute[Any]", value: Decimal | float | None) -> None:
    if value is None:
        return
    # NaN compares as false with everything or raises; it is no limit either way.
    if isinstance(value, Decimal) and not value.is_finite():
        raise ValueError(f"{attribute.name} must be a finite number, not {value}")
    if not 0 < value < float("inf"):
        raise ValueError(f"{attribute.name} must be above 0, not {value}")


def _holding(_: Any, attribute: "attrs.Attribute[Any]", value: Decimal | None) -> None:
    if value is not None and not (value.is_finite() and value >= ZERO):
        raise ValueError(f"{attribute.name} must be 0 or more, not {value}")


@attrs.frozen(kw_only=True)
class RiskLimits:
    """
    The limits of one strategy on one pair.

    A holding is all that the account has of a currency, available and reserved. Its bounds are
    those of an interval: at one end every bid fills and no ask, at the other every ask and no bid.
    They are bounds of the account and not of a session's position, because the account is what
    there is to lose, and because it needs no memory: a restart cannot forget it.

    Args:
        max_order_notional: Price times quantity of one order, in quote currency; ``None`` for off.
        min_base_holding: What is never sold, in base currency; ``None`` for off.
        max_base_holding: The most to be stuck with when the price falls, in base currency;
            ``None`` for off.
        min_quote_holding: What is never spent, in quote currency; ``None`` for off.
        max_quote_holding: The most to end up with in quote currency; ``None`` for off.
        max_daily_loss: A loss of so much within one UTC day halts the strategy, in quote currency,
            realised and unrealised together; ``None`` for off.
        max_drawdown: So much below the best that the profit ever was halts the strategy, in quote
            currency; ``None`` for off.
        price_collar: Farthest that a price may be from the mid price, as a fraction of it.
        last_trade_collar: Farthest that a price may be from the last trade's, as a fraction of it.
        max_orders_per_side: Working orders of the strategy on one side, those in doubt included.
        max_fills_in_row: So many orders filled one after the other on one side, with none on the
            other side between them, halt the strategy.
        fills_window_s: Within so many seconds.
        max_book_age_s: A book not confirmed for so many seconds lets no order leave.
        max_instructions_per_minute: Placements and replacements; cancels are never counted.

    Raises:
        ValueError: A limit is out of range; the message names the field.
    """

    max_order_notional: Decimal | None = attrs.field(default=None, validator=_above_zero)
    min_base_holding: Decimal | None = attrs.field(default=None, validator=_holding)
    max_base_holding: Decimal | None = attrs.field(default=None, validator=_above_zero)
    min_quote_holding: Decimal | None = attrs.field(default=None, validator=_holding)
    max_quote_holding: Decimal | None = attrs.field(default=None, validator=_above_zero)
    max_daily_loss: Decimal | None = attrs.field(default=None, validator=_above_zero)
    max_drawdown: Decimal | None = attrs.field(default=None, validator=_above_zero)
    price_collar: Decimal = attrs.field(default=Decimal("0.05"), validator=_above_zero)
    last_trade_collar: Decimal = attrs.field(default=Decimal("0.1"), validator=_above_zero)
    max_orders_per_side: int = attrs.field(default=10, validator=_above_zero)
    max_fills_in_row: int = attrs.field(default=10, validator=_above_zero)
    fills_window_s: float = attrs.field(default=60.0, validator=_above_zero)
    max_book_age_s: float = attrs.field(default=30.0, validator=_above_zero)
    max_instructions_per_minute: int = attrs.field(default=300, validator=_above_zero)

    def __attrs_post_init__(self) -> None:
        for currency in ("base", "quote"):
            low: Decimal | None = getattr(self, f"min_{currency}_holding")
            high: Decimal | None = getattr(self, f"max_{currency}_holding")
            if low is not None and high is not None and low >= high:
                raise ValueError(
                    f"min_{currency}_holding must be below max_{currency}_holding, not"
                    f" {decimal_text(low)}"
                )
