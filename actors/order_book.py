"""Keeps one pair's order book and shows its top."""

import attrs
import structlog
import trio

from actors.facts import FactBoard
from actors.ports import Latest, drain
from trading.errors import Outage
from trading.identifiers import Pair
from trading.market import TopOfBook
from trading.messages import BookChange, Heartbeat
from trading.order_book import OrderBook
from trading.readiness import Component

log = structlog.get_logger()


@attrs.frozen(kw_only=True)
class OrderBookActor:
    """
    Turns a pair's book changes into the newest top of book.

    Ports:
        changes: Every change and sign of life of the feed, in order (lossless, bounded).
        top: Only the newest top; withdrawn while the book is not safe to quote from.
        facts: Where it says whether the book is safe.

    Args:
        depth: How many levels of each side the top shows.
        lease_s: For how long a sign of life of the feed vouches for the book.
        snapshot_deadline_s: Seconds the first snapshot may take after the feed came to life.

    Raises:
        SequenceGap: A change was missed; a restart begins again from a snapshot.
        ChecksumMismatch: The book is not the venue's.
        Outage: The snapshot did not come.
    """

    pair: Pair
    changes: trio.MemoryReceiveChannel[BookChange | Heartbeat]
    top: Latest[TopOfBook]
    facts: FactBoard
    depth: int
    lease_s: float
    snapshot_deadline_s: float

    async def run(self, *, task_status: trio.TaskStatus[None] = trio.TASK_STATUS_IGNORED) -> None:
        book = OrderBook(self.pair)
        drain(self.changes)  # leftovers of a former connection are lies
        self._withdraw("waiting for the first snapshot")
        task_status.started()
        await self._first(book)
        while True:
            self._show(book)
            message = await self.changes.receive()
            for next_message in (message, *drain(self.changes)):
                if not isinstance(next_message, Heartbeat):
                    book.apply(next_message)

    async def _first(self, book: OrderBook) -> None:
        """Wait for the feed to come to life, then for its snapshot."""
        message = await self.changes.receive()
        with trio.move_on_after(self.snapshot_deadline_s):
            while True:
                if not isinstance(message, Heartbeat):
                    book.apply(message)
                if not book.empty:
                    log.info("book_snapshot", pair=self.pair, sequence=book.sequence)
                    return
                message = await self.changes.receive()
        raise Outage(f"{self.pair}: no book snapshot within {self.snapshot_deadline_s:g} s")

    def _show(self, book: OrderBook) -> None:
        top = book.top(self.depth)
        if top is None:
            self._withdraw(book.trouble() or "the book has no top")
        else:
            self.top.put(top)
            self.facts.affirm(
                Component.ORDER_BOOK,
                f"in sequence and verified at change {book.sequence}",
                scope=self.pair,
                valid_for_s=self.lease_s,
            )

    def _withdraw(self, reason: str) -> None:
        self.top.withdraw()
        self.facts.revoke(Component.ORDER_BOOK, reason, scope=self.pair)
