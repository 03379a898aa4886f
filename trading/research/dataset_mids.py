"""The mid price of a recorded market, from the records of a dataset."""

import heapq
from collections.abc import Iterable
from decimal import Decimal

import attrs

from trading.core.decimals import ZERO
from trading.datasets.record import Flags, Kind, RecordSide
from trading.research.exact import exact
from trading.research.result import MidSeries

BareRecord = tuple[int, int, int, int, int, int, int, int]
"""A ``Record`` without its names."""

_HALF = Decimal("0.5")


def mids_of(records: Iterable[BareRecord], tick: Decimal) -> MidSeries:
    """
    The mid price by exchange time.

    It is told once the book is whole after an event of the exchange, and only where it changed. It
    is not known from the last record before a gap until there is a book with both sides again, and
    while one side is empty or the book is crossed. Orders of our own that are among the levels of a
    live recording count as everybody's. An exchange time before that of a record that was told
    earlier is raised to it.
    """
    book = _Book()
    steps: dict[int, int | None] = {}
    now = 0
    newest: int | None = None
    for exch_ns, _, price, quantity, order_id, kind, side, flags in records:
        before, now = now, max(now, exch_ns)
        if kind == Kind.GAP:
            book.clear()
            if newest is not None:
                steps[min(before + 1, now)] = newest = None
            continue
        book.take(kind, side, price, quantity, order_id)
        if flags & Flags.LAST and (twice := book.twice_mid()) != newest:
            steps[now] = newest = twice
    at_ns = sorted(steps)
    with exact():
        half_tick = tick * _HALF
        found = {twice: _price(twice, half_tick) for twice in steps.values()}
    return MidSeries(
        at_ns=tuple(at_ns), prices=tuple(found[steps[ns]] for ns in at_ns), until_ns=now
    )


def _price(twice: int | None, half_tick: Decimal) -> Decimal | None:
    return None if twice is None else half_tick * twice


class _Book:
    """The totals of a book by level, in ticks and lots, whose best prices are found quickly."""

    def __init__(self) -> None:
        self._sides = {RecordSide.BUY: _HalfBook(-1), RecordSide.SELL: _HalfBook(1)}
        self._orders: dict[int, tuple[RecordSide, int, int]] = {}
        self._known = True

    def clear(self) -> None:
        for half in self._sides.values():
            half.clear()
        self._orders.clear()
        self._known = False

    def take(self, kind: int, side: int, price: int, quantity: int, order_id: int) -> None:
        if kind == Kind.CLEAR:
            self.clear()
            self._known = True
        elif kind in {Kind.SNAPSHOT_LEVEL, Kind.LEVEL}:
            self._sides[RecordSide(side)].put(price, quantity)
        elif kind in {Kind.ADD, Kind.MODIFY}:
            self._take_out(order_id)
            if quantity:
                self._orders[order_id] = RecordSide(side), price, quantity
                self._sides[RecordSide(side)].add(price, quantity)
        elif kind in {Kind.CANCEL, Kind.FILL} and order_id in self._orders:
            where, at, resting = self._orders[order_id]
            self._take_out(order_id)
            if resting > quantity:
                self._orders[order_id] = where, at, resting - quantity
                self._sides[where].add(at, resting - quantity)

    def twice_mid(self) -> int | None:
        """Bid and ask added, in ticks; ``None`` without both, and where they cross."""
        bid = self._sides[RecordSide.BUY].best()
        ask = self._sides[RecordSide.SELL].best()
        if not self._known or bid is None or ask is None or bid >= ask:
            return None
        return bid + ask

    def _take_out(self, order_id: int) -> None:
        if (known := self._orders.pop(order_id, None)) is not None:
            side, price, quantity = known
            self._sides[side].add(price, -quantity)


@attrs.define
class _HalfBook:
    """
    One side.

    Args:
        sign: What makes the best price the smallest: -1 for bids.
    """

    sign: int
    _lots: dict[int, int] = attrs.field(factory=dict)
    _heap: list[int] = attrs.field(factory=list)

    def clear(self) -> None:
        self._lots.clear()
        self._heap.clear()

    def put(self, price: int, lots: int) -> None:
        if lots <= 0:
            self._lots.pop(price, None)
            return
        if price not in self._lots:
            heapq.heappush(self._heap, self.sign * price)
        self._lots[price] = lots

    def add(self, price: int, lots: int) -> None:
        self.put(price, self._lots.get(price, 0) + lots)

    def best(self) -> int | None:
        # A price that has gone stays in the heap until it is on top.
        while self._heap and self.sign * self._heap[0] not in self._lots:
            heapq.heappop(self._heap)
        return self.sign * self._heap[0] if self._heap else None


def mids_at_decisions(decided: Iterable[tuple[int, Decimal]]) -> MidSeries | None:
    """
    The mid prices by which orders were decided, each known at its moment alone.

    Args:
        decided: When (ns) and the mid price, in any order.

    Returns:
        ``None`` without any.
    """
    by_time = {ns: price for ns, price in sorted(decided) if price > ZERO}
    if not by_time:
        return None
    times = tuple(by_time)
    return MidSeries(
        at_ns=times, prices=tuple(by_time.values()), until_ns=times[-1], continuous=False
    )
