"""A sweep of our orders: list, cancel, list again, until the venue shows none."""

import math
from collections.abc import Callable, Iterable, Mapping, Sequence

from trading.core.errors import Fatal, Outage, OutcomeUnknown, Rejected
from trading.core.identifiers import ClientOrderId, Pair
from trading.core.listed import OddRow, OrderName
from trading.core.patience import doubled_s
from trading.gateway.scripts import Script, ask, gather, wait
from trading.gateway.turn import Turn
from trading.messages.account import OrderReport
from trading.orders.order import Order, OrderStatus, advance
from trading.venues.interface import Venue
from trading.venues.rate_limits import Priority

_LONGEST_PAUSE_S = 2.0
"""Between two looks at a venue that does not answer: it is asked less and less often."""

_EMPTY_READS = 2
"""One empty list may be older than an order still on its way; the second is later than that."""

_AT_ONCE = 32
"""How many cancels wait for their answers at a time, each on a connection of its own."""

_ROUND_S = 1.0
"""For that many to be answered by a venue that is slow."""

SWEPT_MAX = 480
"""More orders than these give a sweep no more time."""


def sweep(
    turn: Turn,
    venue: Venue,
    owns: Callable[[ClientOrderId | None], bool],
    *,
    pause_s: float,
    left: list[OrderReport] | None = None,
    known: Iterable[Order] = (),
) -> Script[None]:
    """
    Cancel all our orders by REST, until the venue's own list shows none, twice.

    Goes on for as long as it takes: the caller sets the deadline.

    Args:
        owns: Whether an order is one to cancel.
        pause_s: Seconds between two looks; doubled with each that fails, up to 2 s.
        left: Receives the newest list of what is still there, for a caller that gives up.
        known: Orders whose end we do not know. That a list does not show them proves nothing,
            so each is asked for by its name as well.

    Raises:
        Fatal: The venue refuses our key.
    """
    left = [] if left is None else left
    doubtful = {order.client_order_id: order.pair for order in known}
    empty_reads = unread = 0
    while empty_reads < _EMPTY_READS:
        try:
            found, odd = yield from _still_there(venue, owns, doubtful)
        except (Outage, Rejected) as error:
            empty_reads, unread = 0, unread + 1
            if unread == 1:
                # One outage is logged once; its end is logged by the caller, or by the next line.
                turn.warning("open_orders_unread", cause=str(error))
        else:
            if unread > 1:
                turn.info("open_orders_read_again", failures=unread)
            left[:], unread = found, 0
            empty_reads = 0 if found or odd else empty_reads + 1
            # An unreadable row can be cancelled all the same, as long as it has a name.
            named = [row.order for row in odd if row.order]
            yield from cancel_all(turn, venue, [*found, *named])
        if empty_reads < _EMPTY_READS:
            longest_s = max(pause_s, _LONGEST_PAUSE_S)
            yield from wait(until=turn.now + doubled_s(pause_s, max(unread, 1), longest_s))


def _still_there(
    venue: Venue,
    owns: Callable[[ClientOrderId | None], bool],
    doubtful: dict[ClientOrderId, Pair],
) -> Script[tuple[list[OrderReport], list[OddRow]]]:
    """
    Our orders by the list, or else by their names; ended ones leave ``doubtful``.

    And the unreadable rows of the list that are, or may be, ours: while there is one, nothing is
    proven.
    """
    listed = yield from ask(venue.open_orders(), Priority.CANCEL)
    found = [report for report in listed if owns(report.client_order_id)]
    shown = {report.client_order_id for report in found}
    unseen = {name: pair for name, pair in doubtful.items() if name not in shown}
    for name, report in (yield from _asked_for(venue, unseen)).items():
        if report.event is not None and advance(OrderStatus.UNKNOWN, report.event).terminal:
            del doubtful[name]
        else:
            found.append(report)
    return found, [
        row for row in listed.odd if row.concerns(lambda name: owns(ClientOrderId(name)))
    ]


def _asked_for(
    venue: Venue, names: Mapping[ClientOrderId, Pair]
) -> Script[Mapping[ClientOrderId, OrderReport]]:
    """The venue's report of each order; one it does not know may still be on its way there."""
    reports: dict[ClientOrderId, OrderReport] = {}
    troubles: list[Exception] = []

    def one(name: ClientOrderId, pair: Pair) -> Script[None]:
        try:
            reports[name] = yield from ask(venue.order_status(pair, name), Priority.CANCEL)
        except Rejected:
            pass
        except (Outage, Fatal) as trouble:
            troubles.append(trouble)

    yield from gather([one(name, pair) for name, pair in names.items()], _AT_ONCE)
    if troubles:
        # A refused key comes first: an outage would be asked again, and refused again, for ever.
        raise next((trouble for trouble in troubles if isinstance(trouble, Fatal)), troubles[0])
    return reports


def cancel_all(
    turn: Turn, venue: Venue, reports: Sequence[OrderReport | OrderName]
) -> Script[None]:
    """
    Ask the venue to cancel each of some orders; whether it did, only a later list tells.

    Many are asked for at a time, as far as the rate limits have room: one that is slow to be
    answered holds up no other.

    Raises:
        Fatal: The venue refuses our key.
    """
    troubles: list[Fatal] = []

    def cancel(report: OrderReport | OrderName) -> Script[None]:
        call = venue.cancel(report.pair, report.venue_order_id, report.client_order_id)
        try:
            yield from ask(call, Priority.CANCEL)
        except (Rejected, OutcomeUnknown, Outage) as error:
            turn.warning("sweep_refused", order=report.client_order_id, cause=str(error))
        except Fatal as fatal:
            troubles.append(fatal)

    for report in reports:
        turn.info("sweeping_order", order=report.client_order_id, pair=report.pair)
    yield from gather([cancel(report) for report in reports], _AT_ONCE)
    if troubles:
        raise troubles[0]


def sweep_deadline_s(least_s: float, orders: int) -> float:
    """
    The deadline of a sweep of so many orders, where nothing else sets its end.

    Args:
        least_s: For the lists that prove that nothing is left, in seconds.
    """
    return least_s + _ROUND_S * math.ceil(min(orders, SWEPT_MAX) / _AT_ONCE)
