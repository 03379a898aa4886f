"""What is made to happen at the venue: it shows on the wire, is counted, and can be undone."""

from decimal import Decimal
from typing import Any

import pytest

from tests.trading.simulator.rig import (
    DOGE,
    EPOCH_NS,
    Client,
    an_exchange,
    client_with,
    doge_settings,
    kinds,
    placed,
    signed,
)
from trading.core.identifiers import Currency
from trading.simulator.clearing.settlement import totals
from trading.venues.valr.simulator.core.fault_plan import Fault, FaultPlan
from trading.venues.valr.simulator.faults.events import VenueEvent


def _do(client: Client, deed: VenueEvent, duration_s: float | None = None) -> list[Any]:
    """Do it; what the client is sent of it at once."""
    client.frames()
    exchange = client.exchange
    assert exchange.carry_out(deed, exchange.now, duration_s)
    assert exchange.faults.counts == {deed.value: 1}
    return client.frames()


def _heal(client: Client) -> list[Any]:
    client.frames()
    client.exchange.heal(client.exchange.now)
    return client.frames()


def _of(kind: str, frames: list[Any]) -> list[Any]:
    return [frame["data"] for frame in frames if frame["type"] == kind]


def _open_orders(client: Client) -> list[Any]:
    rows: list[Any] = client.json("GET", "/v1/orders/open")
    return rows


@pytest.mark.parametrize(
    ("deed", "path", "other"),
    [
        (VenueEvent.CLOSE_ACCOUNT_SOCKETS, "/ws/account", "/ws/trade"),
        (VenueEvent.CLOSE_TRADE_SOCKETS, "/ws/trade", "/ws/account"),
    ],
)
def test_all_sockets_of_a_path_are_closed_and_no_others(
    deed: VenueEvent, path: str, other: str
) -> None:
    exchange = an_exchange(settings=doge_settings())
    sessions = []
    for each in (path, path, other):
        client = Client(exchange)
        client.open(each)
        sessions.append(client.session)
    assert exchange.carry_out(deed, 0.0)
    reasons = [session.close_reason for session in sessions if session is not None]
    codes = [None if reason is None else reason.code for reason in reasons]
    assert codes[0] in (1000, 1001)
    assert codes == [codes[0], codes[0], None]
    assert not exchange.carry_out(deed, 0.0)
    assert exchange.faults.counts == {deed.value: 1}


def test_a_part_is_filled_while_the_sockets_are_cut() -> None:
    client = client_with()
    order_id = placed(client)
    assert _do(client, VenueEvent.FILL_AND_CUT) == []
    assert client.session is not None
    assert client.session.close_reason is not None
    assert client.session.close_reason.code == 1006
    (order,) = _open_orders(client)
    assert 0 < Decimal(order["remainingQuantity"]) < Decimal(order["originalQuantity"])
    fills = client.json("GET", "/v1/account/tradehistory")
    assert {fill["orderId"] for fill in fills} == {order_id}


def test_an_order_is_filled_by_more_than_its_quantity_and_money_is_conserved() -> None:
    client = client_with()
    venue = client.exchange.venue
    before = totals(venue.accounts.values(), venue.house)
    usdt = Decimal(_row(client, "USDT")["total"])
    placed(client)
    frames = _do(client, VenueEvent.OVERFILL)
    fills = _of("NEW_ACCOUNT_TRADE", frames)
    assert sum(Decimal(fill["quantity"]) for fill in fills) == 40 + 11
    last = _of("ORDER_STATUS_UPDATE", frames)[-1]
    assert (last["orderStatusType"], last["originalQuantity"]) == ("Filled", "40")
    assert usdt - Decimal(_row(client, "USDT")["total"]) == Decimal("0.09") * 51
    assert totals(venue.accounts.values(), venue.house) == before
    assert len(client.json("GET", "/v1/account/tradehistory")) == len(fills)
    assert _open_orders(client) == []


def _row(client: Client, currency: str) -> Any:
    rows = client.json("GET", "/v1/account/balances")
    return next(row for row in rows if row["currency"] == currency)


def test_somebody_trades_by_hand() -> None:
    client = client_with()
    frames = _do(client, VenueEvent.TRADE_BY_HAND)
    fills = _of("NEW_ACCOUNT_TRADE", frames)
    assert fills
    assert all("customerOrderId" not in fill for fill in fills)
    status = _of("ORDER_STATUS_UPDATE", frames)[-1]
    assert status["orderType"] == "market"
    assert _open_orders(client) == []


