"""A server that does exactly what a test's script says, down to the single byte."""

from collections.abc import Awaitable, Callable

import trio
import wsproto
from wsproto.events import AcceptConnection, CloseConnection, Event, Request, TextMessage

from actors.net.network import Address, Network

Script = Callable[["Peer"], Awaitable[None]]

_GONE = (trio.BrokenResourceError, trio.ClosedResourceError)


class Peer:
    """
    The server's end of one connection.

    Args:
        number: Counts the connections to one server, from 1.
    """

    def __init__(self, stream: trio.abc.Stream, number: int) -> None:
        self.stream = stream
        self.number = number
        self._protocol = wsproto.WSConnection(wsproto.ConnectionType.SERVER)
        self._events: list[Event] = []

    async def read_request(self) -> str:
        """A whole HTTP request, head and body; empty when the client has gone."""
        data = b""
        while b"\r\n\r\n" not in data:
            more = await self.stream.receive_some()
            if not more:
                return ""
            data += more
        head, _, body = data.partition(b"\r\n\r\n")
        length = next(
            (
                int(line.partition(b":")[2])
                for line in head.split(b"\r\n")
                if line.lower().startswith(b"content-length:")
            ),
            0,
        )
        while len(body) < length:
            body += await self.stream.receive_some()
        return (head + b"\r\n\r\n" + body).decode()

    async def answer(self, status: int, body: str = "", *headers: str) -> None:
        """Answer an HTTP request."""
        lines = [f"HTTP/1.1 {status} Scripted", f"Content-Length: {len(body)}", *headers, "", body]
        await self.stream.send_all("\r\n".join(lines).encode())

    async def accept(self, *texts: str) -> Request:
        """Upgrade to a WebSocket; with some first messages in the same breath."""
        event = await self._next()
        assert isinstance(event, Request)
        data = self._protocol.send(AcceptConnection())
        await self.stream.send_all(data + self._frames(texts))
        return event

    async def say(self, *texts: str) -> None:
        """Send messages, all in one go."""
        await self.stream.send_all(self._frames(texts))

    async def hear(self) -> str:
        """
        The client's next message.

        Raises:
            BrokenResourceError: It said goodbye instead.
        """
        event = await self._next()
        if isinstance(event, CloseConnection):
            raise trio.BrokenResourceError
        assert isinstance(event, TextMessage), event
        return event.data

    async def hear_anything(self) -> Event:
        return await self._next()

    async def send(self, event: Event) -> None:
        """Send whatever the protocol allows: control frames too."""
        await self.stream.send_all(self._protocol.send(event))

    async def close(self, code: int, reason: str = "") -> None:
        await self.stream.send_all(self._protocol.send(CloseConnection(code=code, reason=reason)))

    async def cut(self) -> None:
        await self.stream.aclose()

    def _frames(self, texts: tuple[str, ...]) -> bytes:
        return b"".join(self._protocol.send(TextMessage(data=text)) for text in texts)

    async def _next(self) -> Event:
        while not self._events:
            data = await self.stream.receive_some()
            self._protocol.receive_data(bytes(data) or None)
            self._events.extend(self._protocol.events())
            if not data and not self._events:
                raise trio.BrokenResourceError  # it went without a word
        return self._events.pop(0)


async def serve(
    nursery: trio.Nursery, network: Network, script: Script, *, port: int = 0
) -> Address:
    """Play a script to everybody who connects; when it ends, the connection does."""
    listening = await network.listen("127.0.0.1", port)
    count = 0

    async def play(stream: trio.abc.Stream) -> None:
        nonlocal count
        count += 1
        try:
            async with stream:
                await script(Peer(stream, count))
        except* _GONE:
            pass

    await nursery.start(trio.serve_listeners, play, listening.listeners)
    return Address(host="127.0.0.1", port=listening.port, tls=False)


async def silence(peer: Peer) -> None:
    """Take the connection and never say a word."""
    await trio.sleep_forever()
