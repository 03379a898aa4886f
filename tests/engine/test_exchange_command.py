"""
`engine exchange` as its user runs it: a process, what it says first, and how it ends.

Where it is refused at once it runs in the process of the tests.
"""

import json
import signal
import socket
import urllib.request
from pathlib import Path
from typing import Any

import pytest

from engine.process.exit_codes import ExitCode
from tests.engine.exchange_process import exchange_process
from tests.engine.in_process import in_process


def _get(url: str) -> Any:
    with urllib.request.urlopen(url, timeout=10) as answer:  # noqa: S310  # loopback
        return json.loads(answer.read())


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_it_says_where_it_is_serves_and_ends_well(number: signal.Signals) -> None:
    with exchange_process() as exchange:
        hello = exchange.hello
        assert hello["websocket"].removeprefix("ws://") == hello["rest"].removeprefix("http://")
        assert len(hello["api_key"]) == len(hello["api_secret"]) == 64
        assert hello["accounts"][0]["api_key"] == hello["api_key"]
        assert len({account["api_key"] for account in hello["accounts"]}) == 2
        assert _get(f"{hello['rest']}/v1/public/status") == {"status": "online"}
        assert exchange.stop(number) == (ExitCode.OK, "", "")


def test_a_configuration_says_what_it_is_like(tmp_path: Path) -> None:
    file = tmp_path / "venue.toml"
    file.write_text(
        "[simulator]\naccounts = 3\n[simulator.limits]\npublic_per_minute = 1\n"
        '[simulator.pairs.ACMEZAR]\nbase = "ACME"\nquote = "ZAR"\ntick_size = 1\n'
        "base_decimal_places = 2\nmin_base = 0.01\nmax_base = 100\nmin_quote = 10\n"
        "max_quote = 100000\nstart_price = 500\n"
    )
    with exchange_process("--config", str(file), "--seed", "3") as exchange:
        hello = exchange.hello
        assert len(hello["accounts"]) == 3
        pairs = f"{hello['rest']}/v1/public/pairs"
        assert "ACMEZAR" in [row["symbol"] for row in _get(pairs)]
        with pytest.raises(urllib.error.HTTPError, match="429") as limited:
            _get(pairs)
        assert limited.value.headers["x-valr-ratelimited"] == "true"
        limited.value.close()


def test_a_wrong_configuration_starts_nothing(tmp_path: Path) -> None:
    file = tmp_path / "venue.toml"
    file.write_text('[simulator.faults]\ndorp = "1 %"\n')
    refused = in_process("exchange", "--config", str(file))
    assert refused.returncode == ExitCode.CONFIGURATION
    assert "did you mean drop?" in refused.stderr
    assert refused.stdout == ""


def test_a_port_that_is_taken_is_no_place_to_serve() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        refused = in_process("exchange", "--port", str(taken.getsockname()[1]))
    assert refused.returncode == ExitCode.FAILURE
    assert refused.stderr.startswith("engine exchange: ")


def test_help_shows_examples() -> None:
    text = in_process("exchange", "--help").stdout
    assert "engine exchange --config config/paper.toml" in text
