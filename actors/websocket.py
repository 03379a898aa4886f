"""The only user of trio-websocket: one connection, two verbs, and a heartbeat with a deadline."""

import contextlib
import ssl
from collections.abc import AsyncIterator, Mapping, Sequence
from http import HTTPStatus

import attrs
import h11
import trio
import trio_websocket
import wsproto
from typing_extensions import override
from wsproto import events
from wsproto.connection import ConnectionState
from wsproto.utilities import LocalProtocolError, RemoteProtocolError

from actors.network import Address, Network
from trading.errors import Fatal, Outage, RateLimited
from trading.rate_limits import retry_after_s
from trading.venues.interface import Handshake

_RECEIVE_BUFFER = 64 * 1024
"""Bytes a read may return: a burst of frames in one go costs half of single ones."""

_MESSAGE_BYTES_MAX = 16 * 1024 * 1024
"""A whole order book is a few hundred kilobytes; far above that is an attack or a mistake."""

_FAREWELL_S = 0.1

_CLOSE_NORMAL = 1000

_REFUSED = frozenset({401, 403})

_NONSENSE = (h11.LocalProtocolError, LocalProtocolError, RemoteProtocolError)
"""What came made no sense, or so little that the library's own answer was against the rules."""


class SocketClosed(Outage):
    """The connection ended; with the code and reason of the close, 1006 where there was none."""

    def __init__(self, code: int, reason: str) -> None:
        super().__init__(f"the connection closed ({code}{': ' if reason else ''}{reason})")
        self.code = code
        self.reason = reason


class _SendLock:
    """Senders take turns; where nobody is sending, one begins without a trip through the loop."""

    def __init__(self) -> None:
        self._lock = trio.StrictFIFOLock()

    async def __aenter__(self) -> None:
        try:
            self._lock.acquire_nowait()
        except trio.WouldBlock:
            await self._lock.acquire()

    async def __aexit__(self, *_: object) -> None:
        self._lock.release()


class _Connection(trio_websocket.WebSocketConnection):
    """
    The library's connection, read by whoever listens to it.

    The library reads in a task of its own, which hands messages over by a queue: two more trips
    through the loop for each. Here nothing is read ahead, so that TCP makes the venue wait.

    Attributes:
        messages: What has been read and not been taken yet.
    """

    def __init__(self, stream: trio.abc.Stream, address: Address, handshake: Handshake) -> None:
        super().__init__(
            stream,
            wsproto.WSConnection(wsproto.ConnectionType.CLIENT),
            host=address.authority,
            path=handshake.path,
            client_extra_headers=[
                (name.encode(), value.encode()) for name, value in handshake.headers.items()
            ],
            max_message_size=_MESSAGE_BYTES_MAX,
            receive_buffer_size=_RECEIVE_BUFFER,
        )
        self._stream_lock = _SendLock()  # type: ignore[assignment]  # as far as it is used
        self.messages: list[str] = []

    async def upgrade(self) -> None:
        """
        Ask for the upgrade, and read until it is granted or refused.

        Raises:
            Outage: What answers does not speak WebSocket, or refuses.
            Fatal: It refuses our key.
        """
        try:
            assert self._initial_request is not None, "a client asks"
            await self._send(self._initial_request)
            while not self._open_handshake.is_set() and self.closed is None:
                await self.read_on()
        except trio_websocket.ConnectionRejected:
            pass  # its status is looked at below, where a refusal that was cut short ends up too
        except trio_websocket.ConnectionClosed as closed:
            raise _closed(closed.reason) from closed
        if not self._open_handshake.is_set():
            raise _refused(self._reject_status, dict(self._reject_headers))

    async def read_on(self) -> None:
        """
        Wait for bytes, and take what they say; ``closed`` says whether they were the last.

        Raises:
            Outage: What comes makes no sense at all.
        """
        try:
            data = await self._stream.receive_some(_RECEIVE_BUFFER)
        except (trio.BrokenResourceError, trio.ClosedResourceError):
            data = b""
        if not data:
            await self._abort_web_socket()
            return
        try:
            self._wsproto.receive_data(bytes(data))
            for event in self._wsproto.events():
                await self._handle(event)
        except _NONSENSE as error:
            raise Outage("the other side does not speak WebSocket") from error

    async def part(self) -> None:
        """Say goodbye, and wait for the answer; what else is still said is for nobody."""
        if self.closed is not None or self._wsproto.state is not ConnectionState.OPEN:
            return
        with contextlib.suppress(trio_websocket.ConnectionClosed, Outage):
            await self._send(events.CloseConnection(code=_CLOSE_NORMAL))
            while self.closed is None:
                await self.read_on()

    async def _handle(self, event: events.Event) -> None:
        match event:
            case events.TextMessage() | events.BytesMessage():
                await self._handle_message_event(event)
            case events.Ping():
                await self._handle_ping_event(event)
            case events.CloseConnection():
                await self._handle_close_connection_event(event)
            case events.AcceptConnection():
                await self._handle_accept_connection_event(event)
            case events.RejectConnection():
                await self._handle_reject_connection_event(event)
            case events.RejectData():
                await self._handle_reject_data_event(event)
            case _:
                pass  # a pong that nobody asked for

    @override
    async def _handle_message_event(self, event: events.TextMessage | events.BytesMessage) -> None:
        if event.message_finished and not self._message_parts:
            self.messages.append(_text(event.data))
            return
        # In pieces: the library puts them together, and knows how many are too many.
        await super()._handle_message_event(event)
        with contextlib.suppress(trio.WouldBlock, trio.ClosedResourceError):
            self.messages.append(_text(self._recv_channel.receive_nowait()))


