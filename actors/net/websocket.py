"""A WebSocket connection: send, receive, and pings with a deadline. Only it uses trio-websocket."""

import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence

import attrs
import h11
import trio
import trio_websocket
import wsproto
from typing_extensions import override
from wsproto import events
from wsproto.connection import ConnectionState
from wsproto.utilities import LocalProtocolError, RemoteProtocolError

from actors.net.immediate_sends import SendLock, connection_of, send_at_once
from actors.net.large_reads import receive_burst
from actors.net.masked_texts import MaskedTexts
from actors.net.network import Address, Network
from actors.net.plain_texts import PlainTexts
from actors.net.trust import reached
from actors.net.upgrade_heads import FinalHead
from trading.core.errors import KeyRefused, KeyTrouble, Outage, RateLimited
from trading.venues.interface import Handshake
from trading.venues.rate_limits import TURNED_AWAY, retry_after_s

_MESSAGE_BYTES_MAX = 16 * 1024 * 1024
"""A whole order book is a few hundred kilobytes; far above that is an attack or a mistake."""

_FAREWELL_S = 0.1

_PING_PAYLOAD = b"quotewright"
"""There is never more than one ping of ours on its way."""

_CLOSE_NORMAL, _CLOSE_BROKEN, _CLOSE_TOO_BIG = 1000, 1006, 1009

_REFUSED = frozenset({401, 403})

_NONSENSE = (h11.LocalProtocolError, LocalProtocolError, RemoteProtocolError)
"""Errors of the libraries for bytes that are not of the protocol."""


class SocketClosed(Outage):
    """The connection ended; with the code and reason of the close, 1006 where there was none."""

    def __init__(self, code: int, reason: str) -> None:
        super().__init__(f"the connection closed ({code}{': ' if reason else ''}{reason})")
        self.code = code
        self.reason = reason


