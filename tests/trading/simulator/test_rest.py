"""REST: signatures over raw bytes, the venue's own errors, and an answer for everything."""

from typing import Any

import attrs
import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.trading.simulator.rig import DOGE, EPOCH_NS, OTHER_ACCOUNT, Client, an_exchange, signed
from trading.venues.valr.permissions import Permission
from trading.venues.valr.simulator.core.settings import DEMO_ACCOUNT, ExchangeSettings


def _body(**fields: object) -> dict[str, object]:
    return {"side": "BUY", "quantity": "40", "price": "0.09", "pair": DOGE, **fields}


def test_public_routes_answer_without_a_key() -> None:
    exchange = an_exchange()

    def get(target: str) -> Any:
        response = exchange.request("GET", target, {}, b"", 1.5)
        assert response.status == 200
        return msgspec.json.decode(response.body)

    time = get("/v1/public/time")
    assert time["epochTime"] == EPOCH_NS // 1_000_000_000 + 1
    assert time["time"].endswith(".500000000Z")
    assert get("/v1/public/status") == {"status": "online"}
    pairs = {row["symbol"]: row for row in get("/v1/public/pairs")}
    assert pairs[DOGE]["baseDecimalPlaces"] == "0"
    assert pairs[DOGE]["minBaseAmount"] == "4"
    assert pairs["XMRETH"]["active"] is False
    assert get("/v1/public/pairs/SPOT") == list(pairs.values())
    assert len(get("/v1/public/ordertypes?includeInactivePairs=false")) == len(pairs) - 1
    assert len(get(f"/v1/public/{DOGE}/orderbook")["Asks"]) >= 20
    assert get("/v1/public/XMRETH/orderbook")["Asks"] == []
    assert get(f"/v1/public/{DOGE}/marketsummary")["currencyPair"] == DOGE


def test_public_trades_are_newest_first() -> None:
    exchange = an_exchange()
    exchange.advance(60.0)
    trades = Client(exchange).json("GET", f"/v1/public/{DOGE}/trades?limit=5")
    assert len(trades) == 5
    sequences = [trade["sequenceId"] for trade in trades]
    assert sequences == sorted(sequences, reverse=True)
    assert min(sequences) > 2**53


@pytest.mark.parametrize(
    ("target", "status", "code"),
    [
        ("/v1/public/NOPE/orderbook", 400, -21),
        ("/v1/public/XMRETH/marketsummary", 404, -111),
        ("/v1/public/pairs/NOPE", 400, -11),
        (f"/v1/orders/{DOGE}/orderid/nobody", 400, -1),
        ("/v1/account/NOPE/tradehistory", 400, -21),
    ],
)
def test_what_is_not_there_has_the_venues_code(target: str, status: int, code: int) -> None:
    response = Client(an_exchange()).request("GET", target)
    assert response.status == status
    assert msgspec.json.decode(response.body)["code"] == code


def test_unknown_routes_are_not_found() -> None:
    assert Client(an_exchange()).request("GET", "/v1/nowhere").status == 404
    assert Client(an_exchange()).request("POST", "/v1/account/balances", {}).status == 404


def test_a_missing_key_a_wrong_key_and_a_wrong_signature_are_told_apart() -> None:
    exchange, target = an_exchange(), "/v1/account/balances"

    def refused(headers: dict[str, str], asked: str = target) -> tuple[int, str]:
        response = exchange.request("GET", asked, headers, b"", 0.0)
        return response.status, msgspec.json.decode(response.body)["message"]

    good = signed("GET", target)
    assert refused({}) == (400, "API key header missing: X-VALR-API-KEY")
    assert refused(good | {"X-VALR-API-KEY": "00"}) == (401, "API key or secret is invalid")
    assert refused(good, f"{target}?a=1") == (401, "Request has an invalid signature")
    assert refused(good | {"X-VALR-SUB-ACCOUNT-ID": "1"})[0] == 401
    assert refused(good | {"X-VALR-TIMESTAMP": "soon"})[0] == 401


def test_a_body_is_signed_byte_by_byte() -> None:
    exchange, target = an_exchange(), "/v2/orders/limit"
    body = msgspec.json.encode(_body())
    headers = signed("POST", target, body.decode())
    assert exchange.request("POST", target, headers, body, 0.0).status == 201
    assert exchange.request("POST", target, headers, body + b" ", 0.0).status == 401


