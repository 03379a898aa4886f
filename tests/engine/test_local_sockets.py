"""Real Unix sockets: private, replaced when stale, gone when closed."""

import stat
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from engine.local_sockets import UnixSockets
from trading.errors import Outage


@pytest.fixture
def folder() -> Iterator[Path]:
    # Not pytest's: a socket's path is at most some hundred bytes long.
    with tempfile.TemporaryDirectory(prefix="qw") as name:
        yield Path(name)


def sockets(folder: Path) -> UnixSockets:
    return UnixSockets({"XDG_RUNTIME_DIR": str(folder)})


async def test_bytes_go_both_ways_through_a_socket_that_only_its_owner_may_use(
    folder: Path,
) -> None:
    async with await sockets(folder).listen("engine") as listener:
        path = folder / "quotewright" / "engine.sock"
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
        assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
        async with await sockets(folder).connect("engine") as ours, await listener.accept() as us:
            await ours.send_all(b"hello")
            assert await us.receive_some() == b"hello"
            await us.send_all(b"you")
            assert await ours.receive_some() == b"you"
    assert not path.exists()
    with pytest.raises(Outage, match="nobody answers"):
        await sockets(folder).connect("engine")


async def test_a_socket_that_a_dead_process_left_is_replaced(folder: Path) -> None:
    left = await sockets(folder).listen("engine")
    path = folder / "quotewright" / "engine.sock"
    other = path.with_name("other")
    path.rename(other)
    await left.aclose()
    other.rename(path)
    with pytest.raises(Outage):
        await sockets(folder).connect("engine")
    again = await sockets(folder).listen("engine")
    async with again, await sockets(folder).connect("engine"), await again.accept():
        pass


async def test_a_folder_that_cannot_be_used_is_an_outage(folder: Path) -> None:
    with pytest.raises(Outage, match="too long"):
        await sockets(folder / ("x" * 100)).listen("engine")
