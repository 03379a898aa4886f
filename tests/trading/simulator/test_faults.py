"""Whatever goes wrong on purpose: it is counted, and no money is made or lost."""

from decimal import Decimal
from random import Random
from typing import Any

import attrs
import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.trading.simulator.random_flow import Trader
from tests.trading.simulator.rig import DOGE, OTHER_ACCOUNT, Client, an_exchange, kinds
from trading.core.identifiers import Currency
from trading.simulator.clearing.settlement import totals
from trading.simulator.core.flows import SyntheticFlow
from trading.simulator.core.pair import DEFAULT_PAIRS
from trading.venues.valr.simulator.core.fault_plan import Fault, FaultPlan
from trading.venues.valr.simulator.core.settings import DEMO_ACCOUNT, ExchangeSettings, Fees
from trading.venues.valr.simulator.exchange import SimulatedExchange

_QUIET = SyntheticFlow(
    limit_orders_per_s=1e-6, market_orders_per_s=1e-6, lifetime_s=1e9, half_spread=0.02
)


def _settings(**changes: Any) -> ExchangeSettings:
    base = ExchangeSettings(pairs=DEFAULT_PAIRS[:1], accounts=(DEMO_ACCOUNT, OTHER_ACCOUNT))
    return attrs.evolve(base, **changes)


def _client(*faults: Fault) -> Client:
    client = Client(an_exchange(settings=_settings(synthetic=_QUIET)))
    client.open()
    for fault in faults:
        client.exchange.faults.arm(fault)
    return client


def _cancel(client: Client, order_id: str) -> list[Any]:
    payload = {"orderId": order_id, "pair": DOGE}
    return client.say({"type": "CANCEL_LIMIT_ORDER", "clientMsgId": "c-2", "payload": payload})


def _placed(client: Client) -> str:
    order_id: str = client.place(price="0.09")[0]["data"]["orderId"]
    return order_id


def _assert_sound(exchange: SimulatedExchange, before: dict[Currency, Decimal]) -> None:
    venue = exchange.venue
    assert totals(venue.accounts.values(), venue.house) == before
    for account in venue.accounts.values():
        needed: dict[str, Decimal] = {}
        for order in venue.orders.open_of(account.api_key):
            currency, amount = venue.settlement.needs(
                venue.listings[order.pair], order.side, order.price, order.remaining
            )
            needed[currency] = needed.get(currency, Decimal(0)) + amount
        for balance in account.balances():
            assert balance.available >= 0
            assert balance.reserved == needed.get(balance.currency, 0)


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 2**32), st.sampled_from(["0.02", "0", "-0.01"]), st.sampled_from([0.0, 0.2]))
def test_no_flow_and_no_fault_makes_or_loses_money(seed: int, fee: str, chance: float) -> None:
    random = Random(seed)
    exchange = an_exchange(
        seed=seed,
        settings=_settings(
            fees=Fees(maker_percentage=Decimal(fee)),
            faults=FaultPlan(probabilities=dict.fromkeys(Fault, chance)),
        ),
    )
    before = totals(exchange.venue.accounts.values(), exchange.venue.house)
    traders = []
    for account in (DEMO_ACCOUNT, OTHER_ACCOUNT):
        client = Client(exchange, account)
        client.open()
        traders.append(Trader(client, random))
    for _ in range(30):
        random.choice(traders).act()
        _assert_sound(exchange, before)
        exchange.advance(exchange.now + random.choice([0.0, 0.5]))
        _assert_sound(exchange, before)


def test_an_acknowledgement_may_be_lost_or_late() -> None:
    client = _client(Fault.LOST_ACKNOWLEDGEMENT)
    assert "PLACE_LIMIT_WS_RESPONSE" not in kinds(client.place(price="0.09"))
    client.exchange.faults.arm(Fault.FILL_BEFORE_ACKNOWLEDGEMENT)
    frames = kinds(client.place(price="0.2"))
    assert frames[-1] == "PLACE_LIMIT_WS_RESPONSE"
    assert "NEW_ACCOUNT_TRADE" in frames
    counts = {"lost_acknowledgement": 1, "fill_before_acknowledgement": 1}
    assert client.exchange.faults.counts == counts


def test_events_are_dropped_delayed_and_doubled() -> None:
    client = _client()
    usual = kinds(client.place(price="0.09"))
    client.exchange.faults.arm(Fault.DROP)
    assert kinds(client.place(price="0.09")) == [usual[0], *usual[2:]]
    client.exchange.faults.arm(Fault.DUPLICATE)
    assert kinds(client.place(price="0.09")) == [usual[0], usual[1], *usual[1:]]
    client.exchange.faults.arm(Fault.DELAY)
    assert kinds(client.place(price="0.09")) == [usual[0], *usual[2:]]
    client.exchange.advance(client.exchange.now + 2.0)
    assert kinds(client.frames()) == [usual[1]]


