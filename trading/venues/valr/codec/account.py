"""The account socket's frames into messages."""

import functools
from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from trading.core.errors import MalformedFrame
from trading.core.identifiers import VenueOrderId
from trading.core.listed import OddRow
from trading.messages.account import (
    AccountEvent,
    AnswerUnclear,
    BalanceChanged,
    BatchAnswered,
    BatchLeg,
    CancelOnDisconnectSet,
    CancelRefused,
    FillReported,
    OpenOrdersListed,
    OrderAmended,
    OrderFailed,
    OrderProcessed,
    OrderReport,
    OrderReported,
    RequestAcknowledged,
    RequestRefused,
    RowUnread,
)
from trading.messages.sockets import Authenticated, Heartbeat, VenueComplaint
from trading.venues.valr.codec import fields
from trading.venues.valr.codec.framing import kinds, unrecognised
from trading.venues.valr.codec.reading import Whose, by, by_order, each, odd_row
from trading.venues.valr.wire import account as account_wire
from trading.venues.valr.wire import frames as wire

_decoder = msgspec.json.Decoder(account_wire.AccountFrame)
_open_orders = msgspec.json.Decoder(list[msgspec.Raw] | account_wire.OpenOrdersObject)
_open_order = msgspec.json.Decoder(account_wire.OpenOrder)
_about = msgspec.json.Decoder(wire.About)
_KINDS = kinds(account_wire.AccountFrame)

_OF_NO_USE = frozenset(
    {
        "ADD_CONDITIONAL_ORDER",
        "INSTANT_ORDER_COMPLETED",
        "LEVERAGE_UPDATED",
        "MARGIN_INFO",
        "NEW_ACCOUNT_HISTORY_RECORD",
        "NEW_PENDING_RECEIVE",
        "NEW_PENDING_SEND",
        "OPEN_POSITION_UPDATE",
        "POSITION_CLOSED",
        "REDUCE_POSITION",
        "REMOVE_CONDITIONAL_ORDER",
        "SEND_STATUS_UPDATE",
    }
)
"""What VALR sends about things that we do not do: other orders, margin, deposits, the ledger."""


def decode_account(frame: str) -> Sequence[AccountEvent]:
    """
    Translate one frame of the account socket.

    A frame of which nothing can be told but whose order, fill or currency it is about is a
    ``RowUnread``: an odd frame about something that is not ours does no harm.

    Raises:
        MalformedFrame: The frame is not JSON, or lacks what its type must have.
    """
    try:
        message = _decoder.decode(frame)
    except fields.UNREADABLE as error:
        if (odd := _about_one_thing(frame, error)) is not None:
            return (RowUnread(odd),)
        stranger = unrecognised(frame, _KINDS, error)
        return () if stranger.kind in _OF_NO_USE else (stranger,)
    try:
        return _account_events(message)
    except (*fields.UNREADABLE, ValueError) as error:
        if (odd := _about_one_thing(frame, error)) is not None:
            return (RowUnread(odd),)
        raise MalformedFrame(str(error), frame) from error


_ABOUT_ONE_THING: Mapping[str, Whose] = {
    "BALANCE_UPDATE": by("currency", "shortName"),
    **dict.fromkeys(
        (
            "ORDER_STATUS_UPDATE",
            "ORDER_PROCESSED",
            "NEW_ACCOUNT_TRADE",
            "FAILED_CANCEL_ORDER",
            "MODIFY_ORDER_OUTCOME",
        ),
        by_order,
    ),
}
"""Of the messages that tell of one order, fill or currency: how to tell of which."""


def _about_one_thing(frame: str, error: Exception) -> OddRow | None:
    """What an unreadable frame is about; ``None`` where that cannot be read either."""
    try:
        about = _about.decode(frame)
    except fields.UNREADABLE:
        return None
    whose = _ABOUT_ONE_THING.get(about.type)
    odd = None if whose is None else odd_row(f"a {about.type}", about.data, error, whose)
    return odd if odd is not None and odd.names is not None else None


@functools.lru_cache(maxsize=1024)
def _open_order_report(row: bytes) -> OrderReport:
    """
    A row of the list of open orders.

    Each change of one order brings the rows of all others once more, as they were: those are read
    once, and are the same object each time.
    """
    return fields.open_order_report(_open_order.decode(row))


