"""
Rows of NautilusTrader's Parquet files: changes of a book, and trades.

Prices and sizes are little-endian numbers of 8 bytes in billionths or of 16 bytes in units of
1e-16, by how Nautilus was built; which of both a row does not say, but the width of its column.
Numbers of actions, sides and flags: ``crates/model/src/enums.rs``, ``RecordFlag`` as Databento's.
"""

from collections.abc import Iterator
from decimal import Decimal

import attrs

from trading.datasets.importers.notes import UNTOLD_NS, Asked
from trading.datasets.importers.scale import Scale
from trading.datasets.record import Flags, Kind
from trading.datasets.standing import BareRecord

_EXPONENTS = {8: -9, 16: -16}
F_LAST, F_MBP = 128, 16
_ADD, _UPDATE, _DELETE, _CLEAR = 1, 2, 3, 4
_LAST = int(Flags.LAST)


@attrs.define
class _Steps:
    """Raw numbers as steps, looked up."""

    scale: Scale
    prices: dict[bytes, int] = attrs.field(factory=dict)
    sizes: dict[bytes, int] = attrs.field(factory=dict)

    def price(self, raw: bytes) -> int:
        if raw not in self.prices:
            self.prices[raw] = self.scale.prices.of(number(raw, signed=True))
        return self.prices[raw]

    def size(self, raw: bytes) -> int:
        if raw not in self.sizes:
            self.sizes[raw] = self.scale.quantities.of(number(raw, signed=False))
        return self.sizes[raw]


def number(raw: bytes, *, signed: bool) -> Decimal:
    """
    A price (signed) or size (unsigned) of a row.

    Raises:
        ValueError: It has neither 8 nor 16 bytes.
    """
    if len(raw) not in _EXPONENTS:
        raise ValueError(f"a price or size of {len(raw)} bytes, which is neither 8 nor 16")
    return Decimal(int.from_bytes(raw, "little", signed=signed)).scaleb(_EXPONENTS[len(raw)])


def _times(ts_event: int, ts_init: int) -> tuple[int, int]:
    """What was loaded from files without receive times has those of the exchange twice."""
    return ts_event, UNTOLD_NS if ts_init == ts_event else ts_init


@attrs.define
class Deltas:
    """Changes of a book by level, or by order where they have an order's id."""

    asked: Asked
    orders: dict[int, tuple[int, int, int]] = attrs.field(factory=dict)
    steps: _Steps = attrs.field(init=False)

    def __attrs_post_init__(self) -> None:
        self.steps = _Steps(self.asked.scale)

    def take(  # noqa: PLR0917  # the columns of the format
        self,
        action: int,
        side: int,
        price: bytes,
        size: bytes,
        order_id: int,
        flags: int,
        ts_event: int,
        ts_init: int,
    ) -> Iterator[BareRecord]:
        """
        What a row tells.

        Raises:
            ValueError: It is none, or fits no tick.
        """
        times, last = _times(ts_event, ts_init), _LAST if flags & F_LAST else 0
        if action == _CLEAR:
            self.orders.clear()
            yield (*times, 0, 0, 0, int(Kind.CLEAR), 0, last)
            return
        if action not in {_ADD, _UPDATE, _DELETE} or side not in {1, 2}:
            raise ValueError(f"action {action} and side {side}: no change of a book")
        ticks = self.steps.price(price)
        if order_id == 0 or flags & F_MBP:
            lots = 0 if action == _DELETE else self.steps.size(size)
            yield (*times, ticks, lots, 0, int(Kind.LEVEL), side, last)
            return
        lots = self.steps.size(size)
        if action == _DELETE or (action == _UPDATE and not lots):
            if (known := self.orders.pop(order_id, None)) is None:
                self.asked.notes.skip("changes of orders that were not told")
                return
            side, ticks, lots = known
            yield (*times, ticks, lots, order_id, int(Kind.CANCEL), side, last)
            return
        kind = Kind.MODIFY if order_id in self.orders else Kind.ADD
        self.orders[order_id] = side, ticks, lots
        yield (*times, ticks, lots, order_id, int(kind), side, last)


@attrs.define
class Trades:
    """Trades, with the taker's side where it is known."""

    asked: Asked
    steps: _Steps = attrs.field(init=False)

    def __attrs_post_init__(self) -> None:
        self.steps = _Steps(self.asked.scale)

    def take(
        self, price: bytes, size: bytes, aggressor_side: int, ts_event: int, ts_init: int
    ) -> BareRecord:
        """
        What a row tells.

        Raises:
            ValueError: It is none, or fits no tick.
        """
        if aggressor_side not in {0, 1, 2}:
            raise ValueError(f"{aggressor_side} is no side of a taker")
        ticks, lots = self.steps.price(price), self.steps.size(size)
        return (
            *_times(ts_event, ts_init), ticks, lots, 0, int(Kind.TRADE), aggressor_side, _LAST,
        )  # fmt: skip