def test_a_timestamp_window_refuses_old_requests_where_it_is_set() -> None:
    exchange = an_exchange(settings=ExchangeSettings(timestamp_window_ms=5000))
    target = "/v1/account/balances"
    assert exchange.request("GET", target, signed("GET", target), b"", 2.0).status == 200
    assert exchange.request("GET", target, signed("GET", target), b"", 60.0).status == 401


def test_a_post_without_content_type_is_forbidden() -> None:
    target = "/v1/orders/limit"
    headers = signed("POST", target, "{}")
    del headers["Content-Type"]
    assert an_exchange().request("POST", target, headers, b"{}", 0.0).status == 403


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"pair": "NOPE"}, -21),
        ({"pair": 7}, -21),
        ({"pair": "XMRETH"}, -32),
        ({"quantity": "3.9"}, -12007),
        ({"price": "0.00001"}, -12007),
        ({"quantity": "600000"}, -39),
        ({"price": "0.090001"}, -11),
        ({"price": "-1"}, -11),
        ({"price": True}, -11),
        ({"price": -0.09}, -11),
        ({"quantity": "NaN"}, -11),
        ({"quantity": "1" * 40}, -11),
        ({"side": "buy"}, -11),
        ({"timeInForce": []}, -11),
        ({"timeInForce": "IOC", "postOnly": True}, -11),
        ({"postOnly": "maybe"}, -11),
        ({"customerOrderId": "under_score"}, -11),
    ],
)
def test_a_limit_order_that_breaks_a_rule_is_refused(fields: Any, code: int) -> None:
    response = Client(an_exchange()).request("POST", "/v2/orders/limit", _body(**fields))
    assert response.status == 400
    assert msgspec.json.decode(response.body)["code"] == code


def test_an_order_can_be_followed_through_its_life() -> None:
    client = Client(an_exchange())
    order_id = client.json("POST", "/v2/orders/limit", _body(customerOrderId="q-1"))["id"]
    (row,) = client.json("GET", "/v1/orders/open")
    assert (row["orderId"], row["remainingQuantity"], row["type"]) == (order_id, "40", "limit")
    for name in (f"orderid/{order_id}", "customerorderid/q-1"):
        status = client.json("GET", f"/v1/orders/{DOGE}/{name}")
        assert (status["orderStatusType"], status["originalPrice"]) == ("Placed", "0.09")
    balances = client.json("GET", "/v1/account/balances?excludeZeroBalances=true")
    assert {b["currency"]: b["reserved"] for b in balances}["USDT"] == "3.6"
    cancel = {"orderId": order_id, "pair": DOGE}
    assert client.json("DELETE", "/v2/orders/order", cancel) == {"id": order_id}
    assert client.json("DELETE", "/v2/orders/order", cancel)["code"] == -16
    assert client.json("GET", "/v1/orders/open") == []
    assert client.json("GET", "/v1/orders/history") == []
    (row,) = client.json("GET", "/v1/orders/history?showZeroVolumeCancels=true")
    assert row["orderStatusType"] == "Cancelled"


def test_the_balances_of_all_accounts_are_listed_by_account_without_empty_ones() -> None:
    client = Client(an_exchange())
    (primary,) = client.json("GET", "/v1/account/balances/all")
    assert primary["account"] == {"label": "Primary", "id": "0"}
    own = client.json("GET", "/v1/account/balances?excludeZeroBalances=true")
    assert primary["balances"] == own
    assert own


def test_version_one_takes_requests_and_answers_nothing_of_their_outcome() -> None:
    client = Client(an_exchange())
    placed = client.request("POST", "/v1/orders/limit", _body(customerOrderId="q-1", price="900"))
    assert placed.status == 202
    assert msgspec.json.decode(placed.body)["customerOrderId"] == "q-1"
    gone = client.request("DELETE", "/v1/orders/order", {"customerOrderId": "q-1", "pair": DOGE})
    assert (gone.status, gone.body) == (202, b"")


