"""
Which working orders to cancel.

This does not depend on the quote path: that there are no quotes to show is no reason to leave old
ones standing, but the very opposite.
"""

from decimal import Decimal

from trading.identifiers import ClientOrderId
from trading.market import Side
from trading.orders import Order, OrderStatus
from trading.strategies.interface import Quote, View
from trading.strategies.pure_market_making.parameters import Parameters
from trading.strategies.pure_market_making.state import State

CANCEL_RETRY_S = 1.0
"""
How long an UNKNOWN order is left alone between two cancels, in seconds: a refused cancel makes an
order UNKNOWN again, and repeating it at every look would spend the venue's rate limit on it.
"""


def plan_cancels(
    view: View, state: State, parameters: Parameters, wanted: tuple[Quote, ...] | None
) -> tuple[ClientOrderId, ...]:
    """
    The orders to cancel now, oldest first.

    Args:
        view: Its orders are all of the strategy's that may be working.
        state: Its refresh timer is looked at.
        parameters: Refresh tolerance, age limit and minimum spread.
        wanted: What would replace the set at once, ``None`` while nothing may be placed yet.
    """
    staying = tuple(order for order in view.orders if _stays(order, view, parameters))
    whole_set = _has_aged(view, parameters) or (
        state.refresh_at <= view.now and not _is_kept(staying, wanted, parameters)
    )
    return tuple(
        order.client_order_id
        for order in view.orders
        if (whole_set or not _stays(order, view, parameters)) and _may_be_cancelled(order, view)
    )


def next_cancel_moment(view: View, state: State, parameters: Parameters) -> float | None:
    """When time alone may make an order one to cancel; ``None`` when it will not."""
    moments = [order.created_at + parameters.max_order_age for order in view.orders]
    if view.orders:
        moments.append(state.refresh_at)
    moments += [
        order.changed_at + CANCEL_RETRY_S
        for order in view.orders
        if order.status is OrderStatus.UNKNOWN
    ]
    return min((moment for moment in moments if moment > view.now), default=None)


def _has_aged(view: View, parameters: Parameters) -> bool:
    # Added up as in next_cancel_moment: a subtraction could round the other way, and the
    # strategy would be woken at a moment at which it does not yet see a reason.
    return any(order.created_at + parameters.max_order_age <= view.now for order in view.orders)


def _stays(order: Order, view: View, parameters: Parameters) -> bool:
    """Whether it would still be there if the set were left alone."""
    on_its_way_out = order.status is OrderStatus.CANCEL_PENDING
    return not on_its_way_out and not _is_too_close(order, view, parameters)


def _is_kept(
    staying: tuple[Order, ...], wanted: tuple[Quote, ...] | None, parameters: Parameters
) -> bool:
    """Whether what stays is as good as what would replace it."""
    tolerance = parameters.order_refresh_tolerance
    if wanted is None or tolerance is None:
        return False
    return all(
        _within_tolerance(
            sorted(quote.price for quote in wanted if quote.side is side),
            sorted(order.price for order in staying if order.side is side),
            tolerance,
        )
        for side in Side
    )


def _within_tolerance(new: list[Decimal], current: list[Decimal], tolerance: Decimal) -> bool:
    return len(new) == len(current) and all(
        abs(price - standing) <= tolerance * standing
        for price, standing in zip(new, current, strict=True)
    )


def _is_too_close(order: Order, view: View, parameters: Parameters) -> bool:
    if parameters.minimum_spread is None:
        return False
    mid_price = view.top.mid_price
    distance = mid_price - order.price if order.side is Side.BUY else order.price - mid_price
    return distance < parameters.minimum_spread * mid_price


def _may_be_cancelled(order: Order, view: View) -> bool:
    if order.status is OrderStatus.UNKNOWN:
        return order.changed_at + CANCEL_RETRY_S <= view.now
    return order.status is not OrderStatus.CANCEL_PENDING
