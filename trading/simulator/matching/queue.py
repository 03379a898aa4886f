"""
Queue positions of our orders in a recorded market, which shows totals per price only.

The model is risk-averse: an order is behind everything that rested at its price when it joined,
and later cancels are taken from behind it as far as possible.
"""

from collections.abc import Iterator

import attrs

from trading.core.market import Side
from trading.simulator.matching.matching import Execution, Resting


@attrs.define
class _Queued:
    order: Resting
    ahead: int


class OwnQueue:
    """Orders of ours on one side of a recorded book, in order of priority."""

    def __init__(self, side: Side) -> None:
        self.side = side
        self._queued: list[_Queued] = []

    def __iter__(self) -> Iterator[Resting]:
        return (queued.order for queued in self._queued)

    def join(self, order: Resting, ahead: int) -> None:
        """
        Add an order to the queue at its price.

        Args:
            ahead: Recorded lots resting at that price now, all of them before it.
        """
        index = 0
        for queued in self._queued:
            if self._better(order.price, queued.order.price):
                break
            index += 1
        self._queued.insert(index, _Queued(order, ahead))

    def ahead(self, number: int) -> int | None:
        """Recorded lots that must go before an order is filled."""
        return next((q.ahead for q in self._queued if q.order.number == number), None)

    def find(self, number: int) -> Resting | None:
        return next((q.order for q in self._queued if q.order.number == number), None)

    def at(self, price: int) -> dict[int, int]:
        """Remaining lots by number of the orders at a price."""
        return {q.order.number: q.order.remaining for q in self._queued if q.order.price == price}

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

    def level_changed(self, price: int, quantity: int) -> None:
        """Take the recording's total at a price: no more than that can be ahead."""
        for queued in self._queued:
            if queued.order.price == price:
                queued.ahead = min(queued.ahead, quantity)

    def traded(self, price: int, quantity: int) -> list[Execution]:
        """
        Apply a recorded trade on this side; the part of it that fills our orders.

        Orders at better prices than the trade's come first; at its price, what is ahead goes first.
        """
        executions: list[Execution] = []
        left, gone = quantity, 0
        for queued in self._queued:
            order = queued.order
            if self._better(price, order.price):
                break
            if order.price == price:
                passing = min(max(0, queued.ahead - gone), left)
                left -= passing
                gone += passing
                queued.ahead = max(0, queued.ahead - gone)
            executions += self._fill(order, left)
            left = quantity - gone - sum(execution.quantity for execution in executions)
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