def test_events_come_in_any_order() -> None:
    usual = kinds(_client().place(price="0.2"))
    orders = set()
    for _ in range(5):
        client = _client()
        for _ in range(4):
            client.exchange.faults.arm(Fault.REORDER)
            got = kinds(client.place(price="0.2"))
            assert sorted(got) == sorted(usual)
            orders.add(tuple(got))
    assert len(orders) > 1


def test_a_fill_wins_the_race_against_a_cancel() -> None:
    client = _client()
    order_id = _placed(client)
    client.exchange.faults.arm(Fault.FILL_RACES_CANCEL)
    frames = _cancel(client, order_id)
    assert frames[0]["data"]["requested"] is True
    assert "NEW_ACCOUNT_TRADE" in kinds(frames)
    assert kinds(frames)[-1] == "FAILED_CANCEL_ORDER"
    status = client.json("GET", f"/v1/orders/{DOGE}/orderid/{order_id}")
    assert status["orderStatusType"] == "Filled"


def test_a_fill_wins_the_race_against_a_modify() -> None:
    client = _client()
    order_id = _placed(client)
    client.exchange.faults.arm(Fault.FILL_RACES_MODIFY)
    payload = {"orderId": order_id, "pair": DOGE, "newPrice": "0.08"}
    frames = client.say({"type": "MODIFY_ORDER", "payload": payload})
    (outcome,) = [f["data"] for f in frames if f["type"] == "MODIFY_ORDER_OUTCOME"]
    assert outcome["success"] is False


def test_the_list_of_open_orders_may_be_an_old_one() -> None:
    client = _client()
    order_id = _placed(client)
    client.exchange.faults.arm(Fault.STALE_OPEN_ORDERS)
    stale, *_ = client.place(price="0.08")
    assert [row["orderId"] for row in stale["data"]] == [order_id]
    client.exchange.faults.arm(Fault.STALE_OPEN_ORDERS)
    acknowledged, stale, *_ = _cancel(client, order_id)
    assert acknowledged["type"] == "CANCEL_ORDER_WS_RESPONSE"
    assert order_id in [row["orderId"] for row in stale["data"]]
    client.request("DELETE", "/v1/orders")
    _placed(client)
    client.request("DELETE", "/v1/orders")
    assert client.json("GET", "/v1/orders/open") == []


@pytest.mark.parametrize(
    ("fault", "status", "obeyed"),
    [
        (Fault.RATE_LIMITED, 429, False),
        (Fault.SERVER_ERROR, 502, False),
        (Fault.SERVER_ERROR_AFTER_ACCEPTANCE, 502, True),
        (Fault.HTML_AFTER_ACCEPTANCE, 400, True),
        (Fault.CUT_AFTER_ACCEPTANCE, 201, True),
    ],
)
def test_a_bad_answer_says_nothing_about_the_order(
    fault: Fault, status: int, *, obeyed: bool
) -> None:
    client = _client(fault)
    body = {"side": "BUY", "quantity": "40", "price": "0.09", "pair": DOGE}
    response = client.request("POST", "/v2/orders/limit", body)
    assert response.status in (status, status + 1)
    assert response.cut is (fault is Fault.CUT_AFTER_ACCEPTANCE)
    if not response.cut:
        with pytest.raises(msgspec.DecodeError):
            msgspec.json.decode(response.body)
    assert len(client.json("GET", "/v1/orders/open")) == obeyed


def test_a_young_order_may_not_be_found_yet() -> None:
    client = _client()
    target = f"/v1/orders/{DOGE}/orderid/{_placed(client)}"
    client.exchange.faults.arm(Fault.LATE_LOOKUP)
    assert client.json("GET", target)["code"] == -1
    assert client.json("GET", target)["orderStatusType"] == "Placed"


def test_a_connection_is_cut_after_the_order_was_placed() -> None:
    client = _client(Fault.CUT)
    assert client.place(price="0.09") == []
    assert client.session is not None
    assert client.session.close_reason is not None
    assert client.session.close_reason.code in (1000, 1006, 1012)
    assert len(client.json("GET", "/v1/orders/open")) == 1


def test_a_half_open_connection_says_nothing_and_hears_nothing() -> None:
    client = _client(Fault.HALF_OPEN)
    assert client.place(price="0.09") == []
    assert client.say({"type": "PING"}) == []
    client.exchange.advance(1000.0)
    assert client.session is not None
    assert client.session.close_reason is None
