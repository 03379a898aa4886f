"""The trade socket's frames into messages."""

import re
from collections.abc import Sequence
from typing import TypeVar

import msgspec

from trading.core.decimals import is_plain_number, is_positive_number, parse_decimal
from trading.core.errors import MalformedFrame
from trading.core.identifiers import Pair, VenueOrderId
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

_decoder = msgspec.json.Decoder(wire.TradeFrame)
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
        message = _decoder.decode(frame)
    except fields.UNREADABLE as error:
        return (unrecognised(frame, _KINDS, error),)
    try:
        if isinstance(message, wire.OrderBookDiff):  # nearly all of a busy feed
            return (_levels(BookDiff, message, received_at),)
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
    for levels in (data.a, data.b):
        for price, quantity in levels:
            if not (is_positive_number(price) and is_plain_number(quantity)):
                raise _impossible(price, quantity)
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
    return kind(
        pair=Pair(message.currency_pair_symbol),
        bids=tuple(map(_queue, message.data.bids)),
        asks=tuple(map(_queue, message.data.asks)),
        sequence=message.data.sequence_number,
        checksum=message.data.checksum,
        received_at=received_at,
    )


def _impossible(price: str, quantity: str) -> ValueError:
    return ValueError(f"no level of a book: {quantity[:60]!r} at a price of {price[:60]!r}")


def _queue(level: wire.FullLevel) -> QueuedLevel:
    for order in level.orders:
        if not (is_positive_number(level.price) and is_plain_number(order.quantity)):
            raise _impossible(level.price, order.quantity)
    orders = tuple((VenueOrderId(order.order_id), order.quantity) for order in level.orders)
    return level.price, orders


def _aggregated(message: wire.AggregatedOrderBook, received_at: float) -> BookSnapshot:
    # Every frame is the whole book: there is nothing to miss, and no checksum to compare.
    for entry in (*message.data.bids, *message.data.asks):
        if not (is_positive_number(entry.price) and is_plain_number(entry.quantity)):
            raise _impossible(entry.price, entry.quantity)
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
