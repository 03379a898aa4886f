"""The very last word of a run: by the venue's own words nothing of ours is left."""

from collections.abc import Callable, Iterable

import attrs
import structlog
import trio

from actors.order_sweep import sweep
from actors.ports import Latest
from actors.venue_rest import VenueRest
from trading.errors import Fatal
from trading.identifiers import ClientOrderId
from trading.messages.account import OrderReport
from trading.messages.gateway import FlatProof
from trading.orders import Order
from trading.venues.interface import Venue

log = structlog.get_logger()


@attrs.frozen(kw_only=True)
class CloseoutActor:
    """
    Does nothing until it is stopped, then proves that the account is flat of our orders.

    It starts before whoever sends orders and so is stopped after them, and it uses nothing of
    theirs.

    Ports:
        proof: What the venue said at the end.

    Args:
        owns: Whether an order is ours.
        known: Orders of which the ledger knows no end.
        deadline_s: Seconds the proof may take.
        pause_s: Seconds between two looks at the list.
    """

    venue: Venue
    rest: VenueRest
    owns: Callable[[ClientOrderId | None], bool]
    known: Callable[[], Iterable[Order]]
    proof: Latest[FlatProof]
    deadline_s: float
    pause_s: float

    async def run(self, *, task_status: trio.TaskStatus[None] = trio.TASK_STATUS_IGNORED) -> None:
        task_status.started()
        try:
            await trio.sleep_forever()
        finally:
            left: list[OrderReport] = []
            trouble = f"the venue's list could not be had within {self.deadline_s:g} s"
            with trio.move_on_after(self.deadline_s, shield=True) as deadline:
                try:
                    await sweep(
                        self.rest,
                        self.venue,
                        self.owns,
                        pause_s=self.pause_s,
                        left=left,
                        known=self.known(),
                    )
                except Fatal as fatal:
                    trouble = str(fatal)
                else:
                    trouble = ""
            if deadline.cancelled_caught and left:
                trouble = f"orders were still open after {self.deadline_s:g} s"
            self.proof.put(FlatProof(proven=not trouble, left=tuple(left), trouble=trouble))
            log.info("closeout", flat=not trouble, left=len(left), trouble=trouble)
