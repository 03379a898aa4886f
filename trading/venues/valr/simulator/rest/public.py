"""The public REST routes, and their signed twins: time, status, pairs, books, trades, candles."""

from collections.abc import Iterable, Mapping
from itertools import islice

from trading.core.identifiers import Currency, Pair
from trading.simulator.core.candles import PERIODS_S
from trading.venues.valr.simulator.core.ids import iso
from trading.venues.valr.simulator.core.listing import Listing, PublicTrade
from trading.venues.valr.simulator.orders.venue import Venue
from trading.venues.valr.simulator.requests.fields import Refused, invalid_request
from trading.venues.valr.simulator.requests.requests import RequestReader
from trading.venues.valr.simulator.sockets.order_feed import OrderFeed
from trading.venues.valr.simulator.wire import public_frames as frames
from trading.venues.valr.simulator.wire.frames import Json
from trading.venues.valr.simulator.wire.http import Call, Handler, Response, Route

_NS_PER_S = 1_000_000_000
_MS_PER_S = 1000
_TRADES_MAX = 100
_BUCKETS_MAX = 300
_MARK_BUCKETS_MAX = 100
_SKIP_MAX = 1_000_000
_MARKET_DATA_AGE_S = 1
_FAR_S = 10**11
"""Seconds since 1970, far in the future."""


