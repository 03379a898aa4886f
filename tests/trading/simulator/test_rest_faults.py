"""What can go wrong with REST answers, and at the door for sockets."""

import msgspec
import pytest

from tests.trading.simulator.rig import (
    DOGE,
    Client,
    an_exchange,
    cancel,
    client_with,
    doge_settings,
    placed,
)
from trading.venues.valr.simulator.core.fault_plan import Fault
from trading.venues.valr.simulator.core.settings import ExchangeSettings

_ORDER = {"side": "BUY", "quantity": "40", "price": "0.09", "pair": DOGE}


@pytest.mark.parametrize(
    ("fault", "content_type"),
    [
        (Fault.HTML_ANSWER, "text/html; charset=UTF-8"),
        (Fault.TRUNCATED_ANSWER, "application/json"),
        (Fault.WRONG_CHARSET, "application/json; charset=utf-16"),
    ],
)
def test_a_good_status_may_come_with_a_body_that_cannot_be_read(
    fault: Fault, content_type: str
) -> None:
    client = client_with(fault)
    response = client.request("POST", "/v2/orders/limit", _ORDER)
    assert response.status == 201
    assert dict(response.headers)["content-type"] == content_type
    with pytest.raises((msgspec.DecodeError, UnicodeDecodeError)):
        msgspec.json.decode(response.body)
    assert len(client.json("GET", "/v1/orders/open")) == 1
    assert client.exchange.faults.counts == {fault.value: 1}


def test_good_json_may_be_called_plain_text() -> None:
    client = client_with(Fault.WRONG_CONTENT_TYPE)
    response = client.request("GET", "/v1/account/balances")
    assert dict(response.headers)["content-type"] == "text/plain"
    assert msgspec.json.decode(response.body)


def test_a_request_may_be_sent_elsewhere() -> None:
    client = client_with(Fault.REDIRECT)
    response = client.request("POST", "/v2/orders/limit", _ORDER)
    assert response.status == 302
    assert dict(response.headers)["location"].startswith("http://")
    assert client.json("GET", "/v1/orders/open") == []
    assert client.exchange.faults.counts == {"redirect": 1}


@pytest.mark.parametrize(
    ("fault", "method", "target"),
    [
        (Fault.PLACE_LIMITED, "POST", "/v2/orders/limit"),
        (Fault.CANCEL_LIMITED, "DELETE", "/v2/orders/order"),
    ],
)
def test_orders_may_be_limited_though_there_were_few(
    fault: Fault, method: str, target: str
) -> None:
    client = client_with()
    order_id = placed(client)
    client.exchange.faults.arm(fault)
    client.json("GET", "/v1/orders/open")
    body = _ORDER if method == "POST" else {"orderId": order_id, "pair": DOGE}
    response = client.request(method, target, body)
    assert response.status == 429
    assert int(dict(response.headers)["retry-after"]) > 0
    assert [row["orderId"] for row in client.json("GET", "/v1/orders/open")] == [order_id]
    assert client.exchange.faults.counts == {fault.value: 1}


def test_a_public_answer_may_be_a_minute_old_but_no_older() -> None:
    client = Client(an_exchange(settings=doge_settings()))
    target = f"/v1/public/{DOGE}/orderbook"
    first = client.request("GET", target)
    client.exchange.advance(59.0)
    client.exchange.faults.arm(Fault.STALE_ANSWER)
    assert client.request("GET", target) == first
    assert client.request("GET", target) != first
    client.exchange.faults.arm(Fault.STALE_ANSWER)
    client.exchange.advance(61.0)
    assert client.request("GET", target) != first
    assert client.exchange.faults.counts == {"stale_answer": 1}
    client.exchange.advance(62.0)
    client.request("GET", f"/v1/marketdata/{DOGE}/orderbook")
    assert client.exchange.faults.counts == {"stale_answer": 1}


def test_a_history_may_hide_cancels_that_were_asked_for() -> None:
    client = client_with()
    cancel(client, placed(client))
    target = "/v1/orders/history?showZeroVolumeCancels=true"
    client.exchange.faults.arm(Fault.HISTORY_HIDES_CANCELS)
    assert client.json("GET", target) == []
    assert len(client.json("GET", target)) == 1
    assert client.exchange.faults.counts == {"history_hides_cancels": 1}


@pytest.mark.parametrize(
    ("target", "name"),
    [
        ("/v1/orders/history?showZeroVolumeCancels=true&limit=2", "orderId"),
        ("/v1/account/tradehistory?limit=2", "id"),
    ],
)
def test_a_later_page_may_repeat_what_the_one_before_had(target: str, name: str) -> None:
    client = client_with()
    for _ in range(4):
        placed(client, price="0.2")
    client.exchange.faults.arm(Fault.PAGES_SHIFT)
    first = [row[name] for row in client.json("GET", target)]
    second = [row[name] for row in client.json("GET", f"{target}&skip=2")]
    assert len(second) == 2
    assert second[0] in first
    assert client.exchange.faults.counts == {"pages_shift": 1}


def test_answers_may_be_written_oddly() -> None:
    client = client_with(Fault.EXTRA_FIELDS)
    rows = client.json("GET", "/v1/account/balances")
    assert sum("alpha" in row for row in rows) == 1
    client.exchange.faults.arm(Fault.UNKNOWN_STATUS)
    assert client.json("GET", "/v1/public/status") == {"status": "Parked"}
    client.exchange.faults.arm(Fault.NUMBER_AS_NUMBER)
    rows = client.json("GET", "/v1/account/balances")
    amounts = [row[name] for row in rows for name in ("available", "total", "reserved")]
    others = [value for row in rows for value in row.values() if not isinstance(value, str)]
    assert len(others) == 1
    assert len(amounts) == 3 * len(rows)


@pytest.mark.parametrize(
    ("fault", "statuses"),
    [
        (Fault.UPGRADE_FORBIDDEN, (401, 403)),
        (Fault.UPGRADE_LIMITED, (429,)),
        (Fault.UPGRADE_UNAVAILABLE, (502, 503, 504)),
    ],
)
def test_a_socket_may_be_refused(fault: Fault, statuses: tuple[int, ...]) -> None:
    client = client_with(fault)
    response = client.exchange.refuse_connection(client.exchange.now)
    assert response is not None
    assert response.status in statuses
    assert ("retry-after" in dict(response.headers)) == (fault is Fault.UPGRADE_LIMITED)
    assert client.exchange.refuse_connection(client.exchange.now) is None
    assert client.exchange.faults.counts == {fault.value: 1}


def test_a_good_signature_may_be_called_a_bad_one() -> None:
    client = Client(an_exchange(settings=ExchangeSettings()))
    client.exchange.faults.arm(Fault.BAD_SIGNATURE)
    assert client.open() == []
    assert client.session is not None
    assert client.session.close_reason is not None
    assert client.session.close_reason.code == 1007
    assert client.exchange.faults.counts == {"bad_signature": 1}
    assert client.open()[0] == {"type": "AUTHENTICATED"}