class _Connection(trio_websocket.WebSocketConnection):
    """
    The library's connection, read in the task that receives from it.

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
                # Made here, where the connection stands and the request leaves at once.
                (name.encode(), value.encode())
                for name, value in handshake.headers().items()
            ],
        )
        self._sending = SendLock()
        self._stream_lock = self._sending  # type: ignore[assignment]  # as far as it is used
        self._masked_texts = MaskedTexts()
        self.messages: list[str] = []
        self._head: FinalHead | None = FinalHead()
        self._plain_texts = PlainTexts()
        self._over = False  # a Close frame or a fault was read: nothing after it counts
        self._parts: list[str | bytes | bytearray] = []
        self._parts_size = 0
        self._read_to_its_end = False
        self._nonsense: Outage | None = None

    @property
    def refusal(self) -> Exception | None:
        """How the upgrade was refused, if it was: the status counts, with a body or without."""
        if not self._reject_status:
            return None
        return _refused(self._reject_status, dict(self._reject_headers))

    async def upgrade(self) -> None:
        """
        Request the upgrade, and read until it is granted or refused.

        Raises:
            Outage: The other side does not speak WebSocket, or refuses.
            KeyRefused: The other side refuses our key.
        """
        try:
            assert self._initial_request is not None, "a client asks"
            await self._send(self._initial_request)
            while not self._open_handshake.is_set() and self.closed is None:
                await self.read_on()
        except trio_websocket.ConnectionRejected:
            pass  # handled below, together with a refusal that was cut short
        except trio_websocket.ConnectionClosed as closed:
            raise _closed(closed.reason) from closed
        if not self._open_handshake.is_set():
            raise self.refusal or Outage("the connection ended during the WebSocket upgrade")

    def send_at_once(self, text: str) -> bool:
        """Send a message within this call; whether the network takes it."""
        is_open = self.closed is None and self._wsproto.state is ConnectionState.OPEN
        if not is_open or self._sending.taken:
            return False
        return send_at_once(self._stream, self._masked_texts.frame(text))

    async def send_the_rest(self) -> None:
        """
        Send what the network did not take of such messages, while the connection lives.

        Raises:
            ConnectionClosed: It has ended.
        """
        if (connection := connection_of(self._stream)) is not None:
            with contextlib.suppress(trio.BrokenResourceError, trio.ClosedResourceError):
                await connection.send_the_rest()
            await self._abort_web_socket()
            raise trio_websocket.ConnectionClosed(self.closed)

    async def read_on(self) -> None:
        """
        Wait for bytes, and read their messages; ``closed`` says whether they were the last.

        Raises:
            Outage: What comes makes no sense at all, and all that came before it has been taken.
        """
        if self._nonsense is not None:
            raise self._nonsense
        try:
            data = await receive_burst(self._stream)
        except (trio.BrokenResourceError, trio.ClosedResourceError):
            data = b""
        if not data:
            self._read_to_its_end = True
            await self._abort_web_socket()
            return
        try:
            await self._take(data)
        except _NONSENSE as error:
            self._nonsense = Outage("the other side does not speak WebSocket")
            self._nonsense.__cause__ = error
            if not self.messages:
                raise self._nonsense from error

    async def read_the_rest(self) -> None:
        """
        Read what had come before the connection broke in a send.

        The network still holds those bytes, and reports their end.
        """
        if self.closed is None or self.closed.code != _CLOSE_BROKEN:
            return
        with contextlib.suppress(Outage), trio.move_on_after(_FAREWELL_S):
            while not self._read_to_its_end:
                await self.read_on()
        self._read_to_its_end = True

    async def part(self) -> None:
        """Send a Close frame and wait for the answer; other messages are dropped meanwhile."""
        if self.closed is not None or self._wsproto.state is not ConnectionState.OPEN:
            return
        with contextlib.suppress(trio_websocket.ConnectionClosed, Outage):
            await self._send(events.CloseConnection(code=_CLOSE_NORMAL))
            while self.closed is None:
                await self.read_on()

    async def _take(self, data: bytes) -> None:
        if self._head is not None:
            head, data = self._head.take(data)
            if self._head.found:
                self._head = None
            await self._read(head)
        if self._over or not self._open_handshake.is_set():
            await self._read(data)
            return
        self._plain_texts.feed(data)
        for part in self._plain_texts.parts():
            if isinstance(part, list):
                self.messages += part
            elif not await self._read(part):
                break

    async def _read(self, data: bytes) -> bool:
        """Have wsproto read some bytes, and do what follows; whether anything may come after it."""
        if not data:
            return not self._over
        self._wsproto.receive_data(data)
        for event in self._wsproto.events():
            # Where our answer to one cannot leave any more, the other messages are still read;
            # ``closed`` says what has become of the connection.
            with contextlib.suppress(trio_websocket.ConnectionClosed):
                await self._handle(event)
            if self._over:
                break
        return not self._over

    async def _handle(self, event: events.Event) -> None:
        match event:
            case events.TextMessage() | events.BytesMessage():
                await self._handle_message_event(event)
            case events.Ping():
                if self.closed is None:
                    await self._handle_ping_event(event)
            case events.CloseConnection():
                self._over = True
                await self._handle_close_connection_event(event)
            case events.AcceptConnection():
                await self._handle_accept_connection_event(event)
            case events.RejectConnection():
                await self._handle_reject_connection_event(event)
            case events.RejectData():
                await self._handle_reject_data_event(event)
            case _:
                await self._handle_pong(event)

    async def _handle_pong(self, event: events.Event) -> None:
        if isinstance(event, events.Pong):  # an unsolicited pong changes nothing
            await self._handle_pong_event(event)

    @override
    async def _handle_message_event(self, event: events.TextMessage | events.BytesMessage) -> None:
        if event.message_finished and not self._parts:
            self.messages.append(_text(event.data))
            return
        self._parts.append(event.data)
        self._parts_size += len(event.data)
        if self._parts_size > _MESSAGE_BYTES_MAX:
            self._parts.clear()
            self._over = True
            self._close_reason = trio_websocket.CloseReason(_CLOSE_TOO_BIG, "too big a message")
            await self._send(events.CloseConnection(code=_CLOSE_TOO_BIG))
        elif event.message_finished:
            # A character of a message of bytes may be in two of its pieces.
            pieces = (p.encode() if isinstance(p, str) else p for p in self._parts)
            self.messages.append(_text(b"".join(pieces)))
            self._parts.clear()
            self._parts_size = 0


@attrs.frozen
class WebSocket:
    """An open connection. A faster implementation has to offer only these five methods."""

    _connection: _Connection

    async def receive_burst(self) -> Sequence[str]:
        """
        Wait for a message; return it with all that came with it. One task at a time.

        Raises:
            SocketClosed: The connection ended, and all that came before has been returned.
            Outage: What comes makes no sense at all.
        """
        connection = self._connection
        while not connection.messages:
            if connection.closed is not None:
                await connection.read_the_rest()
                if connection.messages:
                    break
                raise _closed(connection.closed)
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

    def send_at_once(self, text: str) -> bool:
        """
        Send a message within this call, where the network takes it and nothing else is being sent.

        Returns:
            Whether it has left; if not, nothing of it has.
        """
        return self._connection.send_at_once(text)

    async def send_the_rest(self) -> None:
        """
        Send what the network did not take at once, for as long as the connection lives.

        Raises:
            SocketClosed: The connection ended.
        """
        try:
            await self._connection.send_the_rest()
        except trio_websocket.ConnectionClosed as closed:
            raise _closed(closed.reason) from closed

    async def ping(self) -> None:
        """
        Send a ping as a control frame (RFC 6455, 5.5.2), and wait until a pong has been received.

        The pings of the other side are answered in any case.

        Raises:
            SocketClosed: The connection ended.
        """
        try:
            await self._connection.ping(_PING_PAYLOAD)
        except trio_websocket.ConnectionClosed as closed:
            raise _closed(closed.reason) from closed


@attrs.define
class KeepAlive:
    """
    Pings with a deadline for the answer: the only sure sign of life on a quiet or half-open link.

    Args:
        ping: The venue's ping message; ``None`` where a control frame asks.
        interval_s: Seconds between an answer and the next ping.
        deadline_s: Seconds an answer may take.
        alive: Called at the answer to a control frame, which is not received as a message.
    """

    ping: str | None
    interval_s: float
    deadline_s: float
    alive: Callable[[], Awaitable[None]] | None = None
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
                await self._ask(websocket)
                await self._answered.wait()
            if not self._answered.is_set():
                raise Outage(f"no answer to a ping within {self.deadline_s:g} s")
            if self.ping is None and self.alive is not None:
                await self.alive()
            await trio.sleep(self.interval_s)

    async def _ask(self, websocket: WebSocket) -> None:
        if self.ping is not None:
            await websocket.send(self.ping)
        else:
            await websocket.ping()
            self.answered()


@contextlib.asynccontextmanager
async def open_websocket(
    network: Network, address: Address, handshake: Handshake, *, deadline_s: float
) -> AsyncIterator[WebSocket]:
    """
    Connect and upgrade within a deadline; close at the end.

    Raises:
        Outage: No answer came in time, or the upgrade was refused.
        KeyRefused: The upgrade was refused because of our key.
    """
    deadline = trio.current_time() + deadline_s
    try:
        with trio.fail_at(deadline):
            stream = await reached(network, address)
    except trio.TooSlowError as error:
        raise Outage(f"no connection within {deadline_s:g} s to {address}") from error
    connection = _Connection(stream, address, handshake)
    try:
        with trio.move_on_at(deadline) as patience:
            await connection.upgrade()
        if patience.cancelled_caught:
            raise connection.refusal or Outage(f"no WebSocket within {deadline_s:g} s at {address}")
        yield WebSocket(connection)
    finally:
        # On a half-open link a Close frame is never answered; this is long enough to send ours,
        # and theirs is not needed.
        with trio.move_on_after(_FAREWELL_S, shield=True):
            await connection.part()
        with trio.move_on_after(_FAREWELL_S, shield=True):
            await trio.aclose_forcefully(stream)


def _refused(status: int, headers: Mapping[bytes, bytes]) -> Exception:
    text = f"the WebSocket upgrade was refused with status {status}"
    if status in TURNED_AWAY:
        wish, date = (
            headers.get(name, b"").decode("ascii", "replace") for name in (b"retry-after", b"date")
        )
        return RateLimited(text, retry_after_s(wish, date))
    if status in _REFUSED:
        return KeyRefused(
            f"{text}: check the key, its allow-list, and the clock", KeyTrouble.PERMISSION
        )
    return Outage(text)


def _text(message: str | bytes | bytearray) -> str:
    # Bytes that are not text are refused by the codec, like any other malformed frame.
    return message if isinstance(message, str) else message.decode("utf-8", "replace")


def _closed(reason: trio_websocket.CloseReason | None) -> SocketClosed:
    if reason is None:
        return SocketClosed(_CLOSE_BROKEN, "")
    return SocketClosed(reason.code, reason.reason or "")
