"""
VALR's rate limits, and which of them a request counts in.

VALR publishes fixed windows that begin with the clock's minutes and seconds, and does not publish
which routes share one. So REST and sockets, v1 and v2, count together here, and every maximum is
half of VALR's or less.
"""

import re
from collections.abc import Sequence

from trading.venues.rate_limits import RateLimit

CONNECTION, PLACE, MODIFY, BATCH, CANCEL = "connection", "place", "modify", "batch", "cancel"
_PUBLIC, _ADDRESS, _KEY = "public", "address", "key"
_FAST_PUBLIC = re.compile(r"/v1/public/(time|status|[^/]+/(?:markprice/)?buckets)")
_ORDERS = re.compile(r"/v[12]/orders(/.*)?")
_OF_ORDERS = {"POST": PLACE, "PUT": MODIFY, "DELETE": CANCEL}

LIMITS = (
    RateLimit(lane=CONNECTION, maximum=20, window_s=60),
    RateLimit(lane=PLACE, maximum=200, window_s=1),
    RateLimit(lane=MODIFY, maximum=200, window_s=1),
    RateLimit(lane=BATCH, maximum=200, window_s=1),
    RateLimit(lane=CANCEL, maximum=225, window_s=1),
    RateLimit(lane=_PUBLIC, maximum=15, window_s=60),
    RateLimit(lane="time", maximum=10, window_s=1),
    RateLimit(lane="status", maximum=10, window_s=1),
    RateLimit(lane="buckets", maximum=10, window_s=1),
    RateLimit(lane=_ADDRESS, maximum=600, window_s=60),
    RateLimit(lane=_KEY, maximum=1000, window_s=60),
)


def lanes_of(verb: str, path: str, *, signed: bool) -> Sequence[str]:
    """The lanes that a REST call counts in; ``path`` may have a query."""
    path = path.partition("?")[0]
    if fast := _FAST_PUBLIC.fullmatch(path):
        return ("buckets" if path.endswith("buckets") else fast.group(1),)
    if path == "/v1/batch/orders":
        return (BATCH,)
    if verb in _OF_ORDERS and _ORDERS.fullmatch(path):
        return (_OF_ORDERS[verb],)
    if path.startswith("/v1/public/"):
        return (_PUBLIC, _ADDRESS)
    return (_ADDRESS, _KEY) if signed else (_ADDRESS,)
