"""An instrument's trading rules: what prices, quantities and orders a venue takes."""

import enum
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal

import attrs

from trading.decimals import ZERO, decimal_text
from trading.identifiers import Currency, Pair
from trading.market import Side


class TradingRule(enum.Enum):
    """What an order can break."""

    ACTIVE = "active"
    PRICE_ABOVE_ZERO = "price above zero"
    TICK = "tick"
    LOT = "lot"
    QUANTITY_MIN = "quantity min"
    QUANTITY_MAX = "quantity max"
    NOTIONAL_MIN = "notional min"
    NOTIONAL_MAX = "notional max"


@attrs.frozen
class Objection:
    """One rule that an order would break, and a sentence with the figures."""

    rule: TradingRule
    sentence: str


@attrs.frozen(kw_only=True)
class Currencies:
    """What is base and what is quote in a pair, where its rules are not known or do not matter."""

    base: Currency
    quote: Currency


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
        return tuple(objection.sentence for objection in self.broken_rules(price, quantity))

    def broken_rules(self, price: Decimal, quantity: Decimal) -> tuple[Objection, ...]:
        """Every rule that an order would break; empty when it breaks none."""
        notional = price * quantity
        tick, lot = decimal_text(self.tick_size), decimal_text(self.lot_size)
        quantity_is = f"the quantity of {decimal_text(quantity)} {self.base} is"
        notional_is = f"the notional of {decimal_text(notional)} {self.quote} is"

        def beyond(word: str, bound: Decimal, currency: Currency) -> str:
            return f"{word} of {decimal_text(bound)} {currency}"

        rules = TradingRule
        below, above = "below the minimum", "above the maximum"
        checks = (
            (rules.ACTIVE, self.active, f"{self.pair} is not active"),
            (rules.PRICE_ABOVE_ZERO, price > ZERO, "the price is not positive"),
            (
                rules.TICK,
                price == self.price_down(price),
                f"the price is not on a tick of {tick} {self.quote}",
            ),
            (
                rules.LOT,
                quantity == self.quantity_down(quantity),
                f"the quantity is not on a lot of {lot} {self.base}",
            ),
            (
                rules.QUANTITY_MIN,
                quantity >= self.quantity_min,
                f"{quantity_is} {beyond(below, self.quantity_min, self.base)}",
            ),
            (
                rules.QUANTITY_MAX,
                quantity <= self.quantity_max,
                f"{quantity_is} {beyond(above, self.quantity_max, self.base)}",
            ),
            (
                rules.NOTIONAL_MIN,
                notional >= self.notional_min,
                f"{notional_is} {beyond(below, self.notional_min, self.quote)}",
            ),
            (
                rules.NOTIONAL_MAX,
                notional <= self.notional_max,
                f"{notional_is} {beyond(above, self.notional_max, self.quote)}",
            ),
        )
        return tuple(Objection(rule, sentence) for rule, kept, sentence in checks if not kept)


def _to_step(value: Decimal, step: Decimal, rounding: str) -> Decimal:
    return (value / step).to_integral_value(rounding) * step
