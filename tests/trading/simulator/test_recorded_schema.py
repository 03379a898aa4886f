"""Every simulated event has the keys and JSON types of the recorded one, where one was recorded."""

import re
from collections.abc import Callable
from typing import Any

import pytest

from tests.support.recorded import recorded_json, recorded_names
from tests.trading.simulator.rig import Client, an_exchange
from trading.venues.valr.simulator.core.settings import ExchangeSettings, Fees

PAIR = "BTCZAR"
_FRAMES = "valr/frames"
_COMBINATION = re.compile(r"Channel (\w+), pair (\w+) combination invalid")
_CONTROL = "session_control_frames.2026-09-23.json"

# Keys that a recorded frame may lack, and why.
_LATER_OR_OPTIONAL = {
    "timeInForce": "missing in frames of 2024",
    "customerOrderId": "there only if the order has one",
    "currencyPairSymbol": "elided in one recording",
    "allowMargin": "newer than the recording",
    "totalExecutedQuantity": "newer than the recording",
    "orderId": "a cancel names the order as it was asked to",
    "quoteVolume": "newer than the recording of 2021",
    "markPrice": "newer than the recording of 2021",
    "marginTradingAllowed": "newer than the recording of 2021",
    "currencyPairType": "newer than the recording of 2021",
    "data": "the answer to a placement is elided to its order id",
}
# Texts where the protocol has numbers: a recorder's language could not hold them.
_RECORDED_AS_TEXT = ("sequenceId",)


def _shape(value: Any) -> Any:
    match value:
        case dict():
            return {key: _shape(value[key]) for key in value}
        case list():
            return [_shape(value[0])] if value else []
        case bool():
            return "boolean"
        case int() | float():
            return "number"
        case _:
            return "string"


def _assert_alike(ours: Any, recorded: Any, path: str) -> None:
    if isinstance(recorded, dict):
        assert isinstance(ours, dict), path
        missing = [key for key in recorded if key not in ours]
        assert missing == [], path
        extra = [key for key in ours if key not in recorded and key not in _LATER_OR_OPTIONAL]
        assert extra == [], path
        for key in recorded:
            if key not in _RECORDED_AS_TEXT:
                _assert_alike(ours[key], recorded[key], f"{path}.{key}")
    elif isinstance(recorded, list):
        assert isinstance(ours, list), path
        if recorded and ours:
            _assert_alike(ours[0], recorded[0], f"{path}[]")
    else:
        assert ours == recorded, path


def _trade_frames() -> dict[str, Any]:
    client = Client(an_exchange())
    client.open("/ws/trade")
    events = [
        *("AGGREGATED_ORDERBOOK_UPDATE", "FULL_ORDERBOOK_UPDATE", "OB_L1_DIFF", "NEW_TRADE"),
        *("MARKET_SUMMARY_UPDATE", "MARK_PRICE_UPDATE", "NEW_TRADE_BUCKET"),
    ]
    subscriptions = [{"event": event, "pairs": [PAIR]} for event in events]
    frames = client.say({"type": "SUBSCRIBE", "subscriptions": subscriptions})
    client.exchange.advance(61.0)
    return {frame["type"]: frame for frame in reversed([*frames, *client.frames()])}


def _account_frames() -> dict[str, Any]:
    client = Client(an_exchange())
    frames = client.open()
    body = {"quantity": "0.001", "pair": PAIR, "price": "900000", "customerOrderId": "q-1"}
    frames += client.place(**body)
    cancel = {"customerOrderId": "q-1", "pair": PAIR}
    frames += client.say({"type": "CANCEL_LIMIT_ORDER", "payload": cancel})
    frames += client.place(**{**body, "price": "1300000"})
    rand = [f for f in frames if f["type"] == "BALANCE_UPDATE"]
    found = {frame["type"]: frame for frame in reversed(frames)}
    found["BALANCE_UPDATE"] = next(f for f in rand if f["data"]["currency"]["shortName"] == "ZAR")
    return found


@pytest.mark.parametrize("name", recorded_names(f"{_FRAMES}/ws-trade") or ["absent"])
def test_trade_frames_are_like_the_recorded_ones(name: str) -> None:
    if name == _CONTROL:
        pytest.skip("compared word by word by a test of their own")
    recorded = recorded_json(f"{_FRAMES}/ws-trade/{name}")
    ours = _trade_frames()[recorded["type"]]
    _assert_alike(_shape(ours), _shape(recorded), name)


