"""A connection that cannot begin before the venue has been asked by REST for something."""

import contextlib

import pytest
import trio
from trio.testing import MockClock

from tests.support.doors import Door
from tests.support.listening import Listening
from tests.support.memory_network import MemoryNetwork
from tests.support.scripted_server import Peer, serve
from tests.support.simulated_venue import socket_to
from trading.core.errors import Outage, Rejected
from trading.messages.market import MarketEvent
from trading.venues.interface import Call, Handshake


def keyed(body: bytes) -> Handshake:
    """A handshake whose path is what was answered, as with a listen key."""
    return Handshake(path=f"/ws/{body.decode()}", headers=dict, authenticated=False)


LISTEN_KEY = Call(verb="POST", path="/userDataStream", decode=keyed, signed=False)


async def converse(nursery: trio.Nursery, *answer: object) -> list[str]:
    """The paths that were asked for, until the connection ended."""
    asked = list[str]()

    async def script(peer: Peer) -> None:
        if peer.number == 1:
            asked.append((await peer.read_request()).partition(" HTTP")[0])
            await peer.answer(int(str(answer[0])), str(answer[1]))
            return
        asked.append((await peer.accept()).target)
        await peer.close(1000)

    async def handle(event: MarketEvent) -> None:
        await trio.lowlevel.checkpoint()
        raise AssertionError(event)

    network = MemoryNetwork()
    socket = socket_to(await serve(nursery, network, script), Door(network))
    session = Listening("keyed", socket.venue.decode_market, handle)
    with contextlib.suppress(Outage):
        await socket.converse(LISTEN_KEY, session)
    return asked


async def test_what_is_answered_by_rest_becomes_the_handshake(
    nursery: trio.Nursery, autojump_clock: MockClock
) -> None:
    assert await converse(nursery, 200, "pqia91ma") == ["POST /userDataStream", "/ws/pqia91ma"]


async def test_without_an_answer_there_is_no_connection(
    nursery: trio.Nursery, autojump_clock: MockClock
) -> None:
    with pytest.raises(Rejected, match="no such stream"):
        await converse(nursery, 400, '{"code":-1,"message":"no such stream"}')
