"""The plain way to leave nothing behind: list, cancel, list again, until the venue shows none."""

from collections.abc import Callable, Sequence

import structlog
import trio

from actors.venue_rest import VenueRest
from trading.errors import Outage, OutcomeUnknown, Rejected
from trading.identifiers import ClientOrderId
from trading.messages.account import OrderReport
from trading.rate_limits import Priority
from trading.venues.interface import Venue

log = structlog.get_logger()

_EMPTY_READS = 2
"""One empty list may be older than an order still on its way; the second is later than that."""


async def sweep(
    rest: VenueRest,
    venue: Venue,
    owns: Callable[[ClientOrderId | None], bool],
    *,
    pause_s: float,
    left: list[OrderReport] | None = None,
) -> None:
    """
    Cancel by REST whatever is ours, until the venue's own list shows nothing of it, twice.

    Goes on for as long as it takes: the caller sets the deadline.

    Args:
        owns: Whether an order is one to cancel.
        pause_s: Seconds between two looks.
        left: Receives the newest list of what is still there, for a caller that gives up.

    Raises:
        Fatal: The venue refuses our key.
    """
    left = [] if left is None else left
    empty_reads = 0
    while empty_reads < _EMPTY_READS:
        try:
            listed = await rest.call(venue.open_orders(), Priority.CANCEL)
        except (Outage, Rejected) as error:
            log.warning("open_orders_unread", cause=str(error))
            empty_reads = 0
        else:
            left[:] = [report for report in listed if owns(report.client_order_id)]
            empty_reads = 0 if left else empty_reads + 1
            await cancel_all(rest, venue, left)
        if empty_reads < _EMPTY_READS:
            await trio.sleep(pause_s)


async def cancel_all(rest: VenueRest, venue: Venue, reports: Sequence[OrderReport]) -> None:
    """Ask the venue to cancel each of some orders; whether it did, only a later list tells."""
    for report in reports:
        log.info("sweeping_order", order=report.client_order_id, pair=report.pair)
        try:
            await rest.call(
                venue.cancel(report.pair, report.venue_order_id, report.client_order_id),
                Priority.CANCEL,
            )
        except (Rejected, OutcomeUnknown, Outage) as error:
            log.warning("sweep_refused", order=report.client_order_id, cause=str(error))
