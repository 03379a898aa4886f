"""VALR's public REST calls, and the authenticated twins of those that are cached for too long."""

from collections.abc import Callable, Sequence
from decimal import Decimal
from typing import TypeVar
from urllib.parse import urlencode

import msgspec

from trading.core.decimals import parse_decimal
from trading.core.errors import Outage
from trading.core.identifiers import Currency, Pair, TradeId, VenueOrderId
from trading.core.listed import Listed, ListedBy
from trading.core.market import MarketPrices, PriceLevel, Trade
from trading.venues.interface import Call
from trading.venues.standing import VenueStatus
from trading.venues.valr.codec import fields
from trading.venues.valr.codec.reading import by, reader, rows, rows_by
from trading.venues.valr.wire import frames as wire
from trading.venues.valr.wire import market as market_wire
from trading.venues.valr.wire import rest as rest_wire

T = TypeVar("T")

_NS_DIGITS = 9


class CurrencyInfo(msgspec.Struct, frozen=True, kw_only=True):
    currency: Currency
    name: str
    active: bool


class ListedOrder(msgspec.Struct, frozen=True, kw_only=True):
    """Anyone's order in a full book; position 1 is the first in its queue."""

    order_id: VenueOrderId
    price: Decimal
    quantity: Decimal
    position: int


class ListedBook(msgspec.Struct, frozen=True, kw_only=True):
    """
    A book by REST. Public ones are up to 30 s old: never quote from them.

    Args:
        bids: Best first; levels of the aggregated book, orders of the full one.
        asks: Best first.
        changed_at_ms: The venue's wall clock at the last change.
    """

    bids: tuple[PriceLevel | ListedOrder, ...]
    asks: tuple[PriceLevel | ListedOrder, ...]
    sequence: int
    changed_at_ms: int


class MarketSummary(msgspec.Struct, frozen=True, kw_only=True):
    """A pair's last day; a price of zero means that there is none."""

    pair: Pair
    best_bid: Decimal
    best_ask: Decimal
    last_price: Decimal
    high_price: Decimal
    low_price: Decimal
    base_volume: Decimal
    created_at_ms: int


class Candle(msgspec.Struct, frozen=True, kw_only=True):
    """
    Trades of one span of time.

    Args:
        start_ms: The venue's wall clock.
        volume: In base currency.
    """

    start_ms: int
    period_s: int
    open_price: Decimal
    high_price: Decimal
    low_price: Decimal
    close_price: Decimal
    volume: Decimal


def server_time() -> Call[int]:
    """``GET /v1/public/time``: nanoseconds since the epoch."""

    def read(body: market_wire.ServerTime) -> int:
        # The epoch field has whole seconds; only the text is fine enough to set a clock by.
        fraction = body.time.removesuffix("Z").partition(".")[2]
        whole_s = fields.time_ms(body.time) // 1000
        return whole_s * 1_000_000_000 + int(fraction[:_NS_DIGITS].ljust(_NS_DIGITS, "0"))

    return _public("/v1/public/time", reader(market_wire.ServerTime, read))


def status() -> Call[VenueStatus]:
    """``GET /v1/public/status``; a word that we do not know is an ``Outage``."""

    def read(body: market_wire.Status) -> VenueStatus:
        try:
            return VenueStatus(body.status)
        except ValueError:
            # Whatever it means, it does not mean that orders are taken.
            raise Outage(
                f"VALR says that it is {body.status[:60]!r}, which tells nothing"
            ) from None

    return _public("/v1/public/status", reader(market_wire.Status, read))


def currencies() -> Call[Listed[CurrencyInfo]]:
    """``GET /v1/public/currencies``."""

    def read(row: market_wire.CurrencyRow) -> CurrencyInfo:
        currency = Currency(fields.name("shortName", row.short_name))
        return CurrencyInfo(currency=currency, name=row.long_name, active=row.is_active)

    whose = by("shortName")
    return _public(
        "/v1/public/currencies", rows(market_wire.CurrencyRow, read, whose, of="currencies")
    )


def order_types() -> Call[ListedBy[Pair, frozenset[str]]]:
    """``GET /v1/public/ordertypes``: what each pair takes; nothing for an inactive one."""

    def read(row: market_wire.OrderTypesRow) -> tuple[Pair, frozenset[str]]:
        pair = Pair(fields.name("currencyPair", row.currency_pair))
        return pair, frozenset(row.order_types)

    whose = by("currencyPair")
    return _public(
        "/v1/public/ordertypes",
        rows_by(market_wire.OrderTypesRow, read, whose, of="order types"),
    )


def aggregated_book(pair: Pair, *, public: bool = False) -> Call[ListedBook]:
    """``GET /v1/marketdata/{pair}/orderbook``: the best 40 levels of each side."""

    def level(entry: market_wire.BookEntry) -> PriceLevel:
        return PriceLevel(parse_decimal(entry.price), parse_decimal(entry.quantity))

    return _book(pair, "orderbook", level, public=public)


