"""
Shadows of orders: each alone in a recorded market, under several queue models at once.

A shadow joins its price when the real order did, and leaves when that ended. Trades with our real
orders count: whoever took would have come. The book is the recording's, without our orders.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence

import attrs

from trading.core.market import Side
from trading.datasets.record import Flags, Kind, RecordSide
from trading.simulator.market.beginning import recording_of
from trading.simulator.market.recorded_book import RecordedBook
from trading.simulator.market.two_clocks import Row, Told, TwoClocks
from trading.simulator.matching.matching import Execution, Resting
from trading.simulator.matching.places import QueueModel
from trading.simulator.matching.queue import OwnQueue

_TRADE, _FILL = int(Kind.TRADE), int(Kind.FILL)
_BUY, _OWN_ORDER = int(RecordSide.BUY), int(Flags.OWN_ORDER)
_MAKERS = (None, Side.SELL, Side.BUY)
"""Which side rested in a trade, by the number of the taker's ``RecordSide``."""


@attrs.frozen(kw_only=True)
class ShadowOrder:
    """
    An order that really rested.

    Args:
        price: In ticks.
        lots: Its quantity.
        from_ns: When it was open at the venue, nanoseconds since the epoch.
        to_ns: When it ended.
    """

    order_id: str
    side: Side
    price: int
    lots: int
    from_ns: int
    to_ns: int


@attrs.define(kw_only=True)
class Shadow:
    """
    What became of a shadow under one model.

    Args:
        filled: In lots.
        filled_ns: When it was first filled; ``None`` where it was not.
    """

    filled: int = 0
    filled_ns: int | None = None


@attrs.define
class _Follower:
    queue: OwnQueue
    shadow: Shadow


Shadows = Mapping[str, Sequence[Shadow]]
"""By order id, one for each model."""


class ShadowMarket:
    """
    Replays a recording to shadows.

    Args:
        models: Each shadow is followed under all of them.
    """

    def __init__(self, rows: Iterable[Row], models: Sequence[QueueModel]) -> None:
        self._clocks = TwoClocks(recording_of(rows).groups)
        self._book = RecordedBook(self._level_changed, self._order_left)
        self._models = models
        self._at: dict[Side, dict[int, dict[str, list[_Follower]]]] = {side: {} for side in Side}

    def run(self, orders: Iterable[ShadowOrder]) -> Shadows:
        """
        Follow each order's shadows to its end.

        Raises:
            MalformedRecording: It holds no snapshot.
        """
        told: dict[str, Sequence[Shadow]] = {}
        joins = sorted(orders, key=lambda order: order.from_ns)
        leaves = sorted(joins, key=lambda order: order.to_ns)
        joining, leaving = iter(joins), iter(leaves)
        join, leave = next(joining, None), next(leaving, None)
        while (at := self._clocks.happens_ns) is not None:
            while join is not None and join.from_ns <= at:
                told[join.order_id] = self._join(join)
                join = next(joining, None)
            while leave is not None and leave.to_ns < at:
                self._leave(leave)
                leave = next(leaving, None)
            self._happen(self._clocks.happen(), at)
            while (seen := self._clocks.seen_ns) is not None and seen <= at:
                self._clocks.see()
        return told

    def _join(self, order: ShadowOrder) -> Sequence[Shadow]:
        level = self._book.ladder(order.side).quantity(order.price)
        orders = self._book.orders_at(order.side, order.price)
        followers = []
        for model in self._models:
            queue = OwnQueue(order.side, model)
            queue.join(Resting(0, "shadow", order.side, order.price, order.lots), level, orders)
            followers.append(_Follower(queue, Shadow()))
        self._at[order.side].setdefault(order.price, {})[order.order_id] = followers
        return [follower.shadow for follower in followers]

    def _leave(self, order: ShadowOrder) -> None:
        there = self._at[order.side].get(order.price, {})
        there.pop(order.order_id, None)
        if not there:
            self._at[order.side].pop(order.price, None)

    def _happen(self, moment: list[Told], at: int) -> None:
        rows = [row for told in moment for row in told.rows]
        fills = [row for row in rows if row[5] == _FILL and not row[7] & _OWN_ORDER]
        if not fills:  # where fills of resting orders are told too, a trade would count twice
            self._trade([row for row in rows if row[5] == _TRADE], at)
        for row in fills:
            maker = Side.BUY if row[6] == _BUY else Side.SELL
            for follower in self._reached(maker, row[2]):
                _note(follower, follower.queue.filled(row[2], row[4], row[3]), at)
        for told in moment:
            if not told.of_trades:
                self._book.take(told.rows)
        self._cross(at)

    def _trade(self, trades: Iterable[Row], at: int) -> None:
        for row in trades:
            if (maker := _MAKERS[row[6]]) is not None:
                for follower in self._reached(maker, row[2]):
                    _note(follower, follower.queue.traded(row[2], row[3]), at)

    def _cross(self, at: int) -> None:
        for side in Side:
            best = self._book.ladder(side.opposite).best()
            if best is not None:
                for follower in self._reached(side, best):
                    _note(follower, follower.queue.crossed(best), at)

    def _reached(self, side: Side, price: int) -> Iterator[_Follower]:
        """Those at a price of a side, and at better ones."""
        for own, there in self._at[side].items():
            if own >= price if side is Side.BUY else own <= price:
                for followers in there.values():
                    yield from followers

    def _level_changed(self, side: Side, price: int, before: int, now: int) -> None:
        for followers in self._at[side].get(price, {}).values():
            for follower in followers:
                follower.queue.level_changed(price, before, now)

    def _order_left(self, side: Side, price: int, order_id: int, lots: int) -> None:
        for followers in self._at[side].get(price, {}).values():
            for follower in followers:
                follower.queue.order_left(price, order_id, lots)


def _note(follower: _Follower, executions: Iterable[Execution], at: int) -> None:
    for execution in executions:
        shadow = follower.shadow
        shadow.filled += execution.quantity
        if shadow.filled_ns is None:
            shadow.filled_ns = at
