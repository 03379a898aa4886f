"""Binance's public REST calls. Paths, weights and fields: rest-api.md."""

from collections.abc import Callable
from decimal import Decimal
from typing import TypeVar

import msgspec

from trading.core.decimals import parse_decimal
from trading.core.errors import MalformedFrame
from trading.core.identifiers import Pair
from trading.core.market import MarketPrices
from trading.venues.binance import wire
from trading.venues.binance.codec import UNREADABLE, snapshot_frame
from trading.venues.interface import Call

T = TypeVar("T")
W = TypeVar("W")

_NS_PER_MS = 1_000_000

SNAPSHOT_LEVELS, _SNAPSHOT_WEIGHT = 1000, 50
"""Levels of each side; 5,000 are to be had for a weight of 250. Levels beyond those of the snapshot
are unknown until they change."""


def server_time() -> Call[int]:
    """``GET /api/v3/time``: nanoseconds since the epoch."""

    def read(body: wire.ServerTime) -> int:
        return body.server_time * _NS_PER_MS

    return _public("/api/v3/time", _reader(wire.ServerTime, read), weight=1)


def market_prices(pair: Pair) -> Call[MarketPrices]:
    """``GET /api/v3/ticker/24hr``: best and last prices of a symbol, in one answer."""

    def read(body: wire.Ticker) -> MarketPrices:
        if body.symbol != pair:  # a proxy may answer with what it has
            raise ValueError(f"expected the prices of {pair}, got those of {body.symbol[:40]!r}")
        return MarketPrices(
            best_bid=_price(body.bid_price),
            best_ask=_price(body.ask_price),
            last_trade=_price(body.last_price),
        )

    return _public(f"/api/v3/ticker/24hr?symbol={pair}", _reader(wire.Ticker, read), weight=2)


def snapshot(pair: Pair) -> Call[str]:
    """``GET /api/v3/depth``: a book, as a frame that ``decode_market`` reads."""
    path = f"/api/v3/depth?symbol={pair}&limit={SNAPSHOT_LEVELS}"
    return _public(path, lambda body: snapshot_frame(pair, body), weight=_SNAPSHOT_WEIGHT)


def _public(path: str, decode: Callable[[bytes], T], *, weight: int) -> Call[T]:
    return Call(verb="GET", path=path, signed=False, decode=decode, weight=weight)


def _reader(shape: type[W], read: Callable[[W], T]) -> Callable[[bytes], T]:
    decoder = msgspec.json.Decoder(shape)

    def decode(body: bytes) -> T:
        try:
            return read(decoder.decode(body))
        except (*UNREADABLE, ValueError) as error:
            raise MalformedFrame(str(error), body) from error

    return decode


def _price(text: str) -> Decimal | None:
    return parse_decimal(text) or None
