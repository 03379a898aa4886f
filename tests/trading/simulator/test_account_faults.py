"""What can go wrong with orders, and with what an account is told of them."""

from decimal import Decimal
from typing import Any

import pytest

from tests.trading.simulator.rig import DOGE, Client, cancel, client_with, kinds, placed
from trading.venues.valr.simulator.core.fault_plan import Fault


def _of(kind: str, frames: list[Any]) -> list[Any]:
    return [frame for frame in frames if frame["type"] == kind]


def _later(client: Client, seconds: float) -> list[Any]:
    client.exchange.advance(client.exchange.now + seconds)
    return client.frames()


def _struck(client: Client, fault: Fault) -> bool:
    return client.exchange.faults.counts == {fault.value: 1}


def test_an_acknowledgement_may_come_half_a_minute_late() -> None:
    client = client_with(Fault.LATE_ACKNOWLEDGEMENT)
    assert "PLACE_LIMIT_WS_RESPONSE" not in kinds(client.place(price="0.09"))
    assert _later(client, 29.0) == []
    (late,) = _later(client, 1.5)
    assert (late["type"], late["clientMsgId"]) == ("PLACE_LIMIT_WS_RESPONSE", "c-1")
    assert _struck(client, Fault.LATE_ACKNOWLEDGEMENT)


def test_a_fill_may_have_another_id_on_the_stream_than_in_the_history() -> None:
    client = client_with(Fault.OTHER_FILL_ID)
    first, *_ = told = _of("NEW_ACCOUNT_TRADE", client.place(price="0.2"))
    rows = client.json("GET", "/v1/account/tradehistory")
    assert len(rows) == len(told)
    assert first["data"]["id"] not in [row["id"] for row in rows]
    assert rows[-1].items() >= {**first["data"], "id": rows[-1]["id"]}.items()
    assert _struck(client, Fault.OTHER_FILL_ID)


def test_a_balance_may_be_told_after_a_newer_one() -> None:
    client = client_with(Fault.LATE_BALANCE)
    assert _of("BALANCE_UPDATE", client.place(price="0.09")) == []
    client.exchange.advance(0.001)
    (newer,) = _of("BALANCE_UPDATE", client.place(price="0.08"))
    (older,) = _later(client, 2.0)
    assert older["data"]["updatedAt"] < newer["data"]["updatedAt"]
    assert Decimal(older["data"]["available"]) > Decimal(newer["data"]["available"])
    assert _struck(client, Fault.LATE_BALANCE)


def test_a_part_may_be_filled_just_before_a_cancel() -> None:
    client = client_with()
    order_id = placed(client)
    client.exchange.faults.arm(Fault.PARTIAL_FILL_RACES_CANCEL)
    frames = cancel(client, order_id)
    last = [f["data"] for f in _of("ORDER_STATUS_UPDATE", frames)][-1]
    assert last["orderStatusType"] == "Cancelled"
    assert 0 < Decimal(last["remainingQuantity"]) < Decimal(last["originalQuantity"])
    (fill,) = _of("NEW_ACCOUNT_TRADE", frames)
    filled = Decimal(fill["data"]["quantity"])
    assert filled + Decimal(last["remainingQuantity"]) == Decimal(last["originalQuantity"])
    assert _struck(client, Fault.PARTIAL_FILL_RACES_CANCEL)


@pytest.mark.parametrize(
    ("fault", "post_only"),
    [(Fault.FAILED_AFTER_ACCEPTANCE, False), (Fault.POST_ONLY_CROSSES, True)],
)
def test_an_order_that_was_taken_may_fail(fault: Fault, *, post_only: bool) -> None:
    client = client_with(fault)
    acknowledged, *frames = client.place(price="0.09", postOnly=post_only)
    assert acknowledged["type"] == "PLACE_LIMIT_WS_RESPONSE"
    (status,) = _of("ORDER_STATUS_UPDATE", frames)
    (processed,) = _of("ORDER_PROCESSED", frames)
    assert status["data"]["orderStatusType"] == "Failed"
    assert processed["data"]["success"] is False
    assert processed["data"]["failureReason"]
    assert client.json("GET", "/v1/orders/open") == []
    assert _struck(client, fault)


def test_an_order_that_fails_without_a_reason_is_told_as_failed_by_its_name_too() -> None:
    client = client_with(Fault.FAILED_AFTER_ACCEPTANCE)
    acknowledged, *frames = client.place(price="0.09", customerOrderId="mine")
    (failed,) = _of("FAILED_ORDER", frames)
    assert failed["data"]["orderId"] == acknowledged["data"]["orderId"]
    assert failed["data"]["customerOrderId"] == "mine"
    assert failed["data"]["message"]


