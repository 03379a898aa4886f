"""The venue's JSON of public data: trades, books, candles, summaries, rules."""

from datetime import UTC, datetime
from decimal import ROUND_FLOOR, Decimal

from trading.core.decimals import decimal_text
from trading.core.identifiers import Currency
from trading.core.market import Side
from trading.simulator.core.candles import Candle
from trading.venues.valr.simulator.core.ids import iso
from trading.venues.valr.simulator.core.listing import Listing, PublicTrade
from trading.venues.valr.simulator.wire.frames import LONG_NAMES, Json

_CENT = Decimal("0.01")
_HUNDRED = Decimal(100)
BOOK_DEPTH = 40
"""Levels a side of the aggregated book."""


def new_trade(trade: PublicTrade, listing: Listing) -> Json:
    return {
        "type": "NEW_TRADE",
        "currencyPairSymbol": listing.rules.symbol,
        "data": {**_public_trade(trade, listing), "id": trade.trade_id},
    }


def rest_trade(trade: PublicTrade, listing: Listing) -> Json:
    value = listing.grid.notional(trade.price * trade.quantity)
    return {
        **_public_trade(trade, listing),
        "sequenceId": trade.sequence,
        "id": trade.trade_id,
        "quoteVolume": decimal_text(value),
    }


def _public_trade(trade: PublicTrade, listing: Listing) -> Json:
    return {
        "price": listing.grid.price_text(trade.price),
        "quantity": listing.grid.quantity_text(trade.quantity),
        "currencyPair": listing.rules.symbol,
        "tradedAt": iso(trade.at_ms),
        "takerSide": trade.taker_side.value,
    }


def aggregated_book(listing: Listing, sequence: int, depth: int = BOOK_DEPTH) -> Json:
    return {**aggregated_sides(listing, depth), **book_stamp(listing, sequence)}


def aggregated_sides(listing: Listing, depth: int = BOOK_DEPTH) -> Json:
    return {
        "Asks": _book_side(listing, Side.SELL, depth),
        "Bids": _book_side(listing, Side.BUY, depth),
    }


def book_stamp(listing: Listing, sequence: int) -> Json:
    return {"LastChange": iso(listing.changed_ms), "SequenceNumber": sequence}


def aggregated_book_update(listing: Listing, sequence: int, depth: int = BOOK_DEPTH) -> Json:
    return {
        "type": "AGGREGATED_ORDERBOOK_UPDATE",
        "currencyPairSymbol": listing.rules.symbol,
        "data": aggregated_book(listing, sequence, depth),
    }


def _book_side(listing: Listing, side: Side, depth: int) -> list[Json]:
    market = listing.market
    ladder = market.bids if side is Side.BUY else market.asks
    return [
        {
            "side": side.value,
            "quantity": listing.texts.quantity(quantity),
            "price": listing.grid.price_text(price),
            "currencyPair": listing.rules.symbol,
            "orderCount": market.order_count(side, price),
        }
        for (price, quantity), _ in zip(ladder.levels(), range(depth), strict=False)
    ]


def market_summary(listing: Listing, now_ms: int, *, name: str = "currencyPair") -> Json:
    """
    The last 24 hours.

    Args:
        name: The name of the pair: REST and the socket differ.
    """
    grid, market = listing.grid, listing.market
    day = listing.candles.day(now_ms)
    change = (Decimal(listing.last) / day.open - 1) * _HUNDRED
    return {
        name: listing.rules.symbol,
        "askPrice": grid.price_text(market.asks.best() or 0),
        "bidPrice": grid.price_text(market.bids.best() or 0),
        "lastTradedPrice": grid.price_text(listing.last),
        "previousClosePrice": grid.price_text(day.open),
        "baseVolume": grid.quantity_text(day.lots),
        "quoteVolume": decimal_text(grid.notional(day.tick_lots)),
        "highPrice": grid.price_text(day.high),
        "lowPrice": grid.price_text(day.low),
        "created": iso(now_ms),
        "changeFromPrevious": decimal_text(change.quantize(_CENT, ROUND_FLOOR)),
        "markPrice": grid.price_text(listing.mark),
    }


def market_summary_update(listing: Listing, now_ms: int) -> Json:
    return {
        "type": "MARKET_SUMMARY_UPDATE",
        "currencyPairSymbol": listing.rules.symbol,
        "data": market_summary(listing, now_ms, name="currencyPairSymbol"),
    }


def mark_price_update(listing: Listing) -> Json:
    return {
        "type": "MARK_PRICE_UPDATE",
        "currencyPairSymbol": listing.rules.symbol,
        "data": {"price": listing.grid.price_text(listing.mark)},
    }


def order_types_update(listing: Listing) -> Json:
    return {
        "type": "ALLOWED_ORDER_TYPES_UPDATED",
        "currencyPairSymbol": listing.rules.symbol,
        "data": list(listing.order_types),
    }


def bucket(candle: Candle, period_s: int, listing: Listing) -> Json:
    """A candle with its volumes."""
    return {
        **price_bucket(candle, period_s, listing),
        "volume": listing.grid.quantity_text(candle.lots),
        "quoteVolume": decimal_text(listing.grid.notional(candle.tick_lots)),
    }


def price_bucket(candle: Candle, period_s: int, listing: Listing) -> Json:
    """A candle without volumes."""
    price_text = listing.grid.price_text
    start = datetime.fromtimestamp(candle.start_ms // 1000, UTC)
    return {
        "currencyPairSymbol": listing.rules.symbol,
        "bucketPeriodInSeconds": period_s,
        "startTime": start.strftime("%Y-%m-%dT%H:%M:%SZ"),
        "open": price_text(candle.open),
        "high": price_text(candle.high),
        "low": price_text(candle.low),
        "close": price_text(candle.close),
    }


def new_trade_bucket(candle: Candle, period_s: int, listing: Listing) -> Json:
    return {
        "type": "NEW_TRADE_BUCKET",
        "currencyPairSymbol": listing.rules.symbol,
        "data": bucket(candle, period_s, listing),
    }


def currency_row(code: Currency) -> Json:
    """A currency as REST lists it; its numbers are texts there."""
    rand = code == "ZAR"
    places = "2" if rand else "8"
    return {
        "symbol": "R" if rand else code,
        "isActive": True,
        "shortName": code,
        "longName": LONG_NAMES.get(code, code),
        "decimalPlaces": places,
        "withdrawalDecimalPlaces": places,
        "collateral": False,
        "collateralWeight": "0",
    }


def pair_row(listing: Listing) -> Json:
    rules = listing.rules
    return {
        "symbol": rules.symbol,
        "baseCurrency": rules.base,
        "quoteCurrency": rules.quote,
        "shortName": f"{rules.base}/{rules.quote}",
        "active": listing.active,
        "minBaseAmount": decimal_text(rules.min_base),
        "maxBaseAmount": decimal_text(rules.max_base),
        "minQuoteAmount": decimal_text(rules.min_quote),
        "maxQuoteAmount": decimal_text(rules.max_quote),
        "tickSize": decimal_text(rules.tick_size),
        "baseDecimalPlaces": str(rules.base_decimal_places),
        "marginTradingAllowed": False,
        "currencyPairType": "SPOT",
    }
