"""
Raw lines of Binance's combined streams, as hftbacktest's collector and our own capture write them.

A line is the receive time in nanoseconds, a space, and the exchange's JSON. A book begins with the
answer of ``GET depth``: as it came (hftbacktest), or as the event ``SYMBOL@snapshot`` (ours).
Changes of a spot book follow by ``U = u + 1``, those of futures by ``pu``
(https://developers.binance.com/docs, "How to manage a local order book correctly"). Binance says
when a change was sent (``E``) and, of futures, when it happened (``T``): that is taken where it is.
"""

from collections import deque
from collections.abc import Iterable, Iterator, Sequence

import attrs
import msgspec

from trading.datasets.importers.form import TextFormat
from trading.datasets.importers.notes import UNTOLD_NS, Asked, WrongPair, same_pair
from trading.datasets.record import Flags, Kind, RecordSide
from trading.datasets.standing import BareRecord

_EARLY_CHANGES_MAX = 1000
"""Changes kept from before a snapshot: at ten a second far more than its round trip."""
_NS_PER_MS = 1_000_000
_NS_DIGITS = 19
_LAST = int(Flags.LAST)
_BUY, _SELL = int(RecordSide.BUY), int(RecordSide.SELL)
_MARKET = "MARKET"

_Levels = list[tuple[str, str]]


class _Book(msgspec.Struct):
    lastUpdateId: int | None = None  # noqa: N815  # the wire's name
    bids: _Levels = []
    asks: _Levels = []
    T: int | None = None


class _Line(_Book):
    stream: str = ""
    data: msgspec.Raw = msgspec.Raw()


class Change(msgspec.Struct):
    """A change of a book, with the wire's names."""

    U: int
    u: int
    b: _Levels
    a: _Levels
    s: str = ""
    E: int | None = None
    T: int | None = None
    pu: int | None = None


class _Trade(msgspec.Struct):
    p: str
    q: str
    m: bool
    T: int | None = None
    s: str = ""
    X: str = _MARKET


_lines = msgspec.json.Decoder(_Line)
_books = msgspec.json.Decoder(_Book)
_changes = msgspec.json.Decoder(Change)
_trades = msgspec.json.Decoder(_Trade)


def recognise(lines: Sequence[bytes]) -> bool:
    """Whether the first lines of a file are of this format."""
    for line in lines:
        stamp, _, text = line.partition(b" ")
        if not (stamp.isdigit() and len(stamp) == _NS_DIGITS):
            return False
        try:
            found = _lines.decode(text)
        except (msgspec.DecodeError, ValueError, RecursionError):
            return False
        if "@" in found.stream or found.lastUpdateId is not None:
            return True
        if b'"type"' in text:
            return False
    return False


def read(lines: Iterable[bytes], asked: Asked) -> Iterator[BareRecord]:
    """
    The records of lines in the order in which they were received.

    Raises:
        UNREADABLE: A line is none of this format, or a price fits no tick.
        WrongPair: There is nothing of the pair.
    """
    reader = RawStream(asked)
    for line in lines:
        stamp, _, text = line.partition(b" ")
        if not (stamp.isdigit() and len(stamp) == _NS_DIGITS):
            raise ValueError("no receive time of 19 digits")
        yield from reader.take(int(stamp), text)
    reader.end()


def moment(line: bytes) -> int | None:
    """When a line was received; ``None`` where it does not say."""
    stamp = line.partition(b" ")[0]
    return int(stamp) if stamp.isdigit() and len(stamp) == _NS_DIGITS else None


