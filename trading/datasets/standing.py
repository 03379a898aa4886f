"""
The book as it stands at some moment of a dataset, told as records again.

So a part of a dataset can begin anywhere: with the book that the records before it came to.
"""

from collections.abc import Iterator

from trading.datasets.record import Flags, Kind, Record, RecordSide

BareRecord = tuple[int, int, int, int, int, int, int, int]
"""A ``Record`` without its names, as it is unpacked."""

_LAST = int(Flags.LAST)


class StandingBook:
    """Takes records one by one; keeps totals by level, or orders in the order of their queues."""

    def __init__(self) -> None:
        self._levels: dict[tuple[int, int], int] = {}
        self._orders: dict[int, tuple[int, int, int]] = {}
        self._begun = self._gap = False

    def take(self, record: BareRecord) -> None:
        """Apply a record; a trade changes nothing, for the book's own records follow it."""
        _, _, price, quantity, order_id, kind, side, _ = record
        match kind:
            case Kind.CLEAR:
                self._levels.clear()
                self._orders.clear()
                self._begun, self._gap = True, False
            case Kind.SNAPSHOT_LEVEL | Kind.LEVEL:
                if quantity:
                    self._levels[side, price] = quantity
                else:
                    self._levels.pop((side, price), None)
            case Kind.ADD:
                self._orders.pop(order_id, None)
                self._orders[order_id] = side, price, quantity
            case Kind.MODIFY:
                self._modify(order_id, side, price, quantity)
            case Kind.CANCEL | Kind.FILL:
                self._reduce(order_id, quantity)
            case Kind.GAP:
                self._gap = True
            case _:
                pass

    def told(self, at_ns: int) -> Iterator[BareRecord]:
        """The book as the records of a snapshot at a time; nothing before the first one."""
        if not self._begun:
            return
        found = [(at_ns, at_ns, 0, 0, 0, int(Kind.CLEAR), int(RecordSide.NONE), 0)]
        for (side, price), lots in sorted(self._levels.items()):
            found.append((at_ns, at_ns, price, lots, 0, int(Kind.SNAPSHOT_LEVEL), side, 0))
        for order, (side, price, lots) in self._orders.items():
            found.append((at_ns, at_ns, price, lots, order, int(Kind.ADD), side, 0))
        yield from found[:-1]
        yield (*found[-1][:-1], _LAST)
        if self._gap:
            yield Record(at_ns, at_ns, 0, 0, 0, int(Kind.GAP), int(RecordSide.NONE), _LAST)

    def _modify(self, order_id: int, side: int, price: int, quantity: int) -> None:
        """An order that gets smaller keeps its place; a dearer or larger one goes to the back."""
        before = self._orders.get(order_id)
        if before is not None and (before[1] != price or quantity > before[2]):
            del self._orders[order_id]
        if quantity:
            self._orders[order_id] = side, price, quantity
        else:
            self._orders.pop(order_id, None)

    def _reduce(self, order_id: int, quantity: int) -> None:
        if (before := self._orders.get(order_id)) is None:
            return
        side, price, lots = before
        if lots > quantity:
            self._orders[order_id] = side, price, lots - quantity
        else:
            del self._orders[order_id]
