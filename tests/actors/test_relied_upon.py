"""Names of other libraries that they promise to nobody: what we rely on, one by one."""
# ruff: noqa: SLF001  # that is what it is about

import contextlib
import importlib.metadata
import os
import random
import ssl
from collections.abc import Iterator
from typing import Any

import httpcore
import pytest
import trio
import trio.testing
import trio_websocket
import wsproto
import wsproto.frame_protocol
import wsproto.utilities
from wsproto import events
from wsproto.connection import ConnectionState

from engine.simulation.virtual_clock import VirtualClock

_run: Any = trio._core._run
_masks: Any = wsproto.frame_protocol
_nonces: Any = wsproto.utilities


class Pair:
    """A client connection of the library's, and the bytes that it exchanges."""

    def __init__(self) -> None:
        ours, self.theirs = trio.testing.memory_stream_pair()
        self.client: Any = trio_websocket.WebSocketConnection(
            ours, wsproto.WSConnection(wsproto.ConnectionType.CLIENT), host="h", path="/"
        )
        self.server = wsproto.WSConnection(wsproto.ConnectionType.SERVER)

    async def upgrade(self) -> None:
        await self.client._send(self.client._initial_request)
        self.server.receive_data(bytes(await self.theirs.receive_some()))
        assert [type(event) for event in self.server.events()] == [events.Request]
        self.take(self.server.send(events.AcceptConnection()))
        for event in self.client._wsproto.events():
            await self.client._handle_accept_connection_event(event)

    def take(self, data: bytes) -> None:
        self.client._wsproto.receive_data(data)

    async def heard(self) -> list[events.Event]:
        """What the server hears next."""
        self.server.receive_data(bytes(await self.theirs.receive_some()))
        return list(self.server.events())


async def test_a_client_has_its_request_and_its_streams_and_says_when_it_is_open() -> None:
    pair = Pair()
    assert pair.client._initial_request.target == "/"
    assert pair.client._wsproto.state == ConnectionState.CONNECTING
    assert not pair.client._open_handshake.is_set()
    await pair.upgrade()
    assert pair.client._open_handshake.is_set()
    assert pair.client._wsproto.state == ConnectionState.OPEN
    assert isinstance(pair.client._stream, trio.StapledStream)
    assert pair.client.closed is None


async def test_sending_takes_the_lock_of_the_stream() -> None:
    pair = Pair()
    await pair.upgrade()
    taken = 0

    class Lock:
        async def __aenter__(self) -> None:
            nonlocal taken
            taken += 1
            await trio.lowlevel.checkpoint()

        async def __aexit__(self, *_: object) -> None:
            """Nothing is held."""

    pair.client._stream_lock = Lock()
    await pair.client._send(events.TextMessage(data="hello"))
    assert taken == 1
    assert await pair.heard() == [events.TextMessage(data="hello")]


async def test_a_broken_stream_closes_the_connection_with_1006_and_tells_the_sender() -> None:
    pair = Pair()
    await pair.upgrade()
    pair.theirs.receive_stream.close()
    with pytest.raises(trio_websocket.ConnectionClosed) as closed:
        await pair.client._send(events.TextMessage(data="hello"))
    assert closed.value.reason == pair.client.closed
    assert pair.client.closed.code == 1006
    await pair.client._abort_web_socket()  # as often as one likes
    assert pair.client.closed.code == 1006


async def test_a_connection_that_broke_under_a_sender_still_reads_frames() -> None:
    pair = Pair()
    await pair.upgrade()
    await pair.client._abort_web_socket()
    pair.take(pair.server.send(events.TextMessage(data="last words")))
    assert list(pair.client._wsproto.events()) == [events.TextMessage(data="last words")]


async def test_a_ping_is_answered_by_its_handler() -> None:
    pair = Pair()
    await pair.upgrade()
    await pair.client._handle_ping_event(events.Ping(payload=b"hi"))
    assert await pair.heard() == [events.Pong(payload=b"hi")]


async def test_a_close_is_answered_by_its_handler_and_becomes_the_reason() -> None:
    pair = Pair()
    await pair.upgrade()
    pair.take(pair.server.send(events.CloseConnection(code=1007, reason="no")))
    (close,) = pair.client._wsproto.events()
    await pair.client._handle_close_connection_event(close)
    assert (pair.client.closed.code, pair.client.closed.reason) == (1007, "no")
    assert [type(event) for event in await pair.heard()] == [events.CloseConnection]


