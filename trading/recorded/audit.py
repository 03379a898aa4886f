"""
Reads a recording as an engine would have: every frame through the codec, every book kept.

After a gap or a wrong checksum a book waits for the next snapshot, as in an engine.
"""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType

from trading.books.beginning import EarlyDiffs, book_for
from trading.books.book import Book
from trading.books.rules import BookRules
from trading.core.errors import ChecksumMismatch, MalformedFrame, SequenceGap
from trading.core.identifiers import Pair
from trading.core.market import Side
from trading.messages.market import (
    BookChange,
    BookDiff,
    BookSnapshot,
    CandleChanged,
    DepthShown,
    MarketEvent,
    MarkPriceChanged,
    OrderTypesChanged,
    QueueDiff,
    QueueSnapshot,
    SummaryChanged,
    TradeHappened,
)
from trading.messages.sockets import Unrecognised
from trading.recorded.line import lost_in, read_line
from trading.recorded.report import Feed, FeedReport, Finding, Findings, RecordingReport
from trading.recorded.tally import pair_of

Decode = Callable[[str, float], Sequence[MarketEvent]]

_OURS: Mapping[str, str] = MappingProxyType({})
_FIRST_FEW = 5
_WORDS_LENGTH_MAX = 200
_NS_PER_S = 1e9

_BOOK_CHANGES = (BookSnapshot, BookDiff, QueueSnapshot, QueueDiff)

_FEEDS: dict[type[object], Feed] = {
    BookDiff: Feed.L1,
    QueueSnapshot: Feed.FULL,
    QueueDiff: Feed.FULL,
    DepthShown: Feed.DEPTH,
    TradeHappened: Feed.TRADES,
    CandleChanged: Feed.CANDLES,
    SummaryChanged: Feed.SUMMARY,
    MarkPriceChanged: Feed.MARK_PRICE,
    OrderTypesChanged: Feed.ORDER_TYPES,
}


class RecordingAudit:
    """
    Takes a recording line by line, and tells at any time what it found.

    Args:
        decode: The venue's codec: (frame, seconds) -> events, or ``MalformedFrame``.
        rules: The venue's, for its books.
        names: What the venue itself calls a feed, by our name.
    """

    def __init__(self, decode: Decode, rules: BookRules, names: Mapping[str, str] = _OURS) -> None:
        self._decode = decode
        self._names = names
        self._rules = rules
        self._lines = 0
        self._control = 0
        self._feeds: dict[tuple[Pair, Feed], _FeedAudit] = {}
        self._unsafe, self._malformed, self._unrecognised = _Found(), _Found(), _Found()
        self._received_ns: tuple[int, int] | None = None

    def take(self, line: bytes) -> None:
        """Look at the next line."""
        self._lines += 1
        try:
            recorded = read_line(line)
            if recorded.received_ns is not None:
                first_ns, _ = self._received_ns or (recorded.received_ns, 0)
                self._received_ns = first_ns, recorded.received_ns
            if (lost := lost_in(recorded.text)) is not None:
                self._unsafe.add(
                    self._lines, f"{lost or 'some'} frames that came here were not written"
                )
                return
            for event in self._decode(recorded.text, (recorded.received_ns or 0) / _NS_PER_S):
                self._hear(event)
        except (MalformedFrame, ValueError) as error:
            self._malformed.add(self._lines, str(error))

    def report(self, damage: str = "") -> RecordingReport:
        first_ns, last_ns = self._received_ns or (None, None)
        return RecordingReport(
            lines=self._lines,
            feeds=tuple(self._feeds[key].report() for key in sorted(self._feeds, key=_by_name)),
            control=self._control,
            unsafe=self._unsafe.findings(),
            malformed=self._malformed.findings(),
            unrecognised=self._unrecognised.findings(),
            first_received_ns=first_ns,
            last_received_ns=last_ns,
            damage=damage,
        )

    def _hear(self, event: MarketEvent) -> None:
        if isinstance(event, Unrecognised):
            self._unrecognised.add(self._lines, event.kind)
            return
        pair = pair_of(event)
        if pair is None:
            self._control += 1
            return
        feed = feed_of(event)
        audit = self._feeds.get((pair, feed))
        if audit is None:
            name = self._names.get(feed.value, "")
            audit = self._feeds[pair, feed] = _FeedAudit(pair, feed, name, self._rules)
        if trouble := audit.take(event):
            self._unsafe.add(self._lines, f"{audit.report().called}: {trouble}")


def feed_of(event: MarketEvent) -> Feed:
    """The feed that an event of a pair's market data belongs to."""
    if isinstance(event, BookSnapshot):
        return Feed.AGGREGATED if event.stands_alone else Feed.L1
    return _FEEDS[type(event)]


class _FeedAudit:
    """One pair's feed: its counts, and its book while there is a sound one."""

    def __init__(self, pair: Pair, feed: Feed, name: str, rules: BookRules) -> None:
        self._pair, self._feed, self._name, self._rules = pair, feed, name, rules
        self._early = EarlyDiffs(rules)
        self._counts: Counter[str] = Counter()
        self._book: Book | None = None

    def report(self) -> FeedReport:
        return FeedReport(pair=self._pair, feed=self._feed, name=self._name, **self._counts)

    def take(self, event: MarketEvent) -> str | None:
        """
        Count an event, and apply it; what went wrong, in words.

        Raises:
            ValueError: No book can have it.
        """
        self._count("frames")
        if isinstance(event, DepthShown):
            if event.bids and event.asks and event.bids[0].price >= event.asks[0].price:
                self._count("crossed")
                return f"{event.pair}: the depth shown is crossed"
            return None
        return self._apply(event) if isinstance(event, _BOOK_CHANGES) else None

    def _apply(self, change: BookChange) -> str | None:
        if isinstance(change, BookSnapshot | QueueSnapshot):
            self._count("snapshots")
            self._book = book_for(change, self._rules)
        kept, self._book = self._book, None
        if kept is None:
            self._early.keep(change)
            self._count("skipped" if self._counts["snapshots"] else "early")
            return None
        try:
            for each in (change, *self._early.taken()):
                kept.apply(each)
        except SequenceGap as gap:
            self._count("gaps")
            return str(gap)
        except ChecksumMismatch as mismatch:
            self._count("mismatches")
            return str(mismatch)
        self._book = kept
        return self._look_for_a_cross(kept)

    def _look_for_a_cross(self, book: Book) -> str | None:
        bid, ask = book.best(Side.BUY), book.best(Side.SELL)
        if bid is None or ask is None or bid < ask:
            return None
        self._count("crossed")
        return f"{book.pair}: at change {book.sequence} {book.trouble()}"

    def _count(self, name: str) -> None:
        self._counts[name] += 1


class _Found:
    """Counts findings of one kind, and keeps the first few."""

    def __init__(self) -> None:
        self._count = 0
        self._first: list[Finding] = []

    def add(self, line: int, what: str) -> None:
        self._count += 1
        if len(self._first) < _FIRST_FEW:
            self._first.append(Finding(line, what[:_WORDS_LENGTH_MAX]))

    def findings(self) -> Findings:
        return Findings(count=self._count, first=tuple(self._first))


def _by_name(key: tuple[Pair, Feed]) -> tuple[str, str]:
    pair, feed = key
    return pair, feed.value
