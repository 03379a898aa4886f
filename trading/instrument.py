"""An instrument's trading rules: what prices, quantities and orders a venue takes."""

from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal

import attrs

from trading.decimals import ZERO, decimal_text
from trading.identifiers import Currency, Pair
from trading.market import Side


@attrs.frozen(kw_only=True)
class Instrument:
    """
    One pair's rules.

    Args:
        tick_size: Price step, in quote currency.
        lot_size: Quantity step, in base currency.
        quantity_min: Smallest order, in base currency.
        quantity_max: Largest order, in base currency.
        notional_min: Smallest price times quantity, in quote currency.
        notional_max: Largest price times quantity, in quote currency.
        active: Whether the venue takes orders for it at all.
    """

    pair: Pair
    base: Currency
    quote: Currency
    tick_size: Decimal
    lot_size: Decimal
    quantity_min: Decimal
    quantity_max: Decimal
    notional_min: Decimal
    notional_max: Decimal
    active: bool = True

    def price_down(self, price: Decimal) -> Decimal:
        """The nearest price on a tick at or below."""
        return _to_step(price, self.tick_size, ROUND_FLOOR)

    def price_up(self, price: Decimal) -> Decimal:
        """The nearest price on a tick at or above."""
        return _to_step(price, self.tick_size, ROUND_CEILING)

    def price_away(self, side: Side, price: Decimal) -> Decimal:
        """The nearest price on a tick that is no more aggressive: bids down, asks up."""
        return self.price_down(price) if side is Side.BUY else self.price_up(price)

    def quantity_down(self, quantity: Decimal) -> Decimal:
        """The nearest quantity on a lot at or below."""
        return _to_step(quantity, self.lot_size, ROUND_FLOOR)

    def objections(self, price: Decimal, quantity: Decimal) -> tuple[str, ...]:
        """Every rule that an order would break, as sentences; empty when it breaks none."""
        notional = price * quantity
        checks = (
            (not self.active, f"{self.pair} is not active"),
            (price <= ZERO, "the price is not positive"),
            (
                price != self.price_down(price),
                f"the price is not on a tick of {decimal_text(self.tick_size)} {self.quote}",
            ),
            (
                quantity != self.quantity_down(quantity),
                f"the quantity is not on a lot of {decimal_text(self.lot_size)} {self.base}",
            ),
            *_outside("quantity", quantity, (self.quantity_min, self.quantity_max), self.base),
            *_outside("notional", notional, (self.notional_min, self.notional_max), self.quote),
        )
        return tuple(sentence for broken, sentence in checks if broken)


def _outside(
    what: str, value: Decimal, bounds: tuple[Decimal, Decimal], currency: Currency
) -> tuple[tuple[bool, str], tuple[bool, str]]:
    low, high = bounds
    is_what = f"the {what} of {decimal_text(value)} {currency} is"
    return (
        (value < low, f"{is_what} below the minimum of {decimal_text(low)} {currency}"),
        (value > high, f"{is_what} above the maximum of {decimal_text(high)} {currency}"),
    )


def _to_step(value: Decimal, step: Decimal, rounding: str) -> Decimal:
    return (value / step).to_integral_value(rounding) * step
