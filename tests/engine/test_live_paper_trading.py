"""Paper trading on live prices: the simulated exchange on the public market of another venue."""

import json
from decimal import Decimal
from pathlib import Path

import pytest

from engine.environment.live_market import LiveMarkets
from tests.engine.exchange_process import exchange_process
from tests.engine.in_process import ROOT, in_process
from trading.core.errors import Fatal
from trading.core.identifiers import Pair
from trading.datasets.importers.scale import Scale

PAPER = str(ROOT / "config" / "paper.toml")
LIVE = "simulator.flow=live"


def test_the_market_is_the_other_venues_and_the_money_is_play_money(tmp_path: Path) -> None:
    with exchange_process("--seed", "7") as venue:
        rest, websocket = venue.hello["rest"], venue.hello["websocket"]
        done = in_process(
            *("run", PAPER, "--duration", "4", "--json"),
            *("--set", LIVE, "--set", f'simulator.live_rest_url="{rest}"'),
            *("--set", f'simulator.live_websocket_url="{websocket}"'),
            *("--set", f'engine.state_directory="{tmp_path}"'),
            *("--log-file", str(tmp_path / "log.jsonl")),
        )
        code, _, _ = venue.stop()
    assert done.returncode == 0, done.stderr
    summary = json.loads(done.stdout)
    assert summary["venue"] == "simulated VALR"
    assert summary["ready"] == "10/10"
    assert summary["orders_placed"] >= 4
    assert summary["flat_proven"]
    assert code == 0


def test_prices_that_fit_no_tick_are_told_with_what_would_fit() -> None:
    markets = LiveMarkets({Pair("DOGEUSDT"): Scale(Decimal("0.001"), Decimal(1))})
    frame = (
        '{"type":"NEW_TRADE","currencyPairSymbol":"DOGEUSDT","data":{"price":"0.10003",'
        '"quantity":"7","currencyPair":"DOGEUSDT","tradedAt":"2026-11-29T20:00:00.000Z",'
        '"takerSide":"buy","id":"01a228fa-bfac-7194-814e-b7a4b56a1313"}}'
    )
    with pytest.raises(Fatal, match=r"\[simulator.pairs.DOGEUSDT\]"):
        markets.write(f"1795982219000000000 {frame}\n")


@pytest.mark.parametrize(
    "command", [("plan", PAPER), ("simulate", "--config", PAPER), ("exchange", "--config", PAPER)]
)
def test_other_commands_refuse_a_live_market(command: tuple[str, ...]) -> None:
    done = in_process(*command, "--set", LIVE)
    assert done.returncode == 78, done.stderr
    assert "is for engine run alone" in done.stderr


def test_both_addresses_go_together() -> None:
    done = in_process("run", PAPER, "--set", 'simulator.live_rest_url="https://x.example"')
    assert done.returncode == 78
    assert "simulator.live_rest_url: is given alone" in done.stderr
