"""The simulated exchange's server: REST and both sockets behind one port, over any network."""

import struct
from collections import deque
from collections.abc import Callable

import attrs
import h11
import trio
from wsproto import ConnectionType, WSConnection
from wsproto.connection import ConnectionState
from wsproto.events import (
    AcceptConnection,
    BytesMessage,
    CloseConnection,
    Event,
    Ping,
    TextMessage,
)
from wsproto.utilities import RemoteProtocolError

from actors.net.network import Network
from actors.ports.alarm import NEVER, Alarm, DeadlineAlarm
from actors.ports.ports import Latest, Wakeup
from trading.venues.valr.simulator.connections import ACCOUNT_PATH, TRADE_PATH
from trading.venues.valr.simulator.exchange import SimulatedExchange
from trading.venues.valr.simulator.sockets.sessions import CUT, Session
from trading.venues.valr.simulator.wire.http import Response

_RECEIVE_SIZE = 65_536
_BODY_LENGTH_MAX = 1 << 20
_MESSAGE_LENGTH_MAX = 1 << 20
"""A client that says more at once than any request of the protocol needs is cut."""
_TEXT = 0x81
"""The first byte of a whole message of text; the second one is its length, or one of these."""
_LENGTH_16, _LENGTH_64 = 126, 127
_BAD_REQUEST = Response(status=400, headers=())
_NOT_FOUND = Response(status=404, headers=())
_TOO_LARGE = Response(status=413, headers=())

_CLIENT_GONE = (
    trio.BrokenResourceError,
    trio.ClosedResourceError,
    h11.RemoteProtocolError,
    RemoteProtocolError,
)


@attrs.frozen(kw_only=True)
class SimulatedExchangeActor:
    """
    Serves a simulated exchange to clients, and advances its markets in time.

    The exchange outlives this actor's lives, the connections do not.

    Ports:
        network: To listen on.
        exchange: The exchange that is served.
        listening: The port that clients connect to, once there is one. A new life takes the same.
        ended: Set once a recording is over.
        stirred: To be rung after acting upon the exchange itself: sessions may have news to send.
        alarm: Makes what wakes the exchange at its next event, or when that bell is rung.

    Args:
        port: 0 takes any free one.
        began_at: Monotonic seconds at which the exchange's time was zero.
        close_deadline_s: How long a client may take to answer a Close frame.

    Raises:
        Outage: The address cannot be bound.
        MalformedRecording: A recording turned out to be unreadable.
    """

    network: Network
    exchange: SimulatedExchange
    listening: Latest[int]
    ended: Latest[str]
    began_at: float
    stirred: Wakeup = attrs.field(factory=Wakeup)
    alarm: Callable[[Wakeup], Alarm] = DeadlineAlarm
    host: str = "127.0.0.1"
    port: int = 0
    close_deadline_s: float = 2.0

    async def run(self, *, task_status: trio.TaskStatus[None] = trio.TASK_STATUS_IGNORED) -> None:
        # Clients know the port of the first life, so it is kept even where any would have done.
        bound = await self.network.listen(self.host, self.port or self.listening.read() or 0)
        alarm = self.alarm(self.stirred)
        server = _Server(self.exchange, self.began_at, self.close_deadline_s, alarm)
        async with trio.open_nursery() as nursery:
            await nursery.start(trio.serve_listeners, server.serve, bound.listeners)
            nursery.start_soon(server.run_market, self.ended)
            self.listening.put(bound.port)
            task_status.started()


class _Connection:
    """One open WebSocket: its session, its protocol state, and what is to be written next."""

    def __init__(self, stream: trio.abc.Stream, protocol: WSConnection, session: Session) -> None:
        self.stream = stream
        self.protocol = protocol
        self.session = session
        self.scope = trio.CancelScope()
        self.bell = Wakeup()
        self.finished = trio.Event()
        self._replies: deque[bytes] = deque()
        self._parts: list[str] = []

    def notice(self) -> None:
        """Wake the writer: the session may have something to send, or want to end."""
        reason = self.session.close_reason
        if reason is not None and reason.code == CUT:
            self.scope.cancel()
        elif reason is not None or self.session.outgoing:
            self.bell.ring()

    def finish(self) -> None:
        """Note that nothing more comes from the client: the writer sends the rest and ends."""
        self.finished.set()
        self.bell.ring()

    def reply(self, event: Event) -> None:
        data = self.protocol.send(event)
        if self.session.half_open:
            return
        self._replies.append(data)
        self.bell.ring()

    def take_bytes(self) -> bytes:
        """The bytes that can be written now."""
        parts = [*self._replies]
        self._replies.clear()
        if self.protocol.state is ConnectionState.OPEN:
            parts += map(text_frame, self.session.outgoing)
            self.session.outgoing.clear()
        return b"".join(parts)

    def complete(self, part: str, *, finished: bool) -> str | None:
        """The whole message, once its last part is there."""
        self._parts.append(part)
        if sum(map(len, self._parts)) > _MESSAGE_LENGTH_MAX:
            raise RemoteProtocolError("a message beyond all bounds")
        if not finished:
            return None
        text = "".join(self._parts)
        self._parts.clear()
        return text


