"""A key or secret that somebody typed where it does not belong is refused and never shown."""

from pathlib import Path

import pytest

from config.source.problems import redacted
from engine.cli.app import main
from engine.process.exit_codes import ExitCode

SECRET = "fedcba9876543210" * 4
OTHER = "Zm9vYmFyMDEyMzQ1Njc4OWFiY2RlZmdoaWprbG1ub3A="
PAPER = str(Path(__file__).parents[2] / "config" / "paper.toml")

LIVE = """\
[engine]
name = "live"

[venue]
kind = "valr"
rest_url = "https://api.valr.com"
websocket_url = "wss://api.valr.com"
credentials.api_key = { env = "VALR_API_KEY" }
credentials.api_secret = { env = "VALR_API_SECRET" }

[strategies.doge]
kind = "pure_market_making"
pair = "DOGE-USDT"
order_amount = 40
bid_spread = "0.1 %"
ask_spread = "0.2 %"
order_refresh_time = 15
"""


def check(capsys: pytest.CaptureFixture[str], arguments: list[str], secret: str) -> str:
    code = main(arguments)
    shown = "".join(capsys.readouterr())
    assert code != ExitCode.OK
    assert shown.strip()
    for length in (32, 20, 12):
        assert secret[:length] not in shown
        assert secret[-length:] not in shown
    return shown


@pytest.mark.parametrize("secret", [SECRET, SECRET.upper(), SECRET[:40], OTHER])
@pytest.mark.parametrize(
    "line",
    [
        ["run", "SECRET"],
        ["run", PAPER, "SECRET"],
        ["run", PAPER, "--api-secret", "SECRET"],
        ["run", PAPER, "--SECRET"],
        ["run", PAPER, "--duration", "SECRET"],
        ["run", PAPER, "--set", "SECRET"],
        ["run", PAPER, "--set", "SECRET=1"],
        ["run", PAPER, "--set", "engine.SECRET=1"],
        ["run", PAPER, "--set", "engine.name=SECRET"],
        ["run", PAPER, "--set", "strategies.doge.pair=SECRET"],
        ["run", PAPER, "--set", "venue.kind=SECRET"],
        ["run", PAPER, "--set", "venue.rest_url=SECRET"],
        ["run", PAPER, "--set", "venue.credentials.api_key=SECRET"],
        ["run", PAPER, "--set", "strategies.doge.order_override=['SECRET']"],
        ["plan", PAPER, "--against", "SECRET"],
        ["plan", PAPER, "--set", "simulator.flow=SECRET"],
        ["exchange", "--seed", "SECRET"],
        ["exchange", "--config", "SECRET"],
        ["doctor", "SECRET"],
        ["fills", PAPER, "--since", "SECRET"],
        ["fills", "SECRET"],
        ["kill", "SECRET"],
        ["resume", "SECRET"],
        ["status", "SECRET"],
        ["explain", "SECRET"],
        ["reload", "SECRET"],
        ["logs", "SECRET"],
        ["logs", PAPER, "--log-file", "SECRET"],
        ["strategies", "SECRET"],
        ["import-hummingbot", "SECRET"],
        ["recording", "verify", "SECRET"],
        ["recording", "capture", "--venue", "SECRET", "--pairs", "DOGE-USDT", "--out", "none"],
        ["recording", "capture", "--venue", "simulated", "--pairs", "SECRET", "--out", "none"],
        ["simulate", "--seeds", "SECRET"],
        ["simulate", "--seed", "SECRET"],
        ["simulate", "--config", "SECRET"],
        ["simulate", "--faults", "SECRET"],
        ["SECRET"],
    ],
    ids=lambda line: " ".join(line[-3:]).replace(PAPER, "paper.toml"),
)
def test_on_the_command_line(
    capsys: pytest.CaptureFixture[str], line: list[str], secret: str
) -> None:
    check(capsys, [part.replace("SECRET", secret) for part in line], secret)


@pytest.mark.parametrize("secret", [SECRET, "a" + SECRET[1:], OTHER])
@pytest.mark.parametrize(
    ("there", "instead"),
    [
        ('{ env = "VALR_API_SECRET" }', '"SECRET"'),
        ('{ env = "VALR_API_SECRET" }', "SECRET"),
        ('{ env = "VALR_API_SECRET" }', '{ env = "SECRET" }'),
        ('{ env = "VALR_API_SECRET" }', '{ file = "SECRET" }'),
        ('{ env = "VALR_API_SECRET" }', '{ value = "SECRET" }'),
        ('{ env = "VALR_API_SECRET" }', '["SECRET"]'),
        ('name = "live"', 'name = "SECRET"'),
        ('name = "live"', "name = SECRET"),
        ('name = "live"', 'name = "live"\nSECRET = 1'),
        ('name = "live"', 'name = "live"\nseed = "SECRET"'),
        ("[engine]", '["SECRET"]\n[engine]'),
        ('kind = "valr"', 'kind = "SECRET"'),
        ("https://api.valr.com", "https://SECRET"),
        ("https://api.valr.com", "https://api.valr.com/SECRET"),
        ('"DOGE-USDT"', '"SECRET"'),
        ('"DOGE-USDT"', 'SECRET "'),
        ("order_amount = 40", 'order_amount = "SECRET"'),
        ("[strategies.doge]", '[strategies."SECRET"]'),
        ('kind = "pure_market_making"', 'kind = "SECRET"'),
    ],
)
def test_in_the_file(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], there: str, instead: str, secret: str
) -> None:
    file = tmp_path / "live.toml"
    file.write_text(LIVE.replace(there, instead.replace("SECRET", secret), 1))
    shown = check(capsys, ["run", str(file)], secret)
    assert "cure: " in shown


def test_in_a_hummingbot_file(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "old.yml"
    file.write_text(f"strategy: pure_market_making\nmarket: {SECRET}\napi_secret: {SECRET}\n")
    assert main(["import-hummingbot", str(file)]) == ExitCode.FAILURE
    assert SECRET[:12] not in capsys.readouterr().err


@pytest.mark.parametrize(
    "text",
    [
        "qw-paper-doge-mx0xkmk5-1",
        "01a22417-0f39-7cd1-8142-da139941db09",
        "/home/somebody/quotewright/config/my-live-configuration-of-2026.toml",
        "strategies.doge.order_refresh_amount_tolerance_pct: is missing",
        "max_instructions_per_minute of 1234567890123456789012345",
    ],
)
def test_what_is_no_key_is_shown(text: str) -> None:
    assert redacted(text) == text
