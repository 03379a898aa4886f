"""The signed REST routes: balances, fees, fills, orders."""

from collections.abc import Iterable
from itertools import islice

from trading.decimals import ZERO, decimal_text
from trading.simulator import frames
from trading.simulator.http import Call, Response, Route
from trading.simulator.ids import iso
from trading.simulator.orders import AccountFill, Status, VenueOrder
from trading.simulator.requests import Refused, RequestReader
from trading.simulator.venue import Venue

_PAGE_MAX = 100
_SKIP_MAX = 1_000_000
_ACCEPTED = 202
_CREATED = 201


class AccountRoutes:
    """Answers to whoever signed the request."""

    def __init__(self, venue: Venue, reader: RequestReader) -> None:
        self._venue = venue
        self._reader = reader

    def table(self) -> tuple[Route, ...]:
        orders = "/v1/orders"
        return (
            Route("GET", "/v1/account/balances", self._balances),
            Route("GET", "/v1/account/fees/trade", self._fees),
            Route("GET", "/v1/account/tradehistory", self._fills),
            Route("GET", "/v1/account/{pair}/tradehistory", self._pair_fills),
            Route("GET", "/v1/account/api-keys/current", self._key),
            Route("GET", f"{orders}/open", self._open),
            Route("GET", f"{orders}/history", self._history),
            Route("GET", orders + "/{pair}/orderid/{id}", self._by_id),
            Route("GET", orders + "/{pair}/customerorderid/{id}", self._by_customer_id),
            Route("POST", "/v1/orders/limit", self._queue_limit),
            Route("POST", "/v1/orders/market", self._queue_market),
            Route("POST", "/v2/orders/limit", self._place_limit),
            Route("POST", "/v2/orders/market", self._place_market),
            Route("DELETE", "/v1/orders/order", self._queue_cancel),
            Route("DELETE", "/v2/orders/order", self._cancel),
            Route("DELETE", orders, self._cancel_all),
            Route("DELETE", orders + "/{pair}", self._cancel_pair),
        )

    def _balances(self, call: Call) -> Response:
        account = call.signed_by
        hide_zero = call.flag("excludeZeroBalances")
        return Response.json(
            [
                frames.rest_balance(
                    balance, self._venue.ids.ms(account.changed_at.get(balance.currency, 0.0))
                )
                for balance in account.balances()
                if balance.total != ZERO or not hide_zero
            ]
        )

    def _fees(self, call: Call) -> Response:
        del call
        fees = self._venue.fees
        return Response.json(
            [
                {
                    "currencyPair": symbol,
                    "makerPercentage": decimal_text(fees.maker_percentage),
                    "takerPercentage": decimal_text(fees.taker_percentage),
                }
                for symbol in self._venue.listings
            ]
        )

    def _fills(self, call: Call) -> Response:
        return self._page_of_fills(call, self._venue.orders.fills_of(call.signed_by.api_key))

    def _pair_fills(self, call: Call) -> Response:
        pair = self._reader.listing(call.parameters["pair"]).rules.symbol
        fills = self._venue.orders.fills_of(call.signed_by.api_key)
        return self._page_of_fills(call, (fill for fill in fills if fill.order.pair == pair))

    def _page_of_fills(self, call: Call, fills: Iterable[AccountFill]) -> Response:
        skip, limit = _page(call)
        return Response.json(
            [
                frames.trade_history(fill, self._venue.listings[fill.order.pair])
                for fill in islice(fills, skip, skip + limit)
            ]
        )

    def _key(self, call: Call) -> Response:
        del call
        return Response.json(
            {
                "label": "simulated",
                "permissions": ["View access", "Trade"],
                "addedAt": iso(self._venue.ids.ms(0.0)),
                "isSubAccount": False,
            }
        )

    def _open(self, call: Call) -> Response:
        return Response.json(
            [
                frames.open_order(order, self._venue.listings[order.pair], "remainingQuantity")
                for order in self._venue.orders.open_of(call.signed_by.api_key)
            ]
        )

    def _history(self, call: Call) -> Response:
        show_all = call.flag("showZeroVolumeCancels")
        closed = (
            order
            for order in self._venue.orders.closed_of(call.signed_by.api_key)
            if show_all or order.executed or order.status is not Status.CANCELLED
        )
        skip, limit = _page(call)
        return Response.json(
            [
                frames.order_history(order, self._venue.listings[order.pair])
                for order in islice(closed, skip, skip + limit)
            ]
        )

    def _by_id(self, call: Call) -> Response:
        owner = call.signed_by.api_key
        return self._status(call, self._venue.orders.find(owner, call.parameters["id"]))

    def _by_customer_id(self, call: Call) -> Response:
        owner = call.signed_by.api_key
        return self._status(call, self._venue.orders.find_customer(owner, call.parameters["id"]))

    def _status(self, call: Call, order: VenueOrder | None) -> Response:
        listing = self._reader.listing(call.parameters["pair"])
        if order is None or order.pair != listing.rules.symbol:
            raise Refused(-1, "Invalid Order. ")
        return Response.json(frames.order_status(order, listing))

    def _queue_limit(self, call: Call) -> Response:
        request = self._reader.limit(call.decoded())
        return _queued(self._venue.place_limit(call.signed_by, request, call.now))

    def _queue_market(self, call: Call) -> Response:
        request = self._reader.market(call.decoded())
        return _queued(self._venue.place_market(call.signed_by, request, call.now))

    def _place_limit(self, call: Call) -> Response:
        request = self._reader.limit(call.decoded())
        return _placed(self._venue.place_limit(call.signed_by, request, call.now))

    def _place_market(self, call: Call) -> Response:
        request = self._reader.market(call.decoded())
        return _placed(self._venue.place_market(call.signed_by, request, call.now))

    def _queue_cancel(self, call: Call) -> Response:
        """Version 1 takes the request, and tells the account's sockets what came of it."""
        request = self._reader.cancel(call.decoded())
        order = self._venue.named(call.signed_by, request)
        if order is None or not self._venue.cancel(order, call.now):
            order_id = order.order_id if order else request.order_id
            self._venue.cancel_failed(call.signed_by, order_id or str(request.customer_order_id))
        return Response(status=_ACCEPTED)

    def _cancel(self, call: Call) -> Response:
        request = self._reader.cancel(call.decoded())
        order = self._venue.named(call.signed_by, request)
        if order is None or not self._venue.cancel(order, call.now):
            raise Refused(-16, "Could not find the order to cancel")
        return Response.json({"id": request.order_id or request.customer_order_id})

    def _cancel_all(self, call: Call) -> Response:
        return _cancelled(self._venue.cancel_all(call.signed_by, None, call.now))

    def _cancel_pair(self, call: Call) -> Response:
        pair = self._reader.listing(call.parameters["pair"]).rules.symbol
        return _cancelled(self._venue.cancel_all(call.signed_by, pair, call.now))


def _page(call: Call) -> tuple[int, int]:
    return call.count("skip", 0, _SKIP_MAX), call.count("limit", _PAGE_MAX, _PAGE_MAX)


def _queued(order: VenueOrder) -> Response:
    body = {"id": order.order_id}
    if order.customer_order_id is not None:
        body["customerOrderId"] = order.customer_order_id
    return Response.json(body, _ACCEPTED)


def _placed(order: VenueOrder) -> Response:
    if order.failure is None:
        return Response.json({"id": order.order_id}, _CREATED)
    failure = order.failure
    return Response.json(
        {"orderId": order.order_id, "code": failure.code, "message": failure.message}, 400
    )


def _cancelled(orders: list[VenueOrder]) -> Response:
    return Response.json([{"orderId": order.order_id} for order in orders])
