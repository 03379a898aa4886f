"""
The command as its user runs it: its exit code, and what it prints.

Every engine here is a process, and so is one command of each kind; those that are refused before
anything is started run in the process of the tests.
"""

import fcntl
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from engine.cli.app import main
from engine.process.exit_codes import ExitCode
from tests.engine.engine_process import PAPER, as_process
from tests.engine.in_process import ROOT, in_process

LIVE = "config/live.example.toml"
_SET_PIPE_SIZE = 1031  # F_SETPIPE_SZ


@pytest.fixture(autouse=True)
def state_of_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Locks of live keys lie in the runtime folder, whatever the state directory."""
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path))


@pytest.fixture(autouse=True)
def runtime_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Engines of other tests at the same time hold locks of their own."""
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path))


def own_state() -> tuple[str, str]:
    return "--set", f"engine.state_directory={os.environ['XDG_RUNTIME_DIR']}/state"


@pytest.fixture
def log_file(tmp_path: Path) -> str:
    return str(tmp_path / "engine.jsonl")


class Running:
    """An engine process whose log can be awaited."""

    last_words = ""

    def __init__(self, log_file: str) -> None:
        self.process = subprocess.Popen(  # noqa: S603  # our own program
            [
                *(sys.executable, "-m", "engine", "run", PAPER, "--json", "--log-file", log_file),
                *("--set", "strategies.doge.order_refresh_time=1"),
                *own_state(),
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
        out, self.last_words = self.process.communicate(timeout=20)
        return self.process.returncode, json.loads(out or "{}"), time.monotonic() - began


@pytest.fixture
def running(log_file: str) -> Iterator[Running]:
    engine_process = Running(log_file)
    yield engine_process
    if engine_process.process.poll() is None:
        engine_process.process.kill()
        engine_process.process.communicate()


def test_a_short_run_prints_one_json_object_and_nothing_else(log_file: str) -> None:
    ended = as_process(
        "run", PAPER, "--duration", "2", "--json", "--log-file", log_file, *own_state()
    )

    summary = json.loads(ended.stdout)
    assert ended.returncode == ExitCode.OK
    assert summary["ready"] == "10/10"
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


def test_a_second_ctrl_c_forces_the_end_and_says_so(running: Running, log_file: str) -> None:
    running.wait_for("order_open")
    running.signal(signal.SIGINT)
    running.wait_for("engine_stop")
    running.signal(signal.SIGINT)
    code, _summary, seconds = running.end()

    assert code == ExitCode.FORCED
    assert seconds < 2
    assert "engine: forced to end; orders may still be open" in running.last_words
    last = json.loads(Path(log_file).read_text().splitlines()[-1])
    assert last["event"] == "forced_to_end"


def test_a_bad_configuration_names_every_problem_and_starts_nothing() -> None:
    ended = in_process(
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


@pytest.mark.parametrize(
    ("command", "outcome"),
    [
        *((name, "nothing was shown") for name in ("status", "explain", "plan", "fills", "logs")),
        ("reload", "nothing was changed"),
        ("resume", "nothing was resumed"),
        ("web", "nothing was started"),
    ],
)
def test_each_command_says_what_a_bad_configuration_came_to(
    tmp_path: Path, command: str, outcome: str
) -> None:
    broken = tmp_path / "broken.toml"
    broken.write_text("[engine\n")
    ended = in_process(command, str(broken))
    assert ended.returncode == ExitCode.CONFIGURATION
    assert ended.stderr.endswith(f"; {outcome}\n"), ended.stderr


def test_a_missing_key_has_an_exit_code_of_its_own() -> None:
    ended = in_process("run", LIVE, environment={"VALR_API_KEY": "", "VALR_API_SECRET": ""})

    assert ended.returncode == ExitCode.KEY_OR_PERMISSION
    assert "VALR_API_KEY" in ended.stderr


def test_a_venue_that_does_not_answer_has_an_exit_code_of_its_own(log_file: str) -> None:
    ended = as_process(
        *("run", LIVE, "--log-file", log_file, "-q", *own_state()),
        *("--set", "venue.rest_url=http://127.0.0.1:9"),
        *("--set", "venue.websocket_url=ws://127.0.0.1:9"),
        *("--set", "engine.give_up_after_s=1"),
        environment={"VALR_API_KEY": f"{os.getpid():k>64}", "VALR_API_SECRET": "s" * 64},
    )

    assert ended.returncode == ExitCode.VENUE_UNAVAILABLE
    assert "127.0.0.1:9" in ended.stderr
    assert "ssss" not in ended.stderr + Path(log_file).read_text()


@pytest.mark.parametrize(
    "arguments", [("nonsense",), ("run",), ("run", PAPER, "--duration", "-1"), ("run", PAPER, "-x")]
)
def test_a_command_line_that_is_not_understood_is_a_usage_error(arguments: tuple[str, ...]) -> None:
    ended = in_process(*arguments)
    assert ended.returncode == ExitCode.USAGE
    assert ended.stderr or ended.stdout


def test_help_shows_examples_and_exit_codes() -> None:
    ended = as_process("run", "--help")
    assert ended.returncode == ExitCode.OK
    assert "engine run config/paper.toml --duration 30 --json" in ended.stdout
    assert "78 configuration" in " ".join(in_process("--help").stdout.split())


def test_the_ledger_is_read_while_the_engine_runs_and_afterwards(
    running: Running, capsys: pytest.CaptureFixture[str]
) -> None:
    def read(*arguments: str) -> str:
        assert main([*arguments, *own_state()]) == ExitCode.OK
        return capsys.readouterr().out

    running.wait_for("order_open")
    # All: between two sets none is working.
    ended = as_process("orders", PAPER, "--all", "--json", *own_state())
    assert ended.returncode == ExitCode.OK, ended.stderr
    orders = json.loads(ended.stdout)
    assert orders["engine"] == "paper"
    assert orders["session_ended_by"] is None
    assert {order["pair"] for order in orders["orders"]} == {"DOGEUSDT"}
    assert "paper on simulated" in read("history", PAPER)
    running.signal(signal.SIGTERM)
    code, summary, _ = running.end()
    assert code == ExitCode.OK

    after = json.loads(read("orders", PAPER, "--all", "--json"))
    assert after["session_ended_by"] == "SIGTERM"
    assert len(after["orders"]) == summary["orders_placed"]
    assert {order["status"] for order in after["orders"]} <= {"cancelled", "filled", "rejected"}
    fills = json.loads(read("fills", PAPER, "--json"))
    assert len(fills["fills"]) == summary["fills"]
    for fill in fills["fills"]:
        assert (fill["base"], fill["quote"]) == ("DOGE", "USDT")
        assert Decimal(fill["total"]) == Decimal(fill["price"]) * Decimal(fill["quantity"])
    assert read("fills", PAPER, "--csv").splitlines()[0].endswith(",venue,base,quote,total")
    header, *rows = read("orders", PAPER, "--all", "--csv").splitlines()
    assert header.startswith("decided_at,changed_at,order,")
    assert len(rows) == summary["orders_placed"]
    assert read("orders", PAPER).startswith("no working orders\n")


def test_a_second_engine_on_the_same_state_is_refused_and_told_who_was_first(
    running: Running,
) -> None:
    running.wait_for("engine_start")
    second = in_process("run", PAPER, "--duration", "1", *own_state())
    assert second.returncode == ExitCode.CANNOT_CREATE
    assert f"pid {running.process.pid}," in second.stderr
    assert second.stdout == ""
    running.signal(signal.SIGKILL)
    running.process.communicate()
    # Whatever a crash leaves behind holds nobody up.
    again = as_process("run", PAPER, "--duration", "1", *own_state())
    assert again.returncode == ExitCode.OK, again.stderr


def test_a_second_engine_on_the_same_key_is_refused_though_it_has_another_state(
    tmp_path: Path,
) -> None:
    keys = {
        "VALR_API_KEY": f"{tmp_path.parent.name}{os.getpid():k>40}",
        "VALR_API_SECRET": "s" * 64,
    }
    nowhere = (
        *("run", LIVE, "-q", "--set", "venue.rest_url=http://127.0.0.1:9"),
        *("--set", "venue.websocket_url=ws://127.0.0.1:9", "--set"),
    )
    first = subprocess.Popen(  # noqa: S603  # our own program
        [sys.executable, "-m", "engine", *nowhere, f"engine.state_directory={tmp_path}/one"],
        cwd=ROOT,
        env={**os.environ, **keys},
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        assert first.stderr is not None
        assert any("venue_not_reached" in line for line in first.stderr)
        second = in_process(*nowhere, f"engine.state_directory={tmp_path}/two", environment=keys)
    finally:
        first.kill()
        first.communicate()
    assert second.returncode == ExitCode.CANNOT_CREATE
    assert "API key" in second.stderr
    assert f"pid {first.pid}:" in second.stderr
    assert "kkkk" not in second.stderr


def test_a_ledger_that_cannot_be_trusted_starts_nothing(tmp_path: Path) -> None:
    ledger = tmp_path / "state" / "paper" / "ledger.sqlite"
    ledger.parent.mkdir(parents=True)
    ledger.write_bytes(b"this is not a ledger " * 1000)
    ended = as_process("run", PAPER, "--duration", "1", *own_state())
    assert ended.returncode == ExitCode.IO_ERROR
    assert str(ledger) in ended.stderr
    assert "kept aside by hand" in ended.stderr
    assert main(["fills", PAPER, *own_state()]) == ExitCode.IO_ERROR


def test_reading_without_a_ledger_says_where_it_was_looked_for(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["history", PAPER, *own_state()]) == ExitCode.NO_INPUT
    assert str(tmp_path / "state" / "paper" / "ledger.sqlite") in capsys.readouterr().err
    assert not (tmp_path / "state").exists()


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (("--since", "yesterday"), ExitCode.USAGE),
        (("--csv", "--json"), ExitCode.USAGE),
        (("--set", "engine.name=Not A Name"), ExitCode.CONFIGURATION),
    ],
)
def test_a_reading_command_says_what_it_does_not_understand(
    arguments: tuple[str, ...], code: ExitCode, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["fills", PAPER, *arguments]) == code
    assert capsys.readouterr().err


def test_a_summary_that_nobody_reads_changes_nothing_about_the_end(log_file: str) -> None:
    reading, writing = os.pipe()
    os.close(reading)
    arguments = ("run", PAPER, "--duration", "2", "-q", "--json", "--log-file", log_file)
    with subprocess.Popen(  # noqa: S603  # our own program
        [sys.executable, "-m", "engine", *arguments, *own_state()],
        cwd=ROOT,
        stdout=writing,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        os.close(writing)
        _, err = process.communicate(timeout=60)
    assert process.returncode == ExitCode.OK
    assert "Traceback" not in err
    last = json.loads(Path(log_file).read_text().splitlines()[-1])
    assert last["event"] == "summary_unread"
    assert last["summary"]["flat_proven"] is True


def test_a_console_that_nobody_reads_holds_up_neither_the_loop_nor_the_end(log_file: str) -> None:
    reading, writing = os.pipe()  # as a terminal after Ctrl-S: whatever is written to it waits
    fcntl.fcntl(writing, _SET_PIPE_SIZE, 4096)
    arguments = ("run", PAPER, "-v", "--duration", "3", "--json", "--log-file", log_file)
    try:
        with subprocess.Popen(  # noqa: S603  # our own program
            [sys.executable, "-m", "engine", *arguments, *own_state()],
            cwd=ROOT,
            stdout=subprocess.PIPE,
            stderr=writing,
            text=True,
        ) as process:
            out, _ = process.communicate(timeout=60)
    finally:
        os.close(reading)
        os.close(writing)
    assert process.returncode == ExitCode.OK
    summary = json.loads(out)
    assert summary["flat_proven"] is True
    assert summary["log_lines_lost"]["console"] > 0
    assert summary["log_lines_lost"]["file"] == 0
    events = [json.loads(line)["event"] for line in Path(log_file).read_text().splitlines()]
    assert events[-1] == "engine_end"
    assert events.index("engine_stop") > events.index("order_open")
