"""Every order frame of ours at the simulated exchange, and its answers through our own codec."""

from decimal import Decimal

import msgspec
import pytest
from msgspec.structs import replace

from tests.trading.builders import D
from tests.trading.simulator.rig import DOGE, Client, an_exchange
from trading.core.identifiers import ClientOrderId, StrategyName, VenueOrderId
from trading.core.market import Side
from trading.messages.account import (
    AccountEvent,
    BatchAnswered,
    OrderAmended,
    OrderProcessed,
    OrderReported,
    RequestAcknowledged,
    RequestRefused,
)
from trading.orders.order import Order
from trading.venues.valr import order_frames
from trading.venues.valr.codec.account import decode_account
from trading.venues.valr.rest import orders as order_requests
from trading.venues.valr.rest.orders import Leg, LegKind


class Account:
    """Our account's socket, spoken to in frames and understood through the codec."""

    def __init__(self) -> None:
        self.client = Client(an_exchange())
        self.client.open()

    def say(self, frame: str) -> list[AccountEvent]:
        answers = self.client.say(frame)
        return [e for a in answers for e in decode_account(msgspec.json.encode(a).decode())]

    def bid(self, number: int = 1) -> Order:
        book = self.client.json("GET", f"/v1/public/{DOGE}/orderbook")
        return Order(
            client_order_id=ClientOrderId(f"qw-test-maker-abc-{number}"),
            strategy=StrategyName("maker"),
            pair=DOGE,
            side=Side.BUY,
            price=(Decimal(book["Bids"][0]["price"]) * D("0.9")).quantize(D("0.00001")),
            quantity=D(100),
            created_at=0.0,
            changed_at=0.0,
        )

    def place(self, order: Order) -> Order:
        payload = order_requests.limit_payload(order)
        events = self.say(order_frames.place_limit(payload, "p-1"))
        acknowledged = next(e for e in events if isinstance(e, RequestAcknowledged))
        assert acknowledged.venue_order_id is not None
        return order.identified(acknowledged.venue_order_id)


def of_kind(events: list[AccountEvent], kind: type) -> list[AccountEvent]:
    return [event for event in events if isinstance(event, kind)]


def test_a_smaller_quantity_is_acknowledged_confirmed_and_reported() -> None:
    account = Account()
    order = account.place(account.bid())
    payload = order_requests.modify_payload(
        DOGE,
        VenueOrderId(order.venue_order_id or ""),
        strategy=order_requests.MatchStrategy.RETAIN_ORIGINAL,
        total_quantity=D(60),
    )
    events = account.say(order_frames.modify(payload, "m-1"))
    acknowledged = of_kind(events, RequestAcknowledged)[0]
    assert msgspec.structs.asdict(acknowledged)["request_id"] == "m-1"
    amended = of_kind(events, OrderAmended)[0]
    assert isinstance(amended, OrderAmended)
    assert (amended.success, amended.venue_order_id) == (True, order.venue_order_id)
    report = of_kind(events, OrderReported)[-1]
    assert isinstance(report, OrderReported)
    assert (report.report.quantity, report.report.remaining_quantity) == (D(60), D(60))


def test_a_change_that_changes_nothing_is_refused_by_its_outcome() -> None:
    account = Account()
    order = account.place(account.bid())
    payload = order_requests.modify_payload(
        DOGE,
        VenueOrderId(order.venue_order_id or ""),
        strategy=order_requests.MatchStrategy.RETAIN_ORIGINAL,
        total_quantity=order.quantity,
    )
    amended = of_kind(account.say(order_frames.modify(payload, "m-1")), OrderAmended)[0]
    assert isinstance(amended, OrderAmended)
    assert not amended.success


def test_a_market_order_is_acknowledged_and_filled() -> None:
    account = Account()
    payload = order_requests.market_payload(
        DOGE, Side.BUY, ClientOrderId("qw-test-maker-abc-2"), base_amount=D(40)
    )
    events = account.say(order_frames.place_market(payload, "x-1"))
    assert of_kind(events, RequestAcknowledged)
    processed = of_kind(events, OrderProcessed)[0]
    assert isinstance(processed, OrderProcessed)
    assert processed.success


def test_a_market_order_that_makes_no_sense_is_refused() -> None:
    account = Account()
    frame = order_frames.place_market({"side": "BUY", "pair": DOGE}, "x-1")
    assert [e.request_id for e in account.say(frame) if isinstance(e, RequestRefused)] == ["x-1"]


def test_a_batch_answers_for_each_leg_in_order() -> None:
    account = Account()
    order = account.bid()
    too_small = replace(account.bid(2), quantity=D(1))
    legs = [
        Leg(kind=LegKind.PLACE_LIMIT, payload=order_requests.limit_payload(too_small)),
        Leg(kind=LegKind.PLACE_LIMIT, payload=order_requests.limit_payload(order)),
    ]
    events = account.say(order_frames.batch(legs, "b-1"))
    answered = of_kind(events, BatchAnswered)[0]
    assert isinstance(answered, BatchAnswered)
    assert answered.request_id == "b-1"
    assert [leg.accepted for leg in answered.legs] == [False, True]
    assert answered.legs[0].reason
    assert answered.legs[1].client_order_id == order.client_order_id


def test_a_batch_that_is_none_is_refused_as_a_whole() -> None:
    account = Account()
    legs = [Leg(kind=LegKind.CANCEL_ORDER, payload={})]
    frame = order_frames.batch(legs, "b-1")
    broken = frame.replace("requests", "wishes")
    assert [e.request_id for e in account.say(broken) if isinstance(e, RequestRefused)] == ["b-1"]


def test_sockets_know_no_stop_orders() -> None:
    with pytest.raises(ValueError, match="REST"):
        order_frames.batch([Leg(kind=LegKind.PLACE_STOP_LIMIT, payload={})], "b-1")


@pytest.mark.parametrize(
    "text",
    [
        '{"type":"BATCH_ORDERS_WS_RESPONSE","clientMsgId":"b-1","outcomes":[{"accepted":true,"orderId":"v-1"}]}',
        '{"type":"BATCH_ORDERS_WS_RESPONSE","clientMsgId":"b-1","data":{"outcomes":[{"accepted":true,"orderId":"v-1"}]}}',
    ],
)
def test_a_batchs_outcomes_are_found_in_either_place(text: str) -> None:
    (answered,) = decode_account(text)
    assert isinstance(answered, BatchAnswered)
    assert [leg.venue_order_id for leg in answered.legs] == ["v-1"]


@pytest.mark.parametrize(
    "kind",
    [
        "INVALID_PLACE_LIMIT_REQUEST",
        "INVALID_PLACE_MARKET_REQUEST",
        "INVALID_CANCEL_ORDER_REQUEST",
        "INVALID_MODIFY_WS_REQUEST",
        "BATCH_ORDERS_WS_RESPONSE",
    ],
)
def test_every_known_shape_of_a_refusal_is_a_refusal(kind: str) -> None:
    text = msgspec.json.encode({"type": kind, "clientMsgId": "r-1", "error": {"message": "no"}})
    assert list(decode_account(text.decode())) == [RequestRefused(request_id="r-1", reason="no")]
