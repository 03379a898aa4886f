"""Checks whether balances still reserve money for an order that has ended."""

from collections.abc import Mapping
from decimal import Decimal

from trading.core.decimals import ZERO
from trading.core.identifiers import Currency
from trading.core.market import Side
from trading.strategies.interface import View


def reserved_beyond_our_orders(view: View, held: Mapping[Currency, Decimal]) -> bool:
    """
    Whether more is reserved of the pair's currencies than our working orders account for.

    Either the account has orders in them that are not ours, or the venue has told us of an order's
    end but not yet of the balance it freed. Only time tells the two apart.

    Args:
        held: What the orders of all strategies hold, by currency; those of the view hold as much
            at least.
    """
    base = quote = ZERO
    for order in view.orders:
        if order.side is Side.SELL:
            base += order.remaining_quantity
        else:
            quote += order.remaining_quantity * order.price
    return any(
        (balance := view.balances.get(currency)) is not None
        and balance.reserved > max(own, held.get(currency, ZERO))
        for currency, own in ((view.instrument.base, base), (view.instrument.quote, quote))
    )