def test_somebody_rests_an_order_by_hand_until_all_is_healed() -> None:
    names = set()
    for seed in range(6):
        client = client_with()
        client.exchange.faults.random.seed(seed)
        (listed,) = _of("OPEN_ORDERS_UPDATE", _do(client, VenueEvent.ORDER_BY_HAND, 1.0))
        (order,) = listed
        names.add(order.get("customerOrderId", "")[:7])
        client.exchange.advance(1000.0)
        assert [row["orderId"] for row in _open_orders(client)] == [order["orderId"]]
        _heal(client)
        assert _open_orders(client) == []
    assert names == {"", "manual-"}


def test_money_leaves_the_account_and_comes_back() -> None:
    client = client_with()
    before = client.json("GET", "/v1/account/balances")
    (told,) = _of("BALANCE_UPDATE", _do(client, VenueEvent.WITHDRAW))
    code = told["currency"]["shortName"]
    had = next(Decimal(row["available"]) for row in before if row["currency"] == code)
    assert Decimal(told["available"]) <= had / 2
    (out,) = client.exchange.venue.transfers
    assert (out.currency, had + out.amount) == (Currency(code), Decimal(told["available"]))
    (again,) = _of("BALANCE_UPDATE", _heal(client))
    assert Decimal(again["available"]) == had
    assert sum(transfer.amount for transfer in client.exchange.venue.transfers) == 0


@pytest.mark.parametrize("silently", [False, True])
def test_the_venue_drops_our_orders(*, silently: bool) -> None:
    client = client_with()
    placed(client)
    placed(client, price="0.08")
    frames = _do(client, VenueEvent.DROP_ORDERS_SILENTLY if silently else VenueEvent.DROP_ORDERS)
    statuses = [data["orderStatusType"] for data in _of("ORDER_STATUS_UPDATE", frames)]
    assert statuses == ([] if silently else ["Cancelled", "Cancelled"])
    assert silently == (frames == [])
    assert _open_orders(client) == []
    assert _row(client, "USDT")["reserved"] == "0"


@pytest.mark.parametrize(
    ("deed", "left"), [(VenueEvent.EMPTY_SIDE, 0), (VenueEvent.SINGLE_LEVEL, 1)]
)
def test_a_side_of_the_book_goes_and_comes_back(deed: VenueEvent, left: int) -> None:
    exchange = an_exchange(settings=doge_settings())
    market = exchange.venue.listings[DOGE].market
    assert exchange.carry_out(deed, 1.0, 20.0)
    for at in (1.0, 5.0, 20.9):
        exchange.advance(at)
        assert min(len(market.bids), len(market.asks)) == left
        assert max(len(market.bids), len(market.asks)) >= 25
    exchange.advance(21.0)
    assert min(len(market.bids), len(market.asks)) >= 25
    assert exchange.carry_out(deed, 22.0)
    exchange.heal(23.0)
    assert min(len(market.bids), len(market.asks)) >= 25


def test_a_side_that_the_crowd_has_left_is_not_left_again() -> None:
    exchange = an_exchange(settings=doge_settings())
    market = exchange.venue.listings[DOGE].market
    assert exchange.carry_out(VenueEvent.EMPTY_SIDE, 1.0, 60.0)
    assert exchange.carry_out(VenueEvent.SINGLE_LEVEL, 1.0, 10.0)
    assert sorted([len(market.bids), len(market.asks)]) == [0, 1]
    exchange.advance(12.0)
    assert min(len(market.bids), len(market.asks)) == 0
    assert max(len(market.bids), len(market.asks)) >= 25


def test_orders_of_accounts_stay_when_the_crowd_goes() -> None:
    client = client_with()
    placed(client)
    placed(client, side="SELL", price="0.12")
    _do(client, VenueEvent.EMPTY_SIDE)
    assert len(_open_orders(client)) == 2
    market = client.exchange.venue.listings[DOGE].market
    assert min(len(market.bids), len(market.asks)) == 1


def test_the_market_jumps_and_takes_what_is_in_its_way() -> None:
    exchange = an_exchange(settings=doge_settings())
    client = Client(exchange)
    client.open()
    placed(client, price="0.0998")
    placed(client, side="SELL", price="0.1002")
    listing = exchange.venue.listings[DOGE]
    before = listing.mark
    frames = _do(client, VenueEvent.FLASH_MOVE)
    assert 0.19 < abs(listing.mark / before - 1) < 0.21
    assert len(_of("NEW_ACCOUNT_TRADE", frames)) >= 1
    assert len(_open_orders(client)) == 1
    exchange.advance(30.0)
    assert 0.15 < abs(listing.mark / before - 1) < 0.25


