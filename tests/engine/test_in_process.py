"""A command in the process of the tests is the command that a user runs, and leaves nothing."""

import logging
import os
import signal
import subprocess
import sys
import threading
from pathlib import Path

import pytest
import structlog

from engine.process.exit_codes import ExitCode
from tests.engine.engine_process import PAPER, as_process
from tests.engine.in_process import in_process


@pytest.mark.parametrize(
    "arguments",
    [
        ("nonsense",),
        ("recording", "verify", "--help"),
        ("run", PAPER, "--set", "strategies.doge.bid_spread=0.1"),
        ("kill", PAPER, "--reason", "é\x1b[2J", "--set", "engine.state_directory=FOLDER"),
    ],
)
def test_it_ends_and_prints_as_a_process_does(tmp_path: Path, arguments: tuple[str, ...]) -> None:
    told = []
    for start in (in_process, as_process):
        folder = str(tmp_path / start.__name__)
        Path(folder).mkdir()
        surroundings = {"XDG_RUNTIME_DIR": folder, "COLUMNS": "80"}
        ended = start(*(a.replace("FOLDER", folder) for a in arguments), environment=surroundings)
        text = f"{ended.stdout}\nthen\n{ended.stderr}".replace(folder, "FOLDER")
        told.append((ended.returncode, text))
    assert told[0] == told[1]


def state_of_this_process() -> tuple[object, ...]:
    return (
        {number: signal.getsignal(number) for number in signal.valid_signals()},
        {thread.name for thread in threading.enumerate() if not thread.name.startswith("Trio")},
        (sys.stdout, sys.stderr, sys.excepthook, threading.excepthook),
        (structlog.is_configured(), structlog.get_config()),
        (logging.getLogger().level, logging.getLogger().handlers[:]),
        (dict(os.environ), Path.cwd()),
    )


@pytest.mark.parametrize("configured", [False, True])
def test_signals_logs_streams_and_the_environment_are_afterwards_as_before(
    tmp_path: Path, *, configured: bool
) -> None:
    try:
        if configured:
            structlog.configure(cache_logger_on_first_use=False, context_class=dict)
        before = state_of_this_process()
        captured = in_process(
            *("recording", "capture", "--venue", "simulated", "--pairs", "DOGEUSDT"),
            *("--out", "market.txt", "--duration", "0.2"),
            environment={"XDG_RUNTIME_DIR": str(tmp_path)},
            cwd=tmp_path,
        )
        assert state_of_this_process() == before
    finally:
        structlog.reset_defaults()
    assert captured.returncode == ExitCode.OK, captured.stderr
    assert "book_snapshot" in captured.stderr
    assert (tmp_path / "market.txt").stat().st_size


def test_a_command_that_does_not_end_is_broken_off_and_that_is_an_error(tmp_path: Path) -> None:
    log = tmp_path / "log"
    log.touch()
    with pytest.raises(subprocess.TimeoutExpired):
        in_process("logs", PAPER, "--follow", "--log-file", str(log), timeout_s=0.5)
