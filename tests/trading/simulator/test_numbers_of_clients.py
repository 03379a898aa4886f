"""Clients write numbers as text or as JSON numbers; the venue takes both, to the last digit."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.trading.simulator.rig import DOGE, Client, an_exchange, signed
from trading.venues.valr.simulator.requests.fields import Refused, amount, read_json

_LIMIT = {"pair": DOGE, "side": "BUY", "quantity": "40", "price": "0.09"}
_AMOUNTS = {"quantity", "price", "stopPrice", "baseAmount", "quoteAmount"}


def post(client: Client, target: str, body: str, method: str = "POST") -> Any:
    """What is answered to a body of exactly these bytes."""
    response = client.exchange.request(
        method, target, signed(method, target, body), body.encode(), client.exchange.now
    )
    return msgspec.json.decode(response.body) if response.body else response.status


def json_with_numbers(fields: Mapping[str, object]) -> str:
    """The amounts among fields as JSON numbers, written as they are."""
    parts = [
        f'"{name}":{value if name in _AMOUNTS else msgspec.json.encode(value).decode()}'
        for name, value in fields.items()
    ]
    return "{" + ",".join(parts) + "}"


def test_a_limit_order_with_numbers_is_the_one_with_text() -> None:
    client = Client(an_exchange())
    taken = post(client, "/v2/orders/limit", json_with_numbers(_LIMIT))
    assert "id" in taken, taken
    (order,) = client.json("GET", "/v1/orders/open")
    assert (order["remainingQuantity"], order["price"]) == ("40", "0.09")


@pytest.mark.parametrize("amount_key", ["baseAmount", "quoteAmount"])
def test_a_market_order_takes_a_number(amount_key: str) -> None:
    client = Client(an_exchange())
    fields = {"pair": DOGE, "side": "BUY", amount_key: "40"}
    taken = post(client, "/v2/orders/market", json_with_numbers(fields))
    assert "id" in taken, taken


def test_a_stop_order_takes_numbers() -> None:
    client = Client(an_exchange())
    fields = {**_LIMIT, "stopPrice": "0.095", "type": "TAKE_PROFIT_LIMIT"}
    taken = post(client, "/v1/orders/stop/limit", json_with_numbers(fields))
    assert "id" in taken, taken


def test_a_batch_and_a_modification_take_numbers() -> None:
    client = Client(an_exchange())
    batch = f'{{"requests":[{{"type":"PLACE_LIMIT","data":{json_with_numbers(_LIMIT)}}}]}}'
    (outcome,) = post(client, "/v1/batch/orders", batch)["outcomes"]
    assert outcome["accepted"], outcome
    change = (
        f'{{"pair":"{DOGE}","orderId":"{outcome["orderId"]}","newPrice":0.0899,'
        '"newTotalQuantity":39}'
    )
    post(client, "/v2/orders/modify", change, "PUT")
    (order,) = client.json("GET", "/v1/orders/open")
    assert (order["price"], order["remainingQuantity"]) == ("0.0899", "39")


def test_a_socket_takes_numbers_too() -> None:
    client = Client(an_exchange())
    client.open()
    frames = client.place(quantity=40, price=0.09)
    assert "error" not in frames[0], frames[0]


def test_a_name_that_is_a_number_may_be_sent_as_one() -> None:
    client = Client(an_exchange())
    taken = post(client, "/v2/orders/limit", json_with_numbers({**_LIMIT, "customerOrderId": 1234}))
    assert "id" in taken, taken
    (order,) = client.json("GET", "/v1/orders/open")
    assert order["customerOrderId"] == "1234"
    cancel = f'{{"pair":"{DOGE}","customerOrderId":1234}}'
    assert "id" in post(client, "/v2/orders/order", cancel, "DELETE")
    assert client.json("GET", "/v1/orders/open") == []


@given(
    st.decimals(min_value="0.000000000001", max_value=999_999_999_999, places=12),
    st.sampled_from(["{:f}", "{:E}", "{}"]),
)
def test_a_number_is_read_as_it_is_written(number: Decimal, form: str) -> None:
    fields = read_json(f'{{"a":{form.format(number)},"b":"{number:f}"}}')
    assert isinstance(fields, dict)
    assert amount(fields, "a") == amount(fields, "b") == number


@pytest.mark.parametrize(
    "text", ["0", "-1", "0.0", "1e400", "1e-400", "1e13", "true", "null", "[1]", '"1e3"', '"NaN"']
)
def test_what_is_no_amount_is_refused(text: str) -> None:
    fields = read_json(f'{{"a":{text}}}')
    assert isinstance(fields, dict)
    with pytest.raises(Refused):
        amount(fields, "a")


@pytest.mark.parametrize("text", ["NaN", "Infinity", "01", "1.", "[" * 100_000, ""])
def test_what_is_not_json_is_none(text: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        read_json(text)