def _account_events(message: account_wire.AccountFrame) -> Sequence[AccountEvent]:
    match message:
        case account_wire.BalanceUpdate(data=data):
            return (BalanceChanged(fields.named_balance(data.currency.short_name, data)),)
        case account_wire.OpenOrdersUpdate(data=data):
            orders = _open_orders.decode(data)
            listed = each(
                orders if isinstance(orders, list) else orders.orders,
                lambda row: _open_order_report(bytes(row)),
                by_order,
                of="open orders on the stream",
            )
            return (OpenOrdersListed(listed.rows, listed.odd),)
        case account_wire.OrderStatusUpdate(data=data):
            return (OrderReported(fields.order_report(data)),)
        case account_wire.OrderProcessed(data=data):
            processed = OrderProcessed(
                venue_order_id=VenueOrderId(data.order_id),
                client_order_id=fields.client_order_id(data.customer_order_id),
                success=data.success,
                reason=data.failure_reason or "",
            )
            return (processed,)
        case account_wire.NewAccountTrade(data=data):
            return (FillReported(fields.fill(data)),)
        case account_wire.CancelOnDisconnectUpdate(data=data):
            armed = data.cancel_on_disconnect
            return (CancelOnDisconnectSet(armed is True or armed == "true"),)
        case _:
            return _change_or_reply(message)


def _change_or_reply(message: Any) -> Sequence[AccountEvent]:
    match message:
        case account_wire.FailedCancelOrder(data=data):
            return (CancelRefused(VenueOrderId(data.order_id), data.message),)
        case (
            account_wire.FailedOrder(data=data)
            | account_wire.OrderFailed(data=data)
            | account_wire.OrderRejected(data=data)
        ):
            return (_failed(data),)
        case account_wire.ModifyOutcome(data=data):
            amended = OrderAmended(
                venue_order_id=VenueOrderId(data.order_id),
                client_order_id=fields.client_order_id(data.customer_order_id),
                success=data.success,
                reason=data.failure_reason or "",
            )
            return (amended,)
        case _:
            return _control_or_reply(message)


def _failed(data: account_wire.FailedOrderData) -> OrderFailed:
    if not (data.order_id or data.customer_order_id):
        raise ValueError("orderId: a failed order without a name")
    return OrderFailed(
        venue_order_id=VenueOrderId(data.order_id) if data.order_id else None,
        client_order_id=fields.client_order_id(data.customer_order_id),
        reason=data.message or data.failure_reason or data.failed_reason or "",
    )


def _control_or_reply(message: Any) -> Sequence[AccountEvent]:
    match message:
        case wire.Pong():
            return (Heartbeat(),)
        case wire.Authenticated():
            return (Authenticated(),)
        case wire.Error(message=text, client_msg_id=None):
            return (VenueComplaint(text),)
        case wire.Error(message=text, client_msg_id=str(request_id)):
            return (RequestRefused(request_id=request_id, reason=text),)
        case wire.Subscribed() | wire.Unsubscribed():
            return ()
        case account_wire.RateLimitExceeded(client_msg_id=request_id):
            refused = RequestRefused(
                request_id=request_id, reason="rate limit exceeded", rate_limited=True
            )
            return (refused,)
        case account_wire.BatchReply(error=None):
            return (_batch(message),)
        case _:
            return (_reply(message),)


def _batch(reply: account_wire.BatchReply) -> BatchAnswered:
    outcomes = reply.outcomes or (reply.data.outcomes if reply.data is not None else None) or []
    legs = [
        BatchLeg(
            accepted=outcome.accepted,
            venue_order_id=None if outcome.order_id is None else VenueOrderId(outcome.order_id),
            client_order_id=fields.client_order_id(outcome.customer_order_id),
            reason="" if outcome.error is None else outcome.error.words,
        )
        for outcome in outcomes
    ]
    return BatchAnswered(reply.client_msg_id, tuple(legs))


_INVALID = (
    account_wire.InvalidPlaceLimit,
    account_wire.InvalidPlaceMarket,
    account_wire.InvalidCancel,
    account_wire.InvalidModify,
)


def _reply(reply: Any) -> RequestAcknowledged | RequestRefused | AnswerUnclear:
    """
    An answer to one request, as an acknowledgement or a refusal.

    Refusals have several shapes (VALR protocol U5): an ``error`` beside or instead of ``data``,
    an ``INVALID_*`` type, or words instead of an order id. What merely lacks an order id or its
    data refuses nothing: a field that is left out would make an order that works a refused one.
    """
    data: account_wire.ReplyData | None = reply.data
    placement = isinstance(reply, account_wire.PlaceLimitReply | account_wire.PlaceMarketReply)
    invalid = isinstance(reply, _INVALID)
    said_no = data is not None and data.requested is False
    missing = data is None or (placement and data.order_id is None)
    if invalid or reply.error is not None or said_no or (missing and reply.message):
        return RequestRefused(request_id=reply.client_msg_id, reason=_error_text(reply))
    if data is None or missing:
        reason = "the venue's answer has neither an order id nor an error"
        return AnswerUnclear(request_id=reply.client_msg_id, reason=reason)
    return RequestAcknowledged(
        request_id=reply.client_msg_id,
        venue_order_id=None if data.order_id is None else VenueOrderId(data.order_id),
        client_order_id=fields.client_order_id(data.customer_order_id),
    )


def _error_text(reply: Any) -> str:
    error = reply.error
    if isinstance(error, dict):
        return str(error.get("message", error))
    within = None if reply.data is None else reply.data.message
    return str(error or reply.message or within or "refused without a reason")
