"""Real Unix sockets: private, replaced when stale, gone when closed."""

import os
import stat
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from engine.environment.local_sockets import UnixSockets
from trading.core.errors import Outage


@pytest.fixture
def folder() -> Iterator[Path]:
    # Not pytest's: a socket's path is at most some hundred bytes long.
    with tempfile.TemporaryDirectory(prefix="qw") as name:
        yield Path(name)


def door(folder: Path) -> str:
    return str(folder / "quotewright" / "engine.sock")


async def test_bytes_go_both_ways_through_a_socket_that_only_its_owner_may_use(
    folder: Path,
) -> None:
    async with await UnixSockets().listen(door(folder)) as listener:
        path = folder / "quotewright" / "engine.sock"
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
        assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
        async with await UnixSockets().connect(door(folder)) as ours, await listener.accept() as us:
            await ours.send_all(b"hello")
            assert await us.receive_some() == b"hello"
            await us.send_all(b"you")
            assert await ours.receive_some() == b"you"
    assert not path.exists()
    with pytest.raises(Outage, match="nobody answers"):
        await UnixSockets().connect(door(folder))


async def test_a_socket_that_a_dead_process_left_is_replaced(folder: Path) -> None:
    left = await UnixSockets().listen(door(folder))
    path = folder / "quotewright" / "engine.sock"
    other = path.with_name("other")
    path.rename(other)
    await left.aclose()
    other.rename(path)
    with pytest.raises(Outage):
        await UnixSockets().connect(door(folder))
    again = await UnixSockets().listen(door(folder))
    async with again, await UnixSockets().connect(door(folder)), await again.accept():
        pass


async def test_a_folder_that_cannot_be_used_is_an_outage(folder: Path) -> None:
    (folder / "quotewright").write_text("a file")
    with pytest.raises(Outage, match="cannot be made"):
        await UnixSockets().listen(door(folder))
    with pytest.raises(Outage, match="nobody answers"):
        await UnixSockets().connect(door(folder))


async def test_a_path_may_be_longer_than_the_kernel_takes_for_a_socket(folder: Path) -> None:
    deep = folder.joinpath(*("x" * 60 for _ in range(4)))
    async with await UnixSockets().listen(door(deep)) as listener:
        async with (
            await UnixSockets().connect(door(deep)) as ours,
            await listener.accept() as theirs,
        ):
            await ours.send_all(b"hello")
            assert await theirs.receive_some() == b"hello"
        assert stat.S_IMODE(os.stat(door(deep)).st_mode) == 0o600  # noqa: PTH116  # no waiting
    with pytest.raises(Outage, match="nobody answers"):
        await UnixSockets().connect(door(deep))
