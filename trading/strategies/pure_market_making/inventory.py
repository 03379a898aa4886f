"""The inventory: what is held of both currencies, and by how much that misses a target."""

from decimal import Decimal

import msgspec

from trading.core.decimals import ZERO
from trading.strategies.interface import View


class Inventory(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """
    All of the account's base and quote currency, working orders included.

    Args:
        base: In base currency.
        quote: In quote currency.
        price: Quote currency for one unit of base currency.
    """

    base: Decimal
    quote: Decimal
    price: Decimal

    @classmethod
    def of(cls, view: View, price: Decimal) -> "Inventory":
        base = view.balances.get(view.instrument.base)
        quote = view.balances.get(view.instrument.quote)
        return cls(
            base=ZERO if base is None else base.total,
            quote=ZERO if quote is None else quote.total,
            price=price,
        )

    @property
    def base_value(self) -> Decimal:
        return self.base * self.price

    @property
    def value(self) -> Decimal:
        return self.base_value + self.quote

    @property
    def base_share(self) -> Decimal:
        """Of the value; 0 where there is none."""
        return self.base_value / self.value if self.value > ZERO else ZERO


def spread_growth(
    inventory: Inventory, target_base: Decimal, strength: Decimal
) -> tuple[Decimal, Decimal]:
    """By how much bid and ask spread grow, as multiples of them: 0 on the side that is wanted."""
    value = inventory.value
    if value <= ZERO:
        return ZERO, ZERO
    missed = inventory.base_value / value - target_base
    if missed == ZERO:
        return ZERO, ZERO
    if missed > ZERO:
        return strength * missed / (1 - target_base), ZERO
    return ZERO, strength * -missed / target_base
