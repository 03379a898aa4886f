"""
The strategy that is measured: one bid behind the best one, replaced at each tick.

An entry point of the group ``engine.strategies`` (``contenders.py`` writes it), in words that both
trees understand.
"""

from decimal import Decimal
from typing import Annotated

import attrs

try:
    from config.strategies import Quoting, StrategySettings, Whole
    from trading.core.market import Side
    from trading.strategies import Decision, Quote, View
except ImportError:  # the tree of e884cc9
    from config.limit_settings import Quoting
    from config.strategy_base import StrategySettings
    from trading.market import Side

    from config.rules import Whole
    from trading.strategies.interface import Decision, Quote, View

_BEHIND = Decimal("0.00100")
_TICK = Decimal("0.00001")
_FURTHER = Decimal("0.04000")
"""Below it are the further orders, which stay."""
_AT_ONCE = 100
"""Of them; a decision may have no more than 200 orders."""
_OPEN = "OPEN"


@attrs.frozen(kw_only=True)
class RepriceSettings(StrategySettings):
    """
    One bid, replaced at each tick.

    Args:
        further: So many further bids that stay as they are.
    """

    further: Annotated[int, Whole(at_least=0, at_most=1000)] = 0

    @property
    def quoting(self) -> Quoting:
        return Quoting(
            amounts=(self.order_amount,) * (self.further + 1),
            farthest_spread=Decimal("0.9"),
            refresh_s=self.order_refresh_time,
        )

    def strategy(self) -> "Reprice":
        return Reprice(self.order_amount, self.further)


@attrs.frozen
class Reprice:
    """Its state is how many of the further orders were placed."""

    quantity: Decimal
    further: int

    def begin(self, now: float) -> int:
        del now
        return 0

    def decide(self, view: View, state: int) -> tuple[Decision, int]:
        if state < self.further:
            until = min(state + _AT_ONCE, self.further)
            levels = tuple(self._bid(_FURTHER - n * _TICK) for n in range(state, until))
            return Decision(places=levels, wanted=levels), until
        price = view.top.best_bid - _BEHIND
        wanted = (self._bid(price),)
        cancels = []
        for order in view.orders:
            if order.price > _FURTHER:
                if order.price == price:
                    return Decision(wanted=wanted), state
                if order.status.name == _OPEN:
                    cancels.append(order.client_order_id)
                elif order.status.name == "PENDING":
                    return Decision(wanted=wanted), state
        return Decision(cancels=tuple(cancels), places=wanted, wanted=wanted), state

    def _bid(self, price: Decimal) -> Quote:
        return Quote(side=Side.BUY, price=price, quantity=self.quantity, level=0)
