"""A client that somebody else wrote for the real VALR trades here, but for its URLs unchanged."""

import importlib.util
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.engine.exchange_process import exchange_process
from trading.venues.valr.conformance.expected import EXPECTED
from trading.venues.valr.shapes.shape import differences

HERE = Path(__file__).parent / "third_party"
SHAPES = {
    "time": "GET /v1/public/time",
    "status": "GET /v1/public/status",
    "currencies": "GET /v1/public/currencies",
    "pairs": "GET /v1/public/pairs",
    "types": "GET /v1/public/{pair}/ordertypes",
    "all_types": "GET /v1/public/ordertypes",
    "summary": "GET /v1/public/{pair}/marketsummary",
    "summaries": "GET /v1/public/marketsummary",
    "book": "GET /v1/public/{pair}/orderbook",
    "full_book": "GET /v1/public/{pair}/orderbook/full",
    "signed_book": "GET /v1/marketdata/{pair}/orderbook",
    "signed_full_book": "GET /v1/marketdata/{pair}/orderbook/full",
    "trades": "GET /v1/public/{pair}/trades",
    "signed_trades": "GET /v1/marketdata/{pair}/tradehistory",
    "key": "GET /v1/account/api-keys/current",
    "balances": "GET /v1/account/balances",
    "limit": "GET /v1/orders/{pair}/{name}/{id}",
    "open": "GET /v1/orders/open",
    "history": "GET /v1/orders/history",
    "fills": "GET /v1/account/tradehistory",
}
"""What the client's script met, by the route that answered it."""

CERTIFICATE = HERE / "loopback.pem"


@pytest.fixture(scope="module")
def met() -> dict[str, Any]:
    """What valr-python met."""
    if importlib.util.find_spec("valr_python") is None:
        pytest.skip("valr-python is not installed (it is in requirements/dev.txt)")
    with exchange_process() as exchange:
        client = subprocess.run(  # noqa: S603  # our own script
            [sys.executable, HERE / "valr_python_client.py", exchange.first_line, CERTIFICATE],
            env={**os.environ, "SSL_CERT_FILE": str(CERTIFICATE)},
            capture_output=True,
            text=True,
            timeout=30,
            check=False,
        )
    assert client.returncode == 0, client.stderr[-2000:]
    result: dict[str, Any] = json.loads(client.stdout[client.stdout.index("{") :])
    return result


def test_valr_python_reads_everything_public(met: dict[str, Any]) -> None:
    rest = met["rest"]
    assert rest["status"] == {"status": "online"}
    assert rest["time"]["epochTime"] > 1_700_000_000
    assert {row["shortName"] for row in rest["currencies"]} >= {"BTC", "ZAR"}
    assert "BTCZAR" in [row["symbol"] for row in rest["pairs"]]
    assert "MARKET" in rest["types"]
    assert rest["summary"]["currencyPair"] == "BTCZAR"
    for book in ("book", "signed_book", "full_book", "signed_full_book"):
        assert rest[book]["Asks"]
        assert rest[book]["Bids"]


def test_valr_python_trades_and_finds_its_orders_again(met: dict[str, Any]) -> None:
    rest = met["rest"]
    assert rest["limit"]["orderStatusType"] == "Placed"
    assert [row["customerOrderId"] for row in rest["open"]] == ["limit-1"]
    assert rest["cancel"] == "taken"
    assert rest["history_detail"][0]["orderStatusType"] == "Cancelled"
    assert rest["market"]["orderStatusType"] == "Filled"
    assert rest["fills"][0]["customerOrderId"] == "market-1"
    assert rest["history_summary"]["totalExecutedQuantity"] == "0.001"
    assert [row["customerOrderId"] for row in rest["history"]] == ["market-1"]
    assert rest["transactions"][0]["transactionType"]["type"] == "MARKET_BUY"


def test_valr_python_sends_decimals_as_numbers_and_is_understood(met: dict[str, Any]) -> None:
    rest = met["rest"]
    assert rest["exact_limit"]["orderStatusType"] == "Placed"
    assert (rest["exact_limit"]["originalQuantity"], rest["exact_limit"]["originalPrice"]) == (
        "0.001",
        "2100000",
    )
    assert rest["exact_market"]["orderStatusType"] == "Filled"
    assert rest["exact_market"]["originalQuantity"] == "0.0005"


def test_valr_python_reads_the_balances_of_all_accounts(met: dict[str, Any]) -> None:
    (primary,) = met["rest"]["all_balances"]
    assert primary["account"]["label"] == "Primary"
    assert {row["currency"] for row in primary["balances"]} >= {"BTC", "ZAR"}


def test_valr_python_hears_both_sockets(met: dict[str, Any]) -> None:
    assert set(met["sockets"]) >= {
        "AGGREGATED_ORDERBOOK_UPDATE",
        "MARKET_SUMMARY_UPDATE",
        "NEW_TRADE_BUCKET",
        "NEW_TRADE",
        "NEW_ACCOUNT_HISTORY_RECORD",
        "BALANCE_UPDATE",
        "NEW_ACCOUNT_TRADE",
        "OPEN_ORDERS_UPDATE",
        "ORDER_PROCESSED",
        "ORDER_STATUS_UPDATE",
    }


def test_valr_python_and_the_conformance_checks_agree_on_what_the_exchange_says(
    met: dict[str, Any],
) -> None:
    """What the library read has the shapes that the checks expect, wherever both look."""
    answers = {route: met["rest"][name] for name, route in SHAPES.items()}
    frames = {kind: frame for kind, frame in met["sockets"].items() if kind in EXPECTED}
    assert len(frames) >= 9
    odd = {name: differences(EXPECTED[name], seen) for name, seen in (answers | frames).items()}
    assert {name: edits for name, edits in odd.items() if edits} == {}
