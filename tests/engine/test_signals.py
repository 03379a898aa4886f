"""What signals do to a run: stop it, or nothing; only a second Ctrl-C forces an end."""

import os
import signal
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import NoReturn

import pytest
import trio
from structlog.testing import capture_logs

from engine.process import early
from engine.process.exit_codes import ExitCode
from engine.process.signals import MEANINGLESS, STOPPING, name_of
from engine.process.stop_signals import end_with_a_signal
from engine.system.running import StopRequest, obey_signals
from tests.engine.engine_process import site
from tests.support.raising import raising

ROOT = Path(__file__).parents[2]


class Forced(Exception):
    """The process would have ended here."""


def force() -> NoReturn:
    raise Forced


@pytest.fixture(autouse=True)
def nothing_came_early(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(early, "asked", [])


@asynccontextmanager
async def obeying(stop: StopRequest) -> AsyncIterator[None]:
    async with trio.open_nursery() as nursery:
        await nursery.start(obey_signals, stop, force)
        yield
        nursery.cancel_scope.cancel()


def send(number: int) -> None:
    os.kill(os.getpid(), number)


@pytest.mark.parametrize("number", sorted(STOPPING))
async def test_a_signal_that_means_a_stop_is_a_stop_in_good_order(number: int) -> None:
    stop = StopRequest()
    async with obeying(stop):
        send(number)
        with trio.fail_after(5):
            await stop.wait()
    assert stop.reason == name_of(number)


@pytest.mark.parametrize("number", sorted(MEANINGLESS))
async def test_a_signal_without_a_meaning_is_told_and_does_nothing(number: int) -> None:
    stop = StopRequest()
    with capture_logs() as logs:
        async with obeying(stop):
            send(number)
            with trio.fail_after(5):
                while not logs:  # noqa: ASYNC110  # of another task
                    await trio.sleep(0.01)
    assert [(one["event"], one["name"]) for one in logs] == [("signal_ignored", name_of(number))]
    assert not stop.asked


def test_all_that_would_end_a_process_is_decided_upon() -> None:
    crashes = {"SIGABRT", "SIGBUS", "SIGFPE", "SIGILL", "SIGSEGV", "SIGSYS", "SIGTRAP"}
    harmless = {"SIGCHLD", "SIGCLD", "SIGCONT", "SIGURG", "SIGWINCH"}
    not_ours = {"SIGKILL", "SIGSTOP", "SIGPIPE", "SIGXFSZ"}
    names = {name_of(number) for number in signal.valid_signals() - STOPPING - MEANINGLESS}
    assert names <= crashes | harmless | not_ours


@pytest.mark.parametrize("began_by", ["SIGTERM", "SIGHUP", "the end of its time"])
async def test_the_first_ctrl_c_forces_nothing_whatever_began_the_stop(began_by: str) -> None:
    stop = StopRequest()
    with capture_logs() as logs, raising(Forced):
        async with obeying(stop):
            if began_by.startswith("SIG"):
                send(getattr(signal, began_by))
                await stop.wait()
            else:
                stop.ask(began_by)
            send(signal.SIGINT)
            with trio.fail_after(5):
                while not any(one.get("name") == "SIGINT" for one in logs):  # noqa: ASYNC110
                    await trio.sleep(0.01)
            send(signal.SIGINT)
            await trio.sleep(5)
    assert [one["name"] for one in logs if one.get("name") == "SIGINT"] == ["SIGINT"]
    assert stop.reason == began_by


@pytest.mark.parametrize("asked", [["SIGINT"], ["SIGTERM"]])
async def test_signals_that_came_while_loading_count(
    monkeypatch: pytest.MonkeyPatch, asked: list[str]
) -> None:
    monkeypatch.setattr(early, "asked", asked)
    stop, forced = StopRequest(), False
    try:
        async with obeying(stop):
            assert stop.reason == asked[0]
            send(signal.SIGINT)
            await trio.sleep(0.2)
    except ExceptionGroup:
        forced = True
    assert forced is (asked == ["SIGINT"])


async def test_what_only_serves_or_shows_ends_with_any_signal_that_means_a_stop() -> None:
    for number in sorted(STOPPING):
        with trio.fail_after(5):
            async with trio.open_nursery() as nursery:
                await nursery.start(end_with_a_signal, nursery.cancel_scope)
                send(number)
                await trio.sleep_forever()


@pytest.fixture
def hangup_ignored() -> Iterator[None]:
    before = signal.signal(signal.SIGHUP, signal.SIG_IGN)
    yield
    signal.signal(signal.SIGHUP, before)


async def test_whoever_is_not_to_notice_a_closed_terminal_does_not(hangup_ignored: None) -> None:
    stop = StopRequest()
    async with obeying(stop):
        send(signal.SIGHUP)
        await trio.sleep(0.1)
    assert not stop.asked


@pytest.mark.parametrize("name", ["SIGHUP", "SIGQUIT"])
def test_a_process_whose_terminal_is_closed_ends_flat(name: str) -> None:
    with site() as place, place.running() as engine:
        engine.wait_for("order_open")
        engine.process.send_signal(signal.SIGTSTP)
        engine.process.send_signal(signal.SIGUSR1)
        engine.wait_for("signal_ignored")
        engine.process.send_signal(getattr(signal, name))
        out, _ = engine.process.communicate(timeout=20)
        assert engine.process.returncode == ExitCode.OK
        assert f'"ended_by": "{name}"' in out


@pytest.mark.parametrize("number", [signal.SIGHUP, signal.SIGTERM, signal.SIGINT])
def test_a_signal_while_the_program_is_loaded_is_remembered(number: signal.Signals) -> None:
    program = (
        "import os, signal\n"
        "from engine.process import early\n"
        "early.listen()\n"
        f"os.kill(os.getpid(), {int(number)})\n"
        "print(early.asked)\n"
    )
    ended = subprocess.run(  # noqa: S603  # our own program
        [sys.executable, "-c", program],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert ended.stdout == f"['{number.name}']\n"
