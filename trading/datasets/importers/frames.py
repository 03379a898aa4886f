"""
A venue's own frames, as `engine recording capture` and a session's recording write them.

A line is the receive time in nanoseconds, a space, and the frame. Books are kept as an engine keeps
them, so that a gap or a wrong checksum is found here; after one, nothing of a book is told before
its next snapshot. A feed of single orders gives exact queues.
"""

import hashlib
from collections.abc import Callable, Iterable, Iterator, Sequence

import attrs

from trading.books.beginning import EarlyDiffs, book_for
from trading.books.book import Book
from trading.books.rules import BookRules
from trading.core.errors import ChecksumMismatch, MalformedFrame, SequenceGap
from trading.core.identifiers import VenueOrderId
from trading.core.market import Side, Trade
from trading.datasets.importers.notes import UNTOLD_NS, Asked, WrongPair
from trading.datasets.importers.whole import Change, WholeBooks, ended
from trading.datasets.record import Flags, Kind, RecordSide
from trading.datasets.standing import BareRecord
from trading.messages.market import (
    BookChange,
    BookDiff,
    BookSnapshot,
    MarketEvent,
    QueueDiff,
    QueuedLevel,
    QueueSnapshot,
    Rows,
    TradeHappened,
)

Decode = Callable[[str, float], Sequence[MarketEvent]]

_NS_PER_MS = 1_000_000
_LOST = "gap "
"""What a session's recording has in place of frames that could not be written down."""
_UNTIMED = b"0 gap "
"""A hole of which a recorder that began anew knows neither when it began nor how large it is."""
_NS_DIGITS = 19
_BUY, _SELL, _NONE = int(RecordSide.BUY), int(RecordSide.SELL), int(RecordSide.NONE)
_LAST, _OWN_ORDER, _OWN_TRADE = int(Flags.LAST), int(Flags.OWN_ORDER), int(Flags.OWN_TRADE)
_CLEAR, _SNAPSHOT, _LEVEL = int(Kind.CLEAR), int(Kind.SNAPSHOT_LEVEL), int(Kind.LEVEL)
_ADD, _MODIFY, _CANCEL = int(Kind.ADD), int(Kind.MODIFY), int(Kind.CANCEL)
_SIDES = {_BUY: Side.BUY, _SELL: Side.SELL}
_GAP: Change = (0, 0, 0, int(Kind.GAP), _NONE, _LAST)


def moment(line: bytes) -> int | None:
    """When a line was received; ``None`` where it does not say."""
    stamp = line.partition(b" ")[0]
    return int(stamp) if stamp.isdigit() and len(stamp) == _NS_DIGITS else None


def first_whole(lines: Sequence[bytes]) -> bytes:
    """The first of some lines that stands for itself, and not for others that are missing."""
    return next((line for line in lines if line.split(b" ", 2)[1:2] != [b"gap"]), b"")


def stamped(line: bytes) -> tuple[int, str]:
    """
    A line's receive time, and what comes after it; 0 for a hole that has none.

    Raises:
        ValueError: It has none, or is no text.
    """
    if (seen_ns := moment(line)) is None:
        if line.startswith(_UNTIMED):
            return 0, line[2:].decode()
        raise ValueError("no receive time of 19 digits before it: a capture writes one")
    return seen_ns, line[_NS_DIGITS + 1 :].decode()


def order_number(order: VenueOrderId) -> int:
    """A number for an order's name: 64 bits of its hash, so that two hardly ever have the same."""
    return int.from_bytes(hashlib.blake2b(order.encode(), digest_size=8).digest(), "little")


