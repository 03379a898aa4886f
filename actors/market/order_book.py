"""An actor that keeps one pair's order book and shows its top."""

from collections.abc import Callable

import attrs
import structlog
import trio

from actors.ports.facts import FactBoard
from actors.ports.lossless import SendPort, deliver, drain
from actors.ports.ports import Latest
from trading.books.beginning import EarlyDiffs, book_for
from trading.books.book import Book
from trading.books.rules import BookRules
from trading.core.errors import ChecksumMismatch, MalformedFrame, Outage, SequenceGap
from trading.core.identifiers import Pair
from trading.core.market import TopOfBook
from trading.core.patience import Patience
from trading.messages.market import (
    BookGarbled,
    BookNews,
    BookSnapshot,
    QueueSnapshot,
)
from trading.messages.sockets import Heartbeat
from trading.readiness.lease import Component

log = structlog.get_logger()


@attrs.frozen(kw_only=True)
class OrderBookActor:
    """
    Turns a pair's book changes into the newest top of book.

    A gap, a wrong checksum or an unreadable change makes the book unsafe: the top is withdrawn, and
    a fresh snapshot is asked for. Too many of them end the life.

    Ports:
        changes: Every change and sign of life of the feed, in order (lossless, bounded).
        top: Only the newest top; withdrawn while the book is not safe to quote from.
        renewals: Where a fresh snapshot is asked for (lossless).
        facts: Whether the book is safe.

    Args:
        rules: The venue's, for its books.
        depth: How many levels of each side the top shows.
        levels_seen: How many of them the readers look at; ``None`` for all. A change behind them is
            shown, but wakes no reader (``benchmarks/simulation.py``).
        lease_s: For how long a sign of life of the feed vouches for the book.
        snapshot_deadline_s: Seconds a snapshot may take after the feed came to life, or after one
            was asked for.
        unsafe_max: So many unsafe books within ``unsafe_within_s`` are forgiven.

    Raises:
        SequenceGap: Changes are missed again and again.
        ChecksumMismatch: The book is again and again not the venue's.
        MalformedFrame: Again and again something about the book cannot be read.
        Outage: The snapshot did not come.
    """

    pair: Pair
    rules: BookRules
    changes: trio.MemoryReceiveChannel[BookNews]
    top: Latest[TopOfBook]
    renewals: SendPort[Pair]
    facts: FactBoard
    depth: int
    levels_seen: Callable[[], int | None] = lambda: None
    lease_s: float
    snapshot_deadline_s: float
    unsafe_max: int = 2
    unsafe_within_s: float = 300.0

    async def run(self, *, task_status: trio.TaskStatus[None] = trio.TASK_STATUS_IGNORED) -> None:
        drain(self.changes)  # changes of a former connection no longer fit
        self._withdraw("waiting for the first snapshot")
        patience = Patience(self.unsafe_max, self.unsafe_within_s)
        task_status.started()
        # However long the connection takes, the snapshot's time runs from the first sign of life.
        message = await self.changes.receive()
        while True:
            try:
                await self._keep(await self._begin(message))
            except (SequenceGap, ChecksumMismatch, MalformedFrame) as error:
                self._withdraw(str(error))
                lost = patience.lost(trio.current_time())
                lately = patience.lately
                log.warning("book_unsafe", pair=self.pair, cause=str(error), lately=lately)
                if lost:
                    raise
            await deliver(self.renewals, self.pair, self.snapshot_deadline_s)
            message = Heartbeat()

    async def _keep(self, book: Book) -> None:
        """Follow the changes for as long as they make a book."""
        while True:
            self._show(book)
            message = await self.changes.receive()
            for next_message in (message, *drain(self.changes)):
                _apply(book, next_message)

    async def _begin(self, message: BookNews) -> Book:
        """Wait for a snapshot; changes before it are contained in it, or kept until then."""
        early = EarlyDiffs(self.rules)
        with trio.move_on_after(self.snapshot_deadline_s):
            while not isinstance(message, BookSnapshot | QueueSnapshot):
                early.keep(message)
                message = await self.changes.receive()
            book = book_for(message, self.rules)
            for change in (message, *early.taken()):
                book.apply(change)
            log.info("book_snapshot", pair=self.pair, sequence=book.sequence)
            return book
        raise Outage(f"{self.pair}: no book snapshot within {self.snapshot_deadline_s:g} s")

    def _show(self, book: Book) -> None:
        top = book.top(self.depth)
        if top is None:
            self._withdraw(book.trouble() or "the book has no top")
        else:
            self._put(top)
            self.facts.affirm(
                Component.ORDER_BOOK,
                f"in sequence and verified at change {book.sequence}",
                scope=self.pair,
                valid_for_s=self.lease_s,
            )

    def _put(self, top: TopOfBook) -> None:
        shown, seen = self.top.peek(), self.levels_seen()
        if (
            shown is not None
            and (shown.bids is top.bids or shown.bids[:seen] == top.bids[:seen])
            and (shown.asks is top.asks or shown.asks[:seen] == top.asks[:seen])
        ):
            self.top.renew(top)
        else:
            self.top.put(top)

    def _withdraw(self, reason: str) -> None:
        self.top.withdraw()
        self.facts.revoke(Component.ORDER_BOOK, reason, scope=self.pair)


def _apply(book: Book, news: BookNews) -> None:
    if isinstance(news, BookGarbled):
        raise MalformedFrame(f"{book.pair}: {news.reason}", "")
    if not isinstance(news, Heartbeat):
        book.apply(news)
