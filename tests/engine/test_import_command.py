"""`engine import-hummingbot` and `engine strategies` as their user runs them."""

import json
from pathlib import Path

import pytest
from hypothesis import HealthCheck, event, given, settings

from config.load.loading import load
from engine.cli.app import main
from engine.process.exit_codes import ExitCode
from tests.config.hummingbot_files import WHOLE_FILES, hummingbot_files
from tests.engine.engine_process import site

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
        (
            "strategy: twap\n",
            ExitCode.CONFIGURATION,
            "only pure_market_making and avellaneda_market_making are",
        ),
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


@settings(
    max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(text=hummingbot_files)
def test_whatever_is_converted_with_exit_0_can_be_planned(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], text: str
) -> None:
    file, out = tmp_path / "conf.yml", tmp_path / "new.toml"
    file.write_text(text)
    code = main(["import-hummingbot", str(file), "--out", str(out), "--force"])
    event(f"exit {code}")
    if code == ExitCode.OK:
        capsys.readouterr()
        assert main(["plan", str(out), "--json"]) in {ExitCode.OK, ExitCode.FAILURE}
        [planned] = json.loads(capsys.readouterr().out)["strategies"].values()
        # What an inventory has cost knows nothing of the market: a limit may refuse such a price.
        if "price_type: inventory_cost" not in text:
            assert not any(order["clashes"] for order in planned["orders"])
        assert planned["orders"] or planned["gates"], "nothing is kept back without a reason"


@pytest.mark.parametrize("file", WHOLE_FILES, ids=lambda file: file.stem)
def test_a_whole_file_is_planned_with_orders_or_with_the_reason_why_not(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], file: Path
) -> None:
    out = tmp_path / "new.toml"
    assert main(["import-hummingbot", str(file), "--out", str(out)]) == ExitCode.OK
    capsys.readouterr()
    code = main(["plan", str(out), "--json"])
    [planned] = json.loads(capsys.readouterr().out)["strategies"].values()
    waits = {"volatility_not_ready", "price_unknown", "outside_trading_window", "reference_unknown"}
    if code != ExitCode.OK:
        assert {gate["code"] for gate in planned["gates"]} & waits, planned["gates"]


def test_a_pair_of_no_exchange_here_trades_on_paper_for_seconds(tmp_path: Path) -> None:
    file = next(file for file in WHOLE_FILES if file.stem == "conf_pure_mm_odd_pair")
    out = tmp_path / "new.toml"
    assert main(["import-hummingbot", str(file), "--out", str(out)]) == ExitCode.OK
    with site(config=str(out)) as place:
        done = place.process("run", "--duration", "3", "--json", "--log-file", str(place.log))
    assert done.returncode == ExitCode.OK, done.stderr
    summary = json.loads(done.stdout)
    assert summary["strategies"]["xcad"]["pair"] == "XCADUSDT"
    assert summary["orders_placed"] >= 4


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
