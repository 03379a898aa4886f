"""What the strategy would like to show, whatever the timers and the working orders say."""

from collections.abc import Mapping
from decimal import Decimal

from trading.decimals import ZERO
from trading.identifiers import Currency
from trading.market import Side
from trading.strategies.interface import View
from trading.strategies.pure_market_making.modifiers import (
    allowed_by,
    levels,
    never_crossing,
    on_tick_and_lot,
    within_budget,
)
from trading.strategies.pure_market_making.parameters import Parameters
from trading.strategies.pure_market_making.proposal import Proposal


def propose(view: View, parameters: Parameters) -> Proposal:
    """The quotes for this view, and why there are no more of them."""
    proposal = levels(view.top.mid_price, parameters)
    for modifier in (
        on_tick_and_lot(view.instrument),
        within_budget(view.instrument, budget(view), view.fees.maker),
        never_crossing(view.top),
        allowed_by(view.instrument),
    ):
        proposal = modifier(proposal)
    return proposal


def budget(view: View) -> Mapping[Currency, Decimal]:
    """
    What a new set could use: what is available, and what the old set would give back.

    That is the remaining quantity only, and never more than the account reports as reserved: an
    order that the venue has not seen yet reserves nothing.
    """
    held = {view.instrument.base: ZERO, view.instrument.quote: ZERO}
    for order in view.orders:
        if order.side is Side.BUY:
            held[view.instrument.quote] += order.remaining_quantity * order.price
        else:
            held[view.instrument.base] += order.remaining_quantity
    return {
        currency: balance.available + min(balance.reserved, amount)
        for currency, amount in held.items()
        if (balance := view.balances.get(currency)) is not None
    }
