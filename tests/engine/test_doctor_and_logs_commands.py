"""
`engine doctor` and `engine logs` as their user runs them, and the key at a live start.

On paper the doctor is a process, as is a log that is followed and each engine; all else runs in the
process of the tests.
"""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from engine.cli.app import main
from engine.doctor.doctor import STEPS
from engine.process.exit_codes import ExitCode
from tests.engine.engine_process import as_process
from tests.engine.exchange_process import exchange_process
from tests.engine.in_process import ROOT, in_process

PAPER, LIVE = "config/paper.toml", "config/live.example.toml"


@pytest.fixture(autouse=True)
def in_the_repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path))


def test_the_doctor_finds_paper_trading_fit_and_says_that_it_is_a_simulation(
    tmp_path: Path,
) -> None:
    state = f"engine.state_directory={tmp_path}"
    ended = as_process("doctor", PAPER, "--set", state)
    assert ended.returncode == ExitCode.OK, ended.stdout
    first, *rows, last = ended.stdout.splitlines()
    assert "started by the doctor itself" in first
    assert len([row for row in rows if row.startswith("ok ")]) == 1 + len(STEPS)
    assert last.startswith("fit to trade")
    assert "\x1b" not in ended.stdout
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("permissions", "doctor", "run"),
    [
        ('["View access", "Trade"]', ExitCode.OK, ExitCode.OK),
        (
            '["View access", "Trade", "Withdraw"]',
            ExitCode.KEY_OR_PERMISSION,
            ExitCode.KEY_OR_PERMISSION,
        ),
        ('["View access"]', ExitCode.KEY_OR_PERMISSION, ExitCode.KEY_OR_PERMISSION),
    ],
)
def test_a_live_start_and_the_doctor_look_at_the_key(
    tmp_path: Path, permissions: str, doctor: ExitCode, run: ExitCode
) -> None:
    with exchange_process("--set", f"simulator.key_permissions={permissions}") as exchange:
        hello = exchange.hello
        keys = {"VALR_API_KEY": hello["api_key"], "VALR_API_SECRET": hello["api_secret"]}
        live = (
            *("--set", f"venue.rest_url={hello['rest']}"),
            *("--set", f"venue.websocket_url={hello['websocket']}"),
            *("--set", f"engine.state_directory={tmp_path}"),
            *("--set", "strategies.doge.limits.max_base_holding=50000"),
        )
        found = in_process("doctor", LIVE, "--json", *live, environment=keys)
        assert found.returncode == doctor, found.stdout
        findings = {one["step"]: one for one in json.loads(found.stdout)["findings"]}
        assert findings["key permissions"]["verdict"] == ("failure" if doctor else "warning")
        assert findings["account socket"]["verdict"] == "ok"

        log = tmp_path / "log"
        run_it = ("run", LIVE, "--duration", "1", *live)
        started = as_process(*run_it, "--log-file", str(log), environment=keys)
        assert started.returncode == run, started.stderr
        assert hello["api_secret"] not in found.stdout + started.stderr
        if run is ExitCode.OK:
            assert "it works from any address" in log.read_text()
        else:
            assert "nothing was started" in started.stderr
        if "Withdraw" in permissions:
            allowed = ("--set", "venue.allow_withdraw_permission=true")
            again = as_process(*run_it, "-q", *allowed, environment=keys)
            assert again.returncode == ExitCode.OK, again.stderr
            assert "may withdraw money, which the configuration allows" in again.stderr


def test_the_doctor_tells_a_missing_key_from_a_bad_file(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("VALR_API_KEY", raising=False)
    assert main(["doctor", LIVE]) == ExitCode.KEY_OR_PERMISSION
    assert "VALR_API_KEY is not set" in capsys.readouterr().out
    bad = tmp_path / "bad.toml"
    bad.write_text("[engine\nname = 1\n")
    assert main(["doctor", str(bad), "--json"]) == ExitCode.CONFIGURATION
    findings = json.loads(capsys.readouterr().out)["findings"]
    assert findings[0]["verdict"] == "failure"
    assert "bad.toml:1:" in findings[0]["evidence"]
    assert {one["verdict"] for one in findings[1:]} == {"skipped"}


def write_log(path: Path) -> None:
    lines = [
        '{"timestamp": "2020-01-01T00:00:00.000Z", "level": "info", "event": "old"}',
        (
            '{"timestamp": "2026-11-21T00:00:00.000Z", "level": "info", "event": "engine_start",'
            ' "engine": "paper", "venue": "VALR"}'
        ),
        '{"timestamp": "2026-11-21T00:00:01.000Z", "level": "war',
    ]
    path.with_name(f"{path.name}.1").write_text(lines[0] + "\n")
    path.write_text("\n".join(lines[1:]))


def test_the_log_is_read_across_its_files(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    log = tmp_path / "paper.jsonl"
    write_log(log)
    chosen = ("--set", f"log.file={log}")
    assert main(["logs", PAPER, *chosen]) == ExitCode.OK
    captured = capsys.readouterr()
    assert captured.out.splitlines() == [
        "2020-01-01T00:00:00.000Z info     old",
        "2026-11-21T00:00:00.000Z info     == engine paper starts on VALR",
    ]
    assert "a line that is no entry" in captured.err
    assert main(["logs", PAPER, *chosen, "--since", "2026-01-01", "--json"]) == ExitCode.OK
    [only] = capsys.readouterr().out.splitlines()
    assert json.loads(only)["event"] == "engine_start"


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (("--since", "yesterday"), ExitCode.USAGE),
        (("--log-file", "/no/such/log"), ExitCode.NO_INPUT),
        (("--set", "log.level=loud"), ExitCode.CONFIGURATION),
    ],
)
def test_logs_says_what_it_cannot_do(
    arguments: tuple[str, ...], code: ExitCode, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["logs", PAPER, *arguments]) == code
    assert capsys.readouterr().err


def test_following_ends_with_ctrl_c(tmp_path: Path) -> None:
    log = tmp_path / "log"
    write_log(log)
    with subprocess.Popen(  # noqa: S603  # our own program
        [sys.executable, "-m", "engine", "logs", PAPER, "-f", "--log-file", str(log)],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline().endswith("old\n")
        process.send_signal(2)
        process.communicate(timeout=10)
    assert process.returncode == ExitCode.OK
