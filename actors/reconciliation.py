"""Behind the gateway: asking the venue what its stream did not say, and writing down what is so."""

from collections import deque
from collections.abc import Callable

import attrs
import structlog
import trio

from actors.order_sweep import cancel_all
from actors.ports import Bell, deliver
from actors.venue_rest import VenueRest
from trading.errors import MalformedFrame, Outage, Rejected
from trading.identifiers import ClientOrderId, ClientOrderIds
from trading.journal.entries import FillBooked, LedgerEntry, OrderRecorded
from trading.messages import (
    FillReported,
    OpenOrdersListed,
    OrderNews,
    OrderNotFound,
    OrderReport,
    OrderReported,
)
from trading.order_tracker import Heard, OrderTracker
from trading.orders import Fill, Order
from trading.venues.interface import Venue

log = structlog.get_logger()


@attrs.frozen(kw_only=True)
class Reconciliation:
    """
    Questions to the venue about our orders; the answers are news like any other.

    Args:
        tracker: What we know.
        tell: Takes each answer.
    """

    venue: Venue
    rest: VenueRest
    ids: ClientOrderIds
    tracker: OrderTracker
    tell: Callable[[OrderNews], None]

    async def look_up(self, order: Order) -> bool:
        """Ask what became of one order, and whether there was an answer; none proves nothing."""
        try:
            report = await self.rest.call(
                self.venue.order_status(order.pair, order.client_order_id)
            )
        except Rejected:
            self.tell(OrderNotFound(order.client_order_id))
        except (Outage, MalformedFrame) as error:
            log.warning("order_not_looked_up", order=order.client_order_id, cause=str(error))
            return False
        else:
            self.tell(OrderReported(report))
        return True

    async def compare(self) -> bool:
        """
        Compare our orders and fills with the venue's lists, once.

        Returns:
            Whether they agree now: every order of ours at the venue is one that we know, and
            every one that we know is accounted for.
        """
        try:
            listed = await self.rest.call(self.venue.open_orders())
            fills = await self.rest.call(self.venue.recent_fills())
        except (Outage, Rejected, MalformedFrame) as error:
            log.warning("not_reconciled", cause=str(error))
            return False
        self.tell(OpenOrdersListed(tuple(listed)))
        for fill in reversed(fills):
            self.tell(FillReported(fill))
        leftovers = [report for report in listed if self._left_over(report)]
        if leftovers:
            # Of an earlier run, or of a life that could not clean up: gone before we quote.
            log.warning("leftover_orders", count=len(leftovers))
            await cancel_all(self.rest, self.venue, leftovers)
            return False
        shown = {report.client_order_id for report in listed}
        for order in tuple(self.tracker.working.values()):
            # Absence proves nothing: ask for each one by its name.
            if order.client_order_id not in shown and not await self.look_up(order):
                return False
        foreign = sum(not self.ids.owns(report.client_order_id) for report in listed)
        log.info("reconciled", open_orders=len(listed), foreign=foreign)
        return True

    def _left_over(self, report: OrderReport) -> bool:
        order_id = report.client_order_id
        return self.ids.owns(order_id) and not self.knows(order_id)

    def knows(self, order_id: ClientOrderId | None) -> bool:
        """Whether an order is, or lately was, one of this life's."""
        return order_id is not None and self.tracker.find(order_id) is not None


class OrderRecords:
    """
    Keeps the order of entries, and no order of ours ever waits for the ledger.

    Args:
        ledger: Every change of an order and every fill (lossless).
        deadline_s: For the ledger to take an entry once its wire is full.
    """

    def __init__(self, ledger: trio.MemorySendChannel[LedgerEntry], deadline_s: float) -> None:
        self._ledger = ledger
        self._deadline_s = deadline_s
        self._waiting: deque[LedgerEntry] = deque()
        self._bell = Bell()

    async def run(self) -> None:
        """
        Hand over what the ledger could not take at once.

        Raises:
            Outage: It takes nothing any more.
        """
        while True:
            while self._waiting:
                await deliver(self._ledger, self._waiting[0], self._deadline_s)
                self._waiting.popleft()
            await self._bell.wait()

    def placed(self, order: Order, now: float) -> None:
        """An order that is about to leave."""
        _log_order("order_placed", order)
        self._record(OrderRecorded(order, now))

    def withdrawn(self, order: Order, reason: str) -> None:
        """An order that we take back by ourselves."""
        _log_order("order_withdrawn", order, reason=reason)

    def write(self, heard: Heard, now: float) -> None:
        """What news changed."""
        for order in heard.changed:
            _log_order("order_" + order.status.value.replace(" ", "_"), order)
            self._record(OrderRecorded(order, now))
        for fill in heard.fills:
            log.info(
                "fill",
                order=fill.client_order_id,
                trade=fill.trade_id,
                pair=fill.pair,
                side=fill.side.value,
                price=fill.price,
                quantity=fill.quantity,
                fee=fill.fee,
                fee_currency=fill.fee_currency,
            )
            self._record(FillBooked(fill, now))

    def stray(self, fill: Fill, now: float) -> None:
        """A fill of this run, but of an order that only a former life of the gateway knew."""
        log.warning("stray_fill", order=fill.client_order_id, trade=fill.trade_id)
        self._record(FillBooked(fill, now))

    def _record(self, entry: LedgerEntry) -> None:
        if not self._waiting:
            try:
                self._ledger.send_nowait(entry)
            except trio.WouldBlock:
                pass
            else:
                return
        self._waiting.append(entry)
        self._bell.ring()


def _log_order(event: str, order: Order, *, reason: str = "") -> None:
    log.info(
        event,
        order=order.client_order_id,
        strategy=order.strategy,
        pair=order.pair,
        side=order.side.value,
        price=order.price,
        quantity=order.quantity,
        filled=order.filled_quantity,
        reason=reason or order.reason or None,
    )
