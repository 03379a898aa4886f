"""Modify, batches, stops, repricing, the slippage band: what the sections on order entry say."""

from decimal import Decimal
from typing import Any

import attrs
import msgspec
import pytest

from tests.trading.simulator.rig import DOGE, OTHER_ACCOUNT, Client, an_exchange, kinds
from trading.simulator.core.flows import SyntheticFlow
from trading.simulator.core.pair import DEFAULT_PAIRS
from trading.venues.valr.rules import VenueRules
from trading.venues.valr.simulator.core.settings import DEMO_ACCOUNT, ExchangeSettings

_QUIET = SyntheticFlow(
    limit_orders_per_s=1e-6, market_orders_per_s=1e-6, lifetime_s=1e9, half_spread=0.02
)


def _clients(**rules: Any) -> tuple[Client, Client]:
    settings = ExchangeSettings(
        pairs=DEFAULT_PAIRS[:1],
        accounts=(DEMO_ACCOUNT, OTHER_ACCOUNT),
        synthetic=_QUIET,
        rules=attrs.evolve(VenueRules(), **rules),
    )
    exchange = an_exchange(settings=settings)
    clients = Client(exchange), Client(exchange, OTHER_ACCOUNT)
    for client in clients:
        client.open()
    return clients


def _limit(client: Client, side: str, price: str, quantity: str = "100", **more: object) -> str:
    body = {"side": side, "price": price, "quantity": quantity, "pair": DOGE, **more}
    order_id: str = client.json("POST", "/v1/orders/limit", body)["id"]
    return order_id


def _status(client: Client, order_id: str) -> Any:
    return client.json("GET", f"/v1/orders/{DOGE}/orderid/{order_id}")


def _modify(client: Client, order_id: str, **change: str) -> tuple[int, Any]:
    body = {"orderId": order_id, "pair": DOGE, **change}
    response = client.request("PUT", "/v2/orders/modify", body)
    return response.status, msgspec.json.decode(response.body)


def _queue(client: Client, price: str) -> list[str]:
    book = client.json("GET", f"/v1/marketdata/{DOGE}/orderbook/full")
    return [row["id"] for row in book["Bids"] if row["price"] == price]


def test_less_keeps_its_place_and_more_goes_to_the_back() -> None:
    one, other = _clients()
    first, second = _limit(one, "BUY", "0.1"), _limit(other, "BUY", "0.1")
    assert _queue(one, "0.1") == [first, second]
    status, body = _modify(one, first, newRemainingQuantity="50")
    assert (status, set(body)) == (201, {"id"})
    assert _queue(one, "0.1") == [first, second]
    assert _status(one, first)["orderStatusType"] == "Order Modified"
    _modify(one, first, newTotalQuantity="200")
    assert _queue(one, "0.1") == [second, first]
    assert _status(one, first)["originalQuantity"] == "200"
    _modify(other, second, newPrice="0.09999")
    assert _queue(one, "0.1") == [first]


def test_a_modify_that_changes_nothing_is_refused() -> None:
    one, _ = _clients()
    order_id = _limit(one, "BUY", "0.1")
    status, body = _modify(one, order_id, newPrice="0.1")
    assert (status, body["code"], body["orderId"]) == (400, -21303, order_id)
    assert _modify(one, "nobody", newPrice="0.1")[1]["code"] == -1


def test_a_total_below_what_was_filled_cancels() -> None:
    one, other = _clients()
    order_id = _limit(one, "BUY", "0.1")
    _limit(other, "SELL", "0.1", "60")
    assert _modify(one, order_id, newTotalQuantity="50")[0] == 201
    assert _status(one, order_id)["orderStatusType"] == "Cancelled"


@pytest.mark.parametrize(
    ("strategy", "status", "price"),
    [
        ("RETAIN_ORIGINAL", "Placed", "0.099"),
        ("CANCEL_ORIGINAL", "Cancelled", "0.099"),
        ("REPRICE", "Order Modified", "0.10009"),
    ],
)
def test_a_new_price_that_would_trade_is_dealt_with_as_asked(
    strategy: str, status: str, price: str
) -> None:
    one, other = _clients()
    _limit(other, "SELL", "0.1001")
    order_id = _limit(one, "BUY", "0.099")
    _modify(one, order_id, newPrice="0.1005", modifyMatchStrategy=strategy)
    order = _status(one, order_id)
    assert (order["orderStatusType"], order["originalPrice"]) == (status, price)


