"""The only user of trio-websocket: one connection, two verbs, and a heartbeat with a deadline."""

import ssl
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

import attrs
import trio
import trio_websocket

from actors.network import Address, Network
from trading.errors import Fatal, Outage
from trading.venues.interface import Handshake

_RECEIVE_BUFFER = 64 * 1024
"""Bytes a read may return: a burst of frames in one go costs half of single ones."""

_QUEUE_LENGTH = 512
"""Messages read ahead; when it is full TCP makes the venue wait."""

_MESSAGE_BYTES_MAX = 16 * 1024 * 1024
"""A whole order book is a few hundred kilobytes; far above that is an attack or a mistake."""

_FAREWELL_S = 0.1

_REFUSED = frozenset({401, 403})


class SocketClosed(Outage):
    """The connection ended; with the code and reason of the close, 1006 where there was none."""

    def __init__(self, code: int, reason: str) -> None:
        super().__init__(f"the connection closed ({code}{': ' if reason else ''}{reason})")
        self.code = code
        self.reason = reason


@attrs.frozen
class WebSocket:
    """An open connection. A faster implementation has to offer only these two methods."""

    _connection: trio_websocket.WebSocketConnection

    async def receive_burst(self) -> Sequence[str]:
        """
        Wait for a message; return it with all that are already there.

        Raises:
            SocketClosed: The connection ended.
        """
        connection = self._connection
        try:
            messages = [await connection.get_message()]
            # The library has no burst read; without it every message costs a trip of its own.
            waiting = connection._recv_channel  # noqa: SLF001
            while True:
                messages.append(waiting.receive_nowait())
        except (trio.WouldBlock, trio.EndOfChannel):
            return [text if isinstance(text, str) else text.decode() for text in messages]
        except trio_websocket.ConnectionClosed as closed:
            raise _closed(closed) from closed

    async def send(self, text: str) -> None:
        """
        Hand a message to the network; on a dead link this succeeds all the same.

        Raises:
            SocketClosed: The connection ended.
        """
        try:
            await self._connection.send_message(text)
        except trio_websocket.ConnectionClosed as closed:
            raise _closed(closed) from closed


@attrs.define
class KeepAlive:
    """
    Pings, and the deadline of the answer: the only sure sign of life on a quiet or half-open link.

    Args:
        ping: The venue's ping message.
        interval_s: Seconds between an answer and the next ping.
        deadline_s: Seconds an answer may take.
    """

    ping: str
    interval_s: float
    deadline_s: float
    _answered: trio.Event = attrs.field(factory=trio.Event, init=False)

    def answered(self) -> None:
        self._answered.set()

    async def run(self, websocket: WebSocket) -> None:
        """
        Ping for as long as the connection lives.

        Raises:
            Outage: A ping was not answered in time.
        """
        while True:
            self._answered = trio.Event()
            with trio.move_on_after(self.deadline_s):
                await websocket.send(self.ping)
                await self._answered.wait()
            if not self._answered.is_set():
                raise Outage(f"no answer to a ping within {self.deadline_s:g} s")
            await trio.sleep(self.interval_s)


@asynccontextmanager
async def open_websocket(
    network: Network, address: Address, handshake: Handshake, *, deadline_s: float
) -> AsyncIterator[WebSocket]:
    """
    Connect and upgrade within a deadline; close at the end.

    Raises:
        Outage: Nobody answered in time, or the upgrade was refused.
        Fatal: The upgrade was refused because of our key.
    """
    async with trio.open_nursery() as nursery:
        try:
            with trio.fail_after(deadline_s):
                connection = await _upgrade(network, address, handshake, nursery)
        except trio.TooSlowError as error:
            raise Outage(f"no WebSocket within {deadline_s:g} s at {address}") from error
        try:
            yield WebSocket(connection)
        finally:
            # On a half-open link closing never returns, nor when the reader was cancelled with us:
            # this is long enough to send the Close frame, and nobody needs its answer.
            with trio.move_on_after(_FAREWELL_S, shield=True):
                await connection.aclose()
            nursery.cancel_scope.cancel()


async def _upgrade(
    network: Network, address: Address, handshake: Handshake, nursery: trio.Nursery
) -> trio_websocket.WebSocketConnection:
    stream = await network.connect(address.host, address.port)
    if address.tls:
        stream = trio.SSLStream(stream, ssl.create_default_context(), server_hostname=address.host)
    headers = [(name.encode(), value.encode()) for name, value in handshake.headers.items()]
    try:
        return await trio_websocket.wrap_client_stream(
            nursery,
            stream,  # type: ignore[arg-type]  # any stream will do: it only reads and writes
            address.authority,
            handshake.path,
            extra_headers=headers,
            message_queue_size=_QUEUE_LENGTH,
            max_message_size=_MESSAGE_BYTES_MAX,
            receive_buffer_size=_RECEIVE_BUFFER,
        )
    except trio_websocket.ConnectionRejected as rejected:
        text = f"the WebSocket upgrade was refused with status {rejected.status_code}"
        if rejected.status_code in _REFUSED:
            raise Fatal(f"{text}: check the key, its allow-list, and the clock") from rejected
        raise Outage(text) from rejected
    except (trio_websocket.HandshakeError, trio_websocket.ConnectionClosed, OSError) as error:
        raise Outage(f"the WebSocket upgrade failed: {error}") from error
    except (trio.BrokenResourceError, trio.ClosedResourceError) as error:
        raise Outage("the connection broke during the WebSocket upgrade") from error


def _closed(closed: trio_websocket.ConnectionClosed) -> SocketClosed:
    reason = closed.reason
    return SocketClosed(reason.code, reason.reason or "") if reason else SocketClosed(1006, "")
