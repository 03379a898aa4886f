"""The last check of a run: the venue's own list shows that no order of ours is left."""

from collections.abc import Callable, Iterable

import attrs
import structlog
import trio

from actors.net.venue_rest import VenueRest
from actors.orders.book_closing import BookClosing
from actors.orders.sweep import sweep
from actors.ports.ports import Latest
from trading.core.errors import Fatal, Outage
from trading.core.identifiers import ClientOrderId
from trading.messages.account import OrderReport
from trading.messages.gateway import FlatProof
from trading.orders.order import Order
from trading.venues.interface import Venue

log = structlog.get_logger()


@attrs.frozen(kw_only=True)
class CloseoutActor:
    """
    Does nothing until it is stopped, then proves that the account is flat of our orders.

    It starts before the actors that send orders and so is stopped after them, and uses nothing of
    theirs.

    Ports:
        proof: The venue's answer at the end.

    Args:
        owns: Whether an order is ours.
        known: Orders whose end the ledger does not know.
        books: Asks about orders and fills that the ledger lacks, and books them.
        deadline_s: Seconds that the proof and the books may take.
        pause_s: Seconds between two looks at the list.
    """

    venue: Venue
    rest: VenueRest
    owns: Callable[[ClientOrderId | None], bool]
    known: Callable[[], Iterable[Order]]
    books: BookClosing
    proof: Latest[FlatProof]
    deadline_s: float
    pause_s: float

    async def run(self, *, task_status: trio.TaskStatus[None] = trio.TASK_STATUS_IGNORED) -> None:
        task_status.started()
        try:
            await trio.sleep_forever()
        except trio.Cancelled:
            # Nothing but the stop: a life that ends otherwise has another one after it, beside
            # which orders of ours are still at work.
            last = _LastWords(self)
            with trio.move_on_after(self.deadline_s, shield=True) as deadline:
                await last.say()
            if deadline.cancelled_caught and last.left and last.trouble:
                last.trouble = f"orders were still open after {self.deadline_s:g} s"
            self._prove(last)
            raise

    def _prove(self, last: "_LastWords") -> None:
        proof = FlatProof(
            proven=not last.trouble,
            left=tuple(last.left),
            in_doubt=last.in_doubt(),
            trouble=last.trouble,
            unread=last.unread,
        )
        self.proof.put(proof)
        log.info(
            "closeout",
            flat=proof.proven,
            left=len(proof.left),
            trouble=proof.trouble,
            unread=proof.unread,
        )


class _LastWords:
    """What was found out at the end, as far as there was time."""

    def __init__(self, actor: CloseoutActor) -> None:
        self._actor = actor
        self.left: list[OrderReport] = []
        self._known = tuple(actor.known())
        self.trouble = f"the venue's list could not be had within {actor.deadline_s:g} s"
        self.unread = "what became of the last orders"

    async def say(self) -> None:
        """Prove first that nothing is left, then that everything is booked."""
        actor = self._actor
        try:
            await sweep(
                actor.rest,
                actor.venue,
                actor.owns,
                pause_s=actor.pause_s,
                left=self.left,
                known=self._known,
            )
            self.trouble = ""
            await actor.books.close(self._note)
        except Fatal as fatal:
            self.trouble = self.trouble and str(fatal)
            self.unread = self.unread and f"{self.unread}: {fatal}"
        except Outage as outage:
            self.unread = self.unread and f"{self.unread}: {outage}"

    def in_doubt(self) -> tuple[ClientOrderId, ...]:
        """Orders that, without a proof, may be at the venue although no list has shown them."""
        return tuple(order.client_order_id for order in self._known) if self.trouble else ()

    def _note(self, unread: str) -> None:
        self.unread = unread
