"""The command as its user runs it: a process, its exit code and what it prints."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from engine.exit_codes import ExitCode

ROOT = Path(__file__).parents[2]
PAPER = "config/paper.toml"
LIVE = "config/live.example.toml"


@pytest.fixture(autouse=True)
def state_of_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Locks of live keys lie in the runtime folder, whatever the state directory."""
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path))


def engine(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(  # noqa: S603  # our own program
        [sys.executable, "-m", "engine", *arguments],
        cwd=ROOT,
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


@pytest.fixture
def log_file(tmp_path: Path) -> str:
    return str(tmp_path / "engine.jsonl")


class Running:
    """An engine process whose log can be awaited."""

    def __init__(self, log_file: str) -> None:
        self.process = subprocess.Popen(  # noqa: S603  # our own program
            [
                *(sys.executable, "-m", "engine", "run", PAPER, "--json", "--log-file", log_file),
                *("--set", "strategies.doge.order_refresh_time=1"),
            ],
            cwd=ROOT,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def wait_for(self, event: str) -> None:
        """Read the console until an event has happened."""
        assert self.process.stderr is not None
        for line in self.process.stderr:
            if event in line:
                return
        raise AssertionError(f"the engine ended without {event}")

    def signal(self, number: signal.Signals) -> None:
        self.process.send_signal(number)

    def end(self) -> tuple[int, dict[str, Any], float]:
        """Its exit code, its summary, and the seconds it took to end."""
        began = time.monotonic()
        out, _ = self.process.communicate(timeout=20)
        return self.process.returncode, json.loads(out or "{}"), time.monotonic() - began


@pytest.fixture
def running(log_file: str) -> Iterator[Running]:
    engine_process = Running(log_file)
    yield engine_process
    if engine_process.process.poll() is None:
        engine_process.process.kill()
        engine_process.process.communicate()


def test_a_short_run_prints_one_json_object_and_nothing_else(log_file: str) -> None:
    ended = engine("run", PAPER, "--duration", "2", "--json", "--log-file", log_file)

    summary = json.loads(ended.stdout)
    assert ended.returncode == ExitCode.OK
    assert summary["ready"] == "5/5"
    assert summary["orders_placed"] >= 2
    assert summary["open_orders_left"] == 0
    events = [json.loads(line) for line in Path(log_file).read_text().splitlines()]
    assert {"engine_start", "ready", "order_placed", "engine_end"} <= {e["event"] for e in events}


def test_sigterm_while_quoting_ends_flat_in_time(running: Running) -> None:
    running.wait_for("order_open")
    running.signal(signal.SIGTERM)
    code, summary, seconds = running.end()

    assert code == ExitCode.OK
    assert summary["open_orders_left"] == 0
    assert summary["ended_by"] == "SIGTERM"
    assert seconds < 10


def test_more_sigterms_during_the_shutdown_do_not_cut_it_short(running: Running) -> None:
    running.wait_for("order_open")
    running.signal(signal.SIGTERM)
    running.wait_for("engine_stop")
    for _ in range(3):
        running.signal(signal.SIGTERM)
    code, summary, seconds = running.end()

    assert code == ExitCode.OK
    assert summary["flat_proven"] is True
    assert seconds < 10


def test_sigterm_in_the_first_moments_ends_well(running: Running) -> None:
    # Before the interpreter has read our first line a signal is the system's to handle.
    running.wait_for("engine_start")
    running.signal(signal.SIGTERM)
    code, summary, seconds = running.end()

    assert code == ExitCode.OK
    assert summary["open_orders_left"] == 0
    assert seconds < 10


def test_a_second_ctrl_c_forces_the_end(running: Running) -> None:
    running.wait_for("order_open")
    running.signal(signal.SIGINT)
    running.wait_for("engine_stop")
    running.signal(signal.SIGINT)
    code, _summary, seconds = running.end()

    assert code == ExitCode.FORCED
    assert seconds < 2


def test_a_bad_configuration_names_every_problem_and_starts_nothing() -> None:
    ended = engine(
        *("run", PAPER),
        *("--set", "strategies.doge.bid_spread=0.1"),
        *("--set", "strategies.doge.order_amuont=40"),
        *("--set", "strategies.doge.order_amount=1"),
    )

    assert ended.returncode == ExitCode.CONFIGURATION
    assert 'write "0.1 %"' in ended.stderr
    assert "order_amount" in ended.stderr
    assert "nothing was started" in ended.stderr
    assert ended.stdout == ""


def test_a_missing_key_has_an_exit_code_of_its_own() -> None:
    ended = engine("run", LIVE, VALR_API_KEY="", VALR_API_SECRET="")

    assert ended.returncode == ExitCode.KEY_OR_PERMISSION
    assert "VALR_API_KEY" in ended.stderr


def test_a_venue_that_does_not_answer_has_an_exit_code_of_its_own(log_file: str) -> None:
    ended = engine(
        *("run", LIVE, "--log-file", log_file, "-q"),
        *("--set", "venue.rest_url=http://127.0.0.1:9"),
        *("--set", "venue.websocket_url=ws://127.0.0.1:9"),
        *("--set", "engine.give_up_after_s=1"),
        VALR_API_KEY="k" * 64,
        VALR_API_SECRET="s" * 64,
    )

    assert ended.returncode == ExitCode.VENUE_UNAVAILABLE
    assert "127.0.0.1:9" in ended.stderr
    assert "ssss" not in ended.stderr + Path(log_file).read_text()


@pytest.mark.parametrize(
    "arguments", [("nonsense",), ("run",), ("run", PAPER, "--duration", "-1"), ("run", PAPER, "-x")]
)
def test_a_command_line_that_is_not_understood_is_a_usage_error(arguments: tuple[str, ...]) -> None:
    ended = engine(*arguments)
    assert ended.returncode == ExitCode.USAGE
    assert ended.stderr or ended.stdout


def test_help_shows_examples_and_exit_codes() -> None:
    ended = engine("run", "--help")
    assert ended.returncode == ExitCode.OK
    assert "engine run config/paper.toml --duration 30 --json" in ended.stdout
    assert "78 configuration" in engine("--help").stdout
