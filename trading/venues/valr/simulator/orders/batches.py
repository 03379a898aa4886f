"""Several requests in one: each is taken or refused by itself."""

from collections.abc import Callable, Mapping

from trading.venues.valr.simulator.accounts.accounts import Account
from trading.venues.valr.simulator.accounts.orders import VenueOrder
from trading.venues.valr.simulator.core.fault_plan import Fault
from trading.venues.valr.simulator.orders.venue import Venue
from trading.venues.valr.simulator.requests.fields import Refused, invalid_request, object_of
from trading.venues.valr.simulator.requests.requests import RequestReader
from trading.venues.valr.simulator.wire.frames import Json

_REQUESTS_MAX = 20
_MODIFY = "MODIFY_ORDER"
_SOCKET_TYPES = ("PLACE_LIMIT", "PLACE_MARKET", "CANCEL_ORDER", _MODIFY)

_Step = Callable[[Account, object, float], Json]


class Batches:
    """Carries out batches in the order of their requests."""

    def __init__(self, venue: Venue, reader: RequestReader) -> None:
        self._venue = venue
        self._reader = reader
        self._steps: Mapping[str, _Step] = {
            "PLACE_LIMIT": self._place_limit,
            "PLACE_MARKET": self._place_market,
            "PLACE_STOP_LIMIT": self._place_stop,
            "CANCEL_ORDER": self._cancel,
            _MODIFY: self._modify,
        }

    def run(self, account: Account, body: object, now: float, *, socket: bool = False) -> Json:
        """
        Carry out all requests that can be; the outcomes, in the order of the requests.

        Args:
            socket: Sockets know no stop orders.

        Raises:
            Refused: The body is not a batch; nothing was done.
        """
        requests = object_of(body).get("requests")
        if not isinstance(requests, list) or not 0 < len(requests) <= _REQUESTS_MAX:
            raise invalid_request()
        kinds = [item.get("type") if isinstance(item, dict) else None for item in requests]
        places = any(isinstance(kind, str) and kind.startswith("PLACE") for kind in kinds)
        allowed = _SOCKET_TYPES if socket else tuple(self._steps)
        outcomes = []
        for item, kind in zip(requests, kinds, strict=True):
            try:
                known = _checked(kind, allowed, places=places)
                if len(requests) > 1 and self._venue.faults.strikes(Fault.BATCH_LEG_REFUSED):
                    raise invalid_request()
                outcome = self._steps[known](account, item.get("data"), now)
                outcomes.append({"accepted": True, **outcome, "requestType": known})
            except Refused as refused:
                error = {"code": refused.code, "message": refused.message}
                outcomes.append({"accepted": False, "error": error})
        return {"outcomes": outcomes, "batchId": self._venue.ids.sequence()}

    def _place_limit(self, account: Account, data: object, now: float) -> Json:
        return _named(self._venue.entry.limit(account, self._reader.limit(data), now))

    def _place_market(self, account: Account, data: object, now: float) -> Json:
        return _named(self._venue.entry.market(account, self._reader.market(data), now))

    def _place_stop(self, account: Account, data: object, now: float) -> Json:
        return _named(self._venue.entry.stop(account, self._reader.stop(data), now))

    def _cancel(self, account: Account, data: object, now: float) -> Json:
        request = self._reader.cancel(data)
        if not self._venue.cancel_named(account, request, now):
            self._venue.cancel_failed(account, request)
        if request.order_id is not None:
            return {"orderId": request.order_id}
        return {"customerOrderId": request.customer_order_id}

    def _modify(self, account: Account, data: object, now: float) -> Json:
        outcome = self._venue.modify(account, self._reader.modify(data), now)
        return {"orderId": outcome.modify_id}


def _checked(kind: object, allowed: tuple[str, ...], *, places: bool) -> str:
    if not isinstance(kind, str) or kind not in allowed:
        raise invalid_request()
    if kind == _MODIFY and places:
        raise Refused(-21311, "Modify order is not allowed in a batch with placements")
    return kind


def _named(order: VenueOrder) -> Json:
    if order.customer_order_id is None:
        return {"orderId": order.order_id}
    return {"orderId": order.order_id, "customerOrderId": order.customer_order_id}