@pytest.mark.parametrize("name", recorded_names(f"{_FRAMES}/ws-account") or ["absent"])
def test_account_frames_are_like_the_recorded_ones(name: str) -> None:
    recorded = recorded_json(f"{_FRAMES}/ws-account/{name}")
    rows = recorded if isinstance(recorded, list) else [{"dir": "in", "frame": recorded}]
    frames = _account_frames()
    for row in rows:
        if row["dir"] == "in":
            ours = {**frames[row["frame"]["type"]]}
            if "clientMsgId" not in row["frame"]:
                ours.pop("clientMsgId", None)
            _assert_alike(_shape(ours), _shape(row["frame"]), name)


def test_control_frames_are_word_for_word_the_recorded_ones() -> None:
    client = Client(an_exchange())
    client.open("/ws/trade")
    for row in recorded_json(f"{_FRAMES}/ws-trade/{_CONTROL}"):
        frame = row["frame"]
        if row["dir"] == "out" or frame["type"] in ("SUBSCRIBED", "UNSUBSCRIBED"):
            continue
        if frame["type"] == "PONG":
            if "message" not in frame:
                client.say(_subscription("NEW_TRADE", PAIR))
            assert client.say({"type": "PING"}) == [frame]
        elif "Channel" in frame["message"]:
            event, pair = _COMBINATION.findall(frame["message"])[0]
            assert client.say(_subscription(event, pair)) == [frame]
        else:
            assert client.say("{") == [frame]


def _subscription(event: str, pair: str) -> dict[str, object]:
    return {"type": "SUBSCRIBE", "subscriptions": [{"event": event, "pairs": [pair]}]}


def _after_trading() -> Client:
    client = Client(an_exchange(settings=ExchangeSettings(fees=_REBATE)))
    limit = {"side": "BUY", "quantity": "0.001", "pair": PAIR, "price": "900000"}
    client.request("POST", "/v1/orders/limit", {**limit, "postOnly": True})
    client.request("DELETE", "/v1/orders")
    client.request("POST", "/v1/orders/limit", {**limit, "postOnly": True})
    book = client.json("GET", f"/v1/marketdata/{PAIR}/orderbook")
    price = int(book["Asks"][0]["price"]) - 1
    ask = {"side": "SELL", "quantity": "0.0001", "pair": PAIR, "price": str(price)}
    client.request("POST", "/v1/orders/limit", ask)
    client.exchange.advance(30.0)
    return client


_REBATE = Fees(maker_percentage=-Fees().taker_percentage)
_REST: dict[str, Callable[[Client], Any]] = {
    "account_balances": lambda client: client.json("GET", "/v1/account/balances"),
    "account_pair_tradehistory": lambda client: client.json(
        "GET", f"/v1/account/{PAIR}/tradehistory"
    ),
    "marketsummary": lambda client: client.json("GET", "/v1/public/marketsummary"),
    "order_status": lambda client: client.json(
        "GET",
        f"/v1/orders/{PAIR}/orderid/{client.json('GET', '/v1/orders/open')[0]['orderId']}",
    ),
    "orders_history": lambda client: [
        row
        for row in client.json("GET", "/v1/orders/history?showZeroVolumeCancels=true")
        if row["orderStatusType"] == "Cancelled"
    ],
    "orders_open": lambda client: client.json("GET", "/v1/orders/open"),
    "pairs": lambda client: client.json("GET", "/v1/public/pairs"),
}


@pytest.mark.parametrize("name", recorded_names(f"{_FRAMES}/rest") or ["absent"])
def test_rest_answers_are_like_the_recorded_ones(name: str) -> None:
    ask = _REST.get(name.partition(".")[0])
    recorded = recorded_json(f"{_FRAMES}/rest/{name}")
    if ask is None:
        pytest.skip("an answer about something that is not simulated, or no single answer")
    _assert_alike(_shape(ask(_after_trading())), _shape(recorded), name)


def test_errors_are_word_for_word_the_recorded_ones() -> None:
    client = Client(an_exchange())
    for row in recorded_json(f"{_FRAMES}/rest/errors_and_headers.2026-09-23.json"):
        if row.get("status", 200) == 200 or "futures" in row["path"] or "perps" in row["path"]:
            continue
        path = row["path"].replace("DOGEUSDTPERP", "XMRETH")
        response = client.request("GET", path)
        assert response.status == row["status"]
        assert client.json("GET", path) == row["body"]
