"""The ways of a request to the venue: by the account's socket, or else by REST."""

from collections.abc import Callable
from typing import Protocol

import msgspec

from trading.core.errors import Outage, OutcomeUnknown, Rejected
from trading.core.identifiers import VenueOrderId
from trading.gateway.effects import SlowDown
from trading.gateway.scripts import Script, Withheld, ask, enter, hand_over
from trading.gateway.turn import Turn
from trading.messages.account import RequestAcknowledged, RequestRefused
from trading.orders.order import Order
from trading.orders.request_ids import Request, asked, request_id
from trading.risk import CheckedAmendment, CheckedOrder
from trading.venues.interface import Call, Venue
from trading.venues.rate_limits import Priority


class NotSent(msgspec.Struct, frozen=True):
    """The request certainly did not reach the venue, and why."""

    reason: str


class InDoubt(msgspec.Struct, frozen=True):
    """The request may or may not have reached the venue, and why that is unknown."""

    reason: str


class HandedOver(msgspec.Struct, frozen=True):
    """The socket took the request: the answer will be news."""


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


_NOT_WANTED = "it is not wanted any more"

Placed = HandedOver | RequestAcknowledged | RequestRefused | NotSent | InDoubt


class OrderDispatch(msgspec.Struct, frozen=True, kw_only=True):
    """
    Sends each request at most once: by REST only if the socket has certainly not taken it.

    Args:
        by_rest: Whether new orders go by REST though the socket would take them.
    """

    turn: Turn
    venue: Venue
    by_rest: bool = False

    def place(self, leaving: Leaving, priority: Priority) -> Script[Placed]:
        """
        Send a new order; there is no second way once one may have worked.

        Args:
            leaving: Checks the order at the moment at which it leaves.
        """
        if not self.by_rest:
            yield from enter(self.venue.request_lanes(Request.PLACE), priority)
            checked = leaving.leave()
            if isinstance(checked, str):
                return NotSent(checked)
            about = request_id(Request.PLACE, checked.order.client_order_id)
            if (yield from hand_over(self.venue.place_frame(checked, about))):
                return HandedOver()
            leaving.stay()
            self.turn.warning("placed_by_rest", order=checked.order.client_order_id)
        checked = leaving.look()
        if isinstance(checked, str):
            return NotSent(checked)
        about = request_id(Request.PLACE, checked.order.client_order_id)

        def refusal() -> str:
            # Checked again here: waiting for the rate limits and the connection took time.
            reason = leaving.leave()
            return reason if isinstance(reason, str) else ""

        call = self.venue.place(checked)
        return (yield from self._ask(call, about, priority, names_it=True, confirm=refusal))

    def amend(self, checked: CheckedAmendment, wanted: Callable[[], bool]) -> Script[Placed]:
        """
        Ask for a smaller quantity.

        Args:
            wanted: Whether that is still what is wanted, asked whenever it could leave: a change
                that arrives after a later one would undo it.
        """

        def refusal() -> str:
            return "" if wanted() else _NOT_WANTED

        yield from enter(self.venue.request_lanes(Request.AMEND), Priority.REDUCE)
        if not wanted():
            return NotSent(_NOT_WANTED)
        about = request_id(Request.AMEND, checked.order.client_order_id)
        if (yield from hand_over(self.venue.amend_frame(checked, about))):
            return HandedOver()
        if not wanted():
            return NotSent(_NOT_WANTED)
        call = self.venue.amend(checked)
        return (yield from self._ask(call, about, Priority.REDUCE, confirm=refusal))

    def cancel_by_stream(self, order: Order) -> Script[bool]:
        """Send a cancel; whether the account's socket took it."""
        yield from enter(self.venue.request_lanes(Request.CANCEL), Priority.CANCEL)
        about = request_id(Request.CANCEL, order.client_order_id)
        return (yield from hand_over(self.venue.cancel_frame(order, about)))

    def cancel_by_rest(self, order: Order, patience_s: float, *, first: bool) -> Script[bool]:
        """
        Send a cancel. Its success or failure says nothing about the order.

        Args:
            first: Whether a failure is news.

        Returns:
            Whether the venue has answered.

        Raises:
            TimeoutError: Nothing came within ``patience_s`` seconds.
            Fatal: The venue refuses our key.
        """
        call = self.venue.cancel(order.pair, order.venue_order_id, order.client_order_id)
        try:
            yield from ask(call, Priority.CANCEL, patience_s=patience_s)
        except (Rejected, OutcomeUnknown, Outage) as error:
            # The order becomes overdue by itself, and is looked up then.
            tell = self.turn.warning if first else self.turn.debug
            tell("cancel_not_confirmed", order=order.client_order_id, cause=str(error))
            return isinstance(error, Rejected)
        return True

    def complain(self, refused: RequestRefused) -> None:
        """Slow down, as the venue asked for fewer of such requests."""
        if (about := asked(refused.request_id)) is not None:
            self.turn.do(SlowDown(tuple(self.venue.request_lanes(about[0]))))

    def _ask(
        self,
        call: Call[VenueOrderId],
        about: str,
        priority: Priority,
        *,
        names_it: bool = False,
        confirm: Callable[[], str] | None = None,
    ) -> Script[Placed]:
        try:
            name = yield from ask(call, priority, confirm=confirm)
        except Withheld as withheld:
            return NotSent(str(withheld))
        except Rejected as refusal:
            return RequestRefused(request_id=about, reason=str(refusal))
        except Outage as outage:
            return NotSent(str(outage))
        except OutcomeUnknown as unknown:
            return InDoubt(str(unknown))
        return RequestAcknowledged(
            request_id=about, venue_order_id=name if names_it else None, client_order_id=None
        )
