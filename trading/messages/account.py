"""Messages from the venue about the account, by its stream and its lists."""

from decimal import Decimal

import msgspec

from trading.core.identifiers import ClientOrderId, Pair, VenueOrderId
from trading.core.listed import OddRow
from trading.core.market import Balance, Side
from trading.messages.sockets import Authenticated, Heartbeat, Unrecognised, VenueComplaint
from trading.orders.order import Fill, OrderEvent


class OrderReport(msgspec.Struct, frozen=True, kw_only=True):
    """
    What the venue says about one order, from whichever message or list.

    Args:
        event: What its status means for an order of ours; ``None`` for a status we do not know.
        updated_at_ms: The venue's wall clock.
    """

    venue_order_id: VenueOrderId
    client_order_id: ClientOrderId | None
    pair: Pair
    side: Side
    price: Decimal
    quantity: Decimal
    remaining_quantity: Decimal
    event: OrderEvent | None
    status_text: str
    reason: str = ""
    updated_at_ms: int = 0


class BalanceChanged(msgspec.Struct, frozen=True):
    """The new absolute balance of one currency."""

    balance: Balance


class OpenOrdersListed(msgspec.Struct, frozen=True):
    """
    Some orders that were open at some moment. Presence is evidence, absence is none.

    Args:
        odd: Rows of the list that cannot be read.
    """

    reports: tuple[OrderReport, ...]
    odd: tuple[OddRow, ...] = ()


class OrderReported(msgspec.Struct, frozen=True):
    report: OrderReport


class OrderProcessed(msgspec.Struct, frozen=True, kw_only=True):
    """The matching engine's yes or no to a placement."""

    venue_order_id: VenueOrderId
    client_order_id: ClientOrderId | None
    success: bool
    reason: str


class OrderFailed(msgspec.Struct, frozen=True, kw_only=True):
    """
    The venue says that an order failed, in a message whose meaning is not published.

    It ends nothing by itself: the order is looked up.
    """

    venue_order_id: VenueOrderId | None
    client_order_id: ClientOrderId | None
    reason: str


class RequestAcknowledged(msgspec.Struct, frozen=True, kw_only=True):
    """The venue took a request and queued it. An acknowledgement is not an outcome."""

    request_id: str
    venue_order_id: VenueOrderId | None
    client_order_id: ClientOrderId | None


class RequestRefused(msgspec.Struct, frozen=True, kw_only=True):
    """The venue did not take a request at all."""

    request_id: str
    reason: str
    rate_limited: bool = False


class AnswerUnclear(msgspec.Struct, frozen=True, kw_only=True):
    """The venue answered a request with neither a name nor an error: what became of it is open."""

    request_id: str
    reason: str


class OrderAmended(msgspec.Struct, frozen=True, kw_only=True):
    """The matching engine's yes or no to a change of a working order."""

    venue_order_id: VenueOrderId
    client_order_id: ClientOrderId | None
    success: bool
    reason: str = ""


class BatchLeg(msgspec.Struct, frozen=True, kw_only=True):
    """What became of one request of a batch; accepted means queued, no more."""

    accepted: bool
    venue_order_id: VenueOrderId | None
    client_order_id: ClientOrderId | None
    reason: str = ""


class BatchAnswered(msgspec.Struct, frozen=True):
    """The venue took a batch; its legs in the order of the requests, where it tells them."""

    request_id: str
    legs: tuple[BatchLeg, ...]


class CancelRefused(msgspec.Struct, frozen=True):
    """The venue could not cancel: the order may be gone, filled, or still there."""

    venue_order_id: VenueOrderId
    reason: str


class CancelOnDisconnectSet(msgspec.Struct, frozen=True):
    armed: bool


class FillReported(msgspec.Struct, frozen=True):
    """
    A fill of ours.

    Args:
        listed: Whether it stands in the venue's list of fills; else the stream tells it.
    """

    fill: Fill
    listed: bool = False


class OrderNotFound(msgspec.Struct, frozen=True):
    """The venue answered that it knows no such order; soon after a placement this proves little."""

    client_order_id: ClientOrderId


class NewsGarbled(msgspec.Struct, frozen=True):
    """A frame of the account's stream that cannot be read: the venue must be asked what it said."""

    reason: str


class RowUnread(msgspec.Struct, frozen=True):
    """
    A frame about one order, fill or currency, of which only that name can be read.

    Where the name is ours, the venue must be asked what it said; otherwise it does not matter.
    """

    odd: OddRow


class AccountSessionOpened(msgspec.Struct, frozen=True):
    """The account's stream begins (again): what happened before it must be looked up."""


class AccountSessionLost(msgspec.Struct, frozen=True):
    """The account's stream ended: answers to what was sent on it will not come."""


OrderNews = (
    OpenOrdersListed
    | OrderReported
    | OrderProcessed
    | OrderFailed
    | OrderAmended
    | BatchAnswered
    | RequestAcknowledged
    | RequestRefused
    | AnswerUnclear
    | CancelRefused
    | FillReported
    | OrderNotFound
    | NewsGarbled
    | RowUnread
    | AccountSessionOpened
    | AccountSessionLost
)
"""What the order gateway must hear, all of it, in order."""

AccountEvent = (
    OrderNews
    | BalanceChanged
    | CancelOnDisconnectSet
    | Authenticated
    | Heartbeat
    | VenueComplaint
    | Unrecognised
)