def full_book(pair: Pair, *, public: bool = False) -> Call[ListedBook]:
    """``GET /v1/marketdata/{pair}/orderbook/full``: every order, with its place in the queue."""

    def order(entry: market_wire.BookEntry) -> ListedOrder:
        if entry.id is None or entry.position_at_price is None:
            raise ValueError("an order of a full book without id or position")
        return ListedOrder(
            order_id=VenueOrderId(entry.id),
            price=parse_decimal(entry.price),
            quantity=parse_decimal(entry.quantity),
            position=entry.position_at_price,
        )

    return _book(pair, "orderbook/full", order, public=public)


def market_summary(pair: Pair) -> Call[MarketSummary]:
    """``GET /v1/public/{pair}/marketsummary``."""

    def read(row: rest_wire.SummaryRow) -> MarketSummary:
        if row.currency_pair != pair:
            raise ValueError(f"expected the summary of {pair}, got {row.currency_pair[:40]!r}")
        return MarketSummary(
            pair=Pair(row.currency_pair),
            best_bid=parse_decimal(row.bid_price),
            best_ask=parse_decimal(row.ask_price),
            last_price=parse_decimal(row.last_traded_price),
            high_price=parse_decimal(row.high_price),
            low_price=parse_decimal(row.low_price),
            base_volume=parse_decimal(row.base_volume),
            created_at_ms=fields.time_ms(row.created),
        )

    return _public(f"/v1/public/{pair}/marketsummary", reader(rest_wire.SummaryRow, read))


def market_prices(pair: Pair) -> Call[MarketPrices]:
    """What of ``market_summary`` is a price."""
    summary = market_summary(pair)

    def read(body: bytes) -> MarketPrices:
        prices = summary.decode(body)
        return MarketPrices(
            best_bid=prices.best_bid or None,
            best_ask=prices.best_ask or None,
            last_trade=prices.last_price or None,
        )

    return _public(summary.path, read)


def trades(
    pair: Pair, *, limit: int = 100, before_id: TradeId | None = None
) -> Call[Sequence[Trade]]:
    """
    ``GET /v1/marketdata/{pair}/tradehistory``: anyone's trades, newest first.

    Args:
        limit: At most 100.
        before_id: Only trades older than this one.
    """

    def read(listed: list[wire.TradeData]) -> Sequence[Trade]:
        return [fields.trade(row) for row in listed]

    query = {"limit": limit} | ({} if before_id is None else {"beforeId": before_id})
    return Call(
        verb="GET",
        path=f"/v1/marketdata/{pair}/tradehistory?{urlencode(query)}",
        decode=reader(list[wire.TradeData], read),
    )


def candles(pair: Pair, *, period_s: int, start_s: int, end_s: int) -> Call[Sequence[Candle]]:
    """
    ``GET /v1/public/{pair}/buckets``: newest first, at most 300.

    Args:
        period_s: 60, 300, 900, 1800, 3600, 21600 or 86400.
        start_s: The venue's wall clock, seconds since the epoch.
        end_s: Likewise.
    """

    def candle(bucket: market_wire.Bucket) -> Candle:
        return Candle(
            start_ms=fields.time_ms(bucket.start_time),
            period_s=bucket.bucket_period_in_seconds,
            open_price=parse_decimal(bucket.open),
            high_price=parse_decimal(bucket.high),
            low_price=parse_decimal(bucket.low),
            close_price=parse_decimal(bucket.close),
            volume=parse_decimal(bucket.volume),
        )

    def read(buckets: list[market_wire.Bucket]) -> Sequence[Candle]:
        return [candle(bucket) for bucket in buckets]

    query = urlencode({"periodSeconds": period_s, "startTime": start_s, "endTime": end_s})
    return _public(f"/v1/public/{pair}/buckets?{query}", reader(list[market_wire.Bucket], read))


def _public(path: str, decode: Callable[[bytes], T]) -> Call[T]:
    return Call(verb="GET", path=path, signed=False, decode=decode)


def _book(
    pair: Pair,
    what: str,
    entry: Callable[[market_wire.BookEntry], PriceLevel | ListedOrder],
    *,
    public: bool,
) -> Call[ListedBook]:
    def read(book: market_wire.Book) -> ListedBook:
        return ListedBook(
            bids=tuple(map(entry, book.bids)),
            asks=tuple(map(entry, book.asks)),
            sequence=book.sequence_number,
            changed_at_ms=fields.time_ms(book.last_change),
        )

    decode = reader(market_wire.Book, read)
    # The public one is cached at the edge for 30 s, its twin for one.
    if public:
        return _public(f"/v1/public/{pair}/{what}", decode)
    return Call(verb="GET", path=f"/v1/marketdata/{pair}/{what}", decode=decode)
