"""How a book begins: of which kind it is, and which changes from before its snapshot it needs."""

from collections import deque

from trading.books.book import Book
from trading.books.levels import OrderBook
from trading.books.queues import QueueBook
from trading.books.rules import BookRules
from trading.messages.market import BookDiff, BookNews, BookSnapshot, QueueSnapshot

_EARLY_MAX = 1_000
"""Far more than come while a snapshot is asked for. Of more the oldest go: if the snapshot does not
contain them, the gap is found."""


def book_for(snapshot: BookSnapshot | QueueSnapshot, rules: BookRules) -> Book:
    """An empty book of the kind that a snapshot is of; the snapshot is still to be applied."""
    kind = OrderBook if isinstance(snapshot, BookSnapshot) else QueueBook
    return kind(snapshot.pair, rules)


class EarlyDiffs:
    """
    The differences that come while a snapshot is waited for.

    A snapshot that comes on the same connection contains all that came before it. One that is asked
    for by another way may be older than some of them: these are to be applied to it.
    """

    def __init__(self, rules: BookRules) -> None:
        self._overlaps = rules.overlaps
        self._diffs = deque[BookDiff](maxlen=_EARLY_MAX)

    def keep(self, news: BookNews) -> None:
        """Keep what may have to be applied; nothing where snapshots never overlap."""
        if self._overlaps and isinstance(news, BookDiff):
            self._diffs.append(news)

    def taken(self) -> tuple[BookDiff, ...]:
        """All that were kept, in order; they are kept no more."""
        diffs = tuple(self._diffs)
        self._diffs.clear()
        return diffs
