"""
The book as it stands at some moment of a dataset, told as records again.

So a part of a dataset can begin anywhere: with the book that the records before it came to.
"""

from collections.abc import Iterator

from trading.datasets.record import Flags, Kind, RecordSide

BareRecord = tuple[int, int, int, int, int, int, int, int]
"""A ``Record`` without its names, as it is unpacked."""

_TRADE = int(Kind.TRADE)
_LAST, _OWN = int(Flags.LAST), int(Flags.OWN_ORDER)


class StandingBook:
    """Takes records one by one; keeps totals by level, or orders in the order of their queues."""

    def __init__(self) -> None:
        self._levels: dict[tuple[int, int], tuple[int, int]] = {}
        self._orders: dict[int, tuple[int, int, int, int]] = {}
        self._begun = self._gap = False
        self._happened_ns = 0

    def take(self, record: BareRecord) -> None:
        """Apply a record; a trade changes nothing, for the book's own records follow it."""
        exch_ns, _, price, quantity, order_id, kind, side, flags = record
        if kind == _TRADE:
            return
        self._happened_ns = exch_ns
        match kind:
            case Kind.CLEAR:
                self._levels.clear()
                self._orders.clear()
                self._begun, self._gap = True, False
            case Kind.SNAPSHOT_LEVEL | Kind.LEVEL:
                self._levels.pop((side, price), None)
                if quantity:
                    self._levels[side, price] = quantity, flags & _OWN
            case Kind.ADD | Kind.MODIFY:
                self._rest(order_id, (side, price, quantity, flags & _OWN), new=kind == Kind.ADD)
            case Kind.CANCEL | Kind.FILL:
                self._reduce(order_id, quantity)
            case _:
                self._gap = True

    def told(self, at_ns: int) -> Iterator[BareRecord]:
        """
        The book as the records of a snapshot; nothing before the first one.

        They happened when the book last changed, so that nothing that changes it later goes before
        them in the order of the exchange.

        Args:
            at_ns: When it is seen, nanoseconds since the epoch.
        """
        if not self._begun:
            return
        times = min(self._happened_ns, at_ns), at_ns
        none = int(RecordSide.NONE)
        found = [(*times, 0, 0, 0, int(Kind.CLEAR), none, 0)]
        for (side, price), (lots, own) in sorted(self._levels.items()):
            found.append((*times, price, lots, 0, int(Kind.SNAPSHOT_LEVEL), side, own))
        for order, (side, price, lots, own) in self._orders.items():
            found.append((*times, price, lots, order, int(Kind.ADD), side, own))
        *first, last = found
        yield from first
        yield (*last[:7], last[7] | _LAST)
        if self._gap:
            yield (*times, 0, 0, 0, int(Kind.GAP), none, _LAST)

    def _rest(self, order_id: int, order: tuple[int, int, int, int], *, new: bool) -> None:
        """An order that gets smaller keeps its place; any other change puts it to the back."""
        before = self._orders.get(order_id)
        smaller = before is not None and before[1] == order[1] and order[2] <= before[2]
        if new or not smaller:
            self._orders.pop(order_id, None)
        self._orders[order_id] = order
        if not order[2]:
            del self._orders[order_id]

    def _reduce(self, order_id: int, quantity: int) -> None:
        if (before := self._orders.get(order_id)) is None:
            return
        side, price, lots, own = before
        if lots > quantity:
            self._orders[order_id] = side, price, lots - quantity, own
        else:
            del self._orders[order_id]
