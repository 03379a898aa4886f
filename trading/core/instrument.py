"""An instrument's trading rules: what prices, quantities and orders a venue takes."""

import enum
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal

import attrs
import msgspec

from trading.core.decimals import ZERO, decimal_text
from trading.core.identifiers import Currency, Pair
from trading.core.market import Side


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


class Objection(msgspec.Struct, frozen=True):
    """One rule that an order would break, and a sentence with the figures."""

    rule: TradingRule
    sentence: str


class Currencies(msgspec.Struct, frozen=True, kw_only=True):
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

    def takes(self, price: Decimal, quantity: Decimal) -> bool:
        """Whether an order would break no rule; cheap, for it is asked of every quote."""
        return (
            self.active
            and price > ZERO
            and self.quantity_min <= quantity <= self.quantity_max
            and self.notional_min <= price * quantity <= self.notional_max
            and price % self.tick_size == ZERO
            and quantity % self.lot_size == ZERO
        )

    def objections(self, price: Decimal, quantity: Decimal) -> tuple[str, ...]:
        """Every rule that an order would break, as sentences; empty when it breaks none."""
        return tuple(objection.sentence for objection in self.broken_rules(price, quantity))

    def broken_rules(self, price: Decimal, quantity: Decimal) -> tuple[Objection, ...]:
        """Every rule that an order would break; empty when it breaks none."""
        if self.takes(price, quantity):
            return ()
        notional = price * quantity
        kept = {
            TradingRule.ACTIVE: self.active,
            TradingRule.PRICE_ABOVE_ZERO: price > ZERO,
            TradingRule.TICK: price == self.price_down(price),
            TradingRule.LOT: quantity == self.quantity_down(quantity),
            TradingRule.QUANTITY_MIN: quantity >= self.quantity_min,
            TradingRule.QUANTITY_MAX: quantity <= self.quantity_max,
            TradingRule.NOTIONAL_MIN: notional >= self.notional_min,
            TradingRule.NOTIONAL_MAX: notional <= self.notional_max,
        }
        return tuple(
            Objection(rule, self._sentence(rule, quantity, notional))
            for rule, holds in kept.items()
            if not holds
        )

    def _sentence(self, rule: TradingRule, quantity: Decimal, notional: Decimal) -> str:
        match rule:
            case TradingRule.ACTIVE:
                return f"{self.pair} is not active"
            case TradingRule.PRICE_ABOVE_ZERO:
                return "the price is not positive"
            case TradingRule.TICK:
                return f"the price is not on a tick of {decimal_text(self.tick_size)} {self.quote}"
            case TradingRule.LOT:
                return f"the quantity is not on a lot of {decimal_text(self.lot_size)} {self.base}"
            case TradingRule.QUANTITY_MIN | TradingRule.QUANTITY_MAX:
                bounds = self.quantity_min, self.quantity_max
                return _outside("quantity", quantity, bounds, self.base)
            case TradingRule.NOTIONAL_MIN | TradingRule.NOTIONAL_MAX:
                bounds = self.notional_min, self.notional_max
                return _outside("notional", notional, bounds, self.quote)


def _outside(what: str, value: Decimal, bounds: tuple[Decimal, Decimal], currency: Currency) -> str:
    low, high = bounds
    beyond, bound = ("below the minimum", low) if value < low else ("above the maximum", high)
    return (
        f"the {what} of {decimal_text(value)} {currency} is {beyond} of {decimal_text(bound)}"
        f" {currency}"
    )


def _to_step(value: Decimal, step: Decimal, rounding: str) -> Decimal:
    return (value / step).to_integral_value(rounding) * step
