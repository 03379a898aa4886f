"""Rate limits: fixed windows that begin with the clock's minutes and seconds."""

import re
from collections.abc import Iterator

import attrs

from trading.venues.valr.rules import RateLimits, VenueRules
from trading.venues.valr.simulator.wire.http import Response

_SECOND_MS = 1000
_MINUTE_MS = 60_000
_FAST_PUBLIC = re.compile(r"/v1/public/(time|status|[^/]+/(?:markprice/)?buckets)")
_ORDERS = re.compile(r"/v[12]/orders(/.*)?")
_PUBLIC = "/v1/public/"
_TOO_MANY = 429
_HTML = (
    b"<html><head><title>429 Too Many Requests</title></head>"
    b"<body><h1>429 Too Many Requests</h1></body></html>"
)


@attrs.frozen
class _Lane:
    """One rate limit: so many requests in a window of so many milliseconds."""

    name: str
    maximum: int
    window_ms: int


class Gate:
    """
    Counts requests against all rate limits.

    Attributes:
        exceeded: How often a limit was exceeded, by lane.
    """

    def __init__(self, limits: RateLimits, rules: VenueRules) -> None:
        self._limits = limits
        self._rules = rules
        self._windows: dict[int, int] = {}
        self.exceeded: dict[str, int] = {}
        self._counts: dict[int, dict[str, int]] = {_SECOND_MS: {}, _MINUTE_MS: {}}

    def refusal(self, method: str, path: str, api_key: str, at_ms: int) -> Response | None:
        """Count a request; the answer to one too many."""
        for lane in self._lanes(method, path, api_key):
            if not self._passes(lane, at_ms):
                return self.too_many(at_ms, lane.window_ms)
        return None

    def admits_connection(self, at_ms: int) -> bool:
        """Count a new socket."""
        limit = self._limits.connections_per_minute
        return self._passes(_Lane("connections", limit, _MINUTE_MS), at_ms)

    def admits_command(self, kind: str, api_key: str, at_ms: int) -> bool:
        """Count a command on an account's socket."""
        limits = self._limits
        maximum = {
            "PLACE_LIMIT_ORDER": limits.places_per_s,
            "PLACE_MARKET_ORDER": limits.places_per_s,
            "MODIFY_ORDER": limits.modifies_per_s,
            "BATCH_ORDERS": limits.batches_per_s,
            "CANCEL_LIMIT_ORDER": limits.cancels_per_s,
        }.get(kind)
        if maximum is None:
            return True
        name = "socket PLACE" if kind.startswith("PLACE") else f"socket {kind}"
        return self._passes(_Lane(f"{name} {api_key}", maximum, _SECOND_MS), at_ms)

    def too_many(self, at_ms: int, window_ms: int = _MINUTE_MS) -> Response:
        """The answer to a request beyond a limit."""
        headers = [("x-valr-ratelimited", "true")]
        if self._rules.retry_after_when_limited:
            left_ms = window_ms - at_ms % window_ms
            headers.append(("retry-after", str(-(-left_ms // _SECOND_MS))))
        body = b""
        if self._rules.html_when_limited:
            headers.append(("content-type", "text/html"))
            body = _HTML
        return Response(status=_TOO_MANY, headers=tuple(headers), body=body)

    def _lanes(self, method: str, path: str, api_key: str) -> Iterator[_Lane]:
        limits = self._limits
        fast = _FAST_PUBLIC.fullmatch(path)
        if fast is not None:
            name = "buckets" if path.endswith("buckets") else fast.group(1)
            yield _Lane(f"public {name}", limits.fast_public_per_s, _SECOND_MS)
            return
        own = self._order_lane(method, path)
        if own is not None:
            yield _Lane(f"{own[0]} {api_key}", own[1], _SECOND_MS)
            return
        if path.startswith(_PUBLIC):
            name = "public" if limits.public_together else path
            yield _Lane(name, limits.public_per_minute, _MINUTE_MS)
        yield _Lane("address", limits.per_address_per_minute, _MINUTE_MS)
        if api_key:
            yield _Lane(f"key {api_key}", limits.per_key_per_minute, _MINUTE_MS)

    def _order_lane(self, method: str, path: str) -> tuple[str, int] | None:
        """The lane of requests that change orders."""
        limits = self._limits
        if method == "POST" and path == "/v1/batch/orders":
            return "batch", limits.batches_per_s
        if not _ORDERS.fullmatch(path):
            return None
        return {
            "POST": ("place", limits.places_per_s),
            "PUT": ("modify", limits.modifies_per_s),
            "DELETE": ("cancel", limits.cancels_per_s),
        }.get(method)

    def _passes(self, lane: _Lane, at_ms: int) -> bool:
        if not self._limits.enabled:
            return True
        window, counts = at_ms // lane.window_ms, self._counts[lane.window_ms]
        if self._windows.get(lane.window_ms) != window:
            self._windows[lane.window_ms] = window
            counts.clear()
        counts[lane.name] = counts.get(lane.name, 0) + 1
        if counts[lane.name] <= lane.maximum:
            return True
        self.exceeded[lane.name] = self.exceeded.get(lane.name, 0) + 1
        return False
