"""Both sockets, frame by frame."""

from random import Random
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.trading.simulator.rig import DOGE, Client, an_exchange, kinds, signed
from trading.venues.valr.simulator.core.settings import DEMO_ACCOUNT, ExchangeSettings
from trading.venues.valr.simulator.sockets.sessions import CUT, Session


def _subscribe(event: str, *pairs: str) -> dict[str, object]:
    return {"type": "SUBSCRIBE", "subscriptions": [{"event": event, "pairs": list(pairs)}]}


def _client(**options: Any) -> Client:
    client = Client(an_exchange(**options))
    client.open()
    return client


def test_an_account_socket_begins_with_everything_there_is() -> None:
    frames = Client(an_exchange()).open()
    held = len(DEMO_ACCOUNT.balances)
    assert kinds(frames) == [
        "AUTHENTICATED",
        *["BALANCE_UPDATE"] * held,
        "OPEN_ORDERS_UPDATE",
    ]
    rand = [f["data"]["currency"] for f in frames[1:-1] if f["data"]["currency"]["symbol"] == "R"]
    assert rand[0]["shortName"] == "ZAR"


def test_a_bad_signature_is_let_in_and_shown_out() -> None:
    exchange = an_exchange()
    session = exchange.open_session("/ws/account", signed("GET", "/ws/trade"), 0.0)
    assert session.close_reason is not None
    assert session.close_reason.code == 1007
    assert session.close_reason.reason == "Request has an invalid signature"
    assert not session.outgoing


def test_without_a_key_the_account_socket_opens_but_takes_no_orders() -> None:
    client = Client(an_exchange())
    client.session = client.exchange.open_session("/ws/account", {}, 0.0)
    assert client.frames() == []
    (answer,) = client.place(price="0.09")
    assert answer == {"type": "ERROR", "message": "UNAUTHORIZED", "clientMsgId": "c-1"}


def test_an_order_that_rests_is_acknowledged_processed_listed_and_reserved() -> None:
    frames = _client().place(price="0.09", postOnly=True, customerOrderId="q-1")
    assert kinds(frames) == [
        "PLACE_LIMIT_WS_RESPONSE",
        "ORDER_PROCESSED",
        "OPEN_ORDERS_UPDATE",
        "BALANCE_UPDATE",
    ]
    acknowledged, processed, listed, balance = frames
    assert acknowledged["clientMsgId"] == "c-1"
    order_id = acknowledged["data"]["orderId"]
    assert order_id[14] == "7"
    assert processed["data"] == {
        "orderId": order_id,
        "success": True,
        "failureReason": "",
        "customerOrderId": "q-1",
    }
    assert (listed["data"][0]["quantity"], listed["data"][0]["type"]) == ("40", "post-only limit")
    assert (balance["data"]["available"], balance["data"]["reserved"]) == ("996.4", "3.6")


def test_a_post_only_order_that_would_match_fails_after_its_acknowledgement() -> None:
    frames = _client().place(price="0.2", postOnly=True)
    assert kinds(frames) == ["PLACE_LIMIT_WS_RESPONSE", "ORDER_STATUS_UPDATE", "ORDER_PROCESSED"]
    assert frames[1]["data"]["orderStatusType"] == "Failed"
    assert "post" in frames[1]["data"]["failedReason"].lower()
    assert frames[2]["data"]["success"] is False


def test_a_fill_is_told_as_trade_status_list_and_balances() -> None:
    frames = _client().place(price="0.2")
    assert kinds(frames) == [
        "PLACE_LIMIT_WS_RESPONSE",
        "ORDER_PROCESSED",
        "NEW_ACCOUNT_TRADE",
        "ORDER_STATUS_UPDATE",
        "OPEN_ORDERS_UPDATE",
        "BALANCE_UPDATE",
        "BALANCE_UPDATE",
        "NEW_ACCOUNT_HISTORY_RECORD",
    ]
    trade, status, listed = (frame["data"] for frame in frames[2:5])
    assert (trade["quantity"], trade["fee"], trade["feeCurrency"]) == ("40", "0.04", "DOGE")
    assert (status["orderStatusType"], status["remainingQuantity"]) == ("Filled", "0")
    assert listed == []


