"""The REST interface as a whole: limits, maintenance, signatures, routes, and faults."""

from collections.abc import Mapping

import attrs

from trading.core.identifiers import Pair
from trading.venues.valr.permissions import Permission
from trading.venues.valr.simulator.accounts.authentication import KEY_HEADER, Authenticator
from trading.venues.valr.simulator.orders.venue import Venue
from trading.venues.valr.simulator.requests.fields import Refused, invalid_request
from trading.venues.valr.simulator.requests.requests import RequestReader
from trading.venues.valr.simulator.rest.account import OWN_KEY, AccountRoutes
from trading.venues.valr.simulator.rest.faults import READING, RestFaults
from trading.venues.valr.simulator.rest.history import HistoryRoutes
from trading.venues.valr.simulator.rest.orders import OrderRoutes
from trading.venues.valr.simulator.rest.public import PublicRoutes
from trading.venues.valr.simulator.sockets.delivery import Delivery
from trading.venues.valr.simulator.sockets.order_feed import OrderFeed
from trading.venues.valr.simulator.wire.dialect import Dialect
from trading.venues.valr.simulator.wire.http import Call, Response, Route, query_of
from trading.venues.valr.simulator.wire.limits import Gate
from trading.venues.valr.simulator.wire.shapes import Shapes

_FORBIDDEN = 403


class Rest:
    """
    Answers requests.

    Attributes:
        faults: Faults of the answers, and the parts withheld.
    """

    def __init__(
        self,
        *,
        venue: Venue,
        reader: RequestReader,
        order_feeds: Mapping[Pair, OrderFeed],
        delivery: Delivery,
        authenticator: Authenticator,
        gate: Gate,
        shapes: Shapes,
        dialect: Dialect,
    ) -> None:
        self._venue = venue
        self._authenticator = authenticator
        self._gate = gate
        self._dialect = dialect
        self.faults = RestFaults(venue.faults, gate, shapes)
        self._routes: tuple[Route, ...] = (
            *PublicRoutes(venue, reader, order_feeds).table(),
            *AccountRoutes(venue, reader).table(),
            *HistoryRoutes(venue, reader, delivery).table(),
            *OrderRoutes(venue, reader).table(),
        )

    def answer(
        self, method: str, target: str, headers: Mapping[str, str], body: bytes, now: float
    ) -> Response:
        """Answer any request."""
        return self._dialect.headed(self._answer(method, target, headers, body, now))

    def _answer(
        self, method: str, target: str, headers: Mapping[str, str], body: bytes, now: float
    ) -> Response:
        lower = {name.lower(): value for name, value in headers.items()}
        early = self._early_answer(method, target, lower, now)
        if early is not None:
            return early
        path, _, query = target.partition("?")
        route, parameters = self._route(method, path)
        if route is None:
            return self._dialect.no_route()
        try:
            self._check_form(method, lower)
            account = None
            if route.signed:
                account = self._authenticator.account(
                    method, target, lower, body, self._venue.ids.ms(now)
                )
                if path != OWN_KEY:  # which every key may ask about
                    account.require(Permission.VIEW if method in READING else Permission.TRADE)
            call = Call(
                parameters=parameters, query=query_of(query), body=body, account=account, now=now
            )
            response = self.faults.withholding(route) or route.handler(call)
        except Refused as refused:
            response = self._dialect.refusal(refused)
        if route.max_age_s is not None:
            response = self._cached(route, response)
        response = self._dialect.answer(route, response)
        if route.max_age_s is not None and not route.signed:
            response = self.faults.aged(target, response, now)
        return self.faults.answer(method, response)

    def _early_answer(
        self, method: str, target: str, headers: Mapping[str, str], now: float
    ) -> Response | None:
        """The answer of the venue's front, without any effect behind it."""
        at_ms = self._venue.ids.ms(now)
        path = target.partition("?")[0]
        limited = self._gate.refusal(method, path, headers.get(KEY_HEADER, ""), at_ms)
        limited = limited or self.faults.limited(method, path, at_ms)
        if limited is not None:
            return limited
        if method not in READING:
            try:
                self._venue.check_open()
            except Refused as refused:
                return Response.refusal(refused)
        return self.faults.failed()

    def _route(self, method: str, path: str) -> tuple[Route | None, dict[str, str]]:
        for route in self._routes:
            parameters = route.parameters(method, path)
            if parameters is not None:
                return route, parameters
        return None, {}

    @staticmethod
    def _check_form(method: str, headers: Mapping[str, str]) -> None:
        if method in ("POST", "PUT", "PATCH") and "content-type" not in headers:
            raise invalid_request(_FORBIDDEN)

    def _cached(self, route: Route, response: Response) -> Response:
        """Add the header with the time for which the venue's edge would answer the same."""
        headers = [*response.headers, ("cache-control", f"max-age={route.max_age_s},public")]
        if self._venue.rules.age_header:
            headers.append(("age", "0"))
        return attrs.evolve(response, headers=tuple(headers))