@attrs.define
class RawStream:
    """
    Messages one after the other; keeps track of whether changes follow on each other.

    Args:
        last_update: Of the newest change or snapshot; ``None`` before a snapshot and after a gap.
    """

    asked: Asked
    last_update: int | None = None
    fresh: bool = False
    told: bool = False
    early: deque[Change] = attrs.field(factory=lambda: deque(maxlen=_EARLY_CHANGES_MAX))

    def take(self, seen_ns: int, text: bytes) -> Iterator[BareRecord]:
        line = _lines.decode(text)
        symbol, _, stream = line.stream.partition("@")
        if symbol and self.of_another_pair(symbol):
            self.asked.notes.skip("messages of other pairs")
        elif stream.startswith("depth"):
            self.told = True
            yield from self._change(seen_ns, _changes.decode(line.data))
        elif stream == "trade":
            self.told = True
            yield from self._trade(seen_ns, _trades.decode(line.data))
        elif stream == "snapshot":
            yield from self._snapshot(seen_ns, _books.decode(line.data))
        elif line.lastUpdateId is not None:
            yield from self._snapshot(seen_ns, line)
        elif stream:
            self.asked.notes.skip(f"messages of the stream {stream.partition('@')[0]}")
        elif b'"result"' in text or b'"code"' in text:
            self.asked.notes.skip("answers to requests")
        else:
            raise ValueError("no message of Binance's raw streams, and no snapshot,")

    def end(self) -> None:
        if not self.told:
            raise WrongPair(self.asked.pair)
        if self.early:
            self.asked.notes.skip("changes of a book without a snapshot", len(self.early))

    def of_another_pair(self, symbol: str) -> bool:
        """Whether a message does not count."""
        return not same_pair(self.asked.pair, symbol)

    def missed(self, told_ns: int, seen_ns: int, change: Change, last: int) -> BareRecord:  # noqa: ARG002  # for who does without
        """What stands for changes that are missing between the last one and another."""
        self.asked.notes.skip("changes that follow on none")
        return told_ns, seen_ns, 0, 0, 0, int(Kind.GAP), 0, _LAST

    def _snapshot(self, seen_ns: int, book: _Book) -> Iterator[BareRecord]:
        if book.lastUpdateId is None:
            raise ValueError("a snapshot without lastUpdateId")
        told_ns = _ns(book.T)
        self.last_update, self.fresh = book.lastUpdateId, True
        flags = 0 if book.bids or book.asks else _LAST
        yield told_ns, seen_ns, 0, 0, 0, int(Kind.CLEAR), 0, flags
        yield from self._levels(told_ns, seen_ns, Kind.SNAPSHOT_LEVEL, book.bids, book.asks)
        # Changes that the snapshot does not hold may have come before its answer.
        early = tuple(self.early)
        self.early.clear()
        for change in early:
            yield from self._change(seen_ns, change)

    def _change(self, seen_ns: int, change: Change) -> Iterator[BareRecord]:
        if self.last_update is None:
            if len(self.early) == self.early.maxlen:
                self.asked.notes.skip("changes of a book without a snapshot")
            self.early.append(change)
            return
        if change.u <= self.last_update:
            self.asked.notes.skip("changes that a snapshot holds already")
            return
        told_ns = _ns(change.E if change.T is None else change.T)
        if not self._follows(change, self.last_update):
            yield self.missed(told_ns, seen_ns, change, self.last_update)
            self.last_update = None
            return
        self.last_update, self.fresh = change.u, False
        yield from self._levels(told_ns, seen_ns, Kind.LEVEL, change.b, change.a)

    def _follows(self, change: Change, last: int) -> bool:
        # Only the first change after a snapshot may begin within it.
        if change.pu is not None:
            return change.pu == last or (self.fresh and change.pu < last)
        first = change.U - last
        return first == 1 or (self.fresh and first < 1)

    def _levels(
        self, told_ns: int, seen_ns: int, kind: Kind, bids: _Levels, asks: _Levels
    ) -> Iterator[BareRecord]:
        prices, lots = self.asked.scale.prices, self.asked.scale.quantities
        number, left = int(kind), len(bids) + len(asks)
        for side, levels in ((_BUY, bids), (_SELL, asks)):
            for price, quantity in levels:
                left -= 1
                flags = 0 if left else _LAST
                yield told_ns, seen_ns, prices[price], lots[quantity], 0, number, side, flags

    def _trade(self, seen_ns: int, trade: _Trade) -> Iterator[BareRecord]:
        if trade.X != _MARKET:  # an insurance fund's, for instance: no order of a book
            self.asked.notes.skip("trades that are none of the market's")
            return
        price = self.asked.scale.prices[trade.p]
        lots = self.asked.scale.quantities[trade.q]
        side = _SELL if trade.m else _BUY
        yield _ns(trade.T), seen_ns, price, lots, 0, int(Kind.TRADE), side, _LAST


def _ns(told_ms: int | None) -> int:
    return UNTOLD_NS if told_ms is None else told_ms * _NS_PER_MS


FORMAT = TextFormat(
    name="binance-raw",
    title="raw lines of Binance's streams",
    content="stream",
    recognise=recognise,
    moment=moment,
    read=read,
    stream=True,
)
