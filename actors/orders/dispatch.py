"""Sends requests about orders to the venue: by the account's socket, or else by REST."""

from collections.abc import Callable
from typing import Protocol

import attrs
import structlog

from actors.net.rate_gate import RateGate
from actors.net.venue_rest import VenueRest
from actors.ports.lossless import SendPort, deliver
from trading.core.errors import Outage, OutcomeUnknown, Rejected
from trading.core.identifiers import VenueOrderId
from trading.messages.account import RequestAcknowledged, RequestRefused
from trading.orders.order import Order
from trading.orders.request_ids import Request, asked, request_id
from trading.risk import CheckedAmendment, CheckedOrder
from trading.venues.interface import Call, Venue
from trading.venues.rate_limits import Priority

log = structlog.get_logger()


@attrs.frozen
class NotSent:
    """The request certainly did not reach the venue, and why."""

    reason: str


@attrs.frozen
class InDoubt:
    """The request may or may not have reached the venue, and why that is unknown."""

    reason: str


@attrs.frozen
class HandedOver:
    """The socket took the request: the answer will be news."""


class _Withheld(Exception):
    """The order is kept back at the last moment."""


class Leaving(Protocol):
    """The interface of an order on the way out."""

    def look(self) -> CheckedOrder | str:
        """The order as it may leave now, or why it may not leave any more."""
        ...

    def leave(self) -> CheckedOrder | str:
        """As ``look``, and the order leaves at this moment."""
        ...

    def stay(self) -> None:
        """Note that the order has certainly not left after all."""
        ...


Placed = HandedOver | RequestAcknowledged | RequestRefused | NotSent | InDoubt


@attrs.frozen(kw_only=True)
class OrderDispatch:
    """
    Sends each request at most once: by REST only if the socket has certainly not taken it.

    Args:
        requests: Frames to the account socket (capacity 0: taken means handed to the network).
        handover_s: Seconds that the socket may take for a frame.
        by_rest: Whether new orders go by REST though the socket would take them.
    """

    venue: Venue
    rest: VenueRest
    gate: RateGate
    requests: SendPort[str]
    handover_s: float
    by_rest: bool = False

    async def place(self, leaving: Leaving, priority: Priority) -> Placed:
        """
        Send a new order; there is no second way once one may have worked.

        Args:
            leaving: Checks the order at the moment at which it leaves.
        """
        if not self.by_rest:
            await self.gate.enter(self.venue.request_lanes(Request.PLACE), priority)
            checked = leaving.leave()
            if isinstance(checked, str):
                return NotSent(checked)
            about = request_id(Request.PLACE, checked.order.client_order_id)
            if await self._hand_over(self.venue.place_frame(checked, about)):
                return HandedOver()
            leaving.stay()
            log.warning("placed_by_rest", order=checked.order.client_order_id)
        checked = leaving.look()
        if isinstance(checked, str):
            return NotSent(checked)
        about = request_id(Request.PLACE, checked.order.client_order_id)

        def still() -> None:
            # Checked again here: waiting for the rate limits and the connection took time.
            if isinstance(reason := leaving.leave(), str):
                raise _Withheld(reason)

        try:
            call = self.venue.place(checked)
            return await self._by_rest(call, about, priority, names_it=True, before_sending=still)
        except _Withheld as withheld:
            return NotSent(str(withheld))

    async def amend(self, checked: CheckedAmendment) -> Placed:
        """Ask for a smaller quantity."""
        await self.gate.enter(self.venue.request_lanes(Request.AMEND), Priority.REDUCE)
        about = request_id(Request.AMEND, checked.order.client_order_id)
        if await self._hand_over(self.venue.amend_frame(checked, about)):
            return HandedOver()
        return await self._by_rest(self.venue.amend(checked), about, Priority.REDUCE)

    async def cancel_by_stream(self, order: Order) -> bool:
        """Send a cancel; whether the account's socket took it."""
        await self.gate.enter(self.venue.request_lanes(Request.CANCEL), Priority.CANCEL)
        about = request_id(Request.CANCEL, order.client_order_id)
        return await self._hand_over(self.venue.cancel_frame(order, about))

    async def cancel_by_rest(self, order: Order, *, first: bool = True) -> bool:
        """
        Send a cancel. Its success or failure says nothing about the order.

        Args:
            first: Whether a failure is news.

        Returns:
            Whether the venue has answered.

        Raises:
            Fatal: The venue refuses our key.
        """
        call = self.venue.cancel(order.pair, order.venue_order_id, order.client_order_id)
        try:
            await self.rest.call(call, Priority.CANCEL)
        except (Rejected, OutcomeUnknown, Outage) as error:
            # The order becomes overdue by itself, and is looked up then.
            tell = log.warning if first else log.debug
            tell("cancel_not_confirmed", order=order.client_order_id, cause=str(error))
            return isinstance(error, Rejected)
        return True

    def complain(self, refused: RequestRefused) -> None:
        """Slow down, as the venue asked for fewer of such requests."""
        if (about := asked(refused.request_id)) is not None:
            self.gate.complain(self.venue.request_lanes(about[0]))

    async def _hand_over(self, frame: str) -> bool:
        """Whether the account socket took a frame; if not, it has certainly not left."""
        try:
            await deliver(self.requests, frame, self.handover_s)
        except Outage:
            return False
        return True

    async def _by_rest(
        self,
        call: Call[VenueOrderId],
        about: str,
        priority: Priority,
        *,
        names_it: bool = False,
        before_sending: Callable[[], None] | None = None,
    ) -> Placed:
        try:
            name = await self.rest.call(call, priority, before_sending)
        except Rejected as refusal:
            return RequestRefused(request_id=about, reason=str(refusal))
        except Outage as outage:
            return NotSent(str(outage))
        except OutcomeUnknown as unknown:
            return InDoubt(str(unknown))
        return RequestAcknowledged(
            request_id=about, venue_order_id=name if names_it else None, client_order_id=None
        )
