"""The trade socket's frames into messages."""

import re
from collections.abc import Sequence
from typing import TypeVar

import msgspec

from trading.core.decimals import parse_decimal
from trading.core.errors import MalformedFrame
from trading.core.identifiers import Pair
from trading.core.market import PriceLevel
from trading.messages.market import (
    BookDiff,
    BookSnapshot,
    CandleChanged,
    DepthShown,
    MarketEvent,
    MarkPriceChanged,
    OrderTypesChanged,
    QueueDiff,
    QueuedLevel,
    QueueSnapshot,
    Subscribed,
    SubscriptionRefused,
    SummaryChanged,
    TradeHappened,
    Unsubscribed,
)
from trading.messages.sockets import Authenticated, Heartbeat, VenueComplaint
from trading.venues.valr.codec import fields
from trading.venues.valr.codec.framing import kinds, pair_of, unrecognised
from trading.venues.valr.wire import frames as wire

_decode = msgspec.json.Decoder(wire.TradeFrame).decode
_KINDS = kinds(wire.TradeFrame)

L = TypeVar("L", BookDiff, BookSnapshot)

_INVALID_COMBINATION = re.compile(r"Channel (\S+), pair (\S+) combination invalid")


def decode_market(frame: str, received_at: float) -> Sequence[MarketEvent]:
    """
    Translate one frame of the trade socket.

    Raises:
        MalformedFrame: The frame is not JSON, or lacks what its type must have.
    """
    try:
        message = _decode(frame)
    except fields.UNREADABLE as error:
        return (unrecognised(frame, _KINDS, error),)
    try:
        if isinstance(message, wire.OrderBookDiff):  # nearly all of a busy feed
            return (_levels(BookDiff, message, received_at),)
        if isinstance(message, wire.FullOrderBookUpdate):
            return (_queues(message, received_at),)
        return (_event(message, received_at),)
    except ValueError as error:
        raise MalformedFrame(str(error), frame, pair_of(frame)) from error


def _event(message: wire.TradeFrame, received_at: float) -> MarketEvent:
    match message:
        case wire.OrderBookDiff():
            return _levels(BookDiff, message, received_at)
        case wire.OrderBookSnapshot():
            return _levels(BookSnapshot, message, received_at)
        case wire.FullOrderBookUpdate() | wire.FullOrderBookSnapshot():
            return _queues(message, received_at)
        case wire.AggregatedOrderBook():
            return _aggregated(message, received_at)
        case wire.NewTrade(data=data):
            return TradeHappened(fields.trade(data))
        case wire.Pong() | wire.Authenticated():
            return Heartbeat() if isinstance(message, wire.Pong) else Authenticated()
        case wire.Subscribed() | wire.Unsubscribed() | wire.Error():
            return _bookkeeping(message)
        case _:
            return _about_the_pair(message)


def _levels(
    kind: type[L], message: wire.OrderBookDiff | wire.OrderBookSnapshot, received_at: float
) -> L:
    data = message.d
    return kind(
        pair=message.ps,
        bids=data.b,
        asks=data.a,
        sequence=data.sq,
        checksum=data.cs,
        received_at=received_at,
    )


def _queues(
    message: wire.FullOrderBookUpdate | wire.FullOrderBookSnapshot, received_at: float
) -> QueueDiff | QueueSnapshot:
    kind = QueueDiff if isinstance(message, wire.FullOrderBookUpdate) else QueueSnapshot
    data = message.data
    return kind(
        pair=message.currency_pair_symbol,
        bids=tuple([_queue(level) for level in data.bids]) if data.bids else (),
        asks=tuple([_queue(level) for level in data.asks]) if data.asks else (),
        sequence=data.sequence_number,
        checksum=data.checksum,
        received_at=received_at,
    )


def _queue(level: wire.FullLevel) -> QueuedLevel:
    return level.price, tuple([(order.order_id, order.quantity) for order in level.orders])


def _aggregated(message: wire.AggregatedOrderBook, received_at: float) -> BookSnapshot:
    # Every frame is the whole book: there is nothing to miss, and no checksum to compare.
    return BookSnapshot(
        pair=Pair(message.currency_pair_symbol),
        bids=tuple((entry.price, entry.quantity) for entry in message.data.bids),
        asks=tuple((entry.price, entry.quantity) for entry in message.data.asks),
        sequence=message.data.sequence_number,
        checksum=None,
        received_at=received_at,
        stands_alone=True,
    )


def _bookkeeping(message: wire.Subscribed | wire.Unsubscribed | wire.Error) -> MarketEvent:
    if isinstance(message, wire.Error):
        if refused := _INVALID_COMBINATION.fullmatch(message.message):
            return SubscriptionRefused(refused[1], Pair(refused[2]))
        return VenueComplaint(message.message)
    event, _, pair = message.message.partition(":")
    kind = Subscribed if isinstance(message, wire.Subscribed) else Unsubscribed
    return kind(event, Pair(pair))


def _about_the_pair(
    message: wire.DepthSnapshot
    | wire.MarketSummary
    | wire.MarkPrice
    | wire.NewTradeBucket
    | wire.AllowedOrderTypes,
) -> MarketEvent:
    if isinstance(message, wire.DepthSnapshot):
        return DepthShown(
            pair=Pair(message.ps),
            bids=tuple(_level(*row) for row in message.d.b),
            asks=tuple(_level(*row) for row in message.d.a),
            changed_at_ms=message.d.lc,
        )
    pair = Pair(message.currency_pair_symbol)
    match message:
        case wire.MarketSummary(data=summary):
            return SummaryChanged(
                pair=pair,
                best_bid=parse_decimal(summary.bid_price),
                best_ask=parse_decimal(summary.ask_price),
                last_price=parse_decimal(summary.last_traded_price),
                created_at_ms=fields.time_ms(summary.created),
            )
        case wire.MarkPrice(data=mark):
            return MarkPriceChanged(pair, parse_decimal(mark.price))
        case wire.NewTradeBucket(data=bucket):
            return CandleChanged(
                pair=pair,
                period_s=bucket.bucket_period_in_seconds,
                start_ms=fields.time_ms(bucket.start_time),
                open_price=parse_decimal(bucket.open),
                high_price=parse_decimal(bucket.high),
                low_price=parse_decimal(bucket.low),
                close_price=parse_decimal(bucket.close),
                volume=parse_decimal(bucket.volume),
            )
        case wire.AllowedOrderTypes(data=types):
            return OrderTypesChanged(pair, frozenset(types))


def _level(price: str, quantity: str) -> PriceLevel:
    return PriceLevel(parse_decimal(price), parse_decimal(quantity))
