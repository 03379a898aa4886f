"""Finds out by REST what the account's stream did not say, and compares our orders with theirs."""

from collections.abc import Callable

import attrs
import structlog

from actors.order_sweep import cancel_all
from actors.venue_rest import VenueRest
from trading.errors import MalformedFrame, Outage, Rejected
from trading.identifiers import ClientOrderId, ClientOrderIds
from trading.messages import (
    FillReported,
    OpenOrdersListed,
    OrderNews,
    OrderNotFound,
    OrderReport,
    OrderReported,
)
from trading.order_tracker import OrderTracker
from trading.orders import Order
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
            fills = await self.rest.call(self.venue.fills())
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
