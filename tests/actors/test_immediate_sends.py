"""What is sent within a call arrives in order with all else, encrypted or not."""

import ssl

import attrs
import pytest
import trio
import trio.testing
from trio.testing import MockClock
from typing_extensions import override

from actors.net.immediate_sends import ImmediateSends, send_at_once
from actors.net.large_reads import LargeReads
from tests.actors.test_trust import LOOPBACK, identity

MemoryStream = trio.StapledStream[trio.testing.MemorySendStream, trio.testing.MemoryReceiveStream]


@attrs.define(eq=False)
class Narrow(trio.abc.Stream):
    """A connection that takes so many bytes within a call, and the rest only by waiting."""

    stream: MemoryStream
    far: MemoryStream
    room: int = 10**6
    broken: bool = False

    def write(self, data: bytes) -> int:
        if self.broken:
            raise BrokenPipeError
        if not self.room:
            raise BlockingIOError
        taken = data[: self.room]
        self.room -= len(taken)
        self.far.receive_stream.put_data(taken)
        return len(taken)

    @override
    async def send_all(self, data: bytes | bytearray | memoryview) -> None:
        await self.stream.send_all(data)

    @override
    async def wait_send_all_might_not_block(self) -> None:
        await self.stream.wait_send_all_might_not_block()

    @override
    async def receive_some(self, max_bytes: int | None = None) -> bytes | bytearray:
        return await self.stream.receive_some(max_bytes)

    @override
    async def aclose(self) -> None:
        await self.stream.aclose()


def narrow() -> tuple[Narrow, trio.abc.Stream]:
    near, far = trio.testing.memory_stream_pair()
    return Narrow(near, far), far


async def test_what_fits_leaves_within_the_call(autojump_clock: MockClock) -> None:
    near, far = narrow()
    assert send_at_once(ImmediateSends(near), b"whole")
    assert await far.receive_some() == b"whole"


@pytest.mark.parametrize("room", [0, 3])
async def test_what_does_not_fit_leaves_before_all_that_follows(
    nursery: trio.Nursery, autojump_clock: MockClock, room: int
) -> None:
    near, far = narrow()
    near.room, stream = room, ImmediateSends(near)
    assert send_at_once(stream, b"first ")
    near.room = 100
    assert not send_at_once(stream, b"overtakes")
    await stream.send_all(b"second ")
    assert send_at_once(stream, b"third")
    assert await far.receive_some() == b"first second third"


async def test_what_does_not_fit_leaves_though_nothing_follows(
    nursery: trio.Nursery, autojump_clock: MockClock
) -> None:
    near, far = narrow()
    near.room, stream = 3, ImmediateSends(near)
    nursery.start_soon(stream.send_the_rest)
    assert send_at_once(stream, b"alone")
    await trio.testing.wait_all_tasks_blocked()
    assert await far.receive_some() == b"alone"


async def test_a_broken_connection_takes_nothing(autojump_clock: MockClock) -> None:
    near, _ = narrow()
    near.broken = True
    assert not send_at_once(ImmediateSends(near), b"lost")


async def test_a_stream_that_only_waits_takes_nothing_at_once(autojump_clock: MockClock) -> None:
    near, _ = trio.testing.memory_stream_pair()
    assert not send_at_once(ImmediateSends(near), b"later")
    assert not send_at_once(near, b"later")


Encrypted = tuple[Narrow, trio.SSLStream[trio.abc.Stream], trio.SSLStream[trio.abc.Stream]]


@pytest.fixture(params=[ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3])
async def encrypted(request: pytest.FixtureRequest) -> Encrypted:
    """What lies below the client's side, that side, and the server's."""
    near, far = narrow()
    trusting, context = ssl.create_default_context(cafile=LOOPBACK), identity(LOOPBACK)
    context.maximum_version = request.param
    ours = trio.SSLStream[trio.abc.Stream](
        LargeReads(ImmediateSends(near)),
        trusting,
        server_hostname="127.0.0.1",
        https_compatible=True,
    )
    theirs = trio.SSLStream[trio.abc.Stream](far, context, server_side=True, https_compatible=True)
    async with trio.open_nursery() as nursery:
        nursery.start_soon(ours.do_handshake)
        nursery.start_soon(theirs.do_handshake)
    return near, ours, theirs


@pytest.mark.parametrize("room", [0, 7, 10**6])
async def test_encrypted_sends_of_both_kinds_arrive_in_order(
    nursery: trio.Nursery, autojump_clock: MockClock, encrypted: Encrypted, room: int
) -> None:
    near, ours, theirs = encrypted
    near.room = room
    assert send_at_once(ours, b"first ")
    await ours.send_all(b"second ")
    near.room = 10**6
    assert send_at_once(ours, b"third")
    heard = b""
    while len(heard) < len(b"first second third"):
        heard += bytes(await theirs.receive_some())
    assert heard == b"first second third"


async def test_nothing_overtakes_what_trio_is_about_to_send(
    nursery: trio.Nursery, autojump_clock: MockClock, encrypted: Encrypted
) -> None:
    _, ours, theirs = encrypted
    nursery.start_soon(ours.send_all, b"first ")
    took: list[bool] = []
    while not took or not took[-1]:
        # At every step of trio's own send.
        took.append(send_at_once(ours, b"second "))
        await trio.lowlevel.cancel_shielded_checkpoint()
    heard = b""
    while len(heard) < len(b"first second "):
        heard += bytes(await theirs.receive_some())
    assert sorted(heard.split()) == [b"first", b"second"]


async def test_the_network_takes_within_a_call(nursery: trio.Nursery) -> None:
    listeners = await trio.open_tcp_listeners(0, host="127.0.0.1")
    async with listeners[0]:
        near = await trio.open_tcp_stream("127.0.0.1", listeners[0].socket.getsockname()[1])
        far = await listeners[0].accept()
        stream = ImmediateSends(near)
        assert send_at_once(stream, b"real")
        assert await far.receive_some() == b"real"
        await stream.aclose()
        assert not send_at_once(stream, b"too late")
        await far.aclose()
