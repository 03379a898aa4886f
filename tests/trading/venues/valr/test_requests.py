"""VALR's REST calls: what is sent, and what its answers become."""

from decimal import Decimal

import attrs
import msgspec
import pytest

from trading.core.errors import Outage
from trading.core.fees import Fees
from trading.core.identifiers import ClientOrderId, Currency, Pair, VenueOrderId
from trading.core.instrument import Instrument
from trading.core.market import Balance
from trading.orders.order import OrderEvent
from trading.venues.valr.rest import account as requests
from trading.venues.valr.rest import market as market_requests
from trading.venues.valr.rest import orders as order_requests

D = Decimal
BTCZAR = Pair("BTCZAR")
RULES = {
    "symbol": "BTCZAR",
    "baseCurrency": "BTC",
    "quoteCurrency": "ZAR",
    "shortName": "BTC/ZAR",
    "active": True,
    "minBaseAmount": "0.00001",
    "maxBaseAmount": "8",
    "minQuoteAmount": "10",
    "maxQuoteAmount": "5000000",
    "tickSize": "1",
    "baseDecimalPlaces": "8",
}


def body(value: object) -> bytes:
    return msgspec.json.encode(value)


def test_the_rules_of_every_pair_are_public() -> None:
    call = requests.instruments()
    assert (call.verb, call.path, call.body, call.signed) == ("GET", "/v1/public/pairs", "", False)
    assert call.decode(body([RULES, {**RULES, "symbol": "ETHZAR", "active": False}])) == {
        BTCZAR: (
            expected := Instrument(
                pair=BTCZAR,
                base=Currency("BTC"),
                quote=Currency("ZAR"),
                tick_size=D(1),
                lot_size=D("0.00000001"),
                quantity_min=D("0.00001"),
                quantity_max=D(8),
                notional_min=D(10),
                notional_max=D(5000000),
                active=True,
            )
        ),
        Pair("ETHZAR"): attrs.evolve(expected, pair=Pair("ETHZAR"), active=False),
    }


@pytest.mark.parametrize(("places", "lot"), [("0", "1"), ("2", "0.01"), ("8", "0.00000001")])
def test_the_lot_follows_from_the_decimal_places(places: str, lot: str) -> None:
    rules = requests.instruments().decode(body([{**RULES, "baseDecimalPlaces": places}]))
    assert rules[BTCZAR].lot_size == D(lot)


@pytest.mark.parametrize(
    "odd",
    [
        {"tickSize": "0"},
        {"tickSize": "-1"},
        {"tickSize": "NaN"},
        {"tickSize": 1},
        {"baseDecimalPlaces": "-1"},
        {"baseDecimalPlaces": "21"},
        {"baseDecimalPlaces": "8.0"},
        {"baseDecimalPlaces": " 8"},
        {"baseDecimalPlaces": "\uff18"},
        {"baseDecimalPlaces": "1_0"},
        {"baseDecimalPlaces": ""},
        {"minBaseAmount": "1,000"},
        {"active": "true"},
    ],
)
def test_rules_that_make_no_sense_spoil_no_other_pairs(odd: dict[str, object]) -> None:
    rules = requests.instruments().decode(body([{**RULES, **odd}, {**RULES, "symbol": "ETHZAR"}]))
    assert list(rules) == ["ETHZAR"]
    (row,) = rules.odd
    assert row.where == "row 1 of the pairs"
    assert row.names == frozenset({"BTCZAR"})
    assert next(iter(odd)) in row.problem


def test_a_missing_rule_is_named_with_its_row() -> None:
    for name in RULES.keys() - {"shortName"}:
        without = {key: value for key, value in RULES.items() if key != name}
        (row,) = requests.instruments().decode(body([without])).odd
        assert name in row.problem
        assert row.names == (None if name == "symbol" else frozenset({"BTCZAR"}))


def test_the_balances_of_all_accounts_come_account_by_account() -> None:
    call = requests.all_balances()
    assert (call.verb, call.path, call.signed) == ("GET", "/v1/account/balances/all", True)
    held = {"currency": "USDT", "available": "4.9", "reserved": "0", "total": "8.9"}
    (futures, primary) = call.decode(
        body(
            [
                {"account": {"label": "Futures", "id": "1402613105484087296"}, "balances": [held]},
                {"account": {"label": "Primary", "id": "0"}, "balances": [{"currency": "ZAR"}]},
            ]
        )
    )
    assert (futures.label, futures.account_id) == ("Futures", "1402613105484087296")
    assert [balance.available for balance in futures.balances] == [D("4.9")]
    assert primary.balances.rows == ()
    assert primary.balances.odd[0].names == frozenset({"ZAR"})


