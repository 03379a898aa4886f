"""What a feed shows of a recorded market: the recording as it is seen, with our orders in it."""

from collections.abc import Iterator

from trading.core.market import Side
from trading.simulator.core.depth import Ladder
from trading.simulator.market.recorded_book import RecordedBook
from trading.simulator.matching.matching import Entry
from trading.simulator.matching.order_queues import OrderQueues
from trading.simulator.matching.queue import OwnQueue

_BUY = Side.BUY
"""Python 3.11 takes longer to look up a member of an enum than to look up a price."""


class ShownBook:
    """
    The seen book plus our orders, never crossed; empty while something of it is missing.

    What is seen is older than what our orders are matched with: a level that one of ours would have
    traded with is gone at the exchange already, and is left out.

    Args:
        seen: The recording's book, as it is seen.
        own: Our orders, by side.
    """

    def __init__(self, seen: RecordedBook, own: dict[Side, OwnQueue]) -> None:
        self.bids = Ladder(Side.BUY)
        self.asks = Ladder(Side.SELL)
        self._seen = seen
        self._own = own
        self._own_bids, self._own_asks = own[Side.BUY], own[Side.SELL]
        self._hidden: dict[Side, set[int]] = {Side.BUY: set(), Side.SELL: set()}
        self._touched: dict[tuple[Side, int], None] = {}
        self._queues = OrderQueues()
        self._shut = False

    def close(self, *, shut: bool) -> None:
        """Show nothing while something is missing, and everything again once it is not."""
        if shut == self._shut:
            return
        self._shut = shut
        for side, shown in ((Side.BUY, self.bids), (Side.SELL, self.asks)):
            prices = {price for price, _ in shown.levels()}
            if not shut:
                prices.update(price for price, _ in self._seen.ladder(side).levels())
                prices.update(order.price for order in self._own[side])
            for price in prices:
                self.show(side, price)

    def show(self, side: Side, price: int) -> None:
        """Show a level anew, after the recording's was seen to change."""
        buys = side is Side.BUY
        self.set(side, price, (self._seen.bids if buys else self._seen.asks).quantity(price))

    def set(self, side: Side, price: int, lots: int) -> None:
        """
        Show what was seen of a level.

        Args:
            lots: The recording's.
        """
        buys = side is _BUY
        if self._shut:
            (self.bids if buys else self.asks).set(price, 0)
            self._touched[side, price] = None
            return
        own, theirs = self._own_bids, self._own_asks
        if not buys:
            own, theirs = theirs, own
        if (
            lots
            and (best := theirs.best()) is not None
            and (price >= best if buys else price <= best)
        ):
            self._hidden[side].add(price)
            lots = 0
        if own.best() is not None:
            lots += own.lots_at(price)
        (self.bids if buys else self.asks).set(price, lots)
        self._touched[side, price] = None

    def own_changed(self, side: Side, price: int) -> None:
        """Show a level anew, after our orders have changed there."""
        self.show(side, price)
        other = side.opposite
        hidden, self._hidden[other] = self._hidden[other], set()
        for former in hidden:
            self.show(other, former)
        queue = self._own[side]
        crossed: list[int] = []
        for their_price, _ in self._seen.ladder(other).levels():
            if not self._crosses(other, their_price, queue):
                break
            crossed.append(their_price)
        for their_price in crossed:
            self.show(other, their_price)

    def orders(self, side: Side) -> Iterator[tuple[int, int, int]]:
        """Price, number and lots of every order, in order of priority."""
        self._number_orders()
        return self._queues.orders(self.bids if side is Side.BUY else self.asks, side)

    def take_entries(self) -> list[Entry]:
        """Every order that is another one than when last asked, in order."""
        self._number_orders()
        return self._queues.take_entries()

    def _number_orders(self) -> None:
        for side, price in self._touched:
            own = {} if self._shut else self._own[side].at(price)
            shown = self.bids if side is Side.BUY else self.asks
            crowd = shown.quantity(price) - sum(own.values())
            self._queues.show(side, price, crowd, own)
        self._touched = {}

    @staticmethod
    def _crosses(side: Side, price: int, other: OwnQueue) -> bool:
        """Whether a level of a side would have traded with the best of the other side's orders."""
        best = other.best()
        if best is None:
            return False
        return price >= best if side is Side.BUY else price <= best
