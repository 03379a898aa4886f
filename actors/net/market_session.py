"""One connection for public market data: its subscriptions and its requests."""

from collections.abc import Callable, Sequence

import structlog
import trio
from typing_extensions import override

from actors.net.socket_session import SocketSession
from actors.net.venue_socket import VenueSocket
from actors.net.websocket import WebSocket
from trading.core.errors import Outage, Rejected
from trading.core.identifiers import Pair
from trading.messages.market import MarketEvent
from trading.venues.interface import Asked, Fetch

log = structlog.get_logger()

_WAITING_MAX = 100
"""Frames that wait to be sent; more means that the connection takes nothing."""


class MarketSession(SocketSession[MarketEvent]):
    """
    One connection that is subscribed to the market data of some pairs.

    Args:
        name: For the log.
        socket: How the venue is reached.
        pairs: The pairs subscribed to.
        decode: Replaces the venue's own ``decode_market``.

    Attributes:
        subscriptions: The state of this connection's subscriptions.
    """

    def __init__(
        self,
        name: str,
        socket: VenueSocket,
        pairs: Sequence[Pair],
        decode: Callable[[str, float], Sequence[MarketEvent]] | None = None,
    ) -> None:
        self.subscriptions = socket.venue.market_subscriptions(pairs)
        opening = self.subscriptions.opening()
        super().__init__(name, opening, decode or socket.venue.decode_market)
        self._socket = socket
        self._to_ask, self._waiting = trio.open_memory_channel[Asked](_WAITING_MAX)

    async def run(self) -> None:
        """
        Hold the connection for as long as it lives.

        Raises:
            Outage: The connection failed, ended, or fell silent.
        """
        await self._socket.converse(self._socket.venue.market_handshake(), self)

    def ask(self, asked: Sequence[Asked]) -> None:
        """
        Have a request sent as soon as the connection takes it.

        Raises:
            Outage: The connection takes nothing.
        """
        for each in asked:
            try:
                self._to_ask.send_nowait(each)
            except trio.WouldBlock:
                raise Outage("the trade socket does not take what is sent") from None

    @override
    async def speak(self, websocket: WebSocket) -> None:
        """
        Send requests while the connection lives; a fetch by REST holds up nothing else.

        Raises:
            Outage: The venue did not answer by REST.
        """
        async with trio.open_nursery() as nursery:
            self.start_beside(nursery)
            async for asked in self._waiting:
                if isinstance(asked, Fetch):
                    nursery.start_soon(self._fetch, asked)
                else:
                    await websocket.send(asked)

    def start_beside(self, nursery: trio.Nursery) -> None:
        """Start the other tasks that run for as long as the connection lives."""

    async def _fetch(self, fetch: Fetch) -> None:
        try:
            frame = await self._socket.rest.call(fetch.call)
        except Rejected as refusal:
            log.warning("fetch_refused", path=fetch.call.path, cause=str(refusal))
            await self.handle(fetch.refused)
            return
        # The answer is handled as if it had come by the socket.
        for event in await self.events(frame, trio.current_time()):
            await self.handle(event)
