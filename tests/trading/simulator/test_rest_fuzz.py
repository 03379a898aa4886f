"""Whatever is asked of REST, it answers, and never with a 500."""

from typing import Any

import msgspec
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.trading.simulator.rig import DOGE, Client, an_exchange, signed
from trading.simulator.core.pair import DEFAULT_PAIRS
from trading.venues.valr.simulator.core.settings import ExchangeSettings
from trading.venues.valr.simulator.wire.http import Response

_METHODS = st.sampled_from(["GET", "POST", "PUT", "DELETE", "PATCH", "HEAD", "OPTIONS"])
_PARTS = st.sampled_from(
    [
        "v1",
        "v2",
        "public",
        "marketdata",
        "account",
        "orders",
        "batch",
        "history",
        "summary",
        "detail",
        "orderid",
        "customerorderid",
        "open",
        "limit",
        "market",
        "stop",
        "modify",
        "order",
        "tradehistory",
        "buckets",
        "markprice",
        "orderbook",
        "full",
        "trades",
        DOGE,
        "XMRETH",
        "pairs",
        "currencies",
        "balances",
        "time",
        "..",
        "",
        "%00",
        "é",
    ]
)
_QUERY = st.lists(
    st.tuples(
        st.sampled_from(
            [
                "skip",
                "limit",
                "startTime",
                "endTime",
                "beforeId",
                "periodSeconds",
                "statuses",
                "currencyPair",
                "includeEmpty",
                "excludeFailures",
            ]
        ),
        st.sampled_from(["", "0", "60", "-1", "9" * 30, "2026-01-01T00:00:00Z", "NaN", "true"])
        | st.text(max_size=5),
    ),
    max_size=4,
).map(lambda pairs: "&".join(f"{name}={value}" for name, value in pairs))
_VALUES: st.SearchStrategy[Any] = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(10**20), 10**20)
    | st.sampled_from([DOGE, "BUY", "SELL", "0.1", "40", "1e5", "-1", "NaN", "GTC", "REPRICE"])
    | st.sampled_from(["STOP_LOSS_LIMIT", "PLACE_LIMIT", "MODIFY_ORDER", "9" * 40, "true"])
    | st.text(max_size=4),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner),
    max_leaves=5,
)
_BODY = st.dictionaries(
    st.sampled_from(
        [
            "side",
            "quantity",
            "price",
            "pair",
            "type",
            "stopPrice",
            "postOnly",
            "orderId",
            "timeInForce",
            "customerOrderId",
            "postOnlyReprice",
            "postOnlyRepriceTicks",
            "baseAmount",
            "quoteAmount",
            "newPrice",
            "newTotalQuantity",
            "newRemainingQuantity",
            "modifyMatchStrategy",
            "requests",
            "data",
            "allowMargin",
        ]
    ),
    _VALUES,
).map(lambda body: {"pair": DOGE, "side": "BUY", "price": "0.1", **body})
_ROUTES = st.sampled_from(
    [
        ("POST", "/v1/orders/limit"),
        ("POST", "/v2/orders/market"),
        ("POST", "/v2/orders/stop/limit"),
        ("POST", "/v1/batch/orders"),
        ("PUT", "/v1/orders/modify"),
        ("PUT", "/v2/orders/modify"),
        ("DELETE", "/v1/orders/order"),
        ("DELETE", "/v2/orders/order"),
    ]
)
_SETTINGS = ExchangeSettings(pairs=(DEFAULT_PAIRS[0], DEFAULT_PAIRS[-1]))


def _assert_an_answer(response: Response) -> None:
    assert 200 <= response.status < 500
    if response.body:
        msgspec.json.decode(response.body)


@settings(max_examples=150, deadline=None)
@given(_METHODS, st.lists(_PARTS, max_size=6), _QUERY, st.binary(max_size=20))
def test_every_target_has_an_answer(method: str, parts: list[str], query: str, body: bytes) -> None:
    exchange = an_exchange(settings=_SETTINGS)
    target = f"/{'/'.join(parts)}?{query}"
    text = body.decode("latin-1")
    headers = signed(method, target, text)
    _assert_an_answer(exchange.request(method, target, headers, text.encode(), 0.0))
    _assert_an_answer(exchange.request(method, target, {}, body, 0.0))


@settings(max_examples=150, deadline=None)
@given(_ROUTES, st.lists(_BODY, min_size=1, max_size=3) | _VALUES)
def test_every_body_has_an_answer(route: tuple[str, str], bodies: Any) -> None:
    client = Client(an_exchange(settings=_SETTINGS))
    batch = {"requests": [{"type": "PLACE_STOP_LIMIT", "data": body} for body in [bodies] * 2]}
    for body in (*(bodies if isinstance(bodies, list) else [bodies]), batch):
        _assert_an_answer(client.request(*route, body))
