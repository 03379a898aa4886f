"""Decodes Binance's frames into messages; any failure is a ``MalformedFrame``."""

from collections.abc import Sequence
from decimal import Decimal

import msgspec

from trading.core.decimals import ZERO, parse_decimal
from trading.core.errors import MalformedFrame
from trading.core.identifiers import Pair, TradeId
from trading.core.market import PriceLevel, Side, Trade
from trading.messages.market import (
    BookDiff,
    BookSnapshot,
    DepthShown,
    MarketEvent,
    Subscribed,
    TradeHappened,
)
from trading.messages.sockets import Unrecognised, VenueComplaint
from trading.venues.binance import wire

UNREADABLE = (msgspec.DecodeError, UnicodeError, RecursionError)
"""What reading a text that is no JSON of ours raises: malformed, no UTF-8, nested without end."""

ALL_PAIRS = Pair("*")
"""The answer to a subscription names no stream: it is of all that were asked for."""

SNAPSHOT = "snapshot"
"""No stream of Binance's. A book by REST does not say whose it is, so it is put into the shape of
an event, ``<symbol>@snapshot``: so a recording holds all that a book needs."""

_KIND_LENGTH_MAX = 60

_frames = msgspec.json.Decoder(wire.Frame)
_updates = msgspec.json.Decoder(wire.DepthUpdate)
_depths = msgspec.json.Decoder(wire.Depth)
_trades = msgspec.json.Decoder(wire.Trade)
_tickers = msgspec.json.Decoder(wire.BookTicker)


def stream_of(pair: Pair, kind: str) -> str:
    """A stream's name; symbols are lower case in it."""
    return f"{pair.lower()}@{kind}"


def snapshot_frame(pair: Pair, body: bytes) -> str:
    """
    The answer of ``GET /api/v3/depth`` as a frame.

    Raises:
        MalformedFrame: The answer is no book.
    """
    try:
        _depths.decode(body)
        return f'{{"stream":"{stream_of(pair, SNAPSHOT)}","data":{body.decode()}}}'
    except UNREADABLE as error:
        raise MalformedFrame(str(error), body, pair) from error


def decode_market(frame: str, received_at: float) -> Sequence[MarketEvent]:
    """
    Translate one frame of a combined socket, or a snapshot that was asked for by REST.

    Raises:
        MalformedFrame: The frame is not JSON, or lacks what its kind must have.
    """
    try:
        message = _frames.decode(frame)
    except UNREADABLE as error:
        raise MalformedFrame(str(error), frame) from error
    if not message.stream:
        return (_answer(message),)
    symbol, _, kind = message.stream.partition("@")
    pair = Pair(symbol.upper())
    try:
        return (_event(pair, kind, message.data, received_at),)
    except (*UNREADABLE, ValueError) as error:
        raise MalformedFrame(f"{message.stream}: {error}", frame, pair) from error


def _answer(message: wire.Frame) -> MarketEvent:
    if message.error is not None or message.msg is not None:
        return VenueComplaint(message.error.msg if message.error is not None else message.msg or "")
    if message.result is None:
        return Subscribed("streams", ALL_PAIRS)
    return Unrecognised("a frame without a stream")


def _event(pair: Pair, kind: str, data: msgspec.Raw, received_at: float) -> MarketEvent:
    match kind:
        case "depth@100ms" | "depth":
            return _diff(_updates.decode(data), received_at)
        case "trade":
            return TradeHappened(_trade(_trades.decode(data)))
        case "bookTicker":
            return _best(_tickers.decode(data))
        case "snapshot":
            depth = _depths.decode(data)
            return BookSnapshot(
                pair=pair,
                bids=depth.bids,
                asks=depth.asks,
                sequence=depth.last_update_id,
                checksum=None,
                received_at=received_at,
            )
        case _:
            return Unrecognised(kind[:_KIND_LENGTH_MAX])


def _diff(update: wire.DepthUpdate, received_at: float) -> BookDiff:
    if update.u < update.U:
        raise ValueError(f"updates from {update.U} to {update.u}")
    return BookDiff(
        pair=Pair(update.s),
        bids=update.b,
        asks=update.a,
        sequence=update.u,
        checksum=None,
        received_at=received_at,
        first=update.U,
    )


def _trade(data: wire.Trade) -> Trade:
    return Trade(
        pair=Pair(data.s),
        price=_positive(data.p),
        quantity=_positive(data.q),
        # Where the buyer's order rested, the taker sold.
        taker_side=Side.SELL if data.m else Side.BUY,
        trade_id=TradeId(str(data.t)),
        traded_at_ms=data.T,
    )


def _best(data: wire.BookTicker) -> DepthShown:
    return DepthShown(
        pair=Pair(data.s),
        bids=_side(data.b, data.B),
        asks=_side(data.a, data.A),
        changed_at_ms=None,
    )


def _side(price: str, quantity: str) -> tuple[PriceLevel, ...]:
    """The best level of a side; none where the price is zero."""
    level = PriceLevel(parse_decimal(price), parse_decimal(quantity))
    return (level,) if level.price > ZERO else ()


def _positive(text: str) -> Decimal:
    value = parse_decimal(text)
    if value <= ZERO:
        raise ValueError(f"expected a number of more than zero, got {text[:60]!r}")
    return value
