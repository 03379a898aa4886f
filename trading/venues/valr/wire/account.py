"""
The account socket's messages as they stand on the wire, field by field; see ``wire`` for the rules.

Some of their pieces are found in REST's answers too.
"""

from typing import Any

import msgspec

from trading.venues.valr.wire.frames import (
    Authenticated,
    Error,
    Frame,
    Pong,
    Subscribed,
    Unsubscribed,
)
from trading.venues.valr.wire.orders import Outcome


class CurrencyObject(msgspec.Struct, rename="camel"):
    short_name: str
    """The currency's code: ``ZAR``, where ``symbol`` says ``R``."""


class BalanceData(msgspec.Struct, rename="camel"):
    currency: CurrencyObject
    available: str
    reserved: str
    total: str
    updated_at: str | None = None


class BalanceUpdate(Frame, tag="BALANCE_UPDATE"):
    data: BalanceData


class OpenOrder(msgspec.Struct, rename="camel"):
    """An open order in REST's list (``remainingQuantity``) or the socket's (``quantity``)."""

    order_id: str
    side: str
    price: str
    currency_pair: str
    original_quantity: str
    remaining_quantity: str | None = None
    quantity: str | None = None
    customer_order_id: str | None = None
    status: str = "Placed"
    created_at: str | None = None
    updated_at: str | None = None


class OpenOrdersObject(msgspec.Struct):
    """A newer shape of the list, in one source only."""

    orders: list[msgspec.Raw]


class OpenOrdersUpdate(Frame, tag="OPEN_ORDERS_UPDATE"):
    data: msgspec.Raw
    """A list of ``OpenOrder``, read row by row, or an ``OpenOrdersObject``."""


class OrderStatus(msgspec.Struct, rename="camel"):
    """One order's state, on the socket (ORDER_STATUS_UPDATE) and by REST (status, history)."""

    order_id: str
    order_status_type: str
    currency_pair: str
    original_price: str
    remaining_quantity: str
    original_quantity: str
    order_side: str
    failed_reason: str | None = None
    customer_order_id: str | None = None
    order_updated_at: str | None = None


class OrderStatusUpdate(Frame, tag="ORDER_STATUS_UPDATE"):
    data: OrderStatus


class OrderProcessedData(msgspec.Struct, rename="camel"):
    order_id: str
    success: bool
    failure_reason: str | None = None
    customer_order_id: str | None = None


class OrderProcessed(Frame, tag="ORDER_PROCESSED"):
    data: OrderProcessedData


class AccountTrade(msgspec.Struct, rename="camel"):
    """Our own trade, on the socket and in REST's history."""

    price: str
    quantity: str
    currency_pair: str
    traded_at: str
    side: str
    id: str
    order_id: str
    fee: str | None = None
    fee_currency: str | None = None
    maker_reward: str | None = None
    maker_reward_currency: str | None = None
    customer_order_id: str | None = None
    sequence_id: int | str | None = None
    """An int64 above 2^53; older replies have it as text."""


class NewAccountTrade(Frame, tag="NEW_ACCOUNT_TRADE"):
    data: AccountTrade


class FailedCancelData(msgspec.Struct, rename="camel"):
    order_id: str
    message: str = ""


class FailedCancelOrder(Frame, tag="FAILED_CANCEL_ORDER"):
    data: FailedCancelData


class FailedOrderData(msgspec.Struct, rename="camel"):
    """
    A failed order, guessed by ``FAILED_CANCEL_ORDER``: clients handle it, no example is known.

    The reason has another name in each message that is known to have one.
    """

    order_id: str | None = None
    customer_order_id: str | None = None
    message: str | None = None
    failure_reason: str | None = None
    failed_reason: str | None = None


class FailedOrder(Frame, tag="FAILED_ORDER"):
    data: FailedOrderData


class OrderFailed(Frame, tag="ORDER_FAILED"):
    data: FailedOrderData


class OrderRejected(Frame, tag="ORDER_REJECTED"):
    data: FailedOrderData


class CancelOnDisconnectData(msgspec.Struct, rename="camel"):
    cancel_on_disconnect: bool | str
    """Text on the wire: ``"true"``."""


class CancelOnDisconnectUpdate(Frame, tag="CANCEL_ON_DISCONNECT_UPDATE"):
    data: CancelOnDisconnectData


class ModifyOutcomeData(msgspec.Struct, rename="camel"):
    success: bool
    order_id: str
    customer_order_id: str | None = None
    modify_request_id: str | None = None
    failure_reason: str | None = None


class ModifyOutcome(Frame, tag="MODIFY_ORDER_OUTCOME"):
    data: ModifyOutcomeData


class ReplyData(msgspec.Struct, rename="camel"):
    order_id: str | None = None
    customer_order_id: str | None = None
    requested: bool | None = None
    request_type: str | None = None
    outcomes: list[Outcome] | None = None
    message: str | None = None


class _Reply(Frame):
    """An answer to one request; ``error`` in one of the shapes that refusals were seen in."""

    client_msg_id: str = ""
    data: ReplyData | None = None
    error: Any = None
    message: str = ""


class PlaceLimitReply(_Reply, tag="PLACE_LIMIT_WS_RESPONSE"):
    pass


class PlaceMarketReply(_Reply, tag="PLACE_MARKET_WS_RESPONSE"):
    pass


class CancelReply(_Reply, tag="CANCEL_ORDER_WS_RESPONSE"):
    pass


class ModifyReply(_Reply, tag="MODIFY_ORDER_WS_RESPONSE"):
    pass


class RateLimitExceeded(_Reply, tag="RATE_LIMIT_EXCEEDED"):
    pass


class InvalidPlaceLimit(_Reply, tag="INVALID_PLACE_LIMIT_REQUEST"):
    pass


class InvalidPlaceMarket(_Reply, tag="INVALID_PLACE_MARKET_REQUEST"):
    pass


class InvalidCancel(_Reply, tag="INVALID_CANCEL_ORDER_REQUEST"):
    pass


class InvalidModify(_Reply, tag="INVALID_MODIFY_WS_REQUEST"):
    pass


class BatchReply(_Reply, tag="BATCH_ORDERS_WS_RESPONSE"):
    """
    VALR publishes neither this name nor where the outcomes are (protocol U4).

    Both places that a client has reason to expect are read; without either nothing is known of the
    legs but by their own events.
    """

    outcomes: list[Outcome] | None = None


AccountFrame = (
    BalanceUpdate
    | OpenOrdersUpdate
    | OrderStatusUpdate
    | OrderProcessed
    | NewAccountTrade
    | FailedCancelOrder
    | FailedOrder
    | OrderFailed
    | OrderRejected
    | CancelOnDisconnectUpdate
    | ModifyOutcome
    | PlaceLimitReply
    | PlaceMarketReply
    | CancelReply
    | ModifyReply
    | RateLimitExceeded
    | BatchReply
    | InvalidPlaceLimit
    | InvalidPlaceMarket
    | InvalidCancel
    | InvalidModify
    | Subscribed
    | Unsubscribed
    | Error
    | Pong
    | Authenticated
)
