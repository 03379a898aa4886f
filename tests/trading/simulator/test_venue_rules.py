"""Limits, maintenance, pairs that come and go: what the venue does to everybody."""

from typing import Any

import attrs
import msgspec
import pytest

from tests.trading.simulator.rig import DOGE, Client, an_exchange, kinds
from trading.simulator.core.pair import DEFAULT_PAIRS
from trading.venues.valr.rules import RateLimits, VenueRules
from trading.venues.valr.simulator.core.settings import ExchangeSettings


def _client(**settings: Any) -> Client:
    return Client(an_exchange(settings=ExchangeSettings(pairs=DEFAULT_PAIRS[:2], **settings)))


def _subscribe(client: Client, *events: str) -> list[Any]:
    subscriptions = [{"event": event, "pairs": [DOGE]} for event in events]
    return client.say({"type": "SUBSCRIBE", "subscriptions": subscriptions})


def test_a_public_path_answers_thirty_times_a_minute() -> None:
    client = _client()
    statuses = [client.request("GET", "/v1/public/pairs").status for _ in range(31)]
    assert statuses == [200] * 30 + [429]
    limited = client.request("GET", "/v1/public/pairs")
    headers = dict(limited.headers)
    assert headers["x-valr-ratelimited"] == "true"
    assert headers["content-type"] == "text/html"
    assert limited.body.startswith(b"<html>")
    # The windows begin with the clock's minutes, and this one began 57 seconds before.
    wait_s = int(headers["retry-after"])
    assert wait_s == 3
    client.exchange.advance(wait_s)
    assert client.request("GET", "/v1/public/pairs").status == 200


def test_what_a_limit_says_can_be_chosen() -> None:
    rules = VenueRules(html_when_limited=False, retry_after_when_limited=False)
    client = _client(rules=rules, limits=RateLimits(per_key_per_minute=1, public_per_minute=0))
    assert client.request("GET", "/v1/account/balances").status == 200
    limited = client.request("GET", "/v1/account/balances")
    assert (limited.status, limited.body) == (429, b"")
    assert dict(limited.headers) == {"x-valr-ratelimited": "true"}
    assert client.request("GET", "/v1/public/time").status == 200
    assert client.request("GET", "/v1/public/pairs").status == 429


@pytest.mark.parametrize(
    ("method", "target", "limit"),
    [
        ("POST", "/v1/batch/orders", {"batches_per_s": 2}),
        ("POST", "/v2/orders/limit", {"places_per_s": 2}),
        ("PUT", "/v2/orders/modify", {"modifies_per_s": 2}),
        ("DELETE", "/v1/orders", {"cancels_per_s": 2}),
        ("GET", "/v1/public/time", {"fast_public_per_s": 2}),
    ],
)
def test_orders_have_limits_of_their_own(method: str, target: str, limit: dict[str, Any]) -> None:
    base = RateLimits(per_key_per_minute=0, per_address_per_minute=0)
    client = _client(limits=attrs.evolve(base, **limit))
    statuses = [client.request(method, target, {}).status for _ in range(3)]
    assert 429 not in statuses[:2]
    assert statuses[2] == 429
    client.exchange.advance(1.0)
    assert client.request(method, target, {}).status != 429


def test_a_socket_is_told_when_it_asks_too_often() -> None:
    client = _client(limits=RateLimits(places_per_s=1))
    client.open()
    assert kinds(client.place(price="0.09"))[0] == "PLACE_LIMIT_WS_RESPONSE"
    assert client.place(price="0.09") == [
        {
            "type": "RATE_LIMIT_EXCEEDED",
            "data": {"requestType": "PLACE_LIMIT_ORDER"},
            "clientMsgId": "c-1",
        }
    ]


def test_sixty_sockets_a_minute_and_no_more() -> None:
    exchange = _client().exchange
    answers = [exchange.refuse_connection(0.0) for _ in range(61)]
    assert answers[:60] == [None] * 60
    assert answers[60] is not None
    assert answers[60].status == 429
    assert exchange.refuse_connection(3.0) is None


def test_in_maintenance_everything_but_looking_is_refused() -> None:
    client = _client(rules=VenueRules(read_only_after_s=10.0, read_only_for_s=5.0))
    client.open()
    order_id = client.place(price="0.09")[0]["data"]["orderId"]
    client.exchange.advance(10.0)
    assert client.json("GET", "/v1/public/status") == {"status": "read-only"}
    assert client.request("DELETE", "/v1/orders").status == 503
    assert "error" in client.place(price="0.09")[0]
    assert [row["orderId"] for row in client.json("GET", "/v1/orders/open")] == [order_id]
    client.exchange.advance(15.0)
    assert client.json("GET", "/v1/public/status") == {"status": "online"}
    assert client.request("DELETE", "/v1/orders").status == 200


