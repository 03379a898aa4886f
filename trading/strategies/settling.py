"""Checks whether balances still reserve money for an order that has ended."""

from trading.core.decimals import ZERO
from trading.core.market import Side
from trading.strategies.interface import View


def reserved_beyond_own_orders(view: View) -> bool:
    """
    Whether more is reserved of the pair's currencies than our working orders account for.

    Either the account has orders in them that are not ours, or the venue has told us of an order's
    end but not yet of the balance it freed. Only time tells the two apart.
    """
    base = quote = ZERO
    for order in view.orders:
        if order.side is Side.SELL:
            base += order.remaining_quantity
        else:
            quote += order.remaining_quantity * order.price
    return any(
        (balance := view.balances.get(currency)) is not None and balance.reserved > own
        for currency, own in ((view.instrument.base, base), (view.instrument.quote, quote))
    )
