"""
CSV files of tardis.dev: `incremental_book_L2`, `book_snapshot_N` and `trades`.

Columns and their meaning: https://docs.tardis.dev/downloadable-csv-files/data-types. Times are
microseconds. Rows of one message share `local_timestamp`; a snapshot after changes begins the book
anew, an amount of 0 removes a level. Every day begins with a snapshot that Tardis made. Where an
exchange tells no time, `timestamp` is `local_timestamp`.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence

import attrs

from trading.datasets.importers.form import TextFormat
from trading.datasets.importers.notes import UNTOLD_NS, Asked, WrongPair, same_pair
from trading.datasets.importers.times import UnitOfTimes
from trading.datasets.importers.whole import WholeBooks
from trading.datasets.record import Flags, Kind, RecordSide
from trading.datasets.standing import BareRecord

_COMMON = b"exchange,symbol,timestamp,local_timestamp,"
_BOOK = _COMMON + b"is_snapshot,side,price,amount"
_TRADES = _COMMON + b"id,side,price,amount"
_SNAPSHOTS = _COMMON + b"asks[0].price,asks[0].amount,bids[0].price,bids[0].amount"
_QUOTES = _COMMON + b"ask_amount,ask_price,bid_price,bid_amount"

_US_DIGITS = 16
_HOLE_NS = 60_000_000_000
"""Files of following days are this near to each other, unless a pair is hardly traded at all."""
_LAST = int(Flags.LAST)
_CLEAR, _GAP = (int(Kind.CLEAR), 0, 0), (int(Kind.GAP), 0, _LAST)
_SIDES = {
    b"bid": int(RecordSide.BUY),
    b"ask": int(RecordSide.SELL),
    b"buy": int(RecordSide.BUY),
    b"sell": int(RecordSide.SELL),
    b"unknown": int(RecordSide.NONE),
}
_BOOLEANS = {b"true": True, b"false": False}


def moment(line: bytes) -> int | None:
    """When a row was received, in microseconds; ``None`` of the head."""
    cells = line.split(b",", 4)
    return int(cells[3]) if len(cells) > 4 and cells[3].isdigit() else None  # noqa: PLR2004


@attrs.define
class _Rows:
    """
    Rows of one or more files, in order: their times, the pair, and where a file begins.

    Args:
        seen_ns: Of the row before.
        silence_ns: From the row before to this one.
    """

    lines: Iterable[bytes]
    asked: Asked
    begun: bool = False
    seen_ns: int = 0
    silence_ns: int = 0

    def rows(self) -> Iterator[tuple[int, int, list[bytes]]]:
        """
        Exchange time, receive time and cells of each row of the pair.

        ``begun`` is set before the first row of a file.

        Raises:
            ValueError: A row is none.
            WrongPair: All are of another.
        """
        symbol, found, unit = b"", False, UnitOfTimes(_US_DIGITS)
        for line in self.lines:
            if line.startswith(_COMMON):
                self.begun = True
                continue
            cells = line.split(b",")
            if len(cells) < 8:  # noqa: PLR2004  # the fewest that any of the formats has
                raise ValueError(f"{len(cells)} columns")
            symbol = cells[1]
            if not same_pair(self.asked.pair, symbol.decode()):
                self.asked.notes.skip("rows of other pairs")
                continue
            found = True
            exch_ns, seen_ns = unit.ns(cells[2]), unit.ns(cells[3])
            if exch_ns == seen_ns:
                exch_ns = UNTOLD_NS
                self.asked.notes.guess(
                    "exchange times, where the file has receive times in their place"
                )
            self.silence_ns = seen_ns - self.seen_ns if self.seen_ns else 0
            self.seen_ns = seen_ns
            yield exch_ns, seen_ns, cells
            self.begun = False
        if symbol and not found:
            raise WrongPair(self.asked.pair, symbol.decode("utf-8", "replace"))


def read_book(lines: Iterable[bytes], asked: Asked) -> Iterator[BareRecord]:
    """
    Changes of levels; those before the first snapshot are left out.

    Raises:
        ValueError: A row is none of the format, or fits no tick.
        WrongPair: There is nothing of the pair.
    """
    rows, reader = _Rows(lines, asked), _Book(asked)
    waiting: BareRecord | None = None  # until it is known whether it is the last of its message
    for exch_ns, seen_ns, cells in rows.rows():
        for number, (kind, side, flags, price, lots) in reader.take(rows, cells):
            if waiting is not None:
                last = number == 0 and waiting[1] != seen_ns
                yield (*waiting[:7], waiting[7] | (_LAST if last else 0))
            waiting = exch_ns, seen_ns, price, lots, 0, kind, side, flags
    if waiting is not None:
        yield (*waiting[:7], waiting[7] | _LAST)


@attrs.define
class _Book:
    """Whether there is a book, and whether the row before was of a snapshot."""

    asked: Asked
    begun: bool = False
    in_snapshot: bool = False

    def take(self, rows: _Rows, cells: list[bytes]) -> Iterator[tuple[int, tuple[int, ...]]]:
        is_snapshot, side = _BOOLEANS.get(cells[4]), _SIDES.get(cells[5])
        if is_snapshot is None or side not in {1, 2} or len(cells) != 8:  # noqa: PLR2004
            raise ValueError("not a row of incremental_book_L2")
        found: list[tuple[int, ...]] = []
        if is_snapshot and (rows.begun or not self.in_snapshot):
            # What a file of the next day begins with misses nothing, a new connection does.
            if self.begun and (not rows.begun or rows.silence_ns > _HOLE_NS):
                found.append((*_GAP, 0, 0))
            found.append((*_CLEAR, 0, 0))
            self.begun = True
        self.in_snapshot = is_snapshot
        if not self.begun:
            self.asked.notes.skip("rows before the first snapshot")
            return
        kind = int(Kind.SNAPSHOT_LEVEL if is_snapshot else Kind.LEVEL)
        price = self.asked.scale.prices[cells[6].decode()]
        lots = self.asked.scale.quantities[cells[7].decode()]
        found.append((kind, side, 0, price, lots))
        yield from enumerate(found)


def read_trades(lines: Iterable[bytes], asked: Asked) -> Iterator[BareRecord]:
    """
    Trades; a side that is unknown stays so.

    Raises:
        ValueError: A row is none of the format, or fits no tick.
        WrongPair: There is nothing of the pair.
    """
    rows = _Rows(lines, asked)
    prices, quantities = asked.scale.prices, asked.scale.quantities
    for exch_ns, seen_ns, cells in rows.rows():
        side = _SIDES.get(cells[5])
        if side is None or len(cells) != 8:  # noqa: PLR2004
            raise ValueError("not a row of trades")
        if not side:
            asked.notes.skip("sides of trades, which the exchange did not tell")
        if rows.begun and rows.silence_ns > _HOLE_NS:
            asked.notes.guess(
                f"whether {rows.silence_ns / 1e9:,.0f} s between two files had trades"
            )
        price, lots = prices[cells[6].decode()], quantities[cells[7].decode()]
        yield exch_ns, seen_ns, price, lots, 0, int(Kind.TRADE), side, _LAST


def read_snapshots(lines: Iterable[bytes], asked: Asked) -> Iterator[BareRecord]:
    """
    The best levels, whole in each row: told as differences.

    Raises:
        ValueError: A row is none of the format, or fits no tick.
        WrongPair: There is nothing of the pair.
    """
    rows, books = _Rows(lines, asked), WholeBooks()
    for exch_ns, seen_ns, cells in rows.rows():
        depth, odd = divmod(len(cells) - 4, 4)
        if odd:
            raise ValueError("not a row of book_snapshot_N")
        asked.notes.guess(f"that nothing rests behind the best {depth} levels, which are told")
        if rows.begun and rows.silence_ns > _HOLE_NS:
            books.forget()
            yield exch_ns, seen_ns, 0, 0, 0, int(Kind.GAP), 0, _LAST
        for change in books.changes(_best(cells, asked)):
            yield (exch_ns, seen_ns, *change)


def _best(cells: Sequence[bytes], asked: Asked) -> dict[tuple[int, int], tuple[int, int]]:
    """Levels of a row, which has the ask before the bid; cells of levels that are not are empty."""
    prices, quantities = asked.scale.prices, asked.scale.quantities
    found = {}
    for index in range(4, len(cells), 2):
        side = int(RecordSide.SELL if index % 4 == 0 else RecordSide.BUY)
        if cells[index]:
            lots = quantities[cells[index + 1].decode()]
            found[side, prices[cells[index].decode()]] = lots, 0
    return {key: level for key, level in found.items() if level[0]}


_Read = Callable[[Iterable[bytes], Asked], Iterator[BareRecord]]


def _format(title: str, content: str, head: bytes, read: _Read) -> TextFormat:
    return TextFormat(
        name="tardis",
        title=title,
        content=content,
        recognise=lambda lines: lines[0] == head,
        moment=moment,
        read=read,
        stream=True,
    )


def _is_other(lines: Sequence[bytes]) -> bool:
    known = lines[0] in {_BOOK, _TRADES, _QUOTES} or lines[0].startswith(_SNAPSHOTS)
    return lines[0].startswith(_COMMON) and not known


TRADES = _format("Tardis trades", "trades", _TRADES, read_trades)
BOOK = _format("Tardis incremental_book_L2", "book", _BOOK, read_book)
SNAPSHOTS = attrs.evolve(
    _format("Tardis book_snapshot_N", "book", _SNAPSHOTS, read_snapshots),
    recognise=lambda lines: lines[0].startswith(_SNAPSHOTS),
)
QUOTES = TextFormat(
    name="tardis",
    title="Tardis quotes",
    content="quotes",
    recognise=lambda lines: lines[0] == _QUOTES,
    refused="it has the best prices alone, which cannot drive a queue: take incremental_book_L2",
)
OTHERS = TextFormat(
    name="tardis",
    title="a file of Tardis, but no book and no trades",
    content="others",
    recognise=_is_other,
    refused="take incremental_book_L2 or book_snapshot_N, and trades",
)
FORMATS = (TRADES, BOOK, SNAPSHOTS, QUOTES, OTHERS)
