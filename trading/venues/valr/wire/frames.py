"""
VALR's messages as they stand on the wire, field by field.

Extra fields are tolerated, missing ones are not; prices and quantities stay text here.
Field names are the wire's, so case and inconsistencies are VALR's own.
"""

import msgspec

from trading.core.identifiers import Pair, VenueOrderId


class Frame(msgspec.Struct, tag_field="type", rename="camel", gc=False):
    """A tree and never a cycle, so the garbage collector need not look at it."""


Level = tuple[str, str]
"""A price and the quantity there; the codec looks whether they are numbers."""


class PairData(msgspec.Struct, gc=False):
    """The ``d`` of the OB_L1 feeds."""

    lc: int
    a: tuple[Level, ...]
    b: tuple[Level, ...]
    sq: int
    cs: int


class OrderBookSnapshot(Frame, tag="OB_L1_SNAPSHOT"):
    ps: Pair
    d: PairData


class OrderBookDiff(Frame, tag="OB_L1_DIFF"):
    ps: Pair
    d: PairData


class DepthData(msgspec.Struct):
    """The ``d`` of the snapshots of a given depth: neither sequence nor checksum."""

    lc: int
    a: list[tuple[str, str]]
    b: list[tuple[str, str]]


class DepthSnapshot(Frame):
    ps: str
    d: DepthData


class Depth1(DepthSnapshot, tag="OB_L1_D1_SNAPSHOT"):
    pass


class Depth5(DepthSnapshot, tag="OB_L1_D5_SNAPSHOT"):
    pass


class Depth10(DepthSnapshot, tag="OB_L1_D10_SNAPSHOT"):
    pass


class Depth20(DepthSnapshot, tag="OB_L1_D20_SNAPSHOT"):
    pass


class Depth40(DepthSnapshot, tag="OB_L1_D40_SNAPSHOT"):
    pass


class Depth80(DepthSnapshot, tag="OB_L1_D80_SNAPSHOT"):
    pass


class TradeData(msgspec.Struct, rename="camel"):
    price: str
    quantity: str
    currency_pair: str
    traded_at: str
    taker_side: str
    id: str | None = None


class NewTrade(Frame, tag="NEW_TRADE"):
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


class AggregatedOrderBook(Frame, tag="AGGREGATED_ORDERBOOK_UPDATE"):
    currency_pair_symbol: str
    data: AggregatedData


class BookOrder(msgspec.Struct, rename="camel", gc=False):
    order_id: VenueOrderId
    quantity: str


class FullLevel(msgspec.Struct, rename="pascal", gc=False):
    price: str
    orders: tuple[BookOrder, ...]


class FullData(msgspec.Struct, rename="pascal", gc=False):
    last_change: int
    asks: tuple[FullLevel, ...]
    bids: tuple[FullLevel, ...]
    sequence_number: int
    checksum: int


class FullOrderBookSnapshot(Frame, tag="FULL_ORDERBOOK_SNAPSHOT"):
    currency_pair_symbol: Pair
    data: FullData


class FullOrderBookUpdate(Frame, tag="FULL_ORDERBOOK_UPDATE"):
    currency_pair_symbol: Pair
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


class MarketSummary(Frame, tag="MARKET_SUMMARY_UPDATE"):
    currency_pair_symbol: str
    data: MarketSummaryData


class MarkPriceData(msgspec.Struct):
    price: str


class MarkPrice(Frame, tag="MARK_PRICE_UPDATE"):
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


class NewTradeBucket(Frame, tag="NEW_TRADE_BUCKET"):
    currency_pair_symbol: str
    data: TradeBucketData


class AllowedOrderTypes(Frame, tag="ALLOWED_ORDER_TYPES_UPDATED"):
    currency_pair_symbol: str
    data: list[str]


class Subscribed(Frame, tag="SUBSCRIBED"):
    message: str


class Unsubscribed(Frame, tag="UNSUBSCRIBED"):
    message: str


class Error(Frame, tag="ERROR"):
    message: str = ""
    client_msg_id: str | None = None


class Pong(Frame, tag="PONG"):
    message: str = ""


class Authenticated(Frame, tag="AUTHENTICATED"):
    pass


TradeFrame = (
    OrderBookSnapshot
    | OrderBookDiff
    | Depth1
    | Depth5
    | Depth10
    | Depth20
    | Depth40
    | Depth80
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


class Kind(msgspec.Struct):
    """Just enough of a frame to say what it is."""

    type: str


class Whose(msgspec.Struct, rename="camel"):
    """Just enough of a frame to say which pair's it is."""

    ps: str | None = None
    currency_pair_symbol: str | None = None


class About(msgspec.Struct):
    """Just enough of a frame to say what it is about."""

    type: str
    data: msgspec.Raw
