"""
Chooses the working orders to make smaller instead of replacing them.

A smaller order keeps its turn in the queue, and there is no moment without a quote.
"""

from decimal import Decimal

from trading.core.decimals import ZERO
from trading.core.market import Side
from trading.decisions.decision import Amend, Quote
from trading.orders.order import Order


def left_of(order: Order) -> Decimal:
    """What is to remain of an order once a change that is under way has come through."""
    if order.amended_to is None:
        return order.remaining_quantity
    return max(ZERO, order.amended_to - order.filled_quantity)


def plan_amends(standing: tuple[Order, ...], wanted: tuple[Quote, ...]) -> tuple[Amend, ...]:
    """
    What makes a standing set the wanted one, where smaller orders are all it takes.

    Args:
        standing: A whole set at prices that may stay.
        wanted: As many quotes on each side.

    Returns:
        Nothing where an order would have to grow, or cannot be changed.
    """
    amends: list[Amend] = []
    for side in Side:
        orders = sorted((o for o in standing if o.side is side), key=lambda order: order.price)
        quotes = sorted((q for q in wanted if q.side is side), key=lambda quote: quote.price)
        for order, quote in zip(orders, quotes, strict=True):
            if quote.quantity > left_of(order):
                return ()
            if quote.quantity < left_of(order):
                if not order.amendable:
                    return ()
                total = order.filled_quantity + quote.quantity
                amends.append(Amend(order.client_order_id, total))
    return tuple(amends)