@pytest.mark.parametrize(("time_in_force", "price"), [("IOC", "0.09"), ("FOK", "0.0999")])
def test_what_cannot_trade_now_and_may_not_wait_expires(time_in_force: str, price: str) -> None:
    client = _client()
    frames = client.place(price=price, timeInForce=time_in_force)
    (status,) = [frame["data"] for frame in frames if frame["type"] == "ORDER_STATUS_UPDATE"]
    assert status["orderStatusType"] == "Expired"
    assert frames[-1]["data"]["reserved"] == "0"
    assert client.json("GET", "/v1/orders/open") == []


def test_a_refused_request_is_the_usual_answer_with_an_error_in_it() -> None:
    (answer,) = _client().place(price="0.09", quantity="1")
    assert answer["type"] == "PLACE_LIMIT_WS_RESPONSE"
    assert answer["clientMsgId"] == "c-1"
    assert answer["error"]["code"] == -12007


def test_a_cancel_is_acknowledged_and_then_happens_and_a_second_one_fails() -> None:
    client = _client()
    client.place(price="0.09", customerOrderId="q-1")
    cancel = {
        "type": "CANCEL_LIMIT_ORDER",
        "clientMsgId": "c-2",
        "payload": {"customerOrderId": "q-1", "pair": DOGE},
    }
    frames = client.say(cancel)
    assert kinds(frames) == [
        "CANCEL_ORDER_WS_RESPONSE",
        "ORDER_STATUS_UPDATE",
        "OPEN_ORDERS_UPDATE",
        "BALANCE_UPDATE",
    ]
    assert frames[0]["data"] == {"requested": True, "customerOrderId": "q-1"}
    assert frames[1]["data"]["orderStatusType"] == "Cancelled"
    assert kinds(client.say(cancel)) == ["CANCEL_ORDER_WS_RESPONSE", "FAILED_CANCEL_ORDER"]


def test_cancel_on_disconnect_cancels_when_armed() -> None:
    client = _client()
    (echo,) = client.say({"type": "CANCEL_ON_DISCONNECT", "payload": {"cancelOnDisconnect": True}})
    assert echo["data"] == {"cancelOnDisconnect": "true"}
    client.place(price="0.09")
    assert client.session is not None
    client.exchange.close_session(client.session, 1.0)
    client.exchange.close_session(client.session, 1.0)
    assert client.json("GET", "/v1/orders/open") == []


def test_orders_outlive_a_socket_that_did_not_arm_it() -> None:
    client = _client()
    client.place(price="0.09")
    assert client.session is not None
    client.exchange.close_session(client.session, 1.0)
    assert len(client.json("GET", "/v1/orders/open")) == 1
    assert len(client.open()[-1]["data"]) == 1


def test_muted_events_are_not_sent_until_asked_for_again() -> None:
    client = _client()
    client.say({"type": "UNSUBSCRIBE", "requests": [{"event": "BALANCE_UPDATE"}]})
    assert "BALANCE_UPDATE" not in kinds(client.place(price="0.09"))
    client.say({"type": "SUBSCRIBE", "subscriptions": [{"event": "BALANCE_UPDATE"}]})
    assert "BALANCE_UPDATE" in kinds(client.place(price="0.09"))


def test_subscribing_again_replaces_the_list() -> None:
    client = Client(an_exchange())
    client.open("/ws/trade")
    frames = client.say(_subscribe("OB_L1_DIFF", "dogeusdt", "NOPE", "XMRETH", "BTCZAR"))
    assert [frame.get("message", frame["type"]) for frame in frames] == [
        "OB_L1_DIFF:DOGEUSDT",
        "OB_L1_SNAPSHOT",
        "Channel OB_L1_DIFF, pair NOPE combination invalid",
        "Channel OB_L1_DIFF, pair XMRETH combination invalid",
        "OB_L1_DIFF:BTCZAR",
        "OB_L1_SNAPSHOT",
    ]
    frames = client.say(_subscribe("OB_L1_DIFF", "BTCZAR"))
    assert [(f["type"], f["message"]) for f in frames] == [
        ("UNSUBSCRIBED", "OB_L1_DIFF:DOGEUSDT"),
        ("SUBSCRIBED", "OB_L1_DIFF:BTCZAR"),
    ]
    assert kinds(client.say(_subscribe("OB_L1_DIFF"))) == ["UNSUBSCRIBED"]
    frames = client.say(_subscribe("OB_L1_DIFF", "BTCZAR"))
    assert kinds(frames) == ["SUBSCRIBED", "OB_L1_SNAPSHOT"]


