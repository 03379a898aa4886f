"""
Trades and aggregated trades of Binance's public dumps (https://github.com/binance/binance-public-data).

The columns are told by their number and by what stands in them, for spot files have no head and
those of futures only since August 2022. Spot times are microseconds since 2025 and milliseconds
before. A buyer that is the maker was hit: the taker sold. There are no books, so that nothing of a
queue follows from these files; and `bookTicker` and `bookDepth` are none either.
"""

import re
from collections.abc import Iterable, Iterator, Sequence

import attrs

from trading.datasets.importers.form import TextFormat
from trading.datasets.importers.notes import UNTOLD_NS, Asked, WrongPair, same_pair
from trading.datasets.importers.times import UnitOfTimes
from trading.datasets.record import Flags, Kind, RecordSide
from trading.datasets.standing import BareRecord

_NUMBER, _TIME, _TRUTH = rb"[0-9]+(?:\.[0-9]+)?", rb"[0-9]{13}(?:[0-9]{3})?", rb"[Tt]rue|[Ff]alse"
_TRADE = re.compile(
    rb"[0-9]+,(?:%b,){3}%b,(?:%b)(?:,(?:%b))?" % (_NUMBER, _TIME, _TRUTH, _TRUTH), re.ASCII
)
_AGGREGATE = re.compile(
    rb"[0-9]+,(?:%b,){2}[0-9]+,[0-9]+,%b,(?:%b)(?:,(?:%b))?" % (_NUMBER, _TIME, _TRUTH, _TRUTH),
    re.ASCII,
)
_TRADE_HEADS = (b"id,price,qty,quote_qty,time,is_buyer_maker", b"id,price,qty,quoteQty,time,isBuye")
_AGGREGATE_HEADS = (b"agg_trade_id,price,quantity,first_trade_id,last_trade_id,transact_time,",)
_TICKER_HEAD = b"update_id,best_bid_price,best_bid_qty,best_ask_price,best_ask_qty,"
_DEPTH_HEAD = b"timestamp,percentage,depth,notional"

_NAME = re.compile(r"([A-Z0-9_]+)-(?:trades|aggTrades)-(\d{4})-(\d\d)(?:-(\d\d))?\b", re.ASCII)
_HOLES_MAX = 100_000
_NS_PER_S = 1_000_000_000
_DAY_NS = 86_400 * _NS_PER_S
_SILENCE_NS = 600 * _NS_PER_S
_LAST = int(Flags.LAST)
_GAP = int(Kind.GAP)


@attrs.frozen
class _Columns:
    """Where time and the buyer's part stand."""

    time: int
    buyer_is_maker: int


_TRADE_COLUMNS, _AGGREGATE_COLUMNS = _Columns(4, 5), _Columns(5, 6)


@attrs.define
class _Ids:
    """
    Which ids are missing between those that came, in whatever order they came.

    ``holes`` is the first and last id of each with the time at which it was found.
    """

    newest: int | None = None
    holes: dict[int, tuple[int, int]] = attrs.field(factory=dict)
    late: int = 0

    def take(self, number: int, at_ns: int) -> None:
        if self.newest is None or number > self.newest:
            if self.newest is not None and number > self.newest + 1:
                if len(self.holes) >= _HOLES_MAX:
                    raise ValueError(f"more than {_HOLES_MAX:,} holes in the ids: rows are missing")
                self.holes[self.newest + 1] = number - 1, at_ns
            self.newest = number
            return
        self.late += 1
        for first, (last, found_ns) in self.holes.items():
            if first <= number <= last:
                del self.holes[first]
                if first < number:
                    self.holes[first] = number - 1, found_ns
                if number < last:
                    self.holes[number + 1] = last, found_ns
                return
        raise ValueError(f"the id {number} came before")