def test_engine_failures_carry_an_order_id_and_a_code() -> None:
    client = Client(an_exchange())

    def failure(**fields: object) -> int:
        answer = client.json("POST", "/v2/orders/limit", _body(**fields))
        assert answer["orderId"]
        return int(answer["code"])

    client.json("POST", "/v2/orders/limit", _body(customerOrderId="q-1"))
    assert failure(customerOrderId="q-1") == -11502
    assert failure(quantity="500000", price="0.3") == -6
    assert failure(price="0.2", postOnly=True) == -11501
    assert failure(side="SELL", quantity="400000", price="0.08") == -11500


def test_a_market_order_trades_at_once_and_pays_the_taker_fee_in_what_it_receives() -> None:
    client = Client(an_exchange())
    body = {"side": "SELL", "baseAmount": "100", "pair": DOGE}
    assert client.request("POST", "/v2/orders/market", body).status == 201
    (fill,) = client.json("GET", f"/v1/account/{DOGE}/tradehistory")
    assert fill["feeCurrency"] == "USDT"
    assert float(fill["fee"]) == pytest.approx(float(fill["price"]) * 0.1)
    assert client.json("GET", "/v1/account/tradehistory?skip=0&limit=10") == [fill]
    (row,) = client.json("GET", "/v1/orders/history")
    assert (row["orderStatusType"], row["timeInForce"]) == ("Filled", "IOC")
    both = {"side": "SELL", "baseAmount": "1", "quoteAmount": "1", "pair": DOGE}
    assert client.json("POST", "/v2/orders/market", both)["code"] == -11


def test_cancel_all_takes_out_the_orders_of_one_account_only() -> None:
    exchange = an_exchange(
        settings=ExchangeSettings(accounts=(*ExchangeSettings().accounts, OTHER_ACCOUNT))
    )
    ours, theirs = Client(exchange), Client(exchange, OTHER_ACCOUNT)
    for client in (ours, theirs):
        client.json("POST", "/v2/orders/limit", _body())
    assert ours.json("DELETE", "/v1/orders/BTCZAR") == []
    assert len(ours.json("DELETE", f"/v1/orders/{DOGE}")) == 1
    assert ours.json("DELETE", "/v1/orders") == []
    assert len(theirs.json("GET", "/v1/orders/open")) == 1


_PATHS = st.sampled_from(
    ["/v1/orders/limit", "/v2/orders/market", "/v2/orders/order", f"/v1/public/{DOGE}/trades"]
)
_JSON = st.recursive(
    st.none() | st.booleans() | st.floats(allow_nan=False) | st.text(max_size=9),
    lambda children: (
        st.lists(children, max_size=3)
        | st.dictionaries(
            st.sampled_from(["pair", "side", "price", "quantity", "orderId", "baseAmount"]),
            children | st.sampled_from([DOGE, "BUY", "1", "0.1"]),
        )
    ),
    max_leaves=8,
)
_EXCHANGE = an_exchange()


@settings(max_examples=60)
@given(st.sampled_from(["GET", "POST", "DELETE", "X"]), _PATHS | st.text(max_size=20), _JSON)
def test_whatever_is_asked_there_is_an_answer(method: str, target: str, body: object) -> None:
    response = Client(_EXCHANGE).request(method, target, body)
    assert 200 <= response.status < 500


@settings(max_examples=60)
@given(st.text(max_size=30), st.dictionaries(st.text(), st.text(), max_size=3), st.binary())
def test_no_junk_raises(target: str, headers: dict[str, str], body: bytes) -> None:
    for method in ("GET", "POST"):
        assert _EXCHANGE.request(method, f"/{target}", headers, body, 0.0).status >= 400


def test_a_key_may_do_what_it_says_and_no_more() -> None:
    viewer = attrs.evolve(DEMO_ACCOUNT, permissions=(Permission.VIEW,), addresses="203.0.113.7/32")
    client = Client(an_exchange(settings=ExchangeSettings(accounts=(viewer,))), viewer)
    key = client.json("GET", "/v1/account/api-keys/current")
    assert key["permissions"] == ["View access"]
    assert key["allowedIpAddressCidr"] == "203.0.113.7/32"
    assert client.request("GET", "/v1/account/balances").status == 200
    refused = client.request("DELETE", "/v1/orders")
    assert (refused.status, b"permission Trade" in refused.body) == (403, True)
    client.open()
    [answer] = client.place(price="0.09")
    assert answer["error"]["code"] == -11253
