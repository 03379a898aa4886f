"""
Compares what strategies were shown of their books with the books that a recording's frames make.

Both are read in the order in which they were recorded: of each pair the last changes are kept, for
a strategy may look at one a moment after the next frame has come.
"""

from collections import OrderedDict
from collections.abc import Iterator

import attrs

from trading.books.beginning import EarlyDiffs, book_for
from trading.books.book import Book
from trading.books.rules import BookRules
from trading.core.errors import ChecksumMismatch, MalformedFrame, SequenceGap
from trading.core.identifiers import Pair
from trading.core.market import TopOfBook
from trading.messages.market import BookChange, BookDiff, BookSnapshot, QueueDiff, QueueSnapshot
from trading.recorded.audit import Decode
from trading.recorded.line import lost_in, read_line

_KEPT = 5_000
"""Changes of one pair behind which a look may be: seconds of a wild market."""

_LATE_NS = 1_000_000_000
"""By which our two clocks may have gone apart since they were last tied to each other."""

_BOOK_CHANGES = (BookSnapshot, BookDiff, QueueSnapshot, QueueDiff)


@attrs.frozen
class OtherTop:
    """A top of a book that was shown otherwise than the frames make it."""

    shown: TopOfBook
    made: TopOfBook


class TopCheck:
    """
    Takes the tops that were shown, and reads frames as far as they need.

    Args:
        lines: The recorded market, oldest first.
        decode: The venue's codec.
        rules: The venue's, for its books.

    Attributes:
        compared: Tops that were compared, each once.
        missing: Tops whose change is not among the frames.
        first: The first that was shown otherwise.
        others: How many were.
    """

    def __init__(
        self, lines: Iterator[bytes], decode: Decode, rules: BookRules, depth: int
    ) -> None:
        self.compared = self.missing = self.others = 0
        self.first: OtherTop | None = None
        self._lines = lines
        self._decode = decode
        self._depth = depth
        self._books: dict[Pair, _Kept] = {}
        self._rules = rules
        self._shown: dict[Pair, int] = {}
        self._next: bytes | None = None

    def take(self, shown: TopOfBook, at_ns: int | None) -> None:
        """
        Compare the top of a look; one that was seen before is not looked at again.

        Args:
            at_ns: When it was looked at, by our wall clock: the frame came before.
        """
        if self._shown.get(shown.pair) == shown.sequence:
            return
        self._shown[shown.pair] = shown.sequence
        kept = self._kept(shown.pair)
        until_ns = None if at_ns is None else at_ns + _LATE_NS
        while shown.sequence not in kept.tops and self._read_one(until_ns):
            pass
        if shown.sequence not in kept.tops:
            self.missing += 1
            return
        top = kept.tops[shown.sequence]
        self.compared += 1
        if top is None or (shown.bids, shown.asks) != (top.bids, top.asks):
            self.others += 1
            if self.first is None and top is not None:
                self.first = OtherTop(shown, top)

    def _kept(self, pair: Pair) -> "_Kept":
        if pair not in self._books:
            self._books[pair] = _Kept(self._rules)
        return self._books[pair]

    def _read_one(self, until_ns: int | None) -> bool:
        """Read the next frame, unless it came after a moment; whether there was one."""
        line, self._next = self._next or next(self._lines, None), None
        if line is None:
            return False
        try:
            recorded = read_line(line)
            if until_ns is not None and (recorded.received_ns or 0) > until_ns:
                self._next = line
                return False
            if lost_in(recorded.text) is not None:
                return True
            events = self._decode(recorded.text, (recorded.received_ns or 0) / 1e9)
        except (MalformedFrame, ValueError):
            return True  # as in the engine, which drops it and asks for the book anew
        for event in events:
            if isinstance(event, _BOOK_CHANGES):
                self._kept(event.pair).apply(event, self._depth)
        return True


class _Kept:
    """One pair's book, and its last tops."""

    def __init__(self, rules: BookRules) -> None:
        self.tops: OrderedDict[int, TopOfBook | None] = OrderedDict()
        self._rules = rules
        self._early = EarlyDiffs(rules)
        self._book: Book | None = None

    def apply(self, change: BookChange, depth: int) -> None:
        if isinstance(change, BookSnapshot | QueueSnapshot):
            self._book = book_for(change, self._rules)
        book, self._book = self._book, None
        if book is None:
            self._early.keep(change)
            return
        try:
            for each in (change, *self._early.taken()):
                book.apply(each)
        except (SequenceGap, ChecksumMismatch, ValueError):
            return  # until the next snapshot, as in the engine
        self._book = book
        if book.sequence is None:
            return
        self.tops[book.sequence] = book.top(depth)
        self.tops.move_to_end(book.sequence)
        if len(self.tops) > _KEPT:
            self.tops.popitem(last=False)
