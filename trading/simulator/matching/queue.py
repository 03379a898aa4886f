"""Orders of ours in a recorded market, in order of priority, each behind what was there first."""

from collections.abc import Iterator, Mapping

import attrs

from trading.core.market import Side
from trading.simulator.matching.matching import Execution, Resting
from trading.simulator.matching.places import RISK_AVERSE, Place, QueueModel

_NO_ORDERS: Mapping[int, int] = {}


@attrs.define
class _Queued:
    order: Resting
    place: Place


class OwnQueue:
    """
    Orders of ours on one side of a recorded book, in order of priority.

    Args:
        model: What rests before each of them.
        whole: Whether a trade through an order's price fills all of it, as in hftbacktest, and
            not only as much as was traded.
    """

    def __init__(self, side: Side, model: QueueModel = RISK_AVERSE, *, whole: bool = False) -> None:
        self.side = side
        self._model = model
        self._whole = whole
        self._queued: list[_Queued] = []

    def __iter__(self) -> Iterator[Resting]:
        return (queued.order for queued in self._queued)

    def __len__(self) -> int:
        return len(self._queued)

    def join(self, order: Resting, level: int, orders: Mapping[int, int] = _NO_ORDERS) -> None:
        """
        Add an order to the queue at its price.

        Args:
            level: Recorded lots resting at that price now, all of them before it.
            orders: Those lots by recorded order, where the recording tells them.
        """
        index = 0
        for queued in self._queued:
            if self._better(order.price, queued.order.price):
                break
            index += 1
        self._queued.insert(index, _Queued(order, self._model.joined(level, orders)))

    def best(self) -> int | None:
        return self._queued[0].order.price if self._queued else None

    def ahead(self, number: int) -> int | None:
        """Recorded lots that must go before an order is filled."""
        return next((q.place.ahead for q in self._queued if q.order.number == number), None)

    def find(self, number: int) -> Resting | None:
        return next((q.order for q in self._queued if q.order.number == number), None)

    def at(self, price: int) -> dict[int, int]:
        """Remaining lots by number of the orders at a price."""
        return {q.order.number: q.order.remaining for q in self._queued if q.order.price == price}

    def lots_at(self, price: int) -> int:
        """Remaining lots of the orders at a price."""
        return sum([q.order.remaining for q in self._queued if q.order.price == price])

    def count_at(self, price: int) -> int:
        return sum(q.order.price == price for q in self._queued)

    def remove(self, number: int) -> None:
        self._queued = [q for q in self._queued if q.order.number != number]

    def taken(self, number: int, lots: int) -> None:
        """Reduce an order with which another account traded."""
        order = self.find(number)
        assert order is not None
        order.remaining -= lots
        if order.remaining == 0:
            self.remove(number)

    def reduce(self, number: int, remaining: int) -> None:
        """Make an order smaller in its place."""
        order = self.find(number)
        assert order is not None
        order.remaining = remaining

    def level_changed(self, price: int, before: int, now: int) -> None:
        """Take the recording's total at a price."""
        for queued in self._queued:
            if queued.order.price == price:
                queued.place.level_changed(before, now)

    def order_left(self, price: int, order_id: int, lots: int) -> None:
        """Take that so much of a recorded order at a price has left."""
        for queued in self._queued:
            if queued.order.price == price:
                queued.place.order_left(order_id, lots)

    def traded(self, price: int, quantity: int) -> list[Execution]:
        """
        Apply a recorded trade on this side; the part of it that fills our orders.

        Orders at better prices than the trade's come first; at its price, what is ahead goes first.
        """
        executions: list[Execution] = []
        left, gone = quantity, 0
        for queued in self._queued:
            order, place = queued.order, queued.place
            if self._better(price, order.price):
                break
            through = order.price != price
            if not through:
                passing = min(max(0, place.ahead - gone), left)
                left -= passing
                gone += passing
                place.traded(min(place.ahead, gone), quantity)
            filled = self._fill(order, order.remaining if through and self._whole else left)
            executions += filled
            left = max(0, left - sum(execution.quantity for execution in filled))
        self._forget_filled()
        return executions

    def filled(self, price: int, order_id: int, quantity: int) -> list[Execution]:
        """
        Apply a fill of a recorded order; what fills our orders instead, as they come before it.

        Where the model does not tell orders apart it is a trade like any other.
        """
        if not self._model.exact:
            return self.traded(price, quantity)
        executions: list[Execution] = []
        left = quantity
        for queued in self._queued:
            order = queued.order
            if self._better(price, order.price):
                break
            through = order.price != price
            if not through and queued.place.is_ahead(order_id):
                break  # and so before all that came after this one
            filled = self._fill(order, order.remaining if through and self._whole else left)
            executions += filled
            left = max(0, left - sum(execution.quantity for execution in filled))
        self._forget_filled()
        return executions

    def crossed(self, other_best: int | None) -> list[Execution]:
        """Fill our orders at or through which the recording's other side now rests."""
        if other_best is None:
            return []
        executions: list[Execution] = []
        for queued in self._queued:
            if self._better(other_best, queued.order.price):
                break
            executions += self._fill(queued.order, queued.order.remaining)
        self._forget_filled()
        return executions

    def _fill(self, order: Resting, lots: int) -> list[Execution]:
        filled = min(order.remaining, lots)
        if filled == 0:
            return []
        order.remaining -= filled
        return [Execution(order.price, filled, self.side.opposite, order.number, order.owner)]

    def _forget_filled(self) -> None:
        self._queued = [q for q in self._queued if q.order.remaining]

    def _better(self, price: int, other: int) -> bool:
        """Whether a price of this side has priority over another."""
        return price > other if self.side is Side.BUY else price < other