def test_a_modify_needs_the_balance_for_it() -> None:
    one, _ = _clients()
    order_id = _limit(one, "BUY", "0.1", "9000")
    assert _modify(one, order_id, newRemainingQuantity="20000")[1]["code"] == -6
    assert _modify(one, order_id, newRemainingQuantity="1")[1]["code"] == -12007
    (usdt,) = [b for b in one.json("GET", "/v1/account/balances") if b["currency"] == "USDT"]
    assert usdt["reserved"] == "900"


def test_a_modify_over_the_socket_is_requested_and_then_told() -> None:
    one, _ = _clients()
    order_id = one.place(price="0.09", customerOrderId="q-1")[0]["data"]["orderId"]
    payload = {"orderId": order_id, "pair": DOGE, "newPrice": "0.091"}
    frames = one.say({"type": "MODIFY_ORDER", "clientMsgId": "c-2", "payload": payload})
    acknowledged = frames[0]
    assert acknowledged["type"] == "MODIFY_ORDER_WS_RESPONSE"
    assert acknowledged["clientMsgId"] == "c-2"
    assert acknowledged["data"]["requested"] is True
    (outcome,) = [f["data"] for f in frames if f["type"] == "MODIFY_ORDER_OUTCOME"]
    assert outcome == {
        "success": True,
        "orderId": order_id,
        "customerOrderId": "q-1",
        "modifyRequestId": acknowledged["data"]["modifyRequestId"],
    }


def test_a_batch_has_an_outcome_for_each_request_in_order() -> None:
    one, _ = _clients()
    order_id = _limit(one, "BUY", "0.09")
    place = {"side": "BUY", "price": "0.09", "quantity": "40", "pair": DOGE}
    requests = [
        {"type": "PLACE_LIMIT", "data": {**place, "customerOrderId": "b-1"}},
        {"type": "PLACE_LIMIT", "data": {**place, "quantity": "1"}},
        {"type": "MODIFY_ORDER", "data": {"orderId": order_id, "pair": DOGE, "newPrice": "0.08"}},
        {"type": "CANCEL_ORDER", "data": {"orderId": order_id, "pair": DOGE}},
        {"type": "NOPE"},
    ]
    reply = one.json("POST", "/v1/batch/orders", {"customerBatchId": "b", "requests": requests})
    assert reply["batchId"] > 2**53
    outcomes = reply["outcomes"]
    assert [outcome["accepted"] for outcome in outcomes] == [True, False, False, True, False]
    assert (outcomes[0]["customerOrderId"], outcomes[0]["requestType"]) == ("b-1", "PLACE_LIMIT")
    assert [o["error"]["code"] for o in outcomes if "error" in o] == [-12007, -21311, -11]
    assert [row["customerOrderId"] for row in one.json("GET", "/v1/orders/open")] == ["b-1"]
    too_many = {"requests": [requests[0]] * 21}
    assert one.request("POST", "/v1/batch/orders", too_many).status == 400
    frames = one.say({"type": "BATCH_ORDERS", "clientMsgId": "c", "payload": too_many})
    assert frames[0]["error"]["code"] == -11
    few = {"requests": requests[3:4]}
    frames = one.say({"type": "BATCH_ORDERS", "clientMsgId": "c", "payload": few})
    assert frames[0]["data"]["outcomes"][0]["requestType"] == "CANCEL_ORDER"


def test_a_stop_waits_for_the_last_price_and_then_is_an_order_like_any() -> None:
    one, other = _clients()
    stop = {"type": "STOP_LOSS_LIMIT", "stopPrice": "0.098", "timeInForce": "GTC"}
    body = {"side": "SELL", "price": "0.0979", "quantity": "100", "pair": DOGE, **stop}
    order_id = one.json("POST", "/v2/orders/stop/limit", body)["id"]
    (row,) = one.json("GET", "/v1/orders/open")
    assert (row["status"], row["stopPrice"], row["type"]) == ("Active", "0.098", "stop-loss-limit")
    (doge,) = [b for b in one.json("GET", "/v1/account/balances") if b["currency"] == "DOGE"]
    assert doge["reserved"] == "100"
    _limit(other, "SELL", "0.0985", "10")
    _limit(one, "BUY", "0.0985", "10")
    assert _status(one, order_id)["orderStatusType"] == "Active"
    one.frames()
    # Everything down to the stop price is sold, and the stop follows.
    other.request("POST", "/v1/orders/market", {"side": "SELL", "baseAmount": "4000", "pair": DOGE})
    assert _status(one, order_id)["orderStatusType"] in ("Placed", "Filled", "Partially Filled")
    assert "ORDER_STATUS_UPDATE" in kinds(one.frames())


