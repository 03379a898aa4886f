"""A tracker that has sent one order, and short words to talk to it."""

from tests.trading.builders import OURS, THEIRS, D, a_fill, a_report, an_order
from trading.core.identifiers import ClientOrderId, VenueOrderId
from trading.gateway.tracker import OrderTracker
from trading.messages.account import (
    FillReported,
    OpenOrdersListed,
    OrderNews,
    OrderProcessed,
    OrderReported,
    RequestAcknowledged,
)
from trading.orders.evidence import Heard
from trading.orders.order import Order, OrderEvent, OrderStatus
from trading.orders.request_ids import Request, request_id

S, E = OrderStatus, OrderEvent
PLACE, CANCEL = request_id(Request.PLACE, OURS), request_id(Request.CANCEL, OURS)


class Desk:
    """Our order is the only one."""

    def __init__(self, order: Order | None = None) -> None:
        self.tracker = OrderTracker()
        self.tracker.expect(order or an_order())

    def hear(self, *news: OrderNews, now: float = 1.0) -> Heard:
        heard = Heard()
        for piece in news:
            heard = self.tracker.hear(piece, now)
        return heard

    @property
    def order(self) -> Order:
        order = self.tracker.find(OURS)
        assert order is not None
        return order

    def status(self) -> OrderStatus:
        assert (OURS in self.tracker.working) is not self.order.status.terminal
        return self.order.status


def acknowledged(request: str, venue_order_id: VenueOrderId | None = THEIRS) -> OrderNews:
    return RequestAcknowledged(
        request_id=request, venue_order_id=venue_order_id, client_order_id=OURS
    )


def processed(*, success: bool, order_id: ClientOrderId | None = OURS) -> OrderNews:
    return OrderProcessed(
        venue_order_id=THEIRS, client_order_id=order_id, success=success, reason="why"
    )


def reported(
    event: OrderEvent | None, remaining: int = 10, *, anonymous: bool = False
) -> OrderNews:
    order_id = None if anonymous else OURS
    return OrderReported(a_report(event, order_id=order_id, remaining=D(remaining)))


def listed(event: OrderEvent = E.RESTING, remaining: int = 10) -> OrderNews:
    return OpenOrdersListed((a_report(event, remaining=D(remaining)),))


def filled(trade_id: str = "t-1", quantity: int = 10, *, anonymous: bool = False) -> OrderNews:
    return FillReported(a_fill(trade_id, D(quantity), order_id=None if anonymous else OURS))


def an_open_desk() -> Desk:
    desk = Desk()
    desk.hear(acknowledged(PLACE), processed(success=True))
    return desk