def test_a_market_that_meets_post_only_orders_leaves_others_alone() -> None:
    client = client_with(Fault.POST_ONLY_CROSSES)
    placed(client)
    assert client.exchange.faults.counts == {}


def test_commands_may_be_limited_though_there_were_few() -> None:
    client = client_with(Fault.PLACE_LIMITED)
    (limited,) = client.place(price="0.09")
    assert limited["type"] == "RATE_LIMIT_EXCEEDED"
    assert (limited["clientMsgId"], limited["data"]) == (
        "c-1",
        {"requestType": "PLACE_LIMIT_ORDER"},
    )
    order_id = placed(client)
    client.exchange.faults.arm(Fault.CANCEL_LIMITED)
    placed(client)
    (limited,) = cancel(client, order_id)
    assert limited["data"] == {"requestType": "CANCEL_LIMIT_ORDER"}
    assert order_id in [row["orderId"] for row in client.json("GET", "/v1/orders/open")]
    assert client.exchange.faults.counts == {"place_limited": 1, "cancel_limited": 1}


def test_one_leg_of_a_batch_may_be_refused() -> None:
    client = client_with(Fault.BATCH_LEG_REFUSED)
    data = {"side": "BUY", "quantity": "40", "price": "0.09", "pair": DOGE}
    body = {"requests": [{"type": "PLACE_LIMIT", "data": data}] * 2}
    outcomes = client.json("POST", "/v1/batch/orders", body)["outcomes"]
    assert [outcome["accepted"] for outcome in outcomes] == [False, True]
    assert _struck(client, Fault.BATCH_LEG_REFUSED)


@pytest.mark.parametrize(
    ("fault", "field"),
    [
        (Fault.UNKNOWN_STATUS, "orderStatusType"),
        (Fault.UNKNOWN_ENUM, None),
        (Fault.EXTRA_FIELDS, "alpha"),
        (Fault.MISSING_FIELD, None),
        (Fault.NUMBER_AS_NUMBER, None),
    ],
)
def test_frames_may_be_written_in_ways_that_nobody_knows(fault: Fault, field: str | None) -> None:
    usual, odd = client_with().place(price="0.2"), _spoilt(fault)
    assert kinds(usual) == kinds(odd)
    (before, after), *_ = [
        (one["data"], two["data"])
        for one, two in zip(usual, odd, strict=True)
        if one["type"] == "ORDER_STATUS_UPDATE"
    ]
    changed = [key for key in {*before, *after} if before.get(key) != after.get(key)]
    assert len(changed) == 1
    assert field is None or changed == [field]
    if fault is Fault.MISSING_FIELD:
        assert changed[0] not in after
    if fault is Fault.NUMBER_AS_NUMBER:
        assert isinstance(after[changed[0]], int | float)


def _spoilt(fault: Fault) -> list[Any]:
    """What is told of an order that is filled at once, each frame with the fault."""
    client = client_with()
    client.exchange.faults.arm(fault, 1000)
    frames = client.place(price="0.2")
    assert 0 < client.exchange.faults.counts[fault.value] <= len(frames)
    return frames


def test_a_frame_may_come_under_an_unknown_type() -> None:
    client = client_with()
    usual = client.place(price="0.09")
    client.exchange.faults.arm(Fault.UNKNOWN_MESSAGE)
    odd = client.place(price="0.09")
    assert kinds(odd) == ["PLACE_LIMIT_WS_RESPONSE_V2", *kinds(usual)[1:]]
    assert _struck(client, Fault.UNKNOWN_MESSAGE)


def test_a_ping_may_have_no_answer() -> None:
    client = client_with(Fault.PONG_WITHHELD)
    assert client.say({"type": "PING"}) == []
    assert kinds(client.say({"type": "PING"})) == ["PONG"]
    assert _struck(client, Fault.PONG_WITHHELD)


@pytest.mark.parametrize(
    ("fault", "left_at"),
    [
        (Fault.NO_CANCEL_ON_DISCONNECT, {0.1: 1, 100.0: 1}),
        (Fault.LATE_CANCEL_ON_DISCONNECT, {0.1: 1, 19.0: 1, 20.5: 0}),
        (Fault.CUT, {0.1: 0}),
    ],
)
def test_cancel_on_disconnect_may_fail(fault: Fault, left_at: dict[float, int]) -> None:
    client = client_with()
    client.say({"type": "CANCEL_ON_DISCONNECT", "payload": {"cancelOnDisconnect": True}})
    placed(client)
    client.exchange.faults.arm(fault)
    assert client.session is not None
    client.exchange.close_session(client.session, client.exchange.now)
    began = client.exchange.now
    for seconds, left in left_at.items():
        client.exchange.advance(began + seconds)
        assert len(client.json("GET", "/v1/orders/open")) == left
    assert client.exchange.faults.counts == ({} if fault is Fault.CUT else {fault.value: 1})