class PublicRoutes:
    """Routes that need no key, or answer the same to every key."""

    def __init__(
        self, venue: Venue, reader: RequestReader, order_feeds: Mapping[Pair, OrderFeed]
    ) -> None:
        self._venue = venue
        self._reader = reader
        self._order_feeds = order_feeds

    def table(self) -> tuple[Route, ...]:
        rows: tuple[tuple[str, Handler, int | None], ...] = (
            ("time", self._time, None),
            ("status", self._status, None),
            ("currencies", self._currencies, 60),
            ("pairs", self._pairs, 60),
            ("pairs/{kind}", self._pairs_of_kind, 60),
            ("ordertypes", self._order_types, 60),
            ("marketsummary", self._summaries, 5),
            ("futures/info", self._nothing, 60),
            ("{pair}/orderbook", self._book, 30),
            ("{pair}/orderbook/full", self._full_book, 30),
            ("{pair}/marketsummary", self._summary, 5),
            ("{pair}/trades", self._trades, 30),
            ("{pair}/ordertypes", self._pair_order_types, 60),
            ("{pair}/buckets", self._buckets, None),
            ("{pair}/markprice/buckets", self._mark_buckets, None),
        )
        public = [
            Route("GET", f"/v1/public/{path}", handler, signed=False, max_age_s=age)
            for path, handler, age in rows
        ]
        twins: tuple[tuple[str, Handler], ...] = (
            ("{pair}/orderbook", self._book),
            ("{pair}/orderbook/full", self._full_book),
            ("{pair}/tradehistory", self._trades),
        )
        signed = [
            Route("GET", f"/v1/marketdata/{path}", handler, max_age_s=_MARKET_DATA_AGE_S)
            for path, handler in twins
        ]
        return (*public, *signed)

    def _time(self, call: Call) -> Response:
        at_ns = self._venue.ids.ns(call.now)
        seconds, fraction = divmod(at_ns, _NS_PER_S)
        text = f"{iso(seconds * _MS_PER_S)[:-5]}.{fraction:09d}Z"
        return Response.json({"epochTime": seconds, "time": text})

    def _status(self, call: Call) -> Response:
        del call
        return Response.json({"status": "read-only" if self._venue.read_only else "online"})

    def _currencies(self, call: Call) -> Response:
        del call
        codes: dict[Currency, None] = {}
        for listing in self._venue.listings.values():
            codes[listing.rules.base] = codes[listing.rules.quote] = None
        return Response.json([frames.currency_row(code) for code in codes])

    def _pairs(self, call: Call) -> Response:
        del call
        return Response.json([frames.pair_row(row) for row in self._venue.listings.values()])

    def _pairs_of_kind(self, call: Call) -> Response:
        match call.parameters["kind"]:
            case "SPOT":
                return self._pairs(call)
            case "FUTURE":
                return self._nothing(call)
            case _:
                raise invalid_request()

    def _nothing(self, call: Call) -> Response:
        del call
        return Response.json([])

    def _order_types(self, call: Call) -> Response:
        hide_inactive = call.query.get("includeInactivePairs", "").lower() == "false"
        return Response.json(
            [
                {"currencyPair": symbol, "orderTypes": list(listing.order_types)}
                for symbol, listing in self._venue.listings.items()
                if listing.active or not hide_inactive
            ]
        )

    def _pair_order_types(self, call: Call) -> Response:
        return Response.json(list(self._listing(call).order_types))

    def _summaries(self, call: Call) -> Response:
        at_ms = self._venue.ids.ms(call.now)
        active = [row for row in self._venue.listings.values() if row.active]
        return Response.json([frames.market_summary(listing, at_ms) for listing in active])

    def _summary(self, call: Call) -> Response:
        listing = self._listing(call)
        if not listing.active:
            raise Refused(-111, "Market summary not found", 404)
        return Response.json(frames.market_summary(listing, self._venue.ids.ms(call.now)))

    def _book(self, call: Call) -> Response:
        listing = self._listing(call)
        sequence = self._order_feeds[listing.rules.symbol].sequence
        depth = self._venue.rules.aggregated_depth
        sides = frames.aggregated_sides(listing, depth) if listing.active else self._inactive()
        return Response.json({**sides, **frames.book_stamp(listing, sequence)})

    def _full_book(self, call: Call) -> Response:
        listing = self._listing(call)
        feed = self._order_feeds[listing.rules.symbol]
        sides = feed.rest_sides() if listing.active else self._inactive()
        return Response.json({**sides, **frames.book_stamp(listing, feed.sequence)})

    def _inactive(self) -> Json:
        """The sides of an inactive pair's book."""
        if words := self._venue.rules.inactive_books:
            status, code, message = words.split(" ", 2)
            raise Refused(int(code), message, int(status))
        return _EMPTY

    def _trades(self, call: Call) -> Response:
        listing = self._listing(call)
        skip = call.count("skip", 0, _SKIP_MAX)
        limit = call.count("limit", _TRADES_MAX, _TRADES_MAX)
        found = (
            trade
            for trade in _before(call.query.get("beforeId", ""), listing)
            if call.within(trade.at_ms)
        )
        return Response.json(
            [frames.rest_trade(trade, listing) for trade in islice(found, skip, skip + limit)]
        )

    def _buckets(self, call: Call) -> Response:
        """Candles; times are asked for in seconds since 1970."""
        start_s = call.count("startTime", 0, _FAR_S)
        end_s = call.count("endTime", _FAR_S, _FAR_S)
        rows = self._candles(call, start_s * _MS_PER_S, end_s * _MS_PER_S, _BUCKETS_MAX)
        return Response.json(rows)

    def _mark_buckets(self, call: Call) -> Response:
        """Candles without volumes; times are asked for as ISO 8601."""
        start_ms = call.time_ms("startTime") or 0
        end_ms = call.time_ms("endTime")
        if end_ms is None:
            end_ms = _FAR_S * _MS_PER_S
        rows = self._candles(call, start_ms, end_ms, _MARK_BUCKETS_MAX)
        volumes = ("volume", "quoteVolume")
        return Response.json([{k: row[k] for k in row if k not in volumes} for row in rows])

    def _candles(self, call: Call, start_ms: int, end_ms: int, maximum: int) -> list[Json]:
        listing = self._listing(call)
        period_s = call.count("periodSeconds", 60, PERIODS_S[-1] + 1)
        if period_s not in PERIODS_S:
            raise invalid_request()
        limit = call.count("limit", maximum, maximum)
        skip = call.count("skip", 0, _SKIP_MAX)
        candles = listing.candles.newest_first(
            period_s,
            start_ms,
            min(end_ms, self._venue.ids.ms(call.now)),
            empty=call.flag("includeEmpty"),
        )
        return [
            frames.bucket(candle, period_s, listing)
            for candle in islice(candles, skip, skip + limit)
        ]

    def _listing(self, call: Call) -> Listing:
        return self._reader.listing(call.parameters["pair"])


_EMPTY: Json = {"Asks": [], "Bids": []}


def _before(trade_id: str, listing: Listing) -> Iterable[PublicTrade]:
    """The trades, newest first; those before one of them, where it is known."""
    newest_first = list(reversed(listing.trades))
    for index, trade in enumerate(newest_first):
        if trade_id and trade.trade_id == trade_id:
            return newest_first[index + 1 :]
    return newest_first