def _read(columns: _Columns, lines: Iterable[bytes], asked: Asked) -> Iterator[BareRecord]:
    _check_name(asked)
    prices, quantities = asked.scale.prices, asked.scale.quantities
    unit, ids, at_ns, silence_ns = UnitOfTimes(), _Ids(), 0, 0
    for row, line in enumerate(lines):
        if row == 0 and not line[:1].isdigit():
            continue
        cells = line.split(b",")
        if len(cells) <= columns.buyer_is_maker or not cells[0].isdigit():
            raise ValueError("not a row of the columns that the first one has")
        before_ns, at_ns = at_ns, unit.ns(cells[columns.time])
        silence_ns = max(silence_ns, at_ns - before_ns if before_ns else 0)
        ids.take(int(cells[0]), at_ns)
        side = _taker(cells[columns.buyer_is_maker])
        price, lots = prices[cells[1].decode()], quantities[cells[2].decode()]
        yield at_ns, UNTOLD_NS, price, lots, 0, int(Kind.TRADE), side, _LAST
    for last, found_ns in ids.holes.values():
        yield found_ns, UNTOLD_NS, 0, 0, 0, _GAP, 0, _LAST
        asked.notes.skip("holes in the ids")
        assert last
    if ids.late:
        asked.notes.skip(
            "rows that were not in the order of their ids, and were put there", ids.late
        )
    _check_end(asked, at_ns, silence_ns)


def _taker(buyer_is_maker: bytes) -> int:
    match buyer_is_maker.lower():
        case b"true":
            return int(RecordSide.SELL)
        case b"false":
            return int(RecordSide.BUY)
        case _:
            raise ValueError("neither true nor false whether the buyer was the maker")


def _check_name(asked: Asked) -> None:
    """The rows do not say whose they are; the name that Binance gave the file does."""
    name = _NAME.match(asked.file_name)
    if name is None:
        asked.notes.guess(
            f"that {asked.file_name} is of {asked.pair}: neither name nor rows say so"
        )
    elif not same_pair(asked.pair, name[1]):
        raise WrongPair(asked.pair, name[1])


def _check_end(asked: Asked, last_ns: int, silence_ns: int) -> None:
    """A file of a day that ends long before it, where its trades came often, was cut."""
    name = _NAME.match(asked.file_name)
    if name is None or name[4] is None or not last_ns:
        return
    left_ns = _DAY_NS - last_ns % _DAY_NS
    if left_ns > max(_SILENCE_NS, 5 * silence_ns):
        hours = left_ns / (3600 * _NS_PER_S)
        asked.notes.guess(
            f"that {asked.file_name} is whole: its last trade is {hours:.1f} h before the day's end"
        )


def _time(columns: _Columns, line: bytes) -> int | None:
    cells = line.split(b",")
    if len(cells) <= columns.time or not cells[columns.time].isdigit():
        return None
    return UnitOfTimes().ns(cells[columns.time])


def _is_trades(lines: Sequence[bytes]) -> bool:
    return _is(lines, _TRADE, _TRADE_HEADS) and not _is_aggregates(lines)


def _is_aggregates(lines: Sequence[bytes]) -> bool:
    return _is(lines, _AGGREGATE, _AGGREGATE_HEADS)


def _is(lines: Sequence[bytes], row: re.Pattern[bytes], heads: Sequence[bytes]) -> bool:
    if lines[0].startswith(tuple(heads)):
        return len(lines) == 1 or row.fullmatch(lines[1]) is not None
    return row.fullmatch(lines[0]) is not None


_NO_BOOK = "cannot drive a queue: there are no levels in it to queue in"

TRADES = TextFormat(
    name="binance-dump",
    title="Binance's dump of trades",
    content="trades",
    recognise=_is_trades,
    moment=lambda line: _time(_TRADE_COLUMNS, line),
    read=lambda lines, asked: _read(_TRADE_COLUMNS, lines, asked),
)
AGGREGATES = TextFormat(
    name="binance-dump",
    title="Binance's dump of aggregated trades",
    content="trades",
    recognise=_is_aggregates,
    moment=lambda line: _time(_AGGREGATE_COLUMNS, line),
    read=lambda lines, asked: _read(_AGGREGATE_COLUMNS, lines, asked),
)
TICKER = TextFormat(
    name="binance-dump",
    title="Binance's dump of the best prices (bookTicker)",
    content="ticker",
    recognise=lambda lines: lines[0].startswith(_TICKER_HEAD),
    refused=_NO_BOOK,
)
DEPTH = TextFormat(
    name="binance-dump",
    title="Binance's dump of the depth within some percent (bookDepth)",
    content="depth",
    recognise=lambda lines: lines[0].startswith(_DEPTH_HEAD),
    refused=_NO_BOOK,
)
FORMATS = (TRADES, AGGREGATES, TICKER, DEPTH)
