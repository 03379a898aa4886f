"""The recorder: the venue's own text, all of it, before anybody made sense of it."""

from collections.abc import Callable

import pytest
import trio
from trio.testing import MockClock

from actors.market.recorder import RecorderActor
from actors.net.network import Network
from actors.net.venue_rest import VenueRest
from actors.net.venue_socket import VenueSocket
from tests.support.memory_network import MemoryNetwork
from tests.support.raising import raising
from tests.support.scripted_server import Peer, Script, serve
from tests.support.simulated_venue import open_gate
from trading.core.errors import Fatal, FatalReason, Outage
from trading.core.identifiers import Pair
from trading.recorded.tally import Tally
from trading.venues.valr.venue import Valr

DOGE, BTC = Pair("DOGEUSDT"), Pair("BTCZAR")
CHANGE = '{"type":"OB_L1_DIFF","ps":"DOGEUSDT","d":{"lc":1,"a":[],"b":[],"sq":2,"cs":0}}'


async def subscription(peer: Peer) -> str:
    """What is asked for next, whatever is said in between."""
    while "SUBSCRIBE" not in (text := await peer.hear()):
        pass
    return text


async def recorder(
    nursery: trio.Nursery, script: Script, write: Callable[[str], None], tally: Tally
) -> RecorderActor:
    network: Network = MemoryNetwork()
    address = await serve(nursery, network, script)
    socket = VenueSocket(
        venue=Valr(None),
        network=network,
        address=lambda: address,
        connect_deadline_s=5,
        ping_interval_s=15,
        pong_deadline_s=10,
        rest=VenueRest(
            Valr(None), network, lambda: address, answer_deadline_s=10, gate=open_gate()
        ),
        gate=open_gate(),
    )
    return RecorderActor(
        socket=socket, pairs=(DOGE, BTC), wall_clock=lambda: 77, write=write, tally=tally
    )


async def test_every_frame_is_written_as_it_came_even_one_that_makes_no_sense(
    nursery: trio.Nursery, autojump_clock: MockClock
) -> None:
    frames = [CHANGE.replace(",", " , "), "nonsense", '{"type":"NOVELTY"}', CHANGE]

    async def script(peer: Peer) -> None:
        request = await peer.accept()
        assert not [name for name, _ in request.extra_headers if name.lower().startswith(b"x-valr")]
        assert '"OB_L1_DIFF","pairs":["DOGEUSDT","BTCZAR"]' in await peer.hear()
        await peer.say(*frames)
        await peer.close(1000)

    lines: list[str] = []
    tally = Tally()
    actor = await recorder(nursery, script, lines.append, tally)
    with raising(Outage):
        await actor.run()
    assert lines == [f"77 {frame}\n" for frame in frames]
    assert (tally.frames, tally.malformed, dict(tally.by_pair)) == (4, 1, {DOGE: 2})
    assert tally.size == len("".join(lines))
    nursery.cancel_scope.cancel()


async def test_a_pair_without_one_feed_is_recorded_from_the_next(
    nursery: trio.Nursery, autojump_clock: MockClock
) -> None:
    asked: list[str] = []

    async def script(peer: Peer) -> None:
        await peer.accept()
        await subscription(peer)
        await peer.say(refusal("OB_L1_DIFF"))
        asked.append(await subscription(peer))
        await peer.close(1000)

    actor = await recorder(nursery, script, lambda _: None, Tally())
    with raising(Outage):
        await actor.run()
    assert '"event":"FULL_ORDERBOOK_UPDATE","pairs":["BTCZAR"]' in asked[0]
    nursery.cancel_scope.cancel()


def refusal(event: str) -> str:
    message = f"Channel {event}, pair BTCZAR combination invalid"
    return f'{{"type":"ERROR","message":"{message}"}}'


@pytest.mark.parametrize("seen", [False, True])
async def test_a_pair_without_any_feed_ends_the_recording_unless_it_once_had_one(
    nursery: trio.Nursery, autojump_clock: MockClock, *, seen: bool
) -> None:
    async def script(peer: Peer) -> None:
        await peer.accept()
        for event in ("OB_L1_DIFF", "FULL_ORDERBOOK_UPDATE", "AGGREGATED_ORDERBOOK_UPDATE"):
            await subscription(peer)
            await peer.say(refusal(event))
        await trio.sleep_forever()

    tally = Tally()
    tally.by_pair[BTC] = int(seen)
    actor = await recorder(nursery, script, lambda _: None, tally)
    expected = pytest.RaisesExc(
        Outage if seen else Fatal,
        match="no order book feed for BTCZAR",
        check=lambda e: isinstance(e, Outage) or e.reason is FatalReason.CONFIGURATION,
    )
    with pytest.RaisesGroup(expected, flatten_subgroups=True):
        await actor.run()
    nursery.cancel_scope.cancel()


async def test_a_disk_that_takes_no_more_ends_the_recording(
    nursery: trio.Nursery, autojump_clock: MockClock
) -> None:
    async def script(peer: Peer) -> None:
        await peer.accept(CHANGE)
        await trio.sleep_forever()

    def write(line: str) -> None:
        raise Fatal("full", FatalReason.DISK)

    actor = await recorder(nursery, script, write, Tally())
    with raising(Fatal, "full"):
        await actor.run()
    nursery.cancel_scope.cancel()