def test_toxic_flow_takes_what_is_quoted_on_one_side_again_and_again() -> None:
    client = client_with()
    placed(client)
    _do(client, VenueEvent.TOXIC_FLOW)
    taken = 0
    for step in range(1, 130):
        client.exchange.advance(step / 10)
        if not _open_orders(client):
            taken += 1
            placed(client)
    assert 4 <= taken <= 13
    assert len(_open_orders(client)) == 1


def test_healing_ends_toxic_flow() -> None:
    client = client_with()
    placed(client)
    _do(client, VenueEvent.TOXIC_FLOW)
    _heal(client)
    placed(client)
    client.exchange.advance(20.0)
    assert len(_open_orders(client)) == 1


def test_a_pair_is_suspended_and_traded_again() -> None:
    client = client_with()
    placed(client)
    frames = _do(client, VenueEvent.SUSPEND_PAIR, 30.0)
    assert "ORDER_STATUS_UPDATE" in kinds(frames)
    assert client.json("GET", "/v1/public/pairs")[0]["active"] is False
    client.exchange.advance(31.0)
    assert client.json("GET", "/v1/public/pairs")[0]["active"] is True
    client.exchange.carry_out(VenueEvent.SUSPEND_PAIR, 32.0)
    _heal(client)
    placed(client)


def test_allowed_orders_shrink_and_grow_again() -> None:
    client = client_with()
    usual = client.json("GET", f"/v1/public/{DOGE}/ordertypes")
    _do(client, VenueEvent.RESTRICT_ORDER_TYPES)
    shrunk = client.json("GET", f"/v1/public/{DOGE}/ordertypes")
    assert len(shrunk) in (1, len(usual) - 1)
    post_only = "LIMIT_POST_ONLY" in shrunk
    (answer,) = client.place(price="0.09", postOnly=not post_only)
    assert answer["error"]["code"] == -12005
    _heal(client)
    assert client.json("GET", f"/v1/public/{DOGE}/ordertypes") == usual


def test_the_smallest_order_grows_and_shrinks_again() -> None:
    client = client_with()
    _do(client, VenueEvent.RAISE_MINIMUMS)
    (pair,) = client.json("GET", "/v1/public/pairs")
    assert (Decimal(pair["minBaseAmount"]), Decimal(pair["minQuoteAmount"])) > (4, Decimal("0.5"))
    (answer,) = client.place(price="0.09", quantity="7")
    assert answer["error"]["code"] == -12007
    _heal(client)
    (pair,) = client.json("GET", "/v1/public/pairs")
    assert (pair["minBaseAmount"], pair["minQuoteAmount"]) == ("4", "0.5")
    placed(client, quantity="7")


def test_the_price_step_grows_and_shrinks_again_and_what_rests_stays() -> None:
    client = client_with()
    fine = placed(client, price="0.09001")
    _do(client, VenueEvent.COARSEN_TICK)
    assert client.json("GET", "/v1/public/pairs")[0]["tickSize"] == "0.0001"
    (answer,) = client.place(price="0.09002")
    assert answer["error"]["code"] == -11
    placed(client, price="0.0901")
    payload = {"side": "BUY", "quantity": "40", "pair": DOGE, "price": "0.2"}
    reprice = {"postOnlyReprice": True, "postOnlyRepriceTicks": "1"}
    client.say({"type": "PLACE_LIMIT_ORDER", "payload": {**payload, **reprice}})
    prices = {row["orderId"]: Decimal(row["price"]) for row in _open_orders(client)}
    assert prices.pop(fine) == Decimal("0.09001")
    assert len(prices) == 2
    assert all(price % Decimal("0.0001") == 0 for price in prices.values())
    _heal(client)
    placed(client, price="0.09002")


def test_fees_change_and_change_back() -> None:
    client = client_with()
    usual = client.json("GET", "/v1/account/fees/trade")
    _do(client, VenueEvent.CHANGE_FEES)
    (now,) = client.json("GET", "/v1/account/fees/trade")
    assert now["takerPercentage"] != usual[0]["takerPercentage"]
    (fill,) = _of("NEW_ACCOUNT_TRADE", client.place(price="0.2"))
    share = Decimal(fill["fee"]) / Decimal(fill["quantity"])
    assert share == Decimal(now["takerPercentage"]) / 100
    _heal(client)
    assert client.json("GET", "/v1/account/fees/trade") == usual


def test_the_venue_is_read_only_for_a_while() -> None:
    client = client_with()
    _do(client, VenueEvent.READ_ONLY, 10.0)
    assert client.json("GET", "/v1/public/status") == {"status": "read-only"}
    assert client.request("DELETE", "/v1/orders").status == 503
    client.exchange.advance(10.0)
    assert client.request("DELETE", "/v1/orders").status == 200


