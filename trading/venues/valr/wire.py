"""
VALR's messages as they stand on the wire, field by field.

Extra fields are tolerated, missing ones are not; prices and quantities stay text here.
Field names are the wire's, so case and inconsistencies are VALR's own.
"""

from typing import Annotated, Any

import msgspec


class _Frame(msgspec.Struct, tag_field="type", rename="camel"):
    pass


PlainNumber = Annotated[str, msgspec.Meta(pattern=r"^[0-9]{1,40}(\.[0-9]{1,40})?\Z")]
"""A number of a book, which stays text: neither signed nor NaN, no exponent, no comma."""

Level = tuple[PlainNumber, PlainNumber]
"""A price and the quantity there."""


class PairData(msgspec.Struct):
    """The ``d`` of the OB_L1 feeds."""

    lc: int
    a: list[Level]
    b: list[Level]
    sq: int
    cs: int


class OrderBookSnapshot(_Frame, tag="OB_L1_SNAPSHOT"):
    ps: str
    d: PairData


class OrderBookDiff(_Frame, tag="OB_L1_DIFF"):
    ps: str
    d: PairData


class TradeData(msgspec.Struct, rename="camel"):
    price: str
    quantity: str
    currency_pair: str
    traded_at: str
    taker_side: str
    id: str | None = None


class NewTrade(_Frame, tag="NEW_TRADE"):
    currency_pair_symbol: str
    data: TradeData


class AggregatedEntry(msgspec.Struct, rename="camel"):
    price: str
    quantity: str
    order_count: int


class AggregatedData(msgspec.Struct, rename="pascal"):
    asks: list[AggregatedEntry]
    bids: list[AggregatedEntry]
    last_change: str
    sequence_number: int


class AggregatedOrderBook(_Frame, tag="AGGREGATED_ORDERBOOK_UPDATE"):
    currency_pair_symbol: str
    data: AggregatedData


class BookOrder(msgspec.Struct, rename="camel"):
    order_id: str
    quantity: str


class FullLevel(msgspec.Struct, rename="pascal"):
    price: str
    orders: list[BookOrder]


class FullData(msgspec.Struct, rename="pascal"):
    last_change: int
    asks: list[FullLevel]
    bids: list[FullLevel]
    sequence_number: int
    checksum: int


class FullOrderBookSnapshot(_Frame, tag="FULL_ORDERBOOK_SNAPSHOT"):
    currency_pair_symbol: str
    data: FullData


class FullOrderBookUpdate(_Frame, tag="FULL_ORDERBOOK_UPDATE"):
    currency_pair_symbol: str
    data: FullData


class MarketSummaryData(msgspec.Struct, rename="camel"):
    ask_price: str
    bid_price: str
    last_traded_price: str
    previous_close_price: str
    base_volume: str
    high_price: str
    low_price: str
    created: str
    change_from_previous: str
    quote_volume: str | None = None
    mark_price: str | None = None


class MarketSummary(_Frame, tag="MARKET_SUMMARY_UPDATE"):
    currency_pair_symbol: str
    data: MarketSummaryData


class MarkPriceData(msgspec.Struct):
    price: str


class MarkPrice(_Frame, tag="MARK_PRICE_UPDATE"):
    currency_pair_symbol: str
    data: MarkPriceData


class TradeBucketData(msgspec.Struct, rename="camel"):
    bucket_period_in_seconds: int
    start_time: str
    open: str
    high: str
    low: str
    close: str
    volume: str
    quote_volume: str | None = None


class NewTradeBucket(_Frame, tag="NEW_TRADE_BUCKET"):
    currency_pair_symbol: str
    data: TradeBucketData


class AllowedOrderTypes(_Frame, tag="ALLOWED_ORDER_TYPES_UPDATED"):
    currency_pair_symbol: str
    data: list[str]


class Subscribed(_Frame, tag="SUBSCRIBED"):
    message: str


class Unsubscribed(_Frame, tag="UNSUBSCRIBED"):
    message: str


class Error(_Frame, tag="ERROR"):
    message: str = ""
    client_msg_id: str | None = None


class Pong(_Frame, tag="PONG"):
    message: str = ""


class Authenticated(_Frame, tag="AUTHENTICATED"):
    pass


# The account's stream.


class CurrencyObject(msgspec.Struct, rename="camel"):
    short_name: str
    """The currency's code: ``ZAR``, where ``symbol`` says ``R``."""


class BalanceData(msgspec.Struct, rename="camel"):
    currency: CurrencyObject
    available: str
    reserved: str
    total: str
    updated_at: str | None = None


class BalanceUpdate(_Frame, tag="BALANCE_UPDATE"):
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

    orders: list[OpenOrder]


class OpenOrdersUpdate(_Frame, tag="OPEN_ORDERS_UPDATE"):
    data: list[OpenOrder] | OpenOrdersObject


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


class OrderStatusUpdate(_Frame, tag="ORDER_STATUS_UPDATE"):
    data: OrderStatus


class OrderProcessedData(msgspec.Struct, rename="camel"):
    order_id: str
    success: bool
    failure_reason: str | None = None
    customer_order_id: str | None = None


class OrderProcessed(_Frame, tag="ORDER_PROCESSED"):
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


class NewAccountTrade(_Frame, tag="NEW_ACCOUNT_TRADE"):
    data: AccountTrade


class FailedCancelData(msgspec.Struct, rename="camel"):
    order_id: str
    message: str = ""


class FailedCancelOrder(_Frame, tag="FAILED_CANCEL_ORDER"):
    data: FailedCancelData


class CancelOnDisconnectData(msgspec.Struct, rename="camel"):
    cancel_on_disconnect: bool | str
    """Text on the wire: ``"true"``."""


class CancelOnDisconnectUpdate(_Frame, tag="CANCEL_ON_DISCONNECT_UPDATE"):
    data: CancelOnDisconnectData


class ReplyData(msgspec.Struct, rename="camel"):
    order_id: str | None = None
    customer_order_id: str | None = None
    requested: bool | None = None
    request_type: str | None = None


class _Reply(_Frame):
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


class InvalidCancel(_Reply, tag="INVALID_CANCEL_ORDER_REQUEST"):
    pass


TradeFrame = (
    OrderBookSnapshot
    | OrderBookDiff
    | NewTrade
    | AggregatedOrderBook
    | FullOrderBookSnapshot
    | FullOrderBookUpdate
    | MarketSummary
    | MarkPrice
    | NewTradeBucket
    | AllowedOrderTypes
    | Subscribed
    | Unsubscribed
    | Error
    | Pong
    | Authenticated
)

AccountFrame = (
    BalanceUpdate
    | OpenOrdersUpdate
    | OrderStatusUpdate
    | OrderProcessed
    | NewAccountTrade
    | FailedCancelOrder
    | CancelOnDisconnectUpdate
    | PlaceLimitReply
    | PlaceMarketReply
    | CancelReply
    | ModifyReply
    | RateLimitExceeded
    | InvalidPlaceLimit
    | InvalidCancel
    | Subscribed
    | Unsubscribed
    | Error
    | Pong
    | Authenticated
)


class Kind(msgspec.Struct):
    """Just enough of a frame to say what it is."""

    type: str
