"""Orders that are in doubt: since when, why, and what ends the doubt."""

from collections import deque
from collections.abc import Callable, Iterable
from decimal import Decimal

import msgspec

from trading.core.identifiers import ClientOrderId, StrategyName
from trading.core.market import Side
from trading.orders.evidence import Disbelief
from trading.orders.order import Order, OrderStatus

_REMEMBERED_S, _REMEMBERED_MAX = 5.0, 50
"""What was in doubt for longer than this is remembered after it has ended, the newest of them."""


class Doubt(msgspec.Struct, frozen=True, kw_only=True):
    """
    One order in doubt: while it is, nothing new is placed beside it.

    Args:
        since: Monotonic seconds.
        reason: Why it is in doubt, in words.
        disbelief: What is missing for the venue's word to be believed that there is no such order.
        until: Monotonic seconds at which it was over; ``None`` while it is not.
        outcome: What it was found to be then, in words.
    """

    order_id: ClientOrderId
    strategy: StrategyName
    side: Side
    price: Decimal
    quantity: Decimal
    since: float
    reason: str
    disbelief: Disbelief
    until: float | None = None
    outcome: str = ""


class OrderDoubts:
    """
    Every doubt that stands, and the long ones that are over.

    Args:
        disbelief: Tells how an order stands with the venue's denials.
    """

    def __init__(self, disbelief: Callable[[ClientOrderId], Disbelief]) -> None:
        self._disbelief = disbelief
        self._standing: dict[ClientOrderId, Doubt] = {}
        self._over: deque[Doubt] = deque(maxlen=_REMEMBERED_MAX)

    def changed(self, orders: Iterable[Order], now: float) -> None:
        """Take what orders have become."""
        for order in orders:
            doubt = self._standing.get(order.client_order_id)
            if order.status is OrderStatus.UNKNOWN and doubt is None:
                self._standing[order.client_order_id] = self._begun(order, now)
            elif doubt is not None and order.status not in _IN_DOUBT:
                del self._standing[order.client_order_id]
                if now - doubt.since >= _REMEMBERED_S:
                    outcome = f"{order.status.value}: {order.reason}".removesuffix(": ")
                    self._over.append(msgspec.structs.replace(doubt, until=now, outcome=outcome))

    def of(self, strategy: StrategyName) -> tuple[Doubt, ...]:
        """Those of a strategy, the ones that stand last."""
        standing = [
            msgspec.structs.replace(doubt, disbelief=self._disbelief(order_id))
            for order_id, doubt in self._standing.items()
        ]
        return tuple(doubt for doubt in (*self._over, *standing) if doubt.strategy == strategy)

    def _begun(self, order: Order, now: float) -> Doubt:
        return Doubt(
            order_id=order.client_order_id,
            strategy=order.strategy,
            side=order.side,
            price=order.price,
            quantity=order.quantity,
            since=now,
            reason=order.reason,
            disbelief=self._disbelief(order.client_order_id),
        )


_IN_DOUBT = frozenset({OrderStatus.UNKNOWN, OrderStatus.CANCEL_PENDING})