def test_the_clock_is_wrong_for_a_while_and_refuses_who_is_right() -> None:
    client = client_with(timestamp_window_ms=1000)
    now = 1.0  # where the rig's signatures are dated
    client.exchange.advance(now)
    assert client.request("GET", "/v1/account/balances").status == 200
    _do(client, VenueEvent.CLOCK_WRONG)
    shown = client.json("GET", "/v1/public/time")["epochTime"]
    assert abs(shown - EPOCH_NS // 10**9) in range(31)
    assert client.request("GET", "/v1/account/balances").status == 401
    client.exchange.advance(61.0)
    headers = signed("GET", "/v1/public/time")
    assert headers
    seconds = client.json("GET", "/v1/public/time")["epochTime"]
    assert seconds == EPOCH_NS // 10**9 + 61


@pytest.mark.parametrize(
    ("deed", "target"),
    [
        (VenueEvent.WITHHOLD_BALANCES, "/v1/account/balances"),
        (VenueEvent.WITHHOLD_PAIRS, "/v1/public/pairs"),
        (VenueEvent.WITHHOLD_PAIRS, "/v1/public/pairs/SPOT"),
        (VenueEvent.WITHHOLD_ORDER_TYPES, "/v1/public/ordertypes"),
        (VenueEvent.WITHHOLD_ORDER_TYPES, f"/v1/public/{DOGE}/ordertypes"),
        (VenueEvent.WITHHOLD_OPEN_ORDERS, "/v1/orders/open"),
    ],
)
def test_something_is_not_told_for_minutes(deed: VenueEvent, target: str) -> None:
    seen = set()
    for seed in range(6):
        client = client_with()
        placed(client)
        usual = client.json("GET", target)
        client.exchange.faults.random.seed(seed)
        _do(client, deed)
        response = client.request("GET", target)
        seen.add((response.status, response.body))
        client.exchange.advance(client.exchange.now + 59.0)
        assert client.request("GET", target).status == response.status
        client.exchange.advance(client.exchange.now + 190.0)
        assert client.json("GET", target) == usual
    assert seen == {(200, b"[]"), (404, b"")}


def test_a_new_socket_has_no_balances_while_they_are_not_told() -> None:
    client = client_with()
    usual = kinds(client.open())
    assert "BALANCE_UPDATE" in usual
    _do(client, VenueEvent.WITHHOLD_BALANCES)
    assert kinds(client.open()) == ["AUTHENTICATED", "OPEN_ORDERS_UPDATE"]
    _heal(client)
    assert kinds(client.open()) == usual


@pytest.mark.parametrize(
    "deed",
    [VenueEvent.FILL_AND_CUT, VenueEvent.OVERFILL, VenueEvent.DROP_ORDERS, VenueEvent.TOXIC_FLOW],
)
def test_what_has_nothing_to_act_on_does_nothing_and_is_not_counted(deed: VenueEvent) -> None:
    client = client_with()
    assert not client.exchange.carry_out(deed, 0.0)
    assert client.frames() == []
    assert client.exchange.faults.counts == {}


def test_what_lasts_is_not_begun_twice_and_ends_only_once() -> None:
    client = client_with()
    exchange = client.exchange
    assert exchange.carry_out(VenueEvent.CHANGE_FEES, 0.0, 10.0)
    assert not exchange.carry_out(VenueEvent.CHANGE_FEES, 5.0, 10.0)
    exchange.heal(6.0)
    assert exchange.carry_out(VenueEvent.CHANGE_FEES, 7.0, 10.0)
    fees = exchange.venue.fees
    exchange.advance(11.0)
    assert exchange.venue.fees is fees
    exchange.advance(17.5)
    assert exchange.venue.fees is not fees


def test_deeds_can_be_put_on_the_agenda() -> None:
    client = client_with()
    client.exchange.schedule(VenueEvent.READ_ONLY, 5.0, 2.0)
    statuses = []
    for at in (4.9, 5.0, 7.0):
        client.exchange.advance(at)
        statuses.append(client.json("GET", "/v1/public/status")["status"])
    assert statuses == ["online", "read-only", "online"]


def test_healing_ends_chance_too() -> None:
    client = client_with(
        Fault.DROP, faults=FaultPlan(probabilities=dict.fromkeys(Fault, 1.0), delay_max_s=9.0)
    )
    exchange = client.exchange
    exchange.deactivate(DOGE, 0.0)
    exchange.heal(0.0)
    assert exchange.faults.plan == FaultPlan(delay_max_s=9.0)
    counts = dict(exchange.faults.counts)
    client.open()
    placed(client)
    assert client.json("GET", "/v1/public/pairs")[0]["active"] is True
    assert exchange.faults.counts == counts
