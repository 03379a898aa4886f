"""The position that our fills add up to, with its cost and profit in the quote currency."""

from decimal import Decimal

import attrs

from trading.core.decimals import ZERO
from trading.core.instrument import Currencies, Instrument
from trading.core.market import Side
from trading.orders.order import Fill


def flows(fill: Fill, instrument: Instrument | Currencies) -> tuple[Decimal, Decimal]:
    """What a fill gained of the base and spent of the quote currency, fees in the two included."""
    base_fee = fill.fee if fill.fee_currency == instrument.base else ZERO
    quote_fee = fill.fee if fill.fee_currency == instrument.quote else ZERO
    sign = 1 if fill.side is Side.BUY else -1
    return sign * fill.quantity - base_fee, sign * fill.quantity * fill.price + quote_fee


@attrs.frozen(kw_only=True)
class Position:
    """
    The net of all fills since the start, by average cost.

    Fees in the base or quote currency are part of it; fees in any third currency are not.

    Args:
        quantity: In base currency; negative when more was sold than bought.
        cost: What the open quantity cost, in quote currency; negative for a sold one.
        realised_profit: Of what was closed, in quote currency.
    """

    quantity: Decimal = ZERO
    cost: Decimal = ZERO
    realised_profit: Decimal = ZERO

    def after(self, fill: Fill, instrument: Instrument | Currencies) -> "Position":
        """The position once a fill is added."""
        gained, spent = flows(fill, instrument)
        return self._moved(gained, spent)

    def unrealised_profit(self, price: Decimal) -> Decimal:
        """What closing the open quantity at ``price`` would realise, before fees."""
        return self.quantity * price - self.cost

    def profit(self, price: Decimal) -> Decimal:
        """Realised, and unrealised at ``price``; against having held what there was before."""
        return self.realised_profit + self.unrealised_profit(price)

    @property
    def unit_cost(self) -> Decimal | None:
        """What a unit that is held has cost on average; ``None`` while nothing bought is held."""
        return self.cost / self.quantity if self.quantity > ZERO else None

    def _moved(self, gained: Decimal, spent: Decimal) -> "Position":
        if gained == ZERO:
            return attrs.evolve(self, realised_profit=self.realised_profit - spent)
        if self.quantity * gained >= ZERO:
            return attrs.evolve(self, quantity=self.quantity + gained, cost=self.cost + spent)
        if abs(gained) <= abs(self.quantity):
            whole = gained == -self.quantity  # a flat position costs exactly 0, without rounding
            closed_cost = self.cost if whole else self.cost * -gained / self.quantity
            return Position(
                quantity=self.quantity + gained,
                cost=self.cost - closed_cost,
                realised_profit=self.realised_profit - spent - closed_cost,
            )
        # The fill closes the position and opens the opposite one, both at the same price.
        closing_spent = spent * -self.quantity / gained
        closed = self._moved(-self.quantity, closing_spent)
        return closed._moved(gained + self.quantity, spent - closing_spent)  # noqa: SLF001
