"""Ends that only force brings about: a child that does not stop, a loop that stands still."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import attrs
import pytest
import trio
from structlog.testing import capture_logs

from engine.process.exit_codes import ExitCode
from engine.process.loop_guard import LoopGuard

ROOT = Path(__file__).parents[2]


@contextmanager
def engine_process(folder: Path, program: Sequence[str]) -> Iterator["subprocess.Popen[str]"]:
    """An engine that makes a market on paper, as soon as an order of it is open."""
    with subprocess.Popen(  # noqa: S603  # our own program
        [
            *(sys.executable, *program, "run", "config/paper.toml"),
            *("--log-file", str(folder / "log.jsonl")),
            *("--set", f"engine.state_directory={folder}/state"),
            *("--set", "strategies.doge.order_refresh_time=2"),
        ],
        cwd=ROOT,
        env={**os.environ, "XDG_RUNTIME_DIR": str(folder)},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        try:
            wait_for(process, "order_open")
            yield process
        finally:
            process.kill()


def wait_for(process: "subprocess.Popen[str]", event: str) -> None:
    assert process.stderr is not None
    assert any(event in line for line in process.stderr), f"it ended without {event}"


@attrs.frozen
class Ended:
    """How a process ended, and how many seconds after it was asked to."""

    code: int
    seconds: float
    log: list[dict[str, Any]]

    def of(self, event: str) -> dict[str, Any]:
        [entry] = [entry for entry in self.log if entry["event"] == event]
        return entry


def end_a_misbehaving_engine(kind: str, folder: Path) -> Ended:
    program = ("tests/engine/misbehaving_engine.py", kind)
    with engine_process(folder, program) as process:
        began = time.monotonic()
        process.send_signal(signal.SIGTERM)
        process.communicate(timeout=25)
    seconds = time.monotonic() - began
    log = [json.loads(line) for line in (folder / "log.jsonl").read_text().splitlines()]
    return Ended(process.returncode, seconds, log)


def test_a_child_that_ignores_its_cancellation_ends_the_process_after_all_others(
    tmp_path: Path,
) -> None:
    ended = end_a_misbehaving_engine("shields", tmp_path)

    assert ended.code == ExitCode.STUCK
    assert ended.seconds < 8
    assert ended.of("actor_stop_overdue")["actor"] == "misfit"
    assert ended.of("closeout")["flat"] is True
    forced = ended.log[-1]
    assert forced["event"] == "process_ended_by_force"
    assert forced["still_running"] == ["root > misfit"]
    assert (forced["flat"], forced["left"]) == (True, 0)
    stopped = [entry["actor"] for entry in ended.log if entry["event"] == "actor_stopped"]
    assert stopped[-1] == "loop watch"
    assert {"order gateway", "closeout", "ledger"} <= set(stopped)


def test_a_call_that_never_returns_ends_the_process_and_shows_where_it_is(
    tmp_path: Path,
) -> None:
    ended = end_a_misbehaving_engine("blocks", tmp_path)

    assert ended.code == ExitCode.STUCK
    assert ended.seconds < 8
    assert "time.sleep" in ended.of("loop_blocked")["stack"]
    forced = ended.log[-1]
    assert forced["event"] == "process_ended_by_force"
    assert forced["blocked_s"] >= 4
    assert "misbehaving_engine.py" in forced["stack"]


def test_a_process_that_was_suspended_begins_afresh_and_is_not_ended(tmp_path: Path) -> None:
    with engine_process(tmp_path, ("-m", "engine")) as process:
        process.send_signal(signal.SIGSTOP)
        time.sleep(1.5)
        process.send_signal(signal.SIGCONT)
        wait_for(process, "loop_stalled")
        wait_for(process, "order_withdrawn")
        wait_for(process, "order_open")
        process.send_signal(signal.SIGTERM)
        process.communicate(timeout=15)
    assert process.returncode == ExitCode.OK


async def turn(guard: LoopGuard, blocked_s: float) -> None:
    async with trio.open_nursery() as nursery:
        nursery.start_soon(guard.beat)
        await trio.sleep(0.3)
        time.sleep(blocked_s)  # noqa: ASYNC251  # the point
        await trio.sleep(0.3)
        nursery.cancel_scope.cancel()


@pytest.mark.parametrize(
    ("blocked_s", "events", "expected"),
    [
        (0.0, [], []),
        (0.6, ["loop_blocked"], []),
        (1.3, ["loop_blocked", "process_ended_by_force"], [ExitCode.STUCK]),
    ],
)
def test_a_loop_that_stands_still_is_an_alarm_at_first_and_an_end_later(
    blocked_s: float, events: list[str], expected: list[ExitCode]
) -> None:
    codes: list[ExitCode] = []
    guard = LoopGuard(end_process=codes.append, alarm_after_s=0.2, patience_s=0.8)
    with capture_logs() as logs, guard.watching():
        trio.run(turn, guard, blocked_s)
    assert [entry["event"] for entry in logs] == events
    assert codes == expected


def test_while_stopping_a_loop_is_given_less_time() -> None:
    codes: list[ExitCode] = []
    guard = LoopGuard(end_process=codes.append, hurried=lambda: True, hurried_patience_s=0.4)
    with guard.watching():
        trio.run(turn, guard, 0.9)
    assert codes == [ExitCode.STUCK]
