"""Messages from the venue about the account, by its stream and its lists."""

from decimal import Decimal

import attrs

from trading.core.identifiers import ClientOrderId, Pair, VenueOrderId
from trading.core.listed import OddRow
from trading.core.market import Balance, Side
from trading.messages.sockets import Authenticated, Heartbeat, Unrecognised, VenueComplaint
from trading.orders.order import Fill, OrderEvent


@attrs.frozen(kw_only=True)
class OrderReport:
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


@attrs.frozen
class BalanceChanged:
    """The new absolute balance of one currency."""

    balance: Balance


@attrs.frozen
class OpenOrdersListed:
    """
    Some orders that were open at some moment. Presence is evidence, absence is none.

    Args:
        odd: Rows of the list that cannot be read.
    """

    reports: tuple[OrderReport, ...]
    odd: tuple[OddRow, ...] = ()


@attrs.frozen
class OrderReported:
    report: OrderReport


@attrs.frozen(kw_only=True)
class OrderProcessed:
    """The matching engine's yes or no to a placement."""

    venue_order_id: VenueOrderId
    client_order_id: ClientOrderId | None
    success: bool
    reason: str


@attrs.frozen(kw_only=True)
class OrderFailed:
    """
    The venue says that an order failed, in a message whose meaning is not published.

    It ends nothing by itself: the order is looked up.
    """

    venue_order_id: VenueOrderId | None
    client_order_id: ClientOrderId | None
    reason: str


@attrs.frozen(kw_only=True)
class RequestAcknowledged:
    """The venue took a request and queued it. An acknowledgement is not an outcome."""

    request_id: str
    venue_order_id: VenueOrderId | None
    client_order_id: ClientOrderId | None


@attrs.frozen(kw_only=True)
class RequestRefused:
    """The venue did not take a request at all."""

    request_id: str
    reason: str
    rate_limited: bool = False


@attrs.frozen(kw_only=True)
class AnswerUnclear:
    """The venue answered a request with neither a name nor an error: what became of it is open."""

    request_id: str
    reason: str


@attrs.frozen(kw_only=True)
class OrderAmended:
    """The matching engine's yes or no to a change of a working order."""

    venue_order_id: VenueOrderId
    client_order_id: ClientOrderId | None
    success: bool
    reason: str = ""


@attrs.frozen(kw_only=True)
class BatchLeg:
    """What became of one request of a batch; accepted means queued, no more."""

    accepted: bool
    venue_order_id: VenueOrderId | None
    client_order_id: ClientOrderId | None
    reason: str = ""


@attrs.frozen
class BatchAnswered:
    """The venue took a batch; its legs in the order of the requests, where it tells them."""

    request_id: str
    legs: tuple[BatchLeg, ...]


@attrs.frozen
class CancelRefused:
    """The venue could not cancel: the order may be gone, filled, or still there."""

    venue_order_id: VenueOrderId
    reason: str


@attrs.frozen
class CancelOnDisconnectSet:
    armed: bool


@attrs.frozen
class FillReported:
    """
    A fill of ours.

    Args:
        listed: Whether it stands in the venue's list of fills; else the stream tells it.
    """

    fill: Fill
    listed: bool = False


@attrs.frozen
class OrderNotFound:
    """The venue answered that it knows no such order; soon after a placement this proves little."""

    client_order_id: ClientOrderId


@attrs.frozen
class NewsGarbled:
    """A frame of the account's stream that cannot be read: the venue must be asked what it said."""

    reason: str


@attrs.frozen
class RowUnread:
    """
    A frame about one order, fill or currency, of which only that name can be read.

    Where the name is ours, the venue must be asked what it said; otherwise it does not matter.
    """

    odd: OddRow


@attrs.frozen
class AccountSessionOpened:
    """The account's stream begins (again): what happened before it must be looked up."""


@attrs.frozen
class AccountSessionLost:
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
