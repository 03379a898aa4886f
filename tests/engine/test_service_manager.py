"""What a service manager hears, on a socket as systemd would hold it."""

import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import trio
from trio.testing import MockClock

from engine.process.exit_codes import ExitCode
from engine.process.service_manager import ServiceManager

ROOT = Path(__file__).parents[2]


class Manager:
    """A datagram socket, and what was sent to it so far."""

    def __init__(self, path: str) -> None:
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.socket.bind(path)
        self.socket.setblocking(False)
        self.environment = {"NOTIFY_SOCKET": path.replace("\0", "@")}

    def heard(self) -> list[str]:
        messages: list[str] = []
        while True:
            try:
                messages.append(self.socket.recv(4096).decode())
            except BlockingIOError:
                return messages


@pytest.fixture(params=["file", "abstract"])
def manager(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Manager]:
    name = f"{tmp_path}/notify"
    manager = Manager(name if request.param == "file" else f"\0{name}")
    yield manager
    manager.socket.close()


def test_it_hears_each_word(manager: Manager) -> None:
    service = ServiceManager(manager.environment)
    service.ready()
    service.status("doge: not ready:\n the book")
    service.stopping()
    assert manager.heard() == ["READY=1", "STATUS=doge: not ready: the book", "STOPPING=1"]


async def test_signs_of_life_come_twice_as_often_as_asked_for(
    manager: Manager, nursery: trio.Nursery, autojump_clock: MockClock
) -> None:
    watchdog = {"WATCHDOG_USEC": "10000000", "WATCHDOG_PID": str(os.getpid())}
    service = ServiceManager({**manager.environment, **watchdog})
    nursery.start_soon(service.stay_alive)
    await trio.sleep(21)
    assert manager.heard() == ["WATCHDOG=1"] * 5
    nursery.cancel_scope.cancel()


@pytest.mark.parametrize(
    "environment",
    [
        {},
        {"NOTIFY_SOCKET": ""},
        {"NOTIFY_SOCKET": "vsock:2:1234"},
        {"NOTIFY_SOCKET": "/nobody/listens/here", "WATCHDOG_USEC": "nonsense"},
        {"NOTIFY_SOCKET": "/nobody/listens/here", "WATCHDOG_USEC": "5", "WATCHDOG_PID": "1"},
    ],
)
async def test_without_a_manager_nothing_is_told_and_nothing_fails(
    environment: dict[str, str], autojump_clock: MockClock
) -> None:
    service = ServiceManager(environment)
    service.ready()
    service.status("quoting")
    await service.stay_alive()
    service.stopping()
    assert service.watchdog_s is None


def test_an_engine_tells_its_manager_how_it_is(tmp_path: Path) -> None:
    manager = Manager(f"{tmp_path}/notify")
    ended = subprocess.run(  # noqa: S603  # our own program
        [
            *(sys.executable, "-m", "engine", "run", "config/paper.toml", "--duration", "3"),
            *("--set", f"engine.state_directory={tmp_path}/state"),
        ],
        cwd=ROOT,
        env={
            **os.environ,
            "XDG_RUNTIME_DIR": str(tmp_path),
            **manager.environment,
            "WATCHDOG_USEC": "1000000",
        },
        capture_output=True,
        timeout=60,
        check=False,
    )
    heard = manager.heard()
    manager.socket.close()
    assert ended.returncode == ExitCode.OK
    assert heard.index("READY=1") < heard.index("STATUS=doge: ready")
    assert heard.count("WATCHDOG=1") >= 4
    assert "STOPPING=1" in heard
