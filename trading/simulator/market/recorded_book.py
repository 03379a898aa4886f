"""A recorded book, fed by records: totals per price, and the orders in them where they are told."""

from collections.abc import Callable, Mapping

from trading.core.market import Side
from trading.datasets.record import Flags, Kind
from trading.simulator.core.depth import Ladder
from trading.simulator.market.two_clocks import Row

_NO_ORDERS: Mapping[int, int] = {}
_CLEAR, _SNAPSHOT, _LEVEL = int(Kind.CLEAR), int(Kind.SNAPSHOT_LEVEL), int(Kind.LEVEL)
_TRADE, _ADD, _MODIFY = int(Kind.TRADE), int(Kind.ADD), int(Kind.MODIFY)
_CANCEL, _FILL, _GAP = int(Kind.CANCEL), int(Kind.FILL), int(Kind.GAP)
_OWN = int(Flags.OWN_ORDER)
_SIDES = (Side.BUY, Side.BUY, Side.SELL)
"""By the number of a ``RecordSide``; a side that is not told belongs to no level."""

LevelChanged = Callable[[Side, int, int, int], None]
"""Side, price, lots before and now."""
OrderLeft = Callable[[Side, int, int, int], None]
"""Side, price, order id, lots."""


def _ignore(_side: Side, _price: int, _first: int, _second: int) -> None:
    """Where nobody listens."""


class RecordedBook:
    """
    Both sides of a recorded book. Prices in ticks, quantities in lots.

    Args:
        level_changed: Told of each record about a level, also if it repeats what is known.
        order_left: Told of each order that leaves, or lets a part of it go.

    Attributes:
        gap: Whether something is missing, and no snapshot has come since.
        by_order: Whether orders were told one by one.
    """

    def __init__(
        self, level_changed: LevelChanged = _ignore, order_left: OrderLeft = _ignore
    ) -> None:
        self.bids = Ladder(Side.BUY)
        self.asks = Ladder(Side.SELL)
        self.gap = False
        self.by_order = False
        self._level_changed = level_changed
        self._order_left = order_left
        self._orders: dict[int, tuple[Side, int, int]] = {}
        self._at: dict[Side, dict[int, dict[int, int]]] = {Side.BUY: {}, Side.SELL: {}}
        self._snapshot: list[Row] | None = None

    def ladder(self, side: Side) -> Ladder:
        return self.bids if side is Side.BUY else self.asks

    def orders_at(self, side: Side, price: int) -> Mapping[int, int]:
        """The recorded orders at a price by id, first comes first; empty if they are not told."""
        return self._at[side].get(price, _NO_ORDERS)

    def take(self, rows: list[Row]) -> None:
        """Take the records that were told at once; trades change nothing."""
        for row in rows:
            kind = row[5]
            if kind == _LEVEL:
                self._end_snapshot()
                self.set(_SIDES[row[6]], row[2], row[3])
            elif kind == _CLEAR:
                self._snapshot = []
            elif kind == _SNAPSHOT or (kind == _ADD and self._snapshot is not None):
                if self._snapshot is None:
                    self._snapshot = []
                self._snapshot.append(row)
            elif kind == _GAP:
                self.gap = True
            elif kind != _TRADE and not row[7] & _OWN:
                self._take_order(row)
        self._end_snapshot()

    def set(self, side: Side, price: int, lots: int) -> None:
        """Set the total of a price."""
        ladder = self.bids if side is Side.BUY else self.asks
        before = ladder.quantity(price)
        ladder.set(price, lots)
        self._level_changed(side, price, before, lots)

    def _take_order(self, row: Row) -> None:
        _, _, price, lots, order_id, kind, side, _ = row
        self.by_order = True
        if kind == _ADD:
            self._add(order_id, _SIDES[side], price, lots)
        elif order_id not in self._orders:
            return  # of a level that was told before orders were
        elif kind == _MODIFY:
            where, old, had = self._orders[order_id]
            if price == old and lots <= had:
                self._leave(order_id, had - lots)
            else:
                self._leave(order_id, had)
                self._add(order_id, where, price, lots)
        else:
            self._leave(order_id, lots or self._orders[order_id][2])

    def _add(self, order_id: int, side: Side, price: int, lots: int) -> None:
        if order_id in self._orders:
            self._leave(order_id, self._orders[order_id][2])
        if lots == 0:
            return
        self._orders[order_id] = (side, price, lots)
        self._at[side].setdefault(price, {})[order_id] = lots
        self.set(side, price, self.ladder(side).quantity(price) + lots)

    def _leave(self, order_id: int, lots: int) -> None:
        side, price, had = self._orders[order_id]
        lots = min(lots, had)
        if lots == 0:
            return
        queue = self._at[side][price]
        if lots == had:
            del self._orders[order_id], queue[order_id]
            if not queue:
                del self._at[side][price]
        else:
            self._orders[order_id] = (side, price, had - lots)
            queue[order_id] = had - lots
        self._order_left(side, price, order_id, lots)
        self.set(side, price, max(0, self.ladder(side).quantity(price) - lots))

    def _end_snapshot(self) -> None:
        """Take a snapshot once it is whole: a level that is told again was never gone."""
        if self._snapshot is not None:
            self._replace(self._snapshot)
            self._snapshot = None

    def _replace(self, rows: list[Row]) -> None:
        """Put a whole book in the place of this one: what is in both stays where it is."""
        self.gap = False
        added = [row for row in rows if row[5] == _ADD and not row[7] & _OWN]
        self._replace_orders(added)
        wanted: dict[Side, dict[int, int]] = {Side.BUY: {}, Side.SELL: {}}
        for row in rows:
            if row[5] == _SNAPSHOT:
                wanted[_SIDES[row[6]]][row[2]] = row[3]
        for row in added:
            levels = wanted[_SIDES[row[6]]]
            levels[row[2]] = levels.get(row[2], 0) + row[3]
        for side in (Side.BUY, Side.SELL):
            levels = wanted[side]
            for price in [p for p, _ in self.ladder(side).levels() if p not in levels]:
                self.set(side, price, 0)
            for price, lots in levels.items():
                self.set(side, price, lots)

    def _replace_orders(self, added: list[Row]) -> None:
        self.by_order = self.by_order or bool(added)
        kept = {row[4]: (_SIDES[row[6]], row[2], row[3]) for row in added}
        for order_id, (side, price, lots) in self._orders.items():
            now = kept.get(order_id)
            left = lots - now[2] if now is not None and now[:2] == (side, price) else lots
            if left > 0:
                self._order_left(side, price, order_id, left)
        self._orders = kept
        self._at = {Side.BUY: {}, Side.SELL: {}}
        for order_id, (side, price, lots) in kept.items():
            self._at[side].setdefault(price, {})[order_id] = lots