@attrs.frozen
class Frames:
    """
    A venue's frames.

    Args:
        decode: The venue's codec: (frame, seconds) -> events, or ``MalformedFrame``.
        told_ms: When the exchange says that a frame's book changed, milliseconds since the epoch.
        rules: The venue's, for its books.
    """

    decode: Decode
    told_ms: Callable[[str], int | None]
    rules: BookRules

    def read(self, lines: Iterable[bytes], asked: Asked) -> Iterator[BareRecord]:
        """
        The records of lines in the order in which they were received.

        Raises:
            ValueError: A line has no receive time, or a price fits no tick.
            WrongPair: There is nothing of the pair.
        """
        reader, newest_ns = FrameReader(self, asked), 0
        for line in lines:
            seen_ns, frame = stamped(line)
            newest_ns = seen_ns or newest_ns
            if frame.startswith(_LOST):
                yield from reader.lose(newest_ns)
            else:
                yield from reader.take(seen_ns, frame)
        reader.end()


@attrs.define
class FrameReader:
    """
    One pair's book while it is sound, and what was told of it.

    Raises:
        ValueError: By each method: a price or a quantity fits no step.
    """

    frames: Frames
    asked: Asked
    book: Book | None = None
    told: bool = False
    whole: WholeBooks = attrs.field(factory=WholeBooks)
    orders: dict[VenueOrderId, tuple[int, int, int]] = attrs.field(factory=dict)
    early: EarlyDiffs = attrs.field(init=False)
    at_ms: int | None = None

    def __attrs_post_init__(self) -> None:
        self.early = EarlyDiffs(self.frames.rules)

    def take(self, seen_ns: int, frame: str) -> Iterator[BareRecord]:
        try:
            events = self.frames.decode(frame, 0.0)
        except MalformedFrame:
            self.asked.notes.skip("frames that cannot be read")
            yield from self._timed(UNTOLD_NS, seen_ns, self._lost())
            return
        for event in events:
            match event:
                case BookSnapshot() | BookDiff() | QueueSnapshot() | QueueDiff():
                    if self._is_other(event.pair):
                        continue
                    self.at_ms = self.frames.told_ms(frame)
                    for told_ns, changes in self._book(event):
                        yield from self._timed(told_ns, seen_ns, changes)
                case TradeHappened(trade):
                    if not self._is_other(trade.pair):
                        told_ns = trade.traded_at_ms * _NS_PER_MS
                        yield from self._timed(told_ns, seen_ns, [self._trade(trade)])
                case _:
                    self.asked.notes.skip(f"frames of another kind ({type(event).__name__})")

    def lose(self, seen_ns: int) -> Iterator[BareRecord]:
        """Frames that a session could not write down, of whichever pair."""
        self.asked.notes.skip("places in which frames were not written down")
        self.whole.forget()
        lost = self._lost() or [_GAP]
        if seen_ns:  # else nothing was there before it
            yield from self._timed(UNTOLD_NS, seen_ns, lost)

    def end(self) -> None:
        if not self.told:
            raise WrongPair(self.asked.pair)
        if not self.asked.own.given:
            self.asked.notes.guess("that no order in it is ours: there is no file of the account")

    def _is_other(self, pair: str) -> bool:
        if pair != self.asked.pair:
            self.asked.notes.skip("frames of other pairs")
            return True
        self.told = True
        return False

    @staticmethod
    def _timed(told_ns: int, seen_ns: int, changes: Sequence[Change]) -> Iterator[BareRecord]:
        for change in changes:
            yield (told_ns, seen_ns, *change)

    def _trade(self, trade: Trade) -> Change:
        price = self.asked.scale.prices.of(trade.price)
        lots = self.asked.scale.quantities.of(trade.quantity)
        side = _BUY if trade.taker_side is Side.BUY else _SELL
        own = self.asked.own.begun and self.asked.own.made(trade, price, lots)
        return price, lots, 0, int(Kind.TRADE), side, _LAST | (_OWN_TRADE if own else 0)

    def _lost(self) -> list[Change]:
        """A gap, where there was a book; nothing more is told of it before the next snapshot."""
        lost, self.book = self.book is not None, None
        return [_GAP] if lost else []

    def _book(self, change: BookChange) -> Iterator[tuple[int, list[Change]]]:
        told_ns = UNTOLD_NS if self.at_ms is None else self.at_ms * _NS_PER_MS
        if isinstance(change, BookSnapshot) and change.stands_alone:
            yield told_ns, self._whole(change)
            return
        if isinstance(change, BookSnapshot | QueueSnapshot):
            if self.book is not None and self.book.sequence != change.sequence:
                yield (
                    UNTOLD_NS,
                    self._lost(),
                )  # it was subscribed anew: what came between is missing
            self.book = book_for(change, self.frames.rules)
        elif self.book is None:
            self.early.keep(change)
            self.asked.notes.skip("changes of a book without a snapshot")
            return
        for each in (change, *self.early.taken()):
            if not self._applied(self.book, each):
                yield told_ns, self._lost()
                return
            at_ns = UNTOLD_NS if isinstance(each, BookSnapshot | QueueSnapshot) else told_ns
            yield at_ns, ended(list(self._changes(each)))

    def _applied(self, book: Book, change: BookChange) -> bool:
        try:
            book.apply(change)
        except (SequenceGap, ChecksumMismatch):
            self.asked.notes.skip("changes that follow on none")
            return False
        return True

    def _changes(self, change: BookChange) -> Iterator[Change]:
        match change:
            case BookSnapshot():
                yield 0, 0, 0, _CLEAR, _NONE, 0
                yield from self._levels(_SNAPSHOT, change.bids, change.asks)
            case BookDiff():
                yield from self._levels(_LEVEL, change.bids, change.asks)
            case QueueSnapshot():
                self.orders.clear()
                yield 0, 0, 0, _CLEAR, _NONE, 0
                yield from self._queues(change.asks, change.bids)
            case QueueDiff():
                yield from self._queues(change.asks, change.bids)

    def _levels(self, kind: int, bids: Rows, asks: Rows) -> Iterator[Change]:
        prices, quantities = self.asked.scale.prices, self.asked.scale.quantities
        for side, rows in ((_BUY, bids), (_SELL, asks)):
            for price, quantity in rows:
                yield self._level(kind, side, prices[price], quantities[quantity])

    def _level(self, kind: int, side: int, ticks: int, lots: int) -> Change:
        """A level without what is ours in it."""
        own = self.asked.own
        if not own.begun or self.at_ms is None:
            return ticks, lots, 0, kind, side, 0
        if not (ours := own.resting(_SIDES[side], ticks, self.at_ms)):
            return ticks, lots, 0, kind, side, 0
        if ours > lots:
            self.asked.notes.skip("levels that were told smaller than our own orders in them")
        return ticks, max(lots - ours, 0), 0, kind, side, _OWN_ORDER

    def _whole(self, shown: BookSnapshot) -> list[Change]:
        """What is other in a book that is shown whole than in the one shown before."""
        levels = self._levels(_LEVEL, shown.bids, shown.asks)
        return self.whole.changes(
            {(each[4], each[0]): (each[1], each[5]) for each in levels if each[1]}
        )

    def _queues(
        self, asks: tuple[QueuedLevel, ...], bids: tuple[QueuedLevel, ...]
    ) -> Iterator[Change]:
        prices, quantities = self.asked.scale.prices, self.asked.scale.quantities
        for side, levels in ((_SELL, asks), (_BUY, bids)):
            for price, orders in levels:
                ticks = prices[price]
                for order, quantity in orders:
                    change = self._order(order, side, ticks, quantities[quantity])
                    if change is not None:
                        yield change

    def _order(self, order: VenueOrderId, side: int, ticks: int, lots: int) -> Change | None:
        before = self.orders.get(order)
        flags = _OWN_ORDER if self.asked.own.has(order) else 0
        number = order_number(order)
        if lots == 0:
            if before is None:
                return None
            del self.orders[order]
            return before[1], before[2], number, _CANCEL, before[0], flags
        self.orders[order] = side, ticks, lots
        kind = _ADD if before is None else _MODIFY
        return ticks, lots, number, kind, side, flags