@attrs.frozen
class WebSocket:
    """An open connection. A faster implementation has to offer only these two methods."""

    _connection: _Connection

    async def receive_burst(self) -> Sequence[str]:
        """
        Wait for a message; return it with all that came with it. For one task at a time.

        Raises:
            SocketClosed: The connection ended.
            Outage: What comes makes no sense at all.
        """
        connection = self._connection
        while not connection.messages:
            if (reason := connection.closed) is not None:
                raise _closed(reason)
            try:
                await connection.read_on()
            except trio_websocket.ConnectionClosed as closed:
                raise _closed(closed.reason) from closed
        messages, connection.messages = connection.messages, []
        return messages

    async def send(self, text: str) -> None:
        """
        Hand a message to the network; on a dead link this succeeds all the same.

        Raises:
            SocketClosed: The connection ended.
        """
        try:
            await self._connection.send_message(text)
        except trio_websocket.ConnectionClosed as closed:
            raise _closed(closed.reason) from closed


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


@contextlib.asynccontextmanager
async def open_websocket(
    network: Network, address: Address, handshake: Handshake, *, deadline_s: float
) -> AsyncIterator[WebSocket]:
    """
    Connect and upgrade within a deadline; close at the end.

    Raises:
        Outage: Nobody answered in time, or the upgrade was refused.
        Fatal: The upgrade was refused because of our key.
    """
    deadline = trio.current_time() + deadline_s
    try:
        with trio.fail_at(deadline):
            stream = await _connect(network, address)
    except trio.TooSlowError as error:
        raise Outage(f"no connection within {deadline_s:g} s to {address}") from error
    connection = _Connection(stream, address, handshake)
    try:
        with trio.move_on_at(deadline) as patience:
            await connection.upgrade()
        if patience.cancelled_caught:
            raise Outage(f"no WebSocket within {deadline_s:g} s at {address}")
        yield WebSocket(connection)
    finally:
        # On a half-open link goodbyes are never answered; this is long enough to send ours, and
        # nobody needs theirs.
        with trio.move_on_after(_FAREWELL_S, shield=True):
            await connection.part()
        with trio.move_on_after(_FAREWELL_S, shield=True):
            await trio.aclose_forcefully(stream)


async def _connect(network: Network, address: Address) -> trio.abc.Stream:
    stream = await network.connect(address.host, address.port)
    if address.tls:
        return trio.SSLStream(stream, ssl.create_default_context(), server_hostname=address.host)
    return stream


def _refused(status: int, headers: Mapping[bytes, bytes]) -> Exception:
    if not status:
        return Outage("the connection ended during the WebSocket upgrade")
    text = f"the WebSocket upgrade was refused with status {status}"
    if status == HTTPStatus.TOO_MANY_REQUESTS:
        header = headers.get(b"retry-after", b"").decode("ascii", "replace")
        return RateLimited(text, retry_after_s(header))
    if status in _REFUSED:
        return Fatal(f"{text}: check the key, its allow-list, and the clock")
    return Outage(text)


def _text(message: str | bytes | bytearray) -> str:
    # Bytes that are no text are the codec's to refuse, like any other nonsense.
    return message if isinstance(message, str) else message.decode("utf-8", "replace")


def _closed(reason: trio_websocket.CloseReason | None) -> SocketClosed:
    return SocketClosed(reason.code, reason.reason or "") if reason else SocketClosed(1006, "")
