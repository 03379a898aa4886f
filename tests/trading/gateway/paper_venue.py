"""A venue as values, for the gateway's core alone: frames and calls in, answers and news out."""

from collections import deque
from collections.abc import Callable, Collection, Sequence
from decimal import Decimal
from typing import Any

import attrs

from tests.trading.builders import PAIR
from trading.core.decimals import ZERO
from trading.core.errors import Rejected
from trading.core.identifiers import ClientOrderId, Pair, TradeId, VenueOrderId
from trading.core.listed import Listed
from trading.messages.account import (
    CancelRefused,
    FillReported,
    OrderAmended,
    OrderNews,
    OrderProcessed,
    OrderReport,
    OrderReported,
    RequestAcknowledged,
)
from trading.orders.order import Fill, Order, OrderEvent
from trading.orders.request_ids import Request, asked
from trading.risk import CheckedAmendment, CheckedOrder
from trading.venues.interface import Call, FillList

_EVENTS = {
    OrderEvent.RESTING: "open",
    OrderEvent.PARTLY_FILLED: "partly filled",
    OrderEvent.WHOLLY_FILLED: "filled",
    OrderEvent.CANCELLED: "cancelled",
}


@attrs.define
class Resting:
    """An order at the venue."""

    order: Order
    name: VenueOrderId
    quantity: Decimal
    filled: Decimal = ZERO
    cancelled: bool = False

    @property
    def remaining(self) -> Decimal:
        return self.quantity - self.filled

    @property
    def event(self) -> OrderEvent:
        if self.cancelled:
            return OrderEvent.CANCELLED
        if not self.remaining:
            return OrderEvent.WHOLLY_FILLED
        return OrderEvent.PARTLY_FILLED if self.filled else OrderEvent.RESTING

    @property
    def is_open(self) -> bool:
        return not self.cancelled and bool(self.remaining)

    def report(self) -> OrderReport:
        return OrderReport(
            venue_order_id=self.name,
            client_order_id=self.order.client_order_id,
            pair=self.order.pair,
            side=self.order.side,
            price=self.order.price,
            quantity=self.quantity,
            remaining_quantity=self.remaining,
            event=self.event,
            status_text=_EVENTS[self.event],
        )


