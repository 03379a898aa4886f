"""Fills counted once by trade id, and what they are known to fall short of."""

from collections.abc import Iterable, Mapping
from decimal import Decimal

from trading.decimals import ZERO
from trading.forgetting import forget_oldest
from trading.identifiers import ClientOrderId, TradeId
from trading.orders import Fill, Order

_REMEMBERED_MAX = 20_000
"""Trade ids kept for late news; hours of them at a busy pair."""


class FillCount:
    """What the fills of each order add up to, in base currency."""

    def __init__(self) -> None:
        self._trades: dict[TradeId, None] = {}
        self._filled: dict[ClientOrderId, Decimal] = {}
        self._short: dict[ClientOrderId, None] = {}

    def knows(self, trade_id: TradeId) -> bool:
        return trade_id in self._trades

    def remember(self, trade_ids: Iterable[TradeId]) -> None:
        """Fills that were counted elsewhere."""
        self._trades.update(dict.fromkeys(trade_ids))
        forget_oldest(self._trades, _REMEMBERED_MAX)

    def restore(self, booked: Mapping[ClientOrderId, Decimal]) -> None:
        """What was counted of some orders by a former life."""
        self._filled.update(booked)

    def add(self, order_id: ClientOrderId, fill: Fill) -> Decimal:
        """Count a new fill of an order; what its fills add up to now."""
        self._trades[fill.trade_id] = None
        forget_oldest(self._trades, _REMEMBERED_MAX)
        self._filled[order_id] = self.of(order_id) + fill.quantity
        return self._filled[order_id]

    def of(self, order_id: ClientOrderId) -> Decimal:
        return self._filled.get(order_id, ZERO)

    def compare(self, order: Order) -> None:
        """Note whether more is filled of an order than its fills say."""
        if order.filled_quantity > self.of(order.client_order_id):
            self._short[order.client_order_id] = None
        else:
            self._short.pop(order.client_order_id, None)

    @property
    def short(self) -> Iterable[ClientOrderId]:
        """Orders of which more is filled than their fills say."""
        return tuple(self._short)

    def forget(self, order_id: ClientOrderId) -> None:
        self._filled.pop(order_id, None)
        self._short.pop(order_id, None)