class _Server:
    """One life of the actor: the open connections."""

    def __init__(
        self,
        exchange: SimulatedExchange,
        began_at: float,
        close_deadline_s: float,
        alarm: Alarm,
    ) -> None:
        self._exchange = exchange
        self._began_at = began_at
        self._close_deadline_s = close_deadline_s
        self._connections: dict[Session, _Connection] = {}
        self._alarm = alarm
        self._next_at: float | None = None

    async def run_market(self, ended: Latest[str]) -> None:
        """Sleep until the next event of the exchange itself, and advance to it."""
        told = False
        while True:
            self._sleep_until_next_event()
            await self._alarm.wait()
            now, next_at = self._now(), self._next_at
            if next_at is not None and trio.current_time() >= self._began_at + next_at:
                # A sum and a difference of floats may fall short of the very moment waited for.
                now = max(now, next_at)
            self._exchange.advance(now)
            self._deliver()
            if self._exchange.ended and not told:
                told = True
                ended.put("the recording is over")

    def _sleep_until_next_event(self) -> None:
        """Sleep until the exchange's next event, which a client may bring forward."""
        self._next_at = at = self._exchange.next_event_at()
        self._alarm.set(NEVER if at is None else self._began_at + at)

    async def serve(self, stream: trio.abc.Stream) -> None:
        """Serve one client's connection; its errors end only this connection."""
        try:
            await self._serve_http(stream)
        except* _CLIENT_GONE:
            pass

    async def _serve_http(self, stream: trio.abc.Stream) -> None:
        http = h11.Connection(h11.SERVER)
        while True:
            try:
                request = await _next_event(http, stream)
                if not isinstance(request, h11.Request):
                    return
                if _asks_for_websocket(request):
                    await self._serve_websocket(http, stream, request)
                    return
                body = await _read_body(http, stream)
            except h11.RemoteProtocolError:
                if http.our_state in (h11.IDLE, h11.SEND_RESPONSE):
                    await stream.send_all(_encode(http, _BAD_REQUEST))
                return
            if body is None:
                await stream.send_all(_encode(http, _TOO_LARGE))
                return
            await self._respond(http, stream, request, body)
            if (http.our_state, http.their_state) != (h11.DONE, h11.DONE):
                return
            http.start_next_cycle()

    async def _respond(
        self, http: h11.Connection, stream: trio.abc.Stream, request: h11.Request, body: bytes
    ) -> None:
        response = self._answer(request, body)
        if not response.cut:
            await stream.send_all(_encode(http, response, head=request.method == b"HEAD"))

    def _answer(self, request: h11.Request, body: bytes) -> Response:
        response = self._exchange.request(
            request.method.decode("ascii"),
            request.target.decode("latin-1"),
            _headers(request),
            body,
            self._now(),
        )
        self._acted()
        return response

    async def _serve_websocket(
        self, http: h11.Connection, stream: trio.abc.Stream, request: h11.Request
    ) -> None:
        target = request.target.decode("latin-1")
        if target.partition("?")[0] not in (ACCOUNT_PATH, TRADE_PATH):
            await stream.send_all(_encode(http, _NOT_FOUND))
            return
        refusal = self._exchange.refuse_connection(self._now(), target, _headers(request))
        if refusal is not None:
            await stream.send_all(_encode(http, refusal))
            return
        protocol = WSConnection(ConnectionType.SERVER)
        try:
            protocol.initiate_upgrade_connection(list(request.headers), request.target)
        except RemoteProtocolError:
            await stream.send_all(_encode(http, _BAD_REQUEST))
            return
        await stream.send_all(protocol.send(AcceptConnection()))
        if http.trailing_data[0]:
            protocol.receive_data(http.trailing_data[0])
        session = self._exchange.open_session(target, _headers(request), self._now())
        connection = _Connection(stream, protocol, session)
        self._connections[session] = connection
        try:
            self._acted()
            with connection.scope:
                async with trio.open_nursery() as nursery:
                    nursery.start_soon(self._write, connection)
                    await self._read(connection)
        finally:
            del self._connections[session]
            self._exchange.close_session(session, self._now())
            self._acted()

    async def _read(self, connection: _Connection) -> None:
        while True:
            for event in connection.protocol.events():
                self._handle(connection, event)
            self._acted()
            if connection.finished.is_set():
                return
            data = await connection.stream.receive_some(_RECEIVE_SIZE)
            if not data:
                connection.finish()
                return
            connection.protocol.receive_data(bytes(data))

    def _handle(self, connection: _Connection, event: Event) -> None:
        match event:
            case TextMessage() | BytesMessage():
                data = event.data
                part = data if isinstance(data, str) else bytes(data).decode("utf-8", "replace")
                text = connection.complete(part, finished=event.message_finished)
                if text is not None:
                    self._exchange.receive(connection.session, text, self._now())
            case Ping() if connection.protocol.state is ConnectionState.OPEN:
                connection.reply(event.response())
            case CloseConnection():
                # The client replied to our own Close frame: there is nothing left to send.
                if connection.protocol.state in (
                    ConnectionState.OPEN,
                    ConnectionState.REMOTE_CLOSING,
                ):
                    connection.reply(event.response())
                connection.finish()
            case _:
                pass

    async def _write(self, connection: _Connection) -> None:
        while not connection.finished.is_set():
            await connection.bell.wait()
            data = connection.take_bytes()
            if data:
                await connection.stream.send_all(data)
            reason = connection.session.close_reason
            if reason is not None and connection.protocol.state is ConnectionState.OPEN:
                close = CloseConnection(code=reason.code, reason=reason.reason)
                await connection.stream.send_all(connection.protocol.send(close))
                with trio.move_on_after(self._close_deadline_s):
                    await connection.finished.wait()
                break
        last_word = connection.take_bytes()
        if last_word:
            await connection.stream.send_all(last_word)
        # The reader may be waiting for a client that never answers.
        connection.scope.cancel()

    def _now(self) -> float:
        """Seconds since the exchange began."""
        return trio.current_time() - self._began_at

    def _acted(self) -> None:
        """Wake all sessions after a client's action, and the market for an earlier event."""
        self._deliver()
        # Only the deadline is moved: waking the market would lead it back to sleep at once.
        self._sleep_until_next_event()

    def _deliver(self) -> None:
        for connection in self._connections.values():
            connection.notice()


