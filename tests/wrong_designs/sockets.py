"""Wrong designs of connections."""

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

import trio

from actors.net import websocket
from actors.net.rate_gate import RateGate
from actors.net.socket_session import SocketSession
from actors.net.venue_socket import VenueSocket
from actors.net.websocket import KeepAlive, WebSocket
from engine.supervision.policy import Backoff
from tests.wrong_designs.design import Design, put
from trading.core.errors import Fatal


def pings_without_deadline() -> None:
    """A socket is pinged, and nobody minds when no answer comes."""

    async def run(self: KeepAlive, websocket: WebSocket) -> None:
        while True:
            if self.ping is not None:
                await websocket.send(self.ping)
            await trio.sleep(self.interval_s)

    put(KeepAlive, "run", run)


def reconnects_at_once() -> None:
    """What was cut connects again at once, however often, and no rate limit holds it back."""

    def no_delay(_self: Backoff, _in_a_row: int, _random: Any) -> float:
        return 0.0

    async def open_gate(_self: RateGate, _lanes: Any, _priority: Any, _weight: int = 1) -> None:
        await trio.lowlevel.checkpoint()

    put(Backoff, "delay_s", no_delay)
    put(RateGate, "enter", open_gate)


def subscribes_once() -> None:
    """A connection that takes the place of another one does not subscribe again."""
    speak = VenueSocket._speak  # noqa: SLF001
    subscribed: list[tuple[VenueSocket, str]] = []  # each process of a simulation has its own

    async def silent(self: VenueSocket, session: SocketSession[Any], *others: Any) -> None:
        if any(one is self and name == session.name for one, name in subscribed):
            session.opening = ()
        else:
            subscribed.append((self, session.name))
        await speak(self, session, *others)

    put(VenueSocket, "_speak", silent)


def limited_is_refused() -> None:
    """A handshake that comes too often is taken for a key that is refused."""
    refused = websocket._refused  # noqa: SLF001

    def hopeless(status: int, headers: Mapping[bytes, bytes]) -> Exception:
        if status == HTTPStatus.TOO_MANY_REQUESTS:
            return Fatal(f"the WebSocket upgrade was refused with status {status}: check the key")
        return refused(status, headers)

    put(websocket, "_refused", hopeless)


DESIGNS: Mapping[str, Design] = {
    "pings_without_deadline": Design(pings_without_deadline),
    "reconnects_at_once": Design(reconnects_at_once),
    "subscribes_once": Design(subscribes_once),
    "limited_is_refused": Design(limited_is_refused),
}
