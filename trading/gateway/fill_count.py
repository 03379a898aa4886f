"""Counts each fill once, also under two names, and knows which orders lack fills."""

import enum
from collections.abc import Iterable, Mapping
from decimal import Decimal

from msgspec.structs import replace

from trading.core.decimals import ZERO
from trading.core.forgetting import forget_oldest
from trading.core.identifiers import ClientOrderId, TradeId
from trading.orders.order import Fill, Order, OrderStatus

_REMEMBERED_MAX = 20_000
"""Trade ids kept for late news; hours of them at a busy pair."""

_APART_MS = 2_000
"""The stream and the list may date the same fill so far apart."""


class FillSource(enum.Flag):
    """The sources of fills; each has one name for a fill."""

    NOWHERE = 0
    STREAM = enum.auto()
    LIST = enum.auto()


class FillCount:
    """
    The sum of each order's fills, in base currency.

    A fill has one name on the stream and one in the list, which should be the same. Where they are
    not, nothing but its order, price, quantity and time can tell that it is the same fill.
    """

    def __init__(self) -> None:
        self._trades: dict[TradeId, FillSource] = {}
        self._filled: dict[ClientOrderId, Decimal] = {}
        self._short: dict[ClientOrderId, None] = {}
        self._fills: dict[ClientOrderId, list[Fill]] = {}
        self._awaited: dict[ClientOrderId, dict[TradeId, Decimal]] = {}
        self._doubted: dict[ClientOrderId, dict[TradeId, tuple[Fill, FillSource, Fill]]] = {}

    def knows(self, trade_id: TradeId) -> bool:
        return trade_id in self._trades

    def told(self, trade_id: TradeId, where: FillSource) -> bool:
        """Note that a fill was reported; whether it is counted under this name."""
        if trade_id not in self._trades:
            return False
        self._trades[trade_id] |= where
        return True

    def remember(self, fills: Iterable[Fill]) -> None:
        """Fills that were counted elsewhere."""
        for fill in fills:
            self._trades.setdefault(fill.trade_id, FillSource.NOWHERE)
            if fill.client_order_id is not None:
                self._fills.setdefault(fill.client_order_id, []).append(fill)
        forget_oldest(self._trades, _REMEMBERED_MAX)

    def restore(self, booked: Mapping[ClientOrderId, Decimal]) -> None:
        """Take up the counts of a former life."""
        self._filled.update(booked)

    def add(self, order_id: ClientOrderId, fill: Fill, where: FillSource) -> Decimal:
        """Count a new fill of an order; the sum of its fills."""
        self._trades[fill.trade_id] = where
        forget_oldest(self._trades, _REMEMBERED_MAX)
        self._fills.setdefault(order_id, []).append(fill)
        self._arrived(order_id, fill)
        self._filled[order_id] = self.of(order_id) + fill.quantity
        return self._filled[order_id]

    def await_fee(self, order_id: ClientOrderId, fill: Fill) -> Decimal:
        """
        Note a fill that is counted once the venue's list tells its fee.

        The sum of the order's fills, with all that are so awaited.
        """
        awaited = self._awaited.setdefault(order_id, {})
        awaited[fill.trade_id] = fill.quantity
        return self.of(order_id) + sum(awaited.values())

    def _arrived(self, order_id: ClientOrderId, fill: Fill) -> None:
        """An awaited fill is counted; the list may have another name for it."""
        awaited = self._awaited.get(order_id, {})
        alike = (name for name, much in awaited.items() if much == fill.quantity)
        name = fill.trade_id if fill.trade_id in awaited else next(alike, fill.trade_id)
        awaited.pop(name, None)

    def of(self, order_id: ClientOrderId) -> Decimal:
        return self._filled.get(order_id, ZERO)

    def counted_as(self, order: Order, fill: Fill, where: FillSource) -> Fill | None:
        """
        The counted fill that this one seems to be under another name; ``None``: one of its own.

        The venue's total of the order decides: with room for one more it is a fill of its own,
        however alike the two are. A later report may show that room.
        """
        order_id = order.client_order_id
        room = order.filled_quantity - self.of(order_id)
        twin = self.twin(order_id, fill, where)
        if twin is None or room >= fill.quantity:
            self.believe(order_id, fill.trade_id)
            return None
        return twin

    def twin(self, order_id: ClientOrderId, fill: Fill, where: FillSource) -> Fill | None:
        """A counted fill that may be this one under another name, from another source."""
        doubted = self._doubted.get(order_id, {})
        taken = {twin.trade_id for name, (_, _, twin) in doubted.items() if name != fill.trade_id}
        return next(
            (
                one
                for one in self._fills.get(order_id, ())
                if (one.side, one.price, one.quantity) == (fill.side, fill.price, fill.quantity)
                and abs(one.traded_at_ms - fill.traded_at_ms) <= _APART_MS
                and where not in self._trades.get(one.trade_id, where)
                and one.trade_id not in taken
            ),
            None,
        )

    def doubt(self, order_id: ClientOrderId, fill: Fill, where: FillSource, twin: Fill) -> bool:
        """Leave out a fill that seems to be its twin; whether that is new."""
        doubted = self._doubted.setdefault(order_id, {})
        new = fill.trade_id not in doubted
        doubted[fill.trade_id] = fill, where, twin
        return new

    def doubted(self, order_id: ClientOrderId) -> Iterable[tuple[Fill, FillSource]]:
        """The fills of an order that were left out."""
        return tuple((fill, where) for fill, where, _ in self._doubted.get(order_id, {}).values())

    def has_doubts(self, order_id: ClientOrderId) -> bool:
        """Whether any fill of an order was left out."""
        return bool(self._doubted.get(order_id))

    def believe(self, order_id: ClientOrderId, trade_id: TradeId) -> None:
        """Count a fill that was left out: it is one of its own."""
        self._doubted.get(order_id, {}).pop(trade_id, None)

    def compare(self, order: Order) -> None:
        """Note whether more is filled of an order than its fills say."""
        if order.filled_quantity > self.of(order.client_order_id):
            self._short[order.client_order_id] = None
        else:
            self._short.pop(order.client_order_id, None)

    @property
    def short(self) -> Iterable[ClientOrderId]:
        """Orders that are filled by more than their fills add up to."""
        return tuple(self._short)

    def unbooked(self, order: Order) -> Order:
        """The filled quantity of such an order beyond its fills, as an order in doubt."""
        return replace(
            order,
            status=OrderStatus.UNKNOWN,
            quantity=order.filled_quantity - self.of(order.client_order_id),
            filled_quantity=ZERO,
            amended_to=None,
        )

    def forget(self, order_id: ClientOrderId) -> None:
        for kept in (self._filled, self._short, self._fills, self._doubted, self._awaited):
            kept.pop(order_id, None)
