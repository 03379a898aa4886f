"""Records of arriving orders, and how far their prices may reach."""

from collections.abc import Sequence
from decimal import Decimal

from trading.core.market import Side, TimeInForce
from trading.simulator.matching.matching import Execution, Incoming
from trading.venues.valr.simulator.accounts.orders import VenueOrder
from trading.venues.valr.simulator.core.ids import Ids
from trading.venues.valr.simulator.core.listing import Listing
from trading.venues.valr.simulator.requests.requests import LimitRequest, MarketRequest

_BACKGROUND = -1
"""Number of an order of the background flow that never rests."""


def limit_order(request: LimitRequest, owner: str, number: int, ids: Ids, now: float) -> VenueOrder:
    """The record of a limit order that arrives now."""
    at_ms = ids.ms(now)
    return VenueOrder(
        order_id=ids.uuid(at_ms),
        number=number,
        owner=owner,
        pair=request.pair,
        side=request.side,
        kind="limit",
        time_in_force=request.time_in_force,
        price=request.price,
        quantity=request.quantity,
        remaining=request.quantity,
        customer_order_id=request.customer_order_id,
        created_ms=at_ms,
        updated_ms=at_ms,
    )


def market_order(
    request: MarketRequest, owner: str, number: int, ids: Ids, now: float
) -> VenueOrder:
    """The record of a market order that arrives now; one by budget has no quantity yet."""
    limit = LimitRequest(
        pair=request.pair,
        side=request.side,
        price=0,
        quantity=request.quantity or 0,
        post_only=False,
        time_in_force=TimeInForce.IOC,
        customer_order_id=request.customer_order_id,
    )
    order = limit_order(limit, owner, number, ids, now)
    order.kind = "market"
    return order


def incoming_of(order: VenueOrder, *, post_only: bool) -> Incoming:
    return Incoming(
        number=order.number,
        owner=order.owner,
        side=order.side,
        price=order.price,
        quantity=order.remaining,
        post_only=post_only,
        time_in_force=order.time_in_force,
    )


def worst_price(listing: Listing, side: Side, band: Decimal | None) -> int | None:
    """
    The worst price a market order may have, in ticks; ``None`` for any.

    Args:
        band: Fraction of the mark price.
    """
    if band is None:
        return None
    away = int(listing.mark * band)
    return listing.mark + away if side is Side.BUY else max(1, listing.mark - away)


def market_quantity(incoming: Incoming, executions: Sequence[Execution], mark: int) -> int:
    """
    The size of a market order in lots: its quantity, or as much as its budget buys.

    Args:
        mark: In ticks: the price of lots beyond those that were found.
    """
    if incoming.quantity is not None:
        return incoming.quantity
    found = sum(execution.quantity for execution in executions)
    spent = sum(execution.price * execution.quantity for execution in executions)
    left = (incoming.budget or 0) - spent
    return found + left // max(mark, incoming.price or 0)


def out_of_reach(listing: Listing, incoming: Incoming) -> bool:
    """Whether the other side has orders, but only beyond an order's price."""
    best = listing.market.best(incoming.side.opposite)
    return best is not None and not incoming.reaches(best)


def sweep_of(order: VenueOrder, listing: Listing, part: int | None = None) -> Incoming:
    """
    The order by which the crowd would take everything down to a resting order's price.

    Args:
        part: Take no more than so many lots of the order, and nothing behind it.
    """
    lots = 0
    for price, number, resting in listing.market.orders(order.side):
        if price < order.price if order.side is Side.BUY else price > order.price:
            break
        if part is not None and number == order.number:
            lots += part
            break
        lots += resting
    return Incoming(
        number=_BACKGROUND,
        owner=None,
        side=order.side.opposite,
        price=order.price,
        quantity=lots,
        time_in_force=TimeInForce.IOC,
    )
