"""The signed REST routes that show orders: open ones, one by its id, ended ones."""

from collections.abc import Iterator
from itertools import islice

from trading.venues.valr.simulator.accounts.orders import Status, VenueOrder
from trading.venues.valr.simulator.core.fault_plan import Fault, Faults
from trading.venues.valr.simulator.orders.venue import Venue
from trading.venues.valr.simulator.requests.fields import Refused
from trading.venues.valr.simulator.requests.requests import RequestReader
from trading.venues.valr.simulator.sockets.delivery import Delivery
from trading.venues.valr.simulator.wire import frames
from trading.venues.valr.simulator.wire.frames import Json
from trading.venues.valr.simulator.wire.http import Call, Response, Route

PAGE_MAX = 100
_SKIP_MAX = 1_000_000
_SHIFT_MAX = 5
_FILTERS = {
    "ACTIVE": Status.ACTIVE,
    "PLACED": Status.PLACED,
    "PARTIALLY_FILLED": Status.PARTIALLY_FILLED,
    "ORDER_MODIFIED": Status.MODIFIED,
    "FILLED": Status.FILLED,
    "CANCELLED": Status.CANCELLED,
    "FAILED": Status.FAILED,
    "EXPIRED": Status.EXPIRED,
    "PARTIALLY_FILLED_DUE_TO_SLIPPAGE": Status.CUT_BY_SLIPPAGE,
}


class HistoryRoutes:
    """
    Routes that read orders and change nothing.

    Args:
        delivery: Knows the list of open orders that was sent last.
    """

    def __init__(self, venue: Venue, reader: RequestReader, delivery: Delivery) -> None:
        self._venue = venue
        self._reader = reader
        self._delivery = delivery

    def table(self) -> tuple[Route, ...]:
        orders = "/v1/orders"
        return (
            Route("GET", f"{orders}/open", self._open),
            Route("GET", f"{orders}/history", self._history),
            Route("GET", orders + "/history/summary/{name}/{id}", self._summary),
            Route("GET", orders + "/history/detail/{name}/{id}", self._detail),
            Route("GET", orders + "/{pair}/{name}/{id}", self._status),
        )

    def _open(self, call: Call) -> Response:
        owner = call.signed_by.api_key
        former = self._delivery.former_list(owner)
        if former is not None and self._venue.faults.strikes(Fault.STALE_OPEN_ORDERS):
            return Response.json([_as_rest(row) for row in former["data"]])
        return Response.json(
            [
                frames.open_order(order, self._venue.listings[order.pair], "remainingQuantity")
                for order in self._venue.orders.open_of(owner)
            ]
        )

    def _history(self, call: Call) -> Response:
        skip, limit = page(call, self._venue.faults)
        return Response.json(
            [
                frames.order_history(order, self._venue.listings[order.pair])
                for order in islice(self._closed(call), skip, skip + limit)
            ]
        )

    def _closed(self, call: Call) -> Iterator[VenueOrder]:
        statuses = _listed(call, "statuses")
        wanted = [_FILTERS[name] for name in statuses if name in _FILTERS]
        pairs = _listed(call, "currencyPair")
        show_all = call.flag("showZeroVolumeCancels") or self._venue.rules.show_unfilled_cancels
        hide_failed = call.flag("excludeFailures")
        if show_all and self._venue.faults.strikes(Fault.HISTORY_HIDES_CANCELS):
            show_all = False
        for order in self._venue.orders.closed_of(call.signed_by.api_key):
            hidden = not show_all and order.status is Status.CANCELLED and not order.executed
            hidden = hidden or (hide_failed and order.status is Status.FAILED)
            hidden = hidden or bool(statuses and order.status not in wanted)
            hidden = hidden or bool(pairs and order.pair not in pairs)
            if not hidden and call.within(order.updated_ms):
                yield order

    def _summary(self, call: Call) -> Response:
        order = self._named(call)
        if order is None or self._venue.orders.is_open(order):
            raise Refused(-1, "Invalid Order. ")
        return Response.json(frames.order_history(order, self._venue.listings[order.pair]))

    def _detail(self, call: Call) -> Response:
        order = self._named(call)
        if order is None and call.parameters["name"] == "orderid":
            raise Refused(-1, "Invalid Order. ")
        return Response.json([] if order is None else order.states[::-1])

    def _status(self, call: Call) -> Response:
        listing = self._reader.listing(call.parameters["pair"])
        order = self._named(call)
        if order is None or order.pair != listing.rules.symbol:
            raise Refused(-1, "Invalid Order. ")
        return Response.json(frames.order_status(order, listing))

    def _named(self, call: Call) -> VenueOrder | None:
        """
        The order of an id.

        Raises:
            Refused: There is no such id.
        """
        owner, name = call.signed_by.api_key, call.parameters["id"]
        match call.parameters["name"]:
            case "orderid":
                order = self._venue.orders.find(owner, name)
            case "customerorderid":
                order = self._venue.orders.find_customer(owner, name)
            case _:
                raise Refused(-1, "Invalid Order. ", 404)
        return None if order is None or self._is_late(order, call.now) else order

    def _is_late(self, order: VenueOrder, now: float) -> bool:
        """Whether an order is too young to be found yet."""
        faults = self._venue.faults
        age_ms = self._venue.ids.ms(now) - order.created_ms
        if age_ms < self._venue.rules.lookup_delay_s * 1000:
            return True
        return age_ms < faults.plan.late_lookup_s * 1000 and faults.strikes(Fault.LATE_LOOKUP)


def page(call: Call, faults: Faults) -> tuple[int, int]:
    """The number of rows to skip, and of those to show."""
    skip = call.count("skip", 0, _SKIP_MAX)
    if skip and faults.strikes(Fault.PAGES_SHIFT):
        skip -= faults.random.randint(1, min(skip, _SHIFT_MAX))
    return skip, call.count("limit", PAGE_MAX, PAGE_MAX)


def _listed(call: Call, name: str) -> list[str]:
    text = call.query.get(name, "")
    return [part.strip().upper() for part in text.split(",")] if text else []


def _as_rest(row: Json) -> Json:
    """A row of the socket's list as REST writes it."""
    return {"remainingQuantity" if key == "quantity" else key: row[key] for key in row}
