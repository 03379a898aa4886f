"""
Chooses the working orders to cancel.

This does not depend on the quote path: that there are no quotes to show is no reason to leave old
ones standing, but the very opposite.
"""

from collections.abc import Sequence
from decimal import Decimal

import msgspec

from trading.core.decimals import ZERO
from trading.core.identifiers import ClientOrderId
from trading.core.market import SIDES, Side
from trading.decisions.decision import Amend, Quote
from trading.orders.order import Order, OrderStatus
from trading.strategies.interface import View
from trading.strategies.pure_market_making.amends import left_of, plan_amends
from trading.strategies.pure_market_making.state import State
from trading.strategies.pure_market_making.terms import Terms

CANCEL_RETRY_S = 1.0
"""
How long an UNKNOWN order is left alone between two cancels, in seconds: a refused cancel makes an
order UNKNOWN again, and repeating it at every look would spend the venue's rate limit on it.
"""


class Cancels(msgspec.Struct, frozen=True, kw_only=True):
    """
    What is to go.

    Args:
        orders: To cancel now, oldest first.
        renewed: Hanging orders that come back once they are gone.
        amends: Orders to make smaller: all that it takes to keep the set.
        early: The market moved: the set goes before its time, and a new one may follow at once.
    """

    orders: tuple[ClientOrderId, ...] = ()
    renewed: tuple[Order, ...] = ()
    amends: tuple[Amend, ...] = ()
    early: bool = False


def withdrawal(view: View) -> Cancels:
    """All there is: without a price to quote around, no order may stand."""
    return Cancels(
        orders=tuple(o.client_order_id for o in view.orders if _may_be_cancelled(o, view))
    )


def plan_cancels(
    view: View,
    state: State,
    parameters: Terms,
    *,
    price: Decimal,
    wanted: tuple[Quote, ...],
) -> Cancels:
    """
    The orders to cancel now.

    Args:
        view: Its orders are all of the strategy's that may be working.
        state: Its timers are looked at, and which orders hang.
        parameters: Refresh tolerance, age limit and minimum spread.
        price: The reference price.
        wanted: What would be shown; it counts only once it may be placed.
    """
    hanging = state.hanging.orders
    members = view.orders
    if hanging:
        members = tuple([order for order in members if order.client_order_id not in hanging])
    staying = tuple([order for order in members if _stays(order, price, parameters)])
    due = state.refresh_at <= view.now
    replacing = wanted if state.create_at <= view.now else None
    early = not due and _is_outrun(staying, wanted, view, state, parameters)
    aged_set = _has_aged(members, view, parameters)
    amends: tuple[Amend, ...] = ()
    if due and not aged_set and staying == members:
        amends = _smaller(staying, replacing, parameters)
    whole_set = (
        early or aged_set or (due and not amends and not _is_kept(staying, replacing, parameters))
    )
    kept = set() if whole_set else {order.client_order_id for order in staying}
    aged, far = _hanging_ends(view, state, parameters, price)
    kept |= hanging - aged.keys() - far
    orders = tuple(
        [
            order.client_order_id
            for order in view.orders
            if order.client_order_id not in kept and _may_be_cancelled(order, view)
        ]
    )
    return Cancels(
        orders=orders,
        renewed=tuple(aged.values()),
        amends=amends,
        early=early,
    )


def next_cancel_moment(view: View, state: State, parameters: Terms) -> float | None:
    """When time alone may make an order one to cancel; ``None`` when it will not."""
    moments = [order.created_at + parameters.max_order_age for order in view.orders]
    if view.orders:
        moments.append(state.refresh_at)
        if parameters.reaction is not None and state.placed_at is not None:
            moments.append(state.placed_at + parameters.reaction.minimum_interval)
    moments += [
        order.changed_at + CANCEL_RETRY_S
        for order in view.orders
        if order.status is OrderStatus.UNKNOWN
    ]
    return min([moment for moment in moments if moment > view.now], default=None)


