"""The public REST routes: time, status, pairs, books, trades."""

from trading.simulator import frames
from trading.simulator.http import Call, Response, Route
from trading.simulator.ids import iso
from trading.simulator.requests import ORDER_TYPES, Refused, RequestReader, invalid_request
from trading.simulator.venue import Venue

_NS_PER_S = 1_000_000_000
_TRADES_MAX = 100
_REST_SEQUENCE_START = 7_000_000_000
"""The order-level counter of REST books is another one than the sockets'."""


class PublicRoutes:
    """Answers that need no key."""

    def __init__(self, venue: Venue, reader: RequestReader) -> None:
        self._venue = venue
        self._reader = reader

    def table(self) -> tuple[Route, ...]:
        rows = (
            ("/v1/public/time", self._time),
            ("/v1/public/status", self._status),
            ("/v1/public/pairs", self._pairs),
            ("/v1/public/pairs/{kind}", self._pairs_of_kind),
            ("/v1/public/ordertypes", self._order_types),
            ("/v1/public/marketsummary", self._summaries),
            ("/v1/public/{pair}/orderbook", self._book),
            ("/v1/public/{pair}/marketsummary", self._summary),
            ("/v1/public/{pair}/trades", self._trades),
            ("/v1/public/{pair}/ordertypes", self._pair_order_types),
        )
        return tuple(Route("GET", pattern, handler, signed=False) for pattern, handler in rows)

    def _time(self, call: Call) -> Response:
        at_ns = self._venue.ids.ns(call.now)
        seconds, fraction = divmod(at_ns, _NS_PER_S)
        text = f"{iso(seconds * 1000)[:-5]}.{fraction:09d}Z"
        return Response.json({"epochTime": seconds, "time": text})

    def _status(self, call: Call) -> Response:
        del call
        return Response.json({"status": "online"})

    def _pairs(self, call: Call) -> Response:
        del call
        return Response.json([frames.pair_row(row) for row in self._venue.listings.values()])

    def _pairs_of_kind(self, call: Call) -> Response:
        match call.parameters["kind"]:
            case "SPOT":
                return self._pairs(call)
            case "FUTURE":
                return Response.json([])
            case _:
                raise invalid_request()

    def _order_types(self, call: Call) -> Response:
        hide_inactive = call.query.get("includeInactivePairs", "").lower() == "false"
        return Response.json(
            [
                {
                    "currencyPair": symbol,
                    "orderTypes": list(ORDER_TYPES) if listing.rules.active else [],
                }
                for symbol, listing in self._venue.listings.items()
                if listing.rules.active or not hide_inactive
            ]
        )

    def _pair_order_types(self, call: Call) -> Response:
        listing = self._reader.listing(call.parameters["pair"])
        return Response.json(list(ORDER_TYPES) if listing.rules.active else [])

    def _summaries(self, call: Call) -> Response:
        del call
        active = [row for row in self._venue.listings.values() if row.rules.active]
        return Response.json([frames.market_summary(listing) for listing in active])

    def _summary(self, call: Call) -> Response:
        listing = self._reader.listing(call.parameters["pair"])
        if not listing.rules.active:
            raise Refused(-111, "Market summary not found", 404)
        return Response.json(frames.market_summary(listing))

    def _book(self, call: Call) -> Response:
        listing = self._reader.listing(call.parameters["pair"])
        sequence = _REST_SEQUENCE_START + self._venue.ids.ms(call.now) % _REST_SEQUENCE_START
        return Response.json(frames.aggregated_book(listing, sequence))

    def _trades(self, call: Call) -> Response:
        listing = self._reader.listing(call.parameters["pair"])
        newest_first = list(reversed(listing.trades))
        skip = call.count("skip", 0, _TRADES_MAX)
        limit = call.count("limit", _TRADES_MAX, _TRADES_MAX)
        return Response.json(
            [frames.rest_trade(trade, listing) for trade in newest_first[skip : skip + limit]]
        )
