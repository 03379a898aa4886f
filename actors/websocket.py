"""The only user of trio-websocket: one connection, two verbs, and a heartbeat with a deadline."""

import ssl
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from http import HTTPStatus

import attrs
import h11
import trio
import trio_websocket
import wsproto
import wsproto.utilities

from actors.network import Address, Network
from trading.errors import Fatal, Outage, RateLimited
from trading.rate_limits import retry_after_s
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
            # Bytes that are no text are the codec's to refuse, like any other nonsense.
            return [m if isinstance(m, str) else m.decode("utf-8", "replace") for m in messages]
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
        deadline = trio.current_time() + deadline_s
        try:
            with trio.fail_at(deadline):
                stream = await _connect(network, address)
        except trio.TooSlowError as error:
            raise Outage(f"no connection within {deadline_s:g} s to {address}") from error
        connection = _connection(stream, address, handshake)
        try:
            nursery.start_soon(_read, connection)
            with trio.move_on_at(deadline):
                await connection._open_handshake.wait()  # noqa: SLF001
            if not connection._open_handshake.is_set():  # noqa: SLF001
                raise Outage(f"no WebSocket within {deadline_s:g} s at {address}")
            yield WebSocket(connection)
        finally:
            # On a half-open link closing never returns, nor when the reader was cancelled with us:
            # this is long enough to send the Close frame, and nobody needs its answer.
            with trio.move_on_after(_FAREWELL_S, shield=True):
                await connection.aclose()
            # The library leaves the stream open where the other side was first to close.
            with trio.move_on_after(_FAREWELL_S, shield=True):
                await trio.aclose_forcefully(stream)
            nursery.cancel_scope.cancel()


async def _connect(network: Network, address: Address) -> trio.abc.Stream:
    stream = await network.connect(address.host, address.port)
    if address.tls:
        return trio.SSLStream(stream, ssl.create_default_context(), server_hostname=address.host)
    return stream


def _connection(
    stream: trio.abc.Stream, address: Address, handshake: Handshake
) -> trio_websocket.WebSocketConnection:
    return trio_websocket.WebSocketConnection(
        stream,
        wsproto.WSConnection(wsproto.ConnectionType.CLIENT),
        host=address.authority,
        path=handshake.path,
        client_extra_headers=[
            (name.encode(), value.encode()) for name, value in handshake.headers.items()
        ],
        message_queue_size=_QUEUE_LENGTH,
        max_message_size=_MESSAGE_BYTES_MAX,
        receive_buffer_size=_RECEIVE_BUFFER,
    )


async def _read(connection: trio_websocket.WebSocketConnection) -> None:
    """
    The library's reader, from the upgrade to the end.

    It has to be ours: what goes wrong with an upgrade is raised here, or ends it without a word,
    while whoever waits for the upgrade would wait for ever.
    """
    try:
        await connection._reader_task()  # noqa: SLF001
    except trio_websocket.ConnectionRejected:
        pass  # its status is looked at below, where a refusal that was cut short ends up as well
    except (h11.LocalProtocolError, wsproto.utilities.LocalProtocolError) as error:
        # What came made so little sense that the library's own answer to it was against the rules.
        raise Outage("the other side does not speak WebSocket") from error
    except trio_websocket.ConnectionClosed as closed:
        raise _closed(closed) from closed
    if connection._open_handshake.is_set():  # noqa: SLF001
        return
    status = connection._reject_status  # noqa: SLF001
    if not status:
        raise Outage("the connection ended during the WebSocket upgrade")
    text = f"the WebSocket upgrade was refused with status {status}"
    if status == HTTPStatus.TOO_MANY_REQUESTS:
        headers = dict(connection._reject_headers)  # noqa: SLF001
        header = headers.get(b"retry-after", b"").decode("ascii", "replace")
        raise RateLimited(text, retry_after_s(header))
    if status in _REFUSED:
        raise Fatal(f"{text}: check the key, its allow-list, and the clock")
    raise Outage(text)


def _closed(closed: trio_websocket.ConnectionClosed) -> SocketClosed:
    reason = closed.reason
    return SocketClosed(reason.code, reason.reason or "") if reason else SocketClosed(1006, "")
