"""A book order by order, made from totals per price and the orders of accounts."""

from collections.abc import Iterator, Mapping

from trading.core.market import Side
from trading.simulator.core.depth import Ladder
from trading.simulator.matching.matching import Entry


class OrderQueues:
    """The orders that a feed shows of a recorded market: at each price one order of the crowd."""

    def __init__(self) -> None:
        self._queues: dict[Side, dict[int, dict[int, int]]] = {Side.BUY: {}, Side.SELL: {}}
        self._entries: list[Entry] = []

    def show(self, side: Side, price: int, crowd: int, own: Mapping[int, int]) -> None:
        """
        Set the orders that rest at a price.

        Args:
            crowd: Lots of the recording.
            own: Lots of accounts' orders by number.
        """
        queue = self._queues[side].setdefault(price, {})
        wanted = {_background_number(side, price): crowd, **own}
        for number in [number for number in queue if number not in wanted]:
            self._set(side, price, number, 0)
        for number, lots in wanted.items():
            if queue.get(number, 0) != lots:
                self._set(side, price, number, lots)
        if not queue:
            del self._queues[side][price]

    def orders(self, shown: Ladder, side: Side) -> Iterator[tuple[int, int, int]]:
        """Price, number and lots, in order of priority."""
        for price, _ in shown.levels():
            for number, lots in self._queues[side][price].items():
                yield price, number, lots

    def take_entries(self) -> list[Entry]:
        entries, self._entries = self._entries, []
        return entries

    def _set(self, side: Side, price: int, number: int, lots: int) -> None:
        queue = self._queues[side][price]
        if lots:
            queue[number] = lots
        else:
            del queue[number]
        self._entries.append(Entry(side, price, number, lots))


def _background_number(side: Side, price: int) -> int:
    """Negative, so that it never equals the number of an account's order."""
    return -2 * price - (1 if side is Side.SELL else 0)
