"""The section [recording], and a configuration as it goes into a recording: without any key."""

import json
from decimal import Decimal

import pytest

from config.load.recorded import recorded_strategies, without_secrets
from config.source.problems import ConfigurationProblems
from tests.config.loaded import KEYS, LIVE, PAPER, loaded, refusal
from trading.core.identifiers import StrategyName

DOGE = StrategyName("doge")


def test_nothing_is_recorded_unless_it_is_said() -> None:
    recording = loaded(PAPER).recording
    assert not recording.enabled
    assert recording.max_gb == 20


def test_a_size_without_room_is_refused() -> None:
    assert "max_gb" in str(refusal(PAPER + "[recording]\nmax_gb = 0"))
    assert "did you mean enabled" in str(refusal(PAPER + "[recording]\nenable = true"))


def test_all_that_was_read_is_there_but_where_keys_are_kept() -> None:
    settings = loaded(LIVE, "strategies.doge.order_amount=50.50", environment=KEYS)
    recorded = without_secrets(settings.source.document)
    assert recorded["venue"] == {
        "kind": "valr",
        "rest_url": "https://api.valr.com",
        "websocket_url": "wss://api.valr.com",
    }
    text = json.dumps(recorded, default=str)
    assert "VALR_API" not in text
    assert not [key for key in KEYS.values() if key in text]
    assert "50.50" in text


def test_what_looks_like_a_key_is_not_written_wherever_it_stands() -> None:
    key = "0123456789abcdef" * 4
    document = {
        "strategies": {
            "x": {
                "token": key,
                "custom_api_url": f"https://me:{key}@prices.example.com/doge?apikey=hunter2#x",
                "odd": "http://[",
                "levels": [Decimal("0.10"), key, True],
            }
        }
    }
    recorded = without_secrets(document)
    strategies = recorded["strategies"]
    assert isinstance(strategies, dict)
    assert strategies["x"]["custom_api_url"] == "https://prices.example.com/doge"
    assert strategies["x"]["levels"][::2] == [Decimal("0.10"), True]
    assert key[:32] not in str(recorded)
    assert "hunter2" not in str(recorded)


def test_the_strategies_are_made_again_from_what_was_recorded() -> None:
    settings = loaded(PAPER)
    tables = without_secrets(settings.source.document)["strategies"]
    assert isinstance(tables, dict)
    assert recorded_strategies(tables) == settings.strategies
    changed = recorded_strategies(tables, ["strategies.doge.order_amount=41"])
    assert changed[DOGE].order_amount == 41
    assert recorded_strategies(tables) == settings.strategies
    with pytest.raises(ConfigurationProblems, match="is not a known key"):
        recorded_strategies(tables, ["strategies.doge.order_amoun=41"])
