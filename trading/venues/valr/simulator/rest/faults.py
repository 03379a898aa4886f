"""Faults of REST requests at the venue's front, and of the answers."""

import enum

import attrs

from trading.venues.valr.simulator.core.fault_plan import Fault, Faults
from trading.venues.valr.simulator.wire.http import Response, Route
from trading.venues.valr.simulator.wire.limits import Gate
from trading.venues.valr.simulator.wire.shapes import Shapes

READING = ("GET", "HEAD", "OPTIONS")
_BAD_REQUEST = 400
_BAD_GATEWAY = 502
_UNAVAILABLE = 503
_FOUND = 302
_OK = 200
_ERRORS_FROM = 300
_HTML_HEADERS = (("content-type", "text/html; charset=UTF-8"),)
_PORTAL = "http://portal.invalid/login"
_MALFORMED_PAGE = (
    b"<!DOCTYPE html><html lang=en><title>Error 400 (Bad Request)!!1</title><p>Your client has"
    b" issued a malformed or illegal request. <ins>That\xe2\x80\x99s all we know.</ins></html>"
)
_ERROR_PAGE = b"<html><head><title>502 Server Error</title></head><body>Server Error</body></html>"
_GOOD_PAGE = b"<!DOCTYPE html><html><title>VALR</title><p>We will be right back.</p></html>"
_STALE_MAX_S = 60.0
"""How old an answer out of the venue's edge may be, by its own max-age."""
_KEPT_MAX = 64


class Part(enum.Enum):
    """The parts of the answers that the venue may withhold, with their routes."""

    BALANCES = ("/v1/account/balances",)
    PAIRS = ("/v1/public/pairs", "/v1/public/pairs/{kind}")
    ORDER_TYPES = ("/v1/public/ordertypes", "/v1/public/{pair}/ordertypes")
    OPEN_ORDERS = ("/v1/orders/open",)


@attrs.frozen
class _Kept:
    """A kept answer, with its time in seconds since the exchange began."""

    response: Response
    at: float


class RestFaults:
    """
    Spoils requests and answers.

    Attributes:
        withheld: The parts withheld now, with the status of the answer: 200 is an empty list.
    """

    def __init__(self, faults: Faults, gate: Gate, shapes: Shapes) -> None:
        self.withheld: dict[Part, int] = {}
        self._faults = faults
        self._gate = gate
        self._shapes = shapes
        self._kept: dict[str, _Kept] = {}

    def limited(self, method: str, path: str, at_ms: int) -> Response | None:
        """The answer to a request that is called one too many."""
        strikes, orders = self._faults.strikes, "/orders" in path
        placing = method == "POST" and orders and strikes(Fault.PLACE_LIMITED)
        cancelling = method == "DELETE" and orders and strikes(Fault.CANCEL_LIMITED)
        if placing or cancelling or strikes(Fault.RATE_LIMITED):
            return self._gate.too_many(at_ms)
        return None

    def failed(self) -> Response | None:
        """The answer to a request that never reaches the venue itself."""
        if self._faults.strikes(Fault.SERVER_ERROR):
            status = self._faults.random.choice((_BAD_GATEWAY, _UNAVAILABLE))
            return Response(status=status, headers=_HTML_HEADERS, body=_ERROR_PAGE)
        if self._faults.strikes(Fault.REDIRECT):
            return Response(status=_FOUND, headers=(("location", _PORTAL),))
        return None

    def withholding(self, route: Route) -> Response | None:
        """The answer of a route that is withheld now."""
        for part, status in self.withheld.items():
            if route.pattern in part.value:
                return Response(status=status, body=b"[]" if status == _OK else b"")
        return None

    def answer(self, method: str, response: Response) -> Response:
        """The answer as it is sent, perhaps spoiled."""
        if response.status >= _ERRORS_FROM:
            return response
        if method not in READING:
            spoilt = self._after_acceptance(response)
            if spoilt is not None:
                return spoilt
        return self._unreadable(response) if response.body else response

    def aged(self, target: str, response: Response, now: float) -> Response:
        """The venue edge's answer, perhaps an older one, in place of a public answer."""
        kept = self._kept.get(target)
        young = kept is not None and 0.0 < now - kept.at <= _STALE_MAX_S
        if kept is not None and young and self._faults.strikes(Fault.STALE_ANSWER):
            return kept.response
        if not young and response.status == _OK:
            self._kept.pop(target, None)
            while len(self._kept) >= _KEPT_MAX:
                del self._kept[next(iter(self._kept))]
            self._kept[target] = _Kept(response, now)
        return response

    def _after_acceptance(self, response: Response) -> Response | None:
        faults = self._faults
        if faults.strikes(Fault.HTML_AFTER_ACCEPTANCE):
            return Response(status=_BAD_REQUEST, headers=_HTML_HEADERS, body=_MALFORMED_PAGE)
        if faults.strikes(Fault.SERVER_ERROR_AFTER_ACCEPTANCE):
            return Response(status=_BAD_GATEWAY, headers=_HTML_HEADERS, body=_ERROR_PAGE)
        if faults.strikes(Fault.CUT_AFTER_ACCEPTANCE):
            return attrs.evolve(response, cut=True)
        return None

    def _unreadable(self, response: Response) -> Response:
        faults, body = self._faults, response.body
        if faults.strikes(Fault.HTML_ANSWER):
            return attrs.evolve(response, headers=_HTML_HEADERS, body=_GOOD_PAGE)
        if faults.strikes(Fault.TRUNCATED_ANSWER):
            return attrs.evolve(response, body=body[: faults.random.randrange(len(body))])
        if faults.strikes(Fault.WRONG_CHARSET):
            headers = _with_type(response, "application/json; charset=utf-16")
            return attrs.evolve(response, headers=headers, body=body.decode().encode("utf-16"))
        if faults.strikes(Fault.WRONG_CONTENT_TYPE):
            return attrs.evolve(response, headers=_with_type(response, "text/plain"))
        return attrs.evolve(response, body=self._shapes.body(body))


def _with_type(response: Response, content_type: str) -> tuple[tuple[str, str], ...]:
    others = [(name, value) for name, value in response.headers if name != "content-type"]
    return (*others, ("content-type", content_type))


def refused_upgrade(faults: Faults, gate: Gate, at_ms: int) -> Response | None:
    """The answer that refuses a WebSocket upgrade."""
    if faults.strikes(Fault.UPGRADE_FORBIDDEN):
        return Response(status=faults.random.choice((401, 403)), headers=())
    if faults.strikes(Fault.UPGRADE_LIMITED):
        return gate.too_many(at_ms)
    if faults.strikes(Fault.UPGRADE_UNAVAILABLE):
        status = faults.random.choice((_BAD_GATEWAY, _UNAVAILABLE, 504))
        return Response(status=status, headers=_HTML_HEADERS, body=_ERROR_PAGE)
    return None
