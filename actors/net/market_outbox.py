"""What is asked of a venue about its market data, on one connection or beside it."""

from collections.abc import Awaitable, Callable, Sequence

import structlog
import trio

from actors.net.venue_rest import VenueRest
from actors.net.websocket import WebSocket
from trading.core.errors import Outage, Rejected
from trading.messages.market import MarketEvent
from trading.venues.interface import Asked, Fetch

log = structlog.get_logger()

_WAITING_MAX = 100
"""Frames that wait to be sent; more means that the connection takes nothing."""


class MarketOutbox:
    """
    Frames that wait to be sent, and frames that are fetched by REST.

    Args:
        rest: Where frames are fetched.
        take: Takes a fetched frame as if it had come by the socket.
        handle: Takes what it means that a frame was refused.
    """

    def __init__(
        self,
        rest: VenueRest,
        take: Callable[[str], Awaitable[None]],
        handle: Callable[[MarketEvent], Awaitable[None]],
    ) -> None:
        self._rest, self._take, self._handle = rest, take, handle
        self._to_ask, self._waiting = trio.open_memory_channel[Asked](_WAITING_MAX)

    def ask(self, asked: Sequence[Asked]) -> None:
        """
        Ask for something as soon as the connection takes it.

        Raises:
            Outage: It takes nothing.
        """
        for each in asked:
            try:
                self._to_ask.send_nowait(each)
            except trio.WouldBlock:
                raise Outage("the trade socket does not take what is sent") from None

    async def speak(self, websocket: WebSocket, nursery: trio.Nursery) -> None:
        """
        Ask for as long as the connection lives; what is fetched holds up nothing else.

        Raises:
            Outage: The venue did not answer by REST.
        """
        async for asked in self._waiting:
            if isinstance(asked, Fetch):
                nursery.start_soon(self._fetch, asked)
            else:
                await websocket.send(asked)

    async def _fetch(self, fetch: Fetch) -> None:
        try:
            frame = await self._rest.call(fetch.call)
        except Rejected as refusal:
            log.warning("fetch_refused", path=fetch.call.path, cause=str(refusal))
            await self._handle(fetch.refused)
        else:
            await self._take(frame)