def test_the_latest_state_follows_the_acknowledgement() -> None:
    client = Client(an_exchange())
    client.open("/ws/trade")
    _, book = client.say(_subscribe("AGGREGATED_ORDERBOOK_UPDATE", DOGE))
    assert len(book["data"]["Bids"]) >= 20
    _, types = client.say(_subscribe("ALLOWED_ORDER_TYPES_UPDATED", DOGE))
    assert {"LIMIT", "LIMIT_POST_ONLY", "MARKET"} <= set(types["data"])


def test_pings_are_answered_and_say_when_nothing_is_subscribed() -> None:
    client = Client(an_exchange())
    client.open("/ws/trade")
    silent = {"type": "PONG", "message": "NO_SUBSCRIPTIONS"}
    assert client.say({"type": "PING"}) == [silent]
    client.say(_subscribe("NEW_TRADE", DOGE))
    assert client.say({"type": "PING"}) == [{"type": "PONG"}]
    client.open()
    assert client.say({"type": "PING"}) == [{"type": "PONG"}]


def _close_code(session: Session | None) -> int | None:
    assert session is not None
    return None if session.close_reason is None else session.close_reason.code


def test_a_silent_socket_is_cut_without_a_close_frame() -> None:
    client = _client()
    exchange = client.exchange
    exchange.advance(59.0)
    client.say({"type": "PING"})
    exchange.advance(118.9)
    assert _close_code(client.session) is None
    exchange.advance(119.0)
    assert _close_code(client.session) == CUT


def test_a_subscribed_trade_socket_may_stay_silent_but_not_without_a_key() -> None:
    exchange = an_exchange(settings=_SMALL)
    keyed = exchange.open_session("/ws/trade", signed("GET", "/ws/trade"), 0.0)
    keyless = exchange.open_session("/ws/trade", {}, 0.0)
    text = msgspec.json.encode(_subscribe("ALLOWED_ORDER_TYPES_UPDATED", DOGE)).decode()
    for session in (keyed, keyless):
        exchange.receive(session, text, 0.0)
    exchange.advance(899.0)
    assert _close_code(keyed) is _close_code(keyless) is None
    exchange.advance(900.0)
    assert _close_code(keyed) is None
    assert _close_code(keyless) == CUT


def test_a_client_that_does_not_read_is_cut_past_the_bound() -> None:
    client = Client(an_exchange(settings=ExchangeSettings(outgoing_frames_max=50)))
    client.open("/ws/trade")
    client.say(_subscribe("OB_L1_DIFF", DOGE))
    client.exchange.advance(60.0)
    assert client.session is not None
    assert client.session.close_reason is not None
    assert client.session.close_reason.code == CUT
    assert len(client.session.outgoing) <= 50


_PLACED = st.fixed_dictionaries(
    {
        "type": st.sampled_from(["PLACE_LIMIT_ORDER", "CANCEL_LIMIT_ORDER", "SUBSCRIBE", "?"]),
        "payload": st.none() | st.dictionaries(st.sampled_from(["pair", "price"]), st.text()),
        "subscriptions": st.none() | st.lists(st.dictionaries(st.just("event"), st.integers())),
    }
)


@settings(max_examples=60)
@given(st.text() | _PLACED.map(lambda value: msgspec.json.encode(value).decode()))
def test_no_text_raises_and_every_text_is_answered(text: str) -> None:
    exchange = an_exchange(settings=_SMALL)
    for path in ("/ws/account", "/ws/trade"):
        client = Client(exchange)
        client.open(path)
        frames = client.say(text)
        assert frames or '"SUBSCRIBE"' in text


_SMALL = ExchangeSettings(pairs=ExchangeSettings().pairs[:1])


def test_the_same_seed_and_calls_give_the_same_frames() -> None:
    def run(seed: int) -> list[Any]:
        client = Client(an_exchange(seed=seed))
        frames = client.open("/ws/trade") + client.say(_subscribe("NEW_TRADE", DOGE, "BTCZAR"))
        random = Random(1)
        for step in range(100):
            client.exchange.advance(step * random.random())
            client.request("POST", "/v1/orders/market", _market_body(random))
        return frames + client.frames()

    assert run(1) == run(1)
    assert run(1) != run(2)


def _market_body(random: Random) -> dict[str, object]:
    return {"side": random.choice(["BUY", "SELL"]), "baseAmount": "10", "pair": DOGE}