def test_balances_come_by_their_plain_code() -> None:
    call = requests.balances()
    assert (call.verb, call.path, call.signed) == ("GET", "/v1/account/balances", True)
    rows = [
        {
            "currency": "ZAR",
            "available": "1500.25",
            "reserved": "100",
            "total": "1600.25",
            "updatedAt": "2026-03-08T15:55:18.385Z",
        },
        {"currency": "BTC", "available": "-0.5", "reserved": "0", "total": "-0.5"},
    ]
    assert list(call.decode(body(rows))) == [
        Balance(
            currency=Currency("ZAR"),
            available=D("1500.25"),
            reserved=D(100),
            updated_at_ms=1772985318385,
        ),
        Balance(currency=Currency("BTC"), available=D("-0.5"), reserved=D(0)),
    ]


def test_fees_are_fractions_and_may_be_rebates() -> None:
    call = requests.fees()
    assert call.path == "/v1/account/fees/trade"
    rows = [
        {"currencyPair": "BTCZAR", "makerPercentage": "-0.01", "takerPercentage": "0.1"},
        {"currencyPair": "SIMPLEONLY", "simplePercentage": "1.6"},
    ]
    assert call.decode(body(rows)) == {BTCZAR: Fees(maker=D("-0.0001"), taker=D("0.001"))}


def test_rests_list_of_open_orders_says_what_remains() -> None:
    call = requests.open_orders()
    assert (call.verb, call.path) == ("GET", "/v1/orders/open")
    row = {
        "orderId": "v-1",
        "side": "sell",
        "remainingQuantity": "0.005",
        "price": "1960000",
        "currencyPair": "BTCZAR",
        "originalQuantity": "0.01",
        "customerOrderId": "q-17",
        "status": "Partially Filled",
        "updatedAt": "2026-03-08T11:52:00.181Z",
    }
    (report,) = call.decode(body([row]))
    assert report.remaining_quantity == D("0.005")
    assert report.quantity == D("0.01")
    assert report.event is OrderEvent.PARTLY_FILLED
    assert report.client_order_id == "q-17"
    without = {k: v for k, v in row.items() if k != "remainingQuantity"}
    assert "without a remaining quantity" in call.decode(body([without])).odd[0].problem


def test_an_order_is_looked_up_by_our_own_name() -> None:
    call = requests.order_status(BTCZAR, ClientOrderId("qw-a-b-c-1"))
    assert (call.verb, call.path) == ("GET", "/v1/orders/BTCZAR/customerorderid/qw-a-b-c-1")
    assert call.harmless


def test_our_last_fills_are_asked_for_over_all_pairs() -> None:
    call = requests.fills()
    assert (call.verb, call.path) == ("GET", "/v1/account/tradehistory?skip=0&limit=100")
    row = {
        "price": "1950050",
        "quantity": "0.001",
        "currencyPair": "BTCZAR",
        "tradedAt": "2026-03-08T15:55:18.385Z",
        "side": "buy",
        "sequenceId": 1368928567986636114,
        "id": "t-1",
        "orderId": "v-1",
    }
    (fill,) = call.decode(body([row]))
    assert (fill.trade_id, fill.fee, fill.client_order_id) == ("t-1", D(0), None)
    (again,) = call.decode(body([{**row, "sequenceId": "1212048179894161409"}]))
    assert again == fill


@pytest.mark.parametrize(
    ("venue_order_id", "text"),
    [
        (VenueOrderId("v-1"), '{"orderId":"v-1","pair":"BTCZAR"}'),
        (None, '{"customerOrderId":"q-1","pair":"BTCZAR"}'),
    ],
)
def test_a_cancel_names_an_order_once(venue_order_id: VenueOrderId | None, text: str) -> None:
    payload = order_requests.cancel_payload(BTCZAR, venue_order_id, ClientOrderId("q-1"))
    call = order_requests.cancel(payload)
    assert (call.verb, call.path, call.body) == ("DELETE", "/v1/orders/order", text)
    assert call.signed
    assert not call.harmless


def test_a_cancels_answer_has_no_body_and_is_not_read() -> None:
    order_requests.cancel({}).decode(b"")


def test_a_venue_that_says_a_strange_word_about_itself_is_away() -> None:
    with pytest.raises(Outage, match="VALR says that it is 'degraded'"):
        market_requests.status().decode(body({"status": "degraded"}))
