"""Wrong designs of connections."""

from collections.abc import Mapping
from typing import Any

import attrs
import trio

from actors.rate_gate import RateGate
from actors.venue_socket import Conversation, VenueSocket
from actors.websocket import KeepAlive, WebSocket
from engine.restart_policy import Backoff
from tests.wrong_designs.design import Design, put


def pings_without_deadline() -> None:
    """A socket is pinged, and nobody minds when no answer comes."""

    async def run(self: KeepAlive, websocket: WebSocket) -> None:
        while True:
            await websocket.send(self.ping)
            await trio.sleep(self.interval_s)

    put(KeepAlive, "run", run)


def reconnects_at_once() -> None:
    """What was cut connects again at once, however often, and no rate limit holds it back."""

    def no_delay(_self: Backoff, _in_a_row: int, _random: Any) -> float:
        return 0.0

    async def open_gate(_self: RateGate, _lanes: Any, _priority: Any) -> None:
        await trio.lowlevel.checkpoint()

    put(Backoff, "delay_s", no_delay)
    put(RateGate, "enter", open_gate)


def subscribes_once() -> None:
    """A connection that takes the place of another one does not subscribe again."""
    speak = VenueSocket._speak  # noqa: SLF001
    subscribed: list[tuple[VenueSocket, str]] = []  # each process of a simulation has its own

    async def silent(self: VenueSocket, conversation: Conversation[Any], *others: Any) -> None:
        if any(one is self and name == conversation.name for one, name in subscribed):
            conversation = attrs.evolve(conversation, opening=())
        else:
            subscribed.append((self, conversation.name))
        await speak(self, conversation, *others)

    put(VenueSocket, "_speak", silent)


DESIGNS: Mapping[str, Design] = {
    "pings_without_deadline": Design(pings_without_deadline),
    "reconnects_at_once": Design(reconnects_at_once),
    "subscribes_once": Design(subscribes_once),
}