async def test_a_reason_set_by_hand_keeps_senders_away() -> None:
    pair = Pair()
    await pair.upgrade()
    pair.client._close_reason = trio_websocket.CloseReason(1009, "too big")
    assert pair.client.closed.code == 1009
    with pytest.raises(trio_websocket.ConnectionClosed):
        await pair.client.send_message("hello")


async def test_a_rejection_leaves_its_status_and_headers_before_its_body() -> None:
    client = Pair().client
    await client._handle_reject_connection_event(
        events.RejectConnection(status_code=429, headers=[(b"retry-after", b"7")], has_body=True)
    )
    assert (client._reject_status, dict(client._reject_headers)) == (429, {b"retry-after": b"7"})
    with pytest.raises(trio_websocket.ConnectionRejected):
        await client._handle_reject_data_event(events.RejectData(data=b"", body_finished=True))
    with pytest.raises(trio_websocket.ConnectionRejected):
        await client._handle_reject_connection_event(events.RejectConnection(status_code=401))


async def test_trio_decrypts_by_an_object_that_reads_from_a_buffer_in_memory() -> None:
    """Its class is final, so it cannot be taught to decrypt more at once."""
    _, stream = trio.testing.memory_stream_pair()
    tls: Any = trio.SSLStream(stream, ssl.create_default_context(), server_hostname="h")
    assert isinstance(tls._ssl_object, ssl.SSLObject)
    assert isinstance(tls._incoming, ssl.MemoryBIO)


def test_wsproto_takes_an_informational_answer_for_a_refusal() -> None:
    """Why heads are looked at before it sees them; should this fail, that can go."""
    client = wsproto.WSConnection(wsproto.ConnectionType.CLIENT)
    client.send(events.Request(host="h", target="/"))
    client.receive_data(b"HTTP/1.1 103 Early Hints\r\n\r\n")
    (event,) = client.events()
    assert isinstance(event, events.RejectConnection)


def test_masks_and_nonces_come_from_the_module_os() -> None:
    assert _masks.os is os
    assert _nonces.os is os


async def test_httpcore_bounds_a_head_by_an_attribute_of_the_class() -> None:
    class Short(httpcore.AsyncHTTP11Connection):
        MAX_INCOMPLETE_EVENT_SIZE = 100

    stream = httpcore.AsyncMockStream([b"HTTP/1.1 200 OK\r\n", b"X: " + b"y" * 200])
    connection = Short(httpcore.URL("http://h/").origin, stream)
    with pytest.raises(httpcore.RemoteProtocolError):
        await connection.handle_async_request(
            httpcore.Request("GET", "http://h/", headers={"Host": "h"})
        )


@contextlib.contextmanager
def scheduled_by(seed: int) -> Iterator[None]:
    before = _run._ALLOW_DETERMINISTIC_SCHEDULING
    _run._ALLOW_DETERMINISTIC_SCHEDULING = True
    _run._r.seed(seed)
    try:
        yield
    finally:
        _run._ALLOW_DETERMINISTIC_SCHEDULING = before


def test_trio_schedules_by_a_source_of_chance_that_can_be_seeded() -> None:
    assert isinstance(_run._r, random.Random)

    async def order() -> list[int]:
        seen = list[int]()

        async def look(number: int) -> None:
            for _ in range(5):
                await trio.lowlevel.checkpoint()
                seen.append(number)

        async with trio.open_nursery() as nursery:
            for number in range(5):
                nursery.start_soon(look, number)
        return seen

    def at(seed: int) -> list[int]:
        with scheduled_by(seed):
            return trio.run(order)

    assert at(1) == at(1)
    assert any(at(1) != at(seed) for seed in range(2, 12))


def test_trio_tells_a_clock_who_waits_for_nothing() -> None:
    async def wait() -> float:
        async with trio.open_nursery() as nursery:
            nursery.start_soon(trio.sleep, 5)
            await trio.testing.wait_all_tasks_blocked()
            assert _run.GLOBAL_RUN_CONTEXT.runner.waiting_for_idle is not None
            now = trio.current_time()
            nursery.cancel_scope.cancel()
        return now

    assert trio.run(wait, clock=VirtualClock()) == 0.0


@pytest.mark.parametrize(
    ("name", "below"), [("trio-websocket", (0, 13)), ("wsproto", (2,)), ("httpcore", (2,))]
)
def test_what_is_taken_apart_is_of_a_version_that_was_looked_at(
    name: str, below: tuple[int, ...]
) -> None:
    version = tuple(int(part) for part in importlib.metadata.version(name).split(".")[:2])
    assert version < below
