"""
The arrays of hftbacktest 2: ``data`` of an ``.npz``, 64 bytes a row.

A row may be for the exchange's side alone (flag ``EXCH_EVENT``), for the receiver's
(``LOCAL_EVENT``) or for both: those that are for the receiver are read, in whose times both stand
(https://hftbacktest.readthedocs.io/en/latest/data.html). Prices and quantities are floats: each is
the shortest text that is it, which is what was converted.
"""

import ast
import struct
from collections.abc import Iterator
from decimal import Decimal
from typing import Protocol

import attrs

from trading.datasets.importers.notes import Asked
from trading.datasets.importers.scale import Scale, WrongLot
from trading.datasets.record import Flags, Kind, RecordSide
from trading.datasets.standing import BareRecord

ROW = struct.Struct("<QqqddQqd")
_COLUMNS = [
    ("ev", "<u8"), ("exch_ts", "<i8"), ("local_ts", "<i8"), ("px", "<f8"), ("qty", "<f8"),
    ("order_id", "<u8"), ("ival", "<i8"), ("fval", "<f8"),
]  # fmt: skip
_MAGIC = b"\x93NUMPY"
_HEAD_MAX = 65_536
_ROWS = 4096

_LOCAL, _BUY, _SELL = 1 << 30, 1 << 29, 1 << 28
_DEPTH, _TRADE, _CLEAR, _SNAPSHOT = 1, 2, 3, 4
_ORDERS = frozenset({10, 11, 12, 13})
_LAST = int(Flags.LAST)


class Readable(Protocol):
    """A file, or a member of an archive."""

    def read(self, size: int, /) -> bytes: ...


@attrs.define
class Arrays:
    """
    Reads arrays one after the other, as one market.

    ``levels`` are those that are known, which a row may clear up to a price.
    """

    asked: Asked
    steps: "_Steps" = attrs.field(init=False)
    begun: bool = False
    levels: dict[int, set[int]] = attrs.field(factory=lambda: {1: set(), 2: set()})

    def __attrs_post_init__(self) -> None:
        self.steps = _Steps(self.asked.scale)

    def read(self, file: Readable) -> Iterator[BareRecord]:
        """
        The records of an array, read from a ``.npy`` file.

        Raises:
            ValueError: It is no array of hftbacktest 2, is cut off, or a row fits no tick; the row
                is told.
        """
        _check_head(file)
        waiting: BareRecord | None = None  # until it is known whether it is the last of its message
        for record in self._records(file):
            if waiting is not None:
                last = waiting[1] != record[1] or Kind.TRADE in {waiting[5], record[5]}
                yield (*waiting[:7], _LAST if last else 0)
            waiting = record
        if waiting is not None:
            yield (*waiting[:7], _LAST)

    def _records(self, file: Readable) -> Iterator[BareRecord]:
        row = 0
        while chunk := _whole(file, ROW.size * _ROWS):
            if len(chunk) % ROW.size:
                raise ValueError(f"it is cut off in row {row + len(chunk) // ROW.size + 1}")
            for event, exch_ns, seen_ns, price, quantity, *_ in ROW.iter_unpack(chunk):
                row += 1
                try:
                    yield from self._take(event, exch_ns, seen_ns, price, quantity)
                except WrongLot:
                    raise
                except ValueError as error:
                    raise type(error)(f"row {row}: {error}") from error

    def _take(
        self, event: int, exch_ns: int, seen_ns: int, price: float, quantity: float
    ) -> list[BareRecord]:
        if not event & _LOCAL:
            self.asked.notes.skip("rows that are for the exchange's side alone")
            return []
        side = int(RecordSide.BUY if event & _BUY else RecordSide.SELL if event & _SELL else 0)
        match event & 0xFF:
            case 2:
                found = [(price, quantity, int(Kind.TRADE))]
            case 1 | 4 as code:
                kind = Kind.LEVEL if code == _DEPTH else Kind.SNAPSHOT_LEVEL
                found = [(price, quantity, int(kind))]
            case 3:
                return self._cleared(exch_ns, seen_ns, side, price)
            case code if code in _ORDERS:
                raise ValueError("events of single orders: import the file that this was made of")
            case _:
                self.asked.notes.skip("rows of other events")
                return []
        [(price, quantity, number)] = found
        ticks, lots = self.steps.price(price), self.steps.quantity(quantity)
        record = exch_ns, seen_ns, ticks, lots, 0, number, side, 0
        if number == Kind.TRADE:
            return [record]
        return [*self._begin(exch_ns, seen_ns), self._noted(record)]

    def _noted(self, record: BareRecord) -> BareRecord:
        known = self.levels.setdefault(record[6], set())
        (known.add if record[3] else known.discard)(record[2])
        return record

    def _begin(self, exch_ns: int, seen_ns: int) -> list[BareRecord]:
        if self.begun:
            return []
        self.begun = True
        self.asked.notes.guess("that the book was empty before its first row")
        return [(exch_ns, seen_ns, 0, 0, 0, int(Kind.CLEAR), 0, 0)]

    def _cleared(self, exch_ns: int, seen_ns: int, side: int, price: float) -> list[BareRecord]:
        """A side is cleared from its best price up to one; without one, or a side, all of it."""
        if not self.begun:
            self.begun = True
            return [(exch_ns, seen_ns, 0, 0, 0, int(Kind.CLEAR), 0, 0)]
        up_to = None if price != price or not price else Decimal(repr(price))  # noqa: PLR0124  # NaN
        found: list[BareRecord] = []
        for each in (side,) if side else (1, 2):
            gone = [
                ticks for ticks in sorted(self.levels[each]) if self._within(each, ticks, up_to)
            ]
            found += [(exch_ns, seen_ns, ticks, 0, 0, int(Kind.LEVEL), each, 0) for ticks in gone]
            self.levels[each].difference_update(gone)
        return found

    def _within(self, side: int, ticks: int, up_to: Decimal | None) -> bool:
        if up_to is None:
            return True
        price = ticks * self.asked.scale.tick
        return price >= up_to if side == RecordSide.BUY else price <= up_to


