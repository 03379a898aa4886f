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

HERE = Path(__file__).parent / "third_party"
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
