"""The REST interface as a whole: limits, maintenance, signatures, routes, and their accidents."""

from collections.abc import Mapping

import attrs

from trading.identifiers import Pair
from trading.simulator.account_rest import OWN_KEY, AccountRoutes
from trading.simulator.authentication import KEY_HEADER, Authenticator
from trading.simulator.delivery import Delivery
from trading.simulator.faults import Fault
from trading.simulator.fields import Refused, invalid_request
from trading.simulator.history_rest import HistoryRoutes
from trading.simulator.http import Call, Response, Route, query_of
from trading.simulator.limits import Gate
from trading.simulator.order_feed import OrderFeed
from trading.simulator.order_rest import OrderRoutes
from trading.simulator.public_rest import PublicRoutes
from trading.simulator.requests import RequestReader
from trading.simulator.venue import Venue
from trading.venues.valr.permissions import Permission

_FORBIDDEN = 403
_UNAVAILABLE = 503
_BAD_GATEWAY = 502
_BAD_REQUEST = 400
_ERRORS_FROM = 300
_READING = ("GET", "HEAD", "OPTIONS")
_HTML_HEADERS = (("content-type", "text/html; charset=UTF-8"),)
_MALFORMED_PAGE = (
    b"<!DOCTYPE html><html lang=en><title>Error 400 (Bad Request)!!1</title><p>Your client has"
    b" issued a malformed or illegal request. <ins>That\xe2\x80\x99s all we know.</ins></html>"
)
_ERROR_PAGE = b"<html><head><title>502 Server Error</title></head><body>Server Error</body></html>"


class Rest:
    """Answers requests."""

    def __init__(
        self,
        *,
        venue: Venue,
        reader: RequestReader,
        order_feeds: Mapping[Pair, OrderFeed],
        delivery: Delivery,
        authenticator: Authenticator,
        gate: Gate,
    ) -> None:
        self._venue = venue
        self._authenticator = authenticator
        self._gate = gate
        self._routes: tuple[Route, ...] = (
            *PublicRoutes(venue, reader, order_feeds).table(),
            *AccountRoutes(venue, reader).table(),
            *HistoryRoutes(venue, reader, delivery).table(),
            *OrderRoutes(venue, reader).table(),
        )

    def answer(
        self, method: str, target: str, headers: Mapping[str, str], body: bytes, now: float
    ) -> Response:
        """Answer a request, whatever it is."""
        lower = {name.lower(): value for name, value in headers.items()}
        early = self._early_answer(method, target, lower, now)
        if early is not None:
            return early
        path, _, query = target.partition("?")
        route, parameters = self._route(method, path)
        if route is None:
            return Response(status=404, headers=())
        try:
            self._check_form(method, lower)
            account = None
            if route.signed:
                account = self._authenticator.account(
                    method, target, lower, body, self._venue.ids.ms(now)
                )
                if path != OWN_KEY:  # which every key may ask about
                    account.require(Permission.VIEW if method in _READING else Permission.TRADE)
            call = Call(
                parameters=parameters, query=query_of(query), body=body, account=account, now=now
            )
            response = route.handler(call)
        except Refused as refused:
            response = Response.refusal(refused)
        return self._spoiled(method, self._cached(route, response))

    def _early_answer(
        self, method: str, target: str, headers: Mapping[str, str], now: float
    ) -> Response | None:
        """What the venue's front answers by itself: nothing happens behind it."""
        at_ms = self._venue.ids.ms(now)
        path, faults = target.partition("?")[0], self._venue.faults
        limited = self._gate.refusal(method, path, headers.get(KEY_HEADER, ""), at_ms)
        if limited is not None:
            return limited
        if faults.strikes(Fault.RATE_LIMITED):
            return self._gate.too_many(at_ms)
        if method not in _READING:
            try:
                self._venue.check_open()
            except Refused as refused:
                return Response.refusal(refused)
        if faults.strikes(Fault.SERVER_ERROR):
            status = faults.random.choice((_BAD_GATEWAY, _UNAVAILABLE))
            return Response(status=status, headers=_HTML_HEADERS, body=_ERROR_PAGE)
        return None

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
        """Say how long the venue's edge would answer the same."""
        if route.max_age_s is None:
            return response
        headers = [*response.headers, ("cache-control", f"max-age={route.max_age_s},public")]
        if self._venue.rules.age_header:
            headers.append(("age", "0"))
        return attrs.evolve(response, headers=tuple(headers))

    def _spoiled(self, method: str, response: Response) -> Response:
        """Perhaps what was done is not answered as it should be."""
        if method in _READING or response.status >= _ERRORS_FROM:
            return response
        faults = self._venue.faults
        if faults.strikes(Fault.HTML_AFTER_ACCEPTANCE):
            return Response(status=_BAD_REQUEST, headers=_HTML_HEADERS, body=_MALFORMED_PAGE)
        if faults.strikes(Fault.SERVER_ERROR_AFTER_ACCEPTANCE):
            return Response(status=_BAD_GATEWAY, headers=_HTML_HEADERS, body=_ERROR_PAGE)
        if faults.strikes(Fault.CUT_AFTER_ACCEPTANCE):
            return attrs.evolve(response, cut=True)
        return response