class PaperVenue:
    """
    Takes orders and answers about them; nothing happens here by itself.

    What it takes is queued: an acknowledgement is no outcome, and what is queued is on no list.

    Attributes:
        queued: What has arrived and has not happened yet.
        news: What the account's stream has yet to tell.
        placed: How often each of our ids has reached it.
        traded: Every fill, oldest first.
    """

    def __init__(self) -> None:
        self.orders: dict[ClientOrderId, Resting] = {}
        self.news: deque[OrderNews] = deque()
        self.queued: deque[Callable[[], None]] = deque()
        self.names: dict[ClientOrderId, VenueOrderId] = {}
        self.placed: dict[ClientOrderId, int] = {}
        self.traded: list[Fill] = []
        self.clock_ms = 1
        self._offered: dict[str, CheckedOrder | CheckedAmendment | Order] = {}

    # What the core asks of a venue's codec.

    def request_lanes(self, request: Request) -> Sequence[str]:
        return (request.value,)

    def speaks_of_rules(self, reason: str) -> bool:
        return "rules" in reason

    def place_frame(self, order: CheckedOrder, request_id: str) -> str:
        self._offered[request_id] = order
        return request_id

    def amend_frame(self, amendment: CheckedAmendment, request_id: str) -> str:
        self._offered[request_id] = amendment
        return request_id

    def cancel_frame(self, order: Order, request_id: str) -> str:
        self._offered[request_id] = order
        return request_id

    def place(self, order: CheckedOrder) -> Call[VenueOrderId]:
        def place() -> VenueOrderId:
            return self._queue_placement(order.order)

        return _call("POST", f"place/{order.order.client_order_id}", place)

    def amend(self, amendment: CheckedAmendment) -> Call[VenueOrderId]:
        def amend() -> VenueOrderId:
            self.queued.append(lambda: self._amend(amendment))
            return VenueOrderId("change")

        return _call("PUT", f"amend/{amendment.order.client_order_id}", amend)

    def cancel(
        self, pair: Pair, venue_order_id: VenueOrderId | None, client_order_id: ClientOrderId | None
    ) -> Call[None]:
        def cancel() -> None:
            self.queued.append(lambda: self._cancel(client_order_id))

        return _call("DELETE", f"cancel/{client_order_id}", cancel)

    def open_orders(self) -> Call[Listed[OrderReport]]:
        def listed() -> Listed[OrderReport]:
            return Listed(tuple(one.report() for one in self.orders.values() if one.is_open))

        return _call("GET", "open", listed)

    def ended_orders(self) -> Call[Listed[OrderReport]]:
        def listed() -> Listed[OrderReport]:
            return Listed(tuple(one.report() for one in self.orders.values() if not one.is_open))

        return _call("GET", "ended", listed)

    def order_status(self, pair: Pair, order_id: ClientOrderId) -> Call[OrderReport]:
        def status() -> OrderReport:
            if order_id not in self.orders:
                raise Rejected("no such order")
            return self.orders[order_id].report()

        return _call("GET", f"status/{order_id}", status)

    def fill_lists(self, pairs: Collection[Pair]) -> Sequence[FillList]:
        def page(skip: int, _last: Fill | None) -> Call[Listed[Fill]]:
            return _call("GET", f"fills/{skip}", lambda: Listed(tuple(self.traded[::-1][skip:])))

        return (page,)

    # What reaches it, and what happens there.

    def take(self, frame: str) -> None:
        """A frame arrives."""
        about = asked(frame)
        assert about is not None
        offered = self._offered[frame]
        name = None
        if isinstance(offered, CheckedOrder):
            name = self._queue_placement(offered.order)
        elif isinstance(offered, CheckedAmendment):
            change = offered
            self.queued.append(lambda: self._amend(change))
        else:
            order_id = offered.client_order_id
            self.queued.append(lambda: self._cancel(order_id))
        self.news.append(
            RequestAcknowledged(request_id=frame, venue_order_id=name, client_order_id=about[1])
        )

    def go_on(self) -> None:
        """The oldest of what is queued happens."""
        self.queued.popleft()()

    def fill(self, one: Resting, quantity: Decimal) -> None:
        """Somebody trades with an order."""
        quantity = min(quantity, one.remaining)
        one.filled += quantity
        fill = Fill(
            trade_id=TradeId(f"t-{len(self.traded) + 1}"),
            pair=PAIR,
            side=one.order.side,
            price=one.order.price,
            quantity=quantity,
            fee=ZERO,
            fee_currency="",
            venue_order_id=one.name,
            client_order_id=one.order.client_order_id,
            traded_at_ms=self.clock_ms,
        )
        self.traded.append(fill)
        self.news += [FillReported(fill), OrderReported(one.report())]

    @property
    def open(self) -> Sequence[Resting]:
        return [one for one in self.orders.values() if one.is_open]

    def _queue_placement(self, order: Order) -> VenueOrderId:
        order_id = order.client_order_id
        self.placed[order_id] = self.placed.get(order_id, 0) + 1
        name = self.names.setdefault(order_id, VenueOrderId(f"v-{len(self.names) + 1}"))
        self.queued.append(lambda: self._place(order, name))
        return name

    def _place(self, order: Order, name: VenueOrderId) -> None:
        order_id = order.client_order_id
        one = self.orders[order_id] = Resting(order, name, order.quantity)
        self.news += [
            OrderProcessed(venue_order_id=name, client_order_id=order_id, success=True, reason=""),
            OrderReported(one.report()),
        ]

    def _amend(self, amendment: CheckedAmendment) -> None:
        one = self.orders.get(amendment.order.client_order_id)
        if one is None:
            return
        wanted = amendment.amended.quantity
        success = one.is_open and wanted > one.filled
        if success:
            one.quantity = wanted
        self.news.append(
            OrderAmended(
                venue_order_id=one.name,
                client_order_id=one.order.client_order_id,
                success=success,
            )
        )
        self.news.append(OrderReported(one.report()))

    def _cancel(self, order_id: ClientOrderId | None) -> None:
        one = None if order_id is None else self.orders.get(order_id)
        if one is None:
            return
        if one.is_open:
            one.cancelled = True
            self.news.append(OrderReported(one.report()))
        else:
            self.news.append(CancelRefused(one.name, "it has ended"))


def _call(verb: str, path: str, arrive: Callable[[], Any]) -> Call[Any]:
    """A call whose reading of the answer is what happens at the venue."""
    return Call(verb=verb, path=path, decode=lambda _body: arrive())
