"""`engine import-hummingbot` and `engine strategies` as their user runs them."""

import json
from pathlib import Path

import pytest

from config.loading import load
from engine.cli import main
from engine.exit_codes import ExitCode

EXAMPLE = Path(__file__).parents[1] / "config" / "hummingbot" / "conf_pure_mm_usual.yml"


def test_the_configuration_goes_to_stdout_and_what_to_know_to_stderr(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert main(["import-hummingbot", str(EXAMPLE)]) == ExitCode.OK
    out, err = capsys.readouterr()
    assert '[strategies.doge]\nkind = "pure_market_making"' in out
    assert f"{EXAMPLE}:12: minimum_spread: -100 means off" in err
    assert "jump_orders_enabled: is not known" in err
    assert "fill in [strategies.doge.limits]" in err


def test_a_file_is_written_once_and_loads(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "new.toml"
    arguments = ["import-hummingbot", str(EXAMPLE), "--out", str(out), "--compat"]
    assert main(arguments) == ExitCode.OK
    assert load(str(out), (), {}).venue.simulated
    assert main(arguments) == ExitCode.CANNOT_CREATE
    assert "--force replaces it" in capsys.readouterr().err
    assert main([*arguments, "--force"]) == ExitCode.OK


def test_machines_get_everything_in_one_object(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["import-hummingbot", str(EXAMPLE), "--json"]) == ExitCode.OK
    told = json.loads(capsys.readouterr().out)
    assert told["loads"]
    assert {"matter": "unknown", "line": 54}.items() <= {
        **next(each for each in told["remarks"] if each["key"] == "jump_orders_enabled")
    }.items()


@pytest.mark.parametrize(
    ("text", "code", "said"),
    [
        ("strategy: pure_market_making\norder_levels: 0\n", ExitCode.FAILURE, "does not load yet"),
        ("strategy: twap\n", ExitCode.CONFIGURATION, "only pure_market_making is converted"),
        (None, ExitCode.NO_INPUT, "cannot be read: No such file"),
    ],
)
def test_what_went_wrong_has_an_exit_code_of_its_own(
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    text: str | None,
    code: ExitCode,
    said: str,
) -> None:
    file = tmp_path / "conf.yml"
    if text is not None:
        file.write_text(text)
    assert main(["import-hummingbot", str(file)]) == code
    assert said in capsys.readouterr().err


def test_a_result_that_cannot_be_written_is_said(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "nowhere" / "new.toml"
    assert main(["import-hummingbot", str(EXAMPLE), "--out", str(out)]) == ExitCode.CANNOT_CREATE
    assert "cannot be written" in capsys.readouterr().err


def test_kinds_of_strategy_are_listed_with_their_keys(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["strategies"]) == ExitCode.OK
    assert "pure_market_making" in capsys.readouterr().out
    assert main(["strategies", "pure_market_making"]) == ExitCode.OK
    text = capsys.readouterr().out
    assert "limits.max_daily_loss" in text
    assert "order_override.NAME.spread" in text
    assert main(["strategies", "pure_market_makin"]) == ExitCode.FAILURE
    assert "did you mean pure_market_making?" in capsys.readouterr().err