def text_frame(text: str) -> bytes:
    """
    A server's message on the wire.

    The same bytes as ``WSConnection.send`` makes on a connection without extensions, such as all
    are here: no state of the protocol changes with it, and nothing is sent as often. It takes an
    eighth of the time (``benchmarks/simulation.py``).
    """
    payload = text.encode()
    length = len(payload)
    if length < _LENGTH_16:
        return bytes((_TEXT, length)) + payload
    if length < 1 << 16:
        return struct.pack("!BBH", _TEXT, _LENGTH_16, length) + payload
    return struct.pack("!BBQ", _TEXT, _LENGTH_64, length) + payload


async def _next_event(http: h11.Connection, stream: trio.abc.Stream) -> object:
    while True:
        event = http.next_event()
        if event is not h11.NEED_DATA:
            return event
        http.receive_data(bytes(await stream.receive_some(_RECEIVE_SIZE)))


async def _read_body(http: h11.Connection, stream: trio.abc.Stream) -> bytes | None:
    """A request's body, or ``None`` when it is too long."""
    body = bytearray()
    while True:
        event = await _next_event(http, stream)
        if not isinstance(event, h11.Data):
            return bytes(body)
        body += event.data
        if len(body) > _BODY_LENGTH_MAX:
            return None


def _encode(http: h11.Connection, response: Response, *, head: bool = False) -> bytes:
    headers = [*response.headers, ("content-length", str(len(response.body)))]
    parts = [http.send(h11.Response(status_code=response.status, headers=headers))]
    if not head:
        parts.append(http.send(h11.Data(data=response.body)))
    parts.append(http.send(h11.EndOfMessage()))
    return b"".join(part or b"" for part in parts)


def _headers(request: h11.Request) -> dict[str, str]:
    return {name.decode("ascii"): value.decode("latin-1") for name, value in request.headers}


def _asks_for_websocket(request: h11.Request) -> bool:
    return any(
        name == b"upgrade" and value.lower() == b"websocket" for name, value in request.headers
    )
