"""Orders that were filled whole, as far as a strategy is shown them."""

from decimal import Decimal

import attrs

from trading.core.identifiers import ClientOrderId
from trading.core.market import Side
from trading.orders.order import Order

_RECENT_MAX = 100
"""Completed orders that a strategy is shown: far more than it can have between two looks."""


@attrs.frozen(kw_only=True)
class CompletedOrder:
    """
    An order that was filled whole.

    Args:
        at: Monotonic seconds at which the last of it was.
    """

    client_order_id: ClientOrderId
    side: Side
    price: Decimal
    quantity: Decimal
    at: float


@attrs.frozen(kw_only=True)
class CompletedOrders:
    """
    How many of the strategy's orders were filled whole, and the last of them.

    Args:
        last_at: Monotonic seconds; ``None`` while there was none.
        recent: The last ones, oldest first; a bounded number of them.
    """

    buys: int = 0
    sells: int = 0
    last_side: Side | None = None
    last_price: Decimal | None = None
    last_at: float | None = None
    recent: tuple[CompletedOrder, ...] = ()

    def after(self, order: Order, at: float) -> "CompletedOrders":
        """With one more, filled whole at ``at`` monotonic seconds."""
        completed = CompletedOrder(
            client_order_id=order.client_order_id,
            side=order.side,
            price=order.price,
            quantity=order.quantity,
            at=at,
        )
        bought = order.side is Side.BUY
        return CompletedOrders(
            buys=self.buys + bought,
            sells=self.sells + (not bought),
            last_side=order.side,
            last_price=order.price,
            last_at=at,
            recent=(*self.recent[1 - _RECENT_MAX :], completed),
        )