def _whole(file: Readable, size: int) -> bytes:
    """As much as there is, up to a size; a read may give less."""
    data = file.read(size)
    while len(data) < size and (more := file.read(size - len(data))):
        data += more
    return data


def _check_head(file: Readable) -> None:
    """
    Read what stands before the rows (numpy's format 1.0 and 2.0).

    Raises:
        ValueError: The array is none of hftbacktest 2.
    """
    magic = _whole(file, 8)
    if len(magic) < 8 or not magic.startswith(_MAGIC):  # noqa: PLR2004
        raise ValueError("it is no array of numpy")
    width = 2 if magic[6] == 1 else 4
    length = int.from_bytes(_whole(file, width), "little")
    if length > _HEAD_MAX:
        raise ValueError("it is no array of hftbacktest: its head is too long")
    try:
        head = ast.literal_eval(_whole(file, length).decode("latin1"))
        descr, shape = head["descr"], head["shape"]
    except (SyntaxError, ValueError, KeyError, TypeError) as error:
        raise ValueError("the head of the array cannot be read") from error
    if descr != _COLUMNS or len(shape) != 1:
        wanted = ", ".join(name for name, _ in _COLUMNS)
        raise ValueError(
            f"it is no array of hftbacktest 2, whose rows have {wanted}: its are {descr!r:.200}"
        )


@attrs.define
class _Steps:
    """Floats as steps, looked up."""

    scale: Scale
    prices: dict[float, int] = attrs.field(factory=dict)
    quantities: dict[float, int] = attrs.field(factory=dict)

    def price(self, value: float) -> int:
        if value not in self.prices:
            self.prices[value] = self.scale.prices.of(_number(value))
        return self.prices[value]

    def quantity(self, value: float) -> int:
        if value not in self.quantities:
            self.quantities[value] = self.scale.quantities.of(_number(value))
        return self.quantities[value]


def _number(value: float) -> Decimal:
    number = Decimal(repr(value))
    if not number.is_finite():
        raise ValueError(f"{value} is no price or quantity")
    return number


def first_time(file: Readable) -> int:
    """
    When the first row of an array was received, nanoseconds since the epoch; 0 of an empty one.

    Raises:
        ValueError: It is no array of hftbacktest 2.
    """
    _check_head(file)
    row = _whole(file, ROW.size)
    return ROW.unpack(row)[2] if len(row) == ROW.size else 0
