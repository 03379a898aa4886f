"""
Message files of LOBSTER (https://lobsterdata.com/info/DataStructure.php): order by order.

Columns, without a head: seconds after midnight where the exchange is, type, order, size, price
times 10,000, direction. Types: 1 a new order, 2 a part of one is cancelled, 3 all of it is, 4 a
visible order is filled, 5 a hidden one, 6 a cross, 7 a halt. The direction is the resting order's:
of an execution with 1 the taker sold. The date stands in the file's name alone.
"""

import datetime as dt
import re
from collections.abc import Iterable, Iterator, Sequence
from decimal import Decimal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import attrs

from trading.datasets.importers.form import TextFormat
from trading.datasets.importers.notes import UNTOLD_NS, Asked, WrongPair, same_pair
from trading.datasets.record import Flags, Kind, RecordSide
from trading.datasets.standing import BareRecord

_ROW = re.compile(rb"[0-9]{1,5}(?:\.[0-9]{1,12})?,[1-7],[0-9]+,[0-9]+,-?[0-9]+,-?[01]", re.ASCII)
_BOOK_ROW = re.compile(rb"(?:-?[0-9]+,[0-9]+,-?[0-9]+,[0-9]+,?)+", re.ASCII)
_NAME = re.compile(r"([A-Za-z0-9.]+)_(\d{4}-\d\d-\d\d)_\d+_\d+_message_(\d+)(?:\.csv)?", re.ASCII)
_ZONE = "America/New_York"
_NS_PER_S = 1_000_000_000
_LAST = int(Flags.LAST)
_BUY, _SELL = int(RecordSide.BUY), int(RecordSide.SELL)


def _read(lines: Iterable[bytes], asked: Asked) -> Iterator[BareRecord]:
    name = _NAME.match(asked.file_name)
    if name is None:
        raise ValueError(
            "the date stands in the name of LOBSTER's files alone: give it the name back, as"
            " AAPL_2012-06-21_34200000_57600000_message_10.csv"
        )
    if not same_pair(asked.pair, name[1]):
        raise WrongPair(asked.pair, name[1])
    asked.notes.guess(f"that its times are those of {_ZONE}")
    asked.notes.guess(f"that nothing rests behind the best {name[3]} levels, which are told")
    reader, midnight_ns = _Orders(asked), _midnight_ns(name[2])
    yield midnight_ns, UNTOLD_NS, 0, 0, 0, int(Kind.CLEAR), 0, _LAST
    for line in lines:
        if _ROW.fullmatch(line) is None:
            raise ValueError("not a row of a message file")
        seconds, kind, order, size, price, direction = line.split(b",")
        at_ns = midnight_ns + int(Decimal(seconds.decode()) * _NS_PER_S)
        # The trade stands for itself, and the change of the book after it.
        found = reader.take(int(kind), int(order), size.decode(), int(price), direction == b"1")
        for change in found:
            yield (at_ns, UNTOLD_NS, *change, _LAST)


_Told = tuple[int, int, int, int, int]
"""Price, quantity, order, kind and side."""


@attrs.define
class _Orders:
    """Orders that are known, with what is left of them in lots."""

    asked: Asked
    left: dict[int, int] = attrs.field(factory=dict)
    prices: dict[int, int] = attrs.field(factory=dict)

    def take(self, kind: int, order: int, size: str, price: int, buys: bool) -> list[_Told]:  # noqa: FBT001
        side, taker = (_BUY, _SELL) if buys else (_SELL, _BUY)
        if kind == 7:  # noqa: PLR2004  # the numbers are the format's
            self.asked.notes.skip("halts and their ends")
            return []
        ticks, lots = self._ticks(price), self.asked.scale.quantities[size]
        match kind:
            case 1:
                self.left[order] = lots
                return [(ticks, lots, order, int(Kind.ADD), side)]
            case 2 | 3:
                return self._out(ticks, lots, order, Kind.CANCEL, side)
            case 4:
                trade = ticks, lots, 0, int(Kind.TRADE), taker
                return [trade, *self._out(ticks, lots, order, Kind.FILL, side)]
            case 5:
                return [(ticks, lots, 0, int(Kind.TRADE), taker)]
            case _:
                return [(ticks, lots, 0, int(Kind.TRADE), int(RecordSide.NONE))]

    def _out(self, ticks: int, lots: int, order: int, kind: Kind, side: int) -> list[_Told]:
        left = self.left.get(order)
        if left is None:
            self.asked.notes.skip("changes of orders that were not told: older, or further away")
            return []
        if left > lots:
            self.left[order] = left - lots
        else:
            del self.left[order]
        return [(ticks, min(lots, left), order, int(kind), side)]

    def _ticks(self, price: int) -> int:
        if price not in self.prices:
            self.prices[price] = self.asked.scale.prices.of(Decimal(price).scaleb(-4))
        return self.prices[price]


def _midnight_ns(date: str) -> int:
    try:
        zone = ZoneInfo(_ZONE)
    except ZoneInfoNotFoundError as error:
        raise ValueError(f"this machine does not know the time of {_ZONE}: install tzdata") from (
            error
        )
    midnight = dt.datetime.combine(dt.date.fromisoformat(date), dt.time(), tzinfo=zone)
    return int(midnight.timestamp()) * _NS_PER_S


def _is_messages(lines: Sequence[bytes]) -> bool:
    return _ROW.fullmatch(lines[0]) is not None


def _is_book(lines: Sequence[bytes]) -> bool:
    return _BOOK_ROW.fullmatch(lines[0]) is not None


MESSAGES = TextFormat(
    name="lobster",
    title="LOBSTER's messages",
    content="messages",
    recognise=_is_messages,
    read=_read,
)
BOOK = TextFormat(
    name="lobster",
    title="LOBSTER's order book",
    content="book",
    recognise=_is_book,
    refused="it has no times and no orders: take the message file of the same name",
)