def _hanging_ends(
    view: View, state: State, parameters: Terms, price: Decimal
) -> tuple[dict[ClientOrderId, Order], set[ClientOrderId]]:
    """The hanging orders that are too old, to be renewed, and those that are too far away."""
    wanted = parameters.hanging_orders
    aged: dict[ClientOrderId, Order] = {}
    far: set[ClientOrderId] = set()
    if wanted is None or not state.hanging.orders:
        return aged, far
    for order in view.orders:
        if order.client_order_id not in state.hanging.orders:
            continue
        if abs(order.price - price) > wanted.cancel_distance * price:
            far.add(order.client_order_id)
        elif (
            order.client_order_id in state.hanging.renewing
            or order.created_at + parameters.max_order_age <= view.now
        ):
            aged[order.client_order_id] = order
    return aged, far


def _has_aged(members: tuple[Order, ...], view: View, parameters: Terms) -> bool:
    # Added up as in next_cancel_moment: a subtraction could round the other way, and the
    # strategy would be woken at a moment at which it does not yet see a reason.
    return any(order.created_at + parameters.max_order_age <= view.now for order in members)


def _stays(order: Order, price: Decimal, parameters: Terms) -> bool:
    """Whether it would still be there if the set were left alone."""
    on_its_way_out = order.status is OrderStatus.CANCEL_PENDING
    return not on_its_way_out and not _is_too_close(order, price, parameters)


def _is_kept(
    staying: tuple[Order, ...], wanted: tuple[Quote, ...] | None, parameters: Terms
) -> bool:
    """Whether what stays is as good as what would replace it."""
    if wanted is None or not _prices_kept(staying, wanted, parameters):
        return False
    tolerance = parameters.order_refresh_amount_tolerance
    return all(_amounts_kept(staying, wanted, side, tolerance) for side in SIDES)


def _prices_kept(staying: tuple[Order, ...], wanted: tuple[Quote, ...], parameters: Terms) -> bool:
    tolerance = parameters.order_refresh_tolerance
    if tolerance is None:
        return False
    return all(
        _within_tolerance(_prices(wanted, side), _prices(staying, side), tolerance)
        for side in SIDES
    )


def _smaller(
    staying: tuple[Order, ...], wanted: tuple[Quote, ...] | None, parameters: Terms
) -> tuple[Amend, ...]:
    """The changes that keep a set whose amounts alone are out of tolerance."""
    if wanted is None or not _prices_kept(staying, wanted, parameters):
        return ()
    if _is_kept(staying, wanted, parameters):
        return ()
    return plan_amends(staying, wanted)


def _is_outrun(
    staying: tuple[Order, ...],
    wanted: tuple[Quote, ...],
    view: View,
    state: State,
    parameters: Terms,
) -> bool:
    """Whether the market has moved away from a whole set by more than is borne."""
    reaction = parameters.reaction
    if reaction is None or state.placed_at is None or state.delayed_by_fill or not staying:
        return False
    if state.placed_at + reaction.minimum_interval > view.now:
        return False
    off = False
    for side in SIDES:
        new, current = _prices(wanted, side), _prices(staying, side)
        if len(new) != len(current):
            return False  # filled, refused or filtered: that waits for the refresh
        off = off or not _within_tolerance(new, current, reaction.minimum_change)
    return off


def _prices(shown: Sequence[Quote] | Sequence[Order], side: Side) -> list[Decimal]:
    """Of one side, lowest first."""
    return sorted([one.price for one in shown if one.side is side])


def _within_tolerance(new: list[Decimal], current: list[Decimal], tolerance: Decimal) -> bool:
    if len(new) != len(current):
        return False
    for price, standing in zip(new, current, strict=True):
        if abs(price - standing) > tolerance * standing:
            return False
    return True


def _amounts_kept(
    staying: tuple[Order, ...], wanted: tuple[Quote, ...], side: Side, tolerance: Decimal | None
) -> bool:
    if tolerance is None:
        return True
    new = sum((quote.quantity for quote in wanted if quote.side is side), ZERO)
    current = sum((left_of(order) for order in staying if order.side is side), ZERO)
    return abs(new - current) <= tolerance * current


def _is_too_close(order: Order, price: Decimal, parameters: Terms) -> bool:
    if parameters.minimum_spread is None:
        return False
    distance = price - order.price if order.side is Side.BUY else order.price - price
    return distance < parameters.minimum_spread * price


def _may_be_cancelled(order: Order, view: View) -> bool:
    if order.status is OrderStatus.UNKNOWN:
        return order.changed_at + CANCEL_RETRY_S <= view.now
    return order.status is not OrderStatus.CANCEL_PENDING