def test_a_pair_may_end_in_mid_session_and_begin_again() -> None:
    client = _client(rules=VenueRules(deactivations={DOGE: 10.0}))
    client.open()
    client.place(price="0.09")
    watcher = Client(client.exchange)
    watcher.open("/ws/trade")
    _subscribe(watcher, "ALLOWED_ORDER_TYPES_UPDATED", "OB_L1_DIFF")
    client.exchange.advance(10.0)
    assert client.json("GET", "/v1/orders/open") == []
    (types,) = [f for f in watcher.frames() if f["type"] == "ALLOWED_ORDER_TYPES_UPDATED"]
    assert types["data"] == []
    client.exchange.advance(12.0)
    assert watcher.frames() == []
    rows = {row["symbol"]: row["active"] for row in client.json("GET", "/v1/public/pairs")}
    assert rows[DOGE] is False
    assert client.json("GET", f"/v1/public/{DOGE}/orderbook")["Bids"] == []
    assert client.json("GET", f"/v1/public/{DOGE}/orderbook/full")["Bids"] == []
    assert client.place(price="0.09")[0]["error"]["code"] == -32
    client.exchange.activate(DOGE, 20.0)
    assert watcher.frames()[-1]["type"] in ("OB_L1_DIFF", "ALLOWED_ORDER_TYPES_UPDATED")
    assert "error" not in client.place(price="0.09")[0]


def test_what_is_to_happen_in_mid_session_counts_from_the_first_client() -> None:
    rules = VenueRules(deactivations={DOGE: 60.0}, read_only_after_s=30.0, read_only_for_s=10.0)
    client = _client(rules=rules)
    client.exchange.advance(120.0)

    def active() -> bool:
        rows = client.json("GET", "/v1/public/pairs")
        return {row["symbol"]: bool(row["active"]) for row in rows}[DOGE]

    assert active(), "nobody was there before"
    for after_s, status in ((29.9, "online"), (30.0, "read-only"), (40.0, "online")):
        client.exchange.advance(120.0 + after_s)
        assert client.json("GET", "/v1/public/status") == {"status": status}
    client.exchange.advance(179.9)
    assert active()
    client.exchange.advance(180.0)
    assert not active()


def test_a_socket_is_a_first_client_too() -> None:
    exchange = _client(rules=VenueRules(deactivations={DOGE: 10.0})).exchange
    exchange.advance(120.0)
    assert exchange.refuse_connection(120.0) is None
    exchange.advance(130.0)
    assert not exchange.venue.listings[DOGE].active


def test_what_sets_in_at_once_holds_for_the_first_client() -> None:
    client = _client(rules=VenueRules(deactivations={DOGE: 0.0}))
    rows = client.json("GET", "/v1/public/pairs")
    assert {row["symbol"]: row["active"] for row in rows}[DOGE] is False


def test_only_allowed_kinds_of_orders_are_taken() -> None:
    client = _client()
    client.open()
    client.exchange.allow(DOGE, ("LIMIT_POST_ONLY",), 1.0)
    assert client.place(price="0.09")[0]["error"]["code"] == -12005
    assert "error" not in client.place(price="0.09", postOnly=True)[0]
    assert client.json("GET", f"/v1/public/{DOGE}/ordertypes") == ["LIMIT_POST_ONLY"]
    with pytest.raises(ValueError, match="NOPE"):
        client.exchange.allow(DOGE, ("NOPE",), 1.0)


def test_answers_say_how_long_they_are_kept() -> None:
    client = _client(rules=VenueRules(age_header=True))

    def cached(target: str) -> dict[str, str]:
        return dict(client.request("GET", target).headers)

    assert cached("/v1/public/pairs")["cache-control"] == "max-age=60,public"
    assert cached("/v1/public/pairs")["age"] == "0"
    assert cached("/v1/public/NOPE/orderbook")["cache-control"] == "max-age=30,public"
    assert cached(f"/v1/marketdata/{DOGE}/orderbook")["cache-control"] == "max-age=1,public"
    assert "cache-control" not in cached("/v1/orders/open")


def test_a_wrong_signature_has_the_code_that_was_chosen() -> None:
    client = _client(rules=VenueRules(authentication_failure_code=-1))
    headers = {"X-VALR-API-KEY": client.account.api_key}
    answer = client.exchange.request("GET", "/v1/orders/open", headers, b"", 0.0)
    assert msgspec.json.decode(answer.body)["code"] == -1


def test_levels_can_be_gathered_too() -> None:
    client = _client(rules=VenueRules(level_feed_batch_s=0.5))
    client.open("/ws/trade")
    _subscribe(client, "OB_L1_DIFF")
    client.exchange.advance(10.0)
    frames = client.frames()
    assert 10 < len(frames) <= 20
    assert [f["d"]["sq"] for f in frames] == sorted({f["d"]["sq"] for f in frames})
