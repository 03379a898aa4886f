"""The signed REST routes that change orders: place, modify, cancel, alone or in batches."""

from trading.venues.valr.simulator.accounts.orders import VenueOrder
from trading.venues.valr.simulator.orders.amendment import Modification
from trading.venues.valr.simulator.orders.batches import Batches
from trading.venues.valr.simulator.orders.venue import Venue
from trading.venues.valr.simulator.requests.fields import Refused
from trading.venues.valr.simulator.requests.requests import RequestReader
from trading.venues.valr.simulator.wire.http import Call, Response, Route

_ACCEPTED = 202
_CREATED = 201
_REFUSED = 400


class OrderRoutes:
    """Version 1 reports the outcome of a request on the sockets; version 2 answers with it."""

    def __init__(self, venue: Venue, reader: RequestReader) -> None:
        self._venue = venue
        self._reader = reader
        self._batches = Batches(venue, reader)

    def table(self) -> tuple[Route, ...]:
        return (
            Route("POST", "/v1/orders/limit", lambda call: _queued(self._limit(call))),
            Route("POST", "/v1/orders/market", lambda call: _queued(self._market(call))),
            Route("POST", "/v1/orders/stop/limit", lambda call: _queued(self._stop(call))),
            Route("POST", "/v2/orders/limit", lambda call: self._placed(self._limit(call))),
            Route("POST", "/v2/orders/market", lambda call: self._placed(self._market(call))),
            Route("POST", "/v2/orders/stop/limit", lambda call: self._placed(self._stop(call))),
            Route("POST", "/v1/batch/orders", self._batch),
            Route("PUT", "/v1/orders/modify", self._queue_modify),
            Route("PUT", "/v2/orders/modify", self._modify),
            Route("DELETE", "/v1/orders/order", self._queue_cancel),
            Route("DELETE", "/v2/orders/order", self._cancel),
            Route("DELETE", "/v1/orders", self._cancel_all),
            Route("DELETE", "/v1/orders/{pair}", self._cancel_pair),
        )

    def _limit(self, call: Call) -> VenueOrder:
        request = self._reader.limit(call.decoded())
        return self._venue.entry.limit(call.signed_by, request, call.now)

    def _market(self, call: Call) -> VenueOrder:
        request = self._reader.market(call.decoded())
        return self._venue.entry.market(call.signed_by, request, call.now)

    def _stop(self, call: Call) -> VenueOrder:
        request = self._reader.stop(call.decoded())
        return self._venue.entry.stop(call.signed_by, request, call.now)

    def _batch(self, call: Call) -> Response:
        return Response.json(self._batches.run(call.signed_by, call.decoded(), call.now))

    def _queue_modify(self, call: Call) -> Response:
        return Response.json({"id": self._modified(call).modify_id}, _ACCEPTED)

    def _modify(self, call: Call) -> Response:
        outcome = self._modified(call)
        if outcome.failure is None:
            return Response.json({"id": outcome.modify_id}, _CREATED)
        named = {} if outcome.order is None else {"orderId": outcome.order.order_id}
        failure = {"code": outcome.failure.code, "message": outcome.failure.message}
        return Response.json({"modifyOrderId": outcome.modify_id, **named, **failure}, _REFUSED)

    def _modified(self, call: Call) -> Modification:
        request = self._reader.modify(call.decoded())
        return self._venue.modify(call.signed_by, request, call.now)

    def _queue_cancel(self, call: Call) -> Response:
        request = self._reader.cancel(call.decoded())
        if not self._venue.cancel_named(call.signed_by, request, call.now):
            self._venue.cancel_failed(call.signed_by, request)
        return Response(status=self._venue.rules.cancel_status, headers=())

    def _cancel(self, call: Call) -> Response:
        request = self._reader.cancel(call.decoded())
        if not self._venue.cancel_named(call.signed_by, request, call.now):
            raise Refused(-16, "Could not find the order to cancel")
        return Response.json({"id": request.order_id or request.customer_order_id})

    def _cancel_all(self, call: Call) -> Response:
        return _cancelled(self._venue.cancel_all(call.signed_by, None, call.now))

    def _cancel_pair(self, call: Call) -> Response:
        pair = self._reader.listing(call.parameters["pair"]).rules.symbol
        return _cancelled(self._venue.cancel_all(call.signed_by, pair, call.now))

    def _placed(self, order: VenueOrder) -> Response:
        if order.failure is None:
            return Response.json({"id": order.order_id}, _CREATED)
        failure = order.failure
        return Response.json(
            {"orderId": order.order_id, "code": failure.code, "message": failure.message},
            self._venue.rules.refused_placement_status,
        )


def _queued(order: VenueOrder) -> Response:
    body = {"id": order.order_id}
    if order.customer_order_id is not None:
        body["customerOrderId"] = order.customer_order_id
    return Response.json(body, _ACCEPTED)


def _cancelled(orders: list[VenueOrder]) -> Response:
    return Response.json([{"orderId": order.order_id} for order in orders])
