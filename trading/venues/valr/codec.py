"""VALR's frames into messages, and requests into frames. Never worse than ``MalformedFrame``."""

from collections.abc import Sequence
from typing import Any

import msgspec

from trading.errors import MalformedFrame
from trading.identifiers import Pair, VenueOrderId
from trading.messages import (
    AccountEvent,
    Authenticated,
    BalanceChanged,
    BookChange,
    BookDiff,
    BookSnapshot,
    CancelOnDisconnectSet,
    CancelRefused,
    FillReported,
    Heartbeat,
    MarketEvent,
    OpenOrdersListed,
    OrderProcessed,
    OrderReported,
    RequestAcknowledged,
    RequestRefused,
    Subscribed,
    TradeHappened,
    Unrecognised,
    Unsubscribed,
    VenueComplaint,
)
from trading.venues.valr import fields, wire

_trade_decoder = msgspec.json.Decoder(wire.TradeFrame)
_account_decoder = msgspec.json.Decoder(wire.AccountFrame)
_kind_decoder = msgspec.json.Decoder(wire.Kind)

_KIND_LENGTH_MAX = 60
"""Longer than any type that VALR is known to send; what it sends instead may be anything."""


def _kinds(union: Any) -> frozenset[str]:
    return frozenset(str(member.__struct_config__.tag) for member in union.__args__)


_TRADE_KINDS = _kinds(wire.TradeFrame)
_ACCOUNT_KINDS = _kinds(wire.AccountFrame)


def decode_market(frame: str, received_at: float) -> Sequence[MarketEvent]:
    """
    Translate one frame of the trade socket.

    Raises:
        MalformedFrame: The frame is not JSON, or lacks what its type must have.
    """
    try:
        message = _trade_decoder.decode(frame)
    except fields.UNREADABLE as error:
        return (_unrecognised(frame, _TRADE_KINDS, error),)
    try:
        return _market_events(message, received_at)
    except ValueError as error:
        raise MalformedFrame(str(error), frame) from error


def decode_account(frame: str) -> Sequence[AccountEvent]:
    """
    Translate one frame of the account socket.

    Raises:
        MalformedFrame: The frame is not JSON, or lacks what its type must have.
    """
    try:
        message = _account_decoder.decode(frame)
    except fields.UNREADABLE as error:
        return (_unrecognised(frame, _ACCOUNT_KINDS, error),)
    try:
        return _account_events(message)
    except ValueError as error:
        raise MalformedFrame(str(error), frame) from error


def _unrecognised(frame: str, known: frozenset[str], error: Exception) -> Unrecognised:
    try:
        kind = _kind_decoder.decode(frame).type
    except fields.UNREADABLE:
        raise MalformedFrame(str(error), frame) from error
    if kind in known:
        raise MalformedFrame(f"{kind}: {error}", frame) from error
    return Unrecognised(kind[:_KIND_LENGTH_MAX])


def _market_events(message: wire.TradeFrame, received_at: float) -> Sequence[MarketEvent]:
    match message:
        case wire.OrderBookDiff() | wire.OrderBookSnapshot():
            return (_book_change(message, received_at),)
        case wire.NewTrade(data=data):
            return (TradeHappened(fields.trade(data)),)
        case wire.Subscribed(message=text) | wire.Unsubscribed(message=text):
            event, _, pair = text.partition(":")
            kind = Subscribed if isinstance(message, wire.Subscribed) else Unsubscribed
            return (kind(event, Pair(pair)),)
        case wire.Error(message=text):
            return (VenueComplaint(text),)
        case wire.Pong():
            return (Heartbeat(),)
        case wire.Authenticated():
            return (Authenticated(),)
        case _:
            # Known, checked for shape, and of no use to anybody yet.
            return ()


def _book_change(
    message: wire.OrderBookDiff | wire.OrderBookSnapshot, received_at: float
) -> BookChange:
    kind = BookDiff if isinstance(message, wire.OrderBookDiff) else BookSnapshot
    return kind(
        pair=Pair(message.ps),
        bids=tuple(message.d.b),
        asks=tuple(message.d.a),
        sequence=message.d.sq,
        checksum=message.d.cs,
        received_at=received_at,
    )


def _account_events(message: wire.AccountFrame) -> Sequence[AccountEvent]:
    match message:
        case wire.BalanceUpdate(data=data):
            return (BalanceChanged(fields.named_balance(data.currency.short_name, data)),)
        case wire.OpenOrdersUpdate(data=data):
            orders = data if isinstance(data, list) else data.orders
            return (OpenOrdersListed(tuple(fields.open_order_report(order) for order in orders)),)
        case wire.OrderStatusUpdate(data=data):
            return (OrderReported(fields.order_report(data)),)
        case wire.OrderProcessed(data=data):
            processed = OrderProcessed(
                venue_order_id=VenueOrderId(data.order_id),
                client_order_id=fields.client_order_id(data.customer_order_id),
                success=data.success,
                reason=data.failure_reason or "",
            )
            return (processed,)
        case wire.NewAccountTrade(data=data):
            return (FillReported(fields.fill(data)),)
        case wire.FailedCancelOrder(data=data):
            return (CancelRefused(VenueOrderId(data.order_id), data.message),)
        case wire.CancelOnDisconnectUpdate(data=data):
            armed = data.cancel_on_disconnect
            return (CancelOnDisconnectSet(armed is True or armed == "true"),)
        case _:
            return _control_or_reply(message)


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
        case wire.RateLimitExceeded(client_msg_id=request_id):
            refused = RequestRefused(
                request_id=request_id, reason="rate limit exceeded", rate_limited=True
            )
            return (refused,)
        case _:
            return (_reply(message),)


def _reply(reply: Any) -> RequestAcknowledged | RequestRefused:
    """
    An answer to one request, as an acknowledgement or a refusal.

    Refusals have several shapes (VALR protocol U5): an ``error`` beside or instead of ``data``,
    an ``INVALID_*`` type, or a placement that was given no order id.
    """
    data: wire.ReplyData | None = reply.data
    placement = isinstance(reply, wire.PlaceLimitReply | wire.PlaceMarketReply)
    invalid = isinstance(reply, wire.InvalidPlaceLimit | wire.InvalidCancel)
    missing = data is None or (placement and data.order_id is None) or data.requested is False
    if invalid or reply.error is not None or missing:
        return RequestRefused(request_id=reply.client_msg_id, reason=_error_text(reply))
    assert data is not None
    return RequestAcknowledged(
        request_id=reply.client_msg_id,
        venue_order_id=None if data.order_id is None else VenueOrderId(data.order_id),
        client_order_id=fields.client_order_id(data.customer_order_id),
    )


def _error_text(reply: Any) -> str:
    error = reply.error
    if isinstance(error, dict):
        return str(error.get("message", error))
    return str(error or reply.message or "refused without a reason")


_encoder = msgspec.json.Encoder()


def request_frame(kind: str, payload: object, request_id: str) -> str:
    """An order request for the account socket."""
    frame = {"type": kind, "clientMsgId": request_id, "payload": payload}
    return _encoder.encode(frame).decode()
