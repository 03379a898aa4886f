"""Closes a run's books: asks the venue about unfinished orders and fills, and books the answers."""

from collections.abc import Callable, Sequence

import attrs
import trio

from actors.net.venue_rest import VenueRest
from actors.orders.ledger_outlet import LedgerOutlet
from actors.orders.playing import ScriptPlayer
from actors.ports.lossless import SendPort
from actors.ports.ports import JournalBatch, Latest, Receipt, WallClock
from trading.core.errors import Outage, Rejected
from trading.core.identifiers import ClientOrderIds
from trading.gateway.reconciliation import Reconciliation
from trading.gateway.records import OrderRecords
from trading.gateway.tracker import OrderTracker
from trading.journal.entries import LedgerEntry
from trading.journal.remembered import Remembered
from trading.messages.account import OrderNews, OrderNotFound
from trading.orders.leftovers import LeftoverPolicy
from trading.orders.order import Order
from trading.venues.interface import Venue

_LEDGER_S = 1.0
"""How long to wait for the ledger at the end of a run; one that has failed never answers."""

_NAMED_MAX = 5
"""How many orders are named in the report of what could not be read."""


@attrs.frozen(kw_only=True)
class BookClosing:
    """
    Completes the ledger at the end of a run: the end of each order, and its fills.

    It starts from what the ledger remembers, and so needs no other actor.

    Ports:
        ledger: Order events and fills that were found (lossless).
        remembered: What the ledger knows.
    """

    venue: Venue
    rest: VenueRest
    ids: ClientOrderIds
    ledger: SendPort[JournalBatch]
    remembered: Latest[Remembered]
    venue_clock: WallClock

    async def close(self, unread: Callable[[str], None]) -> None:
        """
        Book what the venue answers about orders in doubt.

        Args:
            unread: Called at each step with what may be unknown as yet; empty once nothing is.

        Raises:
            Outage: The ledger takes nothing.
            Fatal: The venue refuses our key.
        """
        unread("what it had not taken when it was last heard of")
        remembered = await self._recall()
        if not (remembered.orders or remembered.short):
            unread("")
            return
        books = _Books(self, remembered)
        unread(books.in_doubt())
        await books.ask()
        unread(books.in_doubt())
        await self._recall()

    async def _recall(self) -> Remembered:
        """The ledger's memory once it has taken all that was posted."""
        receipt, nothing = Receipt(), tuple[LedgerEntry, ...]()
        with trio.move_on_after(_LEDGER_S) as patience:
            await self.ledger.send(JournalBatch(nothing, receipt))
            await receipt.wait()
        if patience.cancelled_caught:
            raise Outage(f"the ledger does not answer for {_LEDGER_S:g} s")
        return self.remembered.peek() or Remembered()


class _Books:
    """The lookups, done in the same way as in a life of the gateway."""

    def __init__(self, closing: BookClosing, remembered: Remembered) -> None:
        self._tracker = OrderTracker()
        self._outlet = LedgerOutlet(closing.ledger, deadline_s=1.0)
        self._player = ScriptPlayer(closing.rest, closing.venue_clock, self._outlet)
        self._records = OrderRecords(self._player.turn, ticket=lambda: 0)
        self._denied: set[str] = set()
        self._reconciliation = Reconciliation(
            turn=self._player.turn,
            venue=closing.venue,
            ids=closing.ids,
            tracker=self._tracker,
            tell=self._tell,
            pairs={},
            leftovers=LeftoverPolicy.CANCEL,
            inherited=frozenset(order.client_order_id for order in remembered.orders),
            halt=lambda _reason: None,
            since_ms=remembered.last_fill_at_ms or closing.venue_clock() // 1_000_000,
        )
        now = trio.current_time()
        self._tracker.remember(booked.fill for booked in remembered.fills)
        self._tracker.restore(
            (*remembered.ended, *remembered.orders), remembered.booked, now, remembered.short
        )
        self._fills = "its fills were not read"

    def _tell(self, news: OrderNews) -> None:
        if isinstance(news, OrderNotFound):
            # The venue does not know the order now: there is nothing to book.
            self._denied.add(news.client_order_id)
            return
        self._records.write(self._tracker.hear(news, self._player.turn.now))

    async def ask(self) -> None:
        """Ask for each order, and then for the fills."""
        working = tuple(self._tracker.working.values())
        await self._player.play(self._reconciliation.look_up_all(working))
        try:
            await self._player.play(self._reconciliation.read_fills())
        except (Outage, Rejected) as error:
            self._fills = str(error)
        else:
            self._fills = self._reconciliation.why_not
        await self._outlet.hand_over()

    def in_doubt(self) -> str:
        """What is still unknown, in words."""
        orders = [
            order for name, order in self._tracker.working.items() if name not in self._denied
        ]
        told = []
        if orders:
            told.append(f"what became of {_names(orders)}")
        short = self._tracker.unbooked()
        if short:
            told.append(f"all fills of {_names(short)}")
        elif self._fills:
            told.append(f"fills ({self._fills})")
        return " and ".join(told)


def _names(orders: Sequence[Order]) -> str:
    names = [str(order.client_order_id) for order in orders[:_NAMED_MAX]]
    more = len(orders) - len(names)
    return ", ".join(names) + (f" and {more} more" if more else "")
