"""How many orders an account has at an exchange of another process."""

import json
import time
import urllib.request
from collections.abc import Mapping

from trading.venues.valr.signing import Signer


def open_orders(hello: Mapping[str, str]) -> int:
    """The number of open orders of the first demo account, by the exchange's own list."""
    path = "/v1/orders/open"
    signer = Signer(hello["api_key"], hello["api_secret"], time.time_ns)
    request = urllib.request.Request(  # noqa: S310  # loopback
        hello["rest"] + path, headers=signer.headers("GET", path)
    )
    with urllib.request.urlopen(request, timeout=10) as answer:  # noqa: S310  # loopback
        return len(json.loads(answer.read()))