def test_a_stop_that_would_fire_at_once_fails() -> None:
    one, _ = _clients()
    body = {"side": "SELL", "price": "0.2", "quantity": "100", "pair": DOGE}
    stop = {"type": "STOP_LOSS_LIMIT", "stopPrice": "0.2"}
    refused = one.json("POST", "/v2/orders/stop/limit", {**body, **stop})
    assert "triggered immediately" in refused["message"]
    profit = {"type": "TAKE_PROFIT_LIMIT", "stopPrice": "0.2"}
    assert "id" in one.json("POST", "/v2/orders/stop/limit", {**body, **profit})
    assert one.request("POST", "/v2/orders/stop/limit", body).status == 400
    assert len(one.json("DELETE", "/v1/orders")) == 1


def test_a_post_only_order_that_would_trade_is_moved_where_that_is_asked() -> None:
    one, other = _clients()
    _limit(other, "SELL", "0.1001")
    order_id = _limit(one, "BUY", "0.2", postOnlyReprice=True, postOnlyRepriceTicks="3")
    order = _status(one, order_id)
    assert (order["originalPrice"], order["orderType"]) == ("0.10007", "post-only limit")
    body = {"side": "BUY", "price": "0.2", "quantity": "40", "pair": DOGE}
    for ticks in ("0", "51", "x", None):
        wrong = {**body, "postOnlyReprice": True, "postOnlyRepriceTicks": ticks}
        assert one.request("POST", "/v1/orders/limit", wrong).status == 400


@pytest.mark.parametrize("amount", ["baseAmount", "quoteAmount"])
def test_a_market_order_stops_at_the_slippage_band(amount: str) -> None:
    one, other = _clients(slippage_band=Decimal("0.015"))
    body = {"side": "BUY", amount: "200", "pair": DOGE, "customerOrderId": "m-1"}
    _limit(other, "SELL", "0.1001")
    one.request("POST", "/v1/orders/market", body)
    summary = one.json("GET", "/v1/orders/history/summary/customerorderid/m-1")
    assert summary["orderStatusType"] == "Partially Filled and Cancelled Due To Slippage"
    assert summary["total"] == "10.01"
    narrow, _ = _clients(slippage_band=Decimal("0.001"))
    refused = narrow.json("POST", "/v2/orders/market", body)
    assert "slippage" in refused["message"]


def test_an_open_name_is_not_given_twice() -> None:
    one, other = _clients(refused_placement_status=201)
    body = {"side": "BUY", "price": "0.09", "quantity": "40", "pair": DOGE}
    named = {**body, "customerOrderId": "same"}
    assert one.request("POST", "/v2/orders/limit", named).status == 201
    again = one.request("POST", "/v2/orders/limit", named)
    assert again.status == 201
    assert msgspec.json.decode(again.body)["code"] == -11502
    assert "id" in other.json("POST", "/v2/orders/limit", named)


def test_a_resting_order_may_be_told_too() -> None:
    one, _ = _clients(tell_resting_orders=True)
    frames = [f for f in one.place(price="0.09") if f["type"] == "ORDER_STATUS_UPDATE"]
    assert [frame["data"]["orderStatusType"] for frame in frames] == ["Placed"]


def test_orders_are_cancelled_some_time_after_a_disconnect() -> None:
    one, _ = _clients(cancel_on_disconnect_delay_s=5.0)
    one.say({"type": "CANCEL_ON_DISCONNECT", "payload": {"cancelOnDisconnect": "true"}})
    one.place(price="0.09")
    assert one.session is not None
    one.exchange.close_session(one.session, 1.0)
    one.exchange.advance(5.9)
    assert len(one.json("GET", "/v1/orders/open")) == 1
    one.exchange.advance(6.0)
    assert one.json("GET", "/v1/orders/open") == []
