"""All open orders, with what the limits ask of them added up as they change."""

from collections.abc import Iterable, Iterator, KeysView, Mapping, ValuesView
from decimal import Decimal

from typing_extensions import override

from trading.core.decimals import ZERO
from trading.core.identifiers import ClientOrderId, Pair, StrategyName
from trading.core.market import Side
from trading.orders.order import Order
from trading.risk.arithmetic import exact

_NO_ORDERS: Mapping[ClientOrderId, Order] = {}


class _SideOfPair:
    """
    The open orders of one side of one pair.

    Attributes:
        base: What remains of them, in base currency.
        quote: The same at their prices, in quote currency.
        numbers: How many there are of each strategy.
    """

    def __init__(self) -> None:
        self.orders: dict[ClientOrderId, Order] = {}
        self.numbers: dict[StrategyName, int] = {}
        self.base = ZERO
        self.quote = ZERO

    def changed(self, before: Order | None, after: Order | None) -> None:
        """Add up what has changed; the orders themselves are as they are now."""
        with exact():
            for order, sign in ((before, -1), (after, 1)):
                if order is not None:
                    remaining = order.remaining_quantity * sign
                    self.base += remaining
                    self.quote += remaining * order.price
            if not (self.base.is_finite() and self.quote.is_finite()):
                # An absurd number does not go away by being subtracted.
                orders = self.orders.values()
                self.base = sum((one.remaining_quantity for one in orders), ZERO)
                self.quote = sum((one.remaining_quantity * one.price for one in orders), ZERO)


class OpenOrders(Mapping[ClientOrderId, Order]):
    """
    Orders that are or may be open, by our id, oldest first.

    What the limits need is kept by difference, so that a check costs the same however many there
    are. Sums are exact (``trading.risk.arithmetic``).

    Args:
        orders: Those to begin with; of two with one id the later counts.
    """

    def __init__(self, orders: Iterable[Order] = ()) -> None:
        self._orders: dict[ClientOrderId, Order] = {}
        self._sides: dict[tuple[Pair, Side], _SideOfPair] = {}
        self._strategies: dict[StrategyName, dict[ClientOrderId, Order]] = {}
        for order in orders:
            self.put(order)

    # A mapping.

    @override
    def __getitem__(self, order_id: ClientOrderId) -> Order:
        return self._orders[order_id]

    @override
    def __iter__(self) -> Iterator[ClientOrderId]:
        return iter(self._orders)

    @override
    def __len__(self) -> int:
        return len(self._orders)

    # Quicker than what a mapping would make of the three above.
    @override
    def get(self, order_id: ClientOrderId, default: Order | None = None) -> Order | None:  # type: ignore[override]
        return self._orders.get(order_id, default)

    @override
    def __contains__(self, order_id: object) -> bool:
        return order_id in self._orders

    @override
    def values(self) -> ValuesView[Order]:
        return self._orders.values()

    @override
    def keys(self) -> KeysView[ClientOrderId]:
        return self._orders.keys()

    # Changing.

    def put(self, order: Order) -> None:
        """Add an order, or put it in the place of what it was before."""
        order_id = order.client_order_id
        before = self._orders.get(order_id)
        self._orders[order_id] = order
        self._strategies.setdefault(order.strategy, {})[order_id] = order
        side = self._side(order)
        side.orders[order_id] = order
        if before is None:
            side.numbers[order.strategy] = side.numbers.get(order.strategy, 0) + 1
            side.changed(None, order)
        elif (before.price, before.quantity, before.filled_quantity) != (
            order.price,
            order.quantity,
            order.filled_quantity,
        ):
            side.changed(before, order)

    def drop(self, order_id: ClientOrderId) -> None:
        """Remove an order; nothing where there is none."""
        order = self._orders.pop(order_id, None)
        if order is None:
            return
        del self._strategies[order.strategy][order_id]
        side = self._side(order)
        del side.orders[order_id]
        side.numbers[order.strategy] -= 1
        side.changed(order, None)

    def _side(self, order: Order) -> _SideOfPair:
        side = self._sides.get((order.pair, order.side))
        if side is None:
            side = self._sides[order.pair, order.side] = _SideOfPair()
        return side

    # Looking.

    def of_strategy(self, strategy: StrategyName) -> tuple[Order, ...]:
        return tuple(self._strategies.get(strategy, _NO_ORDERS).values())

    def on(self, pair: Pair, side: Side) -> Iterable[Order]:
        """One side's orders of a pair, of every strategy, oldest first."""
        found = self._sides.get((pair, side))
        return () if found is None else found.orders.values()

    def number(self, strategy: StrategyName, pair: Pair, side: Side) -> int:
        """How many orders a strategy has on one side of a pair."""
        found = self._sides.get((pair, side))
        return 0 if found is None else found.numbers.get(strategy, 0)

    def sums(self) -> Iterator[tuple[Pair, Side, Decimal, Decimal]]:
        """What remains of each side of each pair, in base currency and in quote currency."""
        for (pair, side), found in self._sides.items():
            if found.orders:
                yield pair, side, found.base, found.quote
