"""A connection with which everything can go wrong."""

from random import Random

import pytest
import trio

from engine.simulation.internet import (
    ACCOUNT,
    PORT,
    REST,
    REST_HOST,
    SOCKET_HOST,
    SOCKETS,
    Closed,
    Internet,
    ProcessNetwork,
    Tampering,
)
from engine.simulation.links import Breakage, Link, Way
from engine.simulation.trace import Trace
from engine.simulation.virtual_clock import VirtualClock
from trading.core.errors import Outage

HELLO = b"GET /ws/account HTTP/1.1\r\n\r\n"
UPGRADED = b"HTTP/1.1 101 Switching\r\nsec-websocket-accept: x\r\n\r\n"


class Rig:
    """An engine's way to a venue that answers nothing by itself."""

    def __init__(self, usual: Way = Way()) -> None:
        self.internet = Internet(Random(1), Trace(), usual)
        self.left: list[bytes] = []
        self.network = ProcessNetwork(self.internet, 1, lambda _link, data: self.left.append(data))

    async def connected(
        self, host: str = SOCKET_HOST
    ) -> tuple[trio.abc.Stream, trio.abc.Stream, Link]:
        """Both ends, the engine's first."""
        if not self.internet.venue_port:
            listening = await self.internet.listen("venue", 0)
            self.listener = listening.listeners[0]
        ours = await self.network.connect(host, PORT)
        theirs = await self.listener.accept()
        return ours, theirs, self.internet.links[-1]


async def arrives(stream: trio.abc.Stream, within_s: float) -> bytes | None:
    """What is read within some seconds; ``None`` for nothing."""
    with trio.move_on_after(within_s):
        return bytes(await stream.receive_some(65_536))
    return None


async def test_bytes_take_their_time_in_both_directions(virtual_clock: VirtualClock) -> None:
    ours, theirs, _ = await Rig(Way(latency_s=0.5)).connected()
    began = trio.current_time()
    await ours.send_all(HELLO)
    assert await arrives(theirs, 5) == HELLO
    await theirs.send_all(b"back")
    assert await arrives(ours, 5) == b"back"
    assert trio.current_time() - began == pytest.approx(1.0)


async def test_what_was_held_up_arrives_once_the_way_is_free(virtual_clock: VirtualClock) -> None:
    rig = Rig()
    ours, theirs, _ = await rig.connected()
    await ours.send_all(HELLO)
    await arrives(theirs, 1)
    with rig.internet.trouble(SOCKETS, up=Way(stalled=True)):
        await ours.send_all(b"late")
        assert await arrives(theirs, 30) is None
    assert await arrives(theirs, 1) == b"late"


async def test_a_slow_way_brings_a_little_at_a_time(virtual_clock: VirtualClock) -> None:
    rig = Rig()
    ours, theirs, _ = await rig.connected(REST_HOST)
    with rig.internet.trouble((REST,), down=Way(bytes_per_s=2.0)):
        began = trio.current_time()
        await theirs.send_all(b"12345678")
        found = b""
        while len(found) < 8:
            found += await arrives(ours, 10) or b""
        assert found == b"12345678"
        assert trio.current_time() - began >= 3.0


async def test_slices_are_as_small_as_they_are_said_to_be(virtual_clock: VirtualClock) -> None:
    rig = Rig()
    ours, theirs, _ = await rig.connected(REST_HOST)
    with rig.internet.trouble((REST,), down=Way(slice_bytes=1)):
        await theirs.send_all(b"abc")
        assert [await arrives(ours, 1) for _ in range(3)] == [b"a", b"b", b"c"]


async def test_on_a_dead_link_sending_succeeds_and_nothing_arrives(
    virtual_clock: VirtualClock,
) -> None:
    ours, theirs, link = await Rig().connected()
    link.fall_silent()
    await ours.send_all(HELLO)
    await ours.aclose()
    assert await arrives(theirs, 100) is None


async def test_a_reset_is_told_to_both_ends_and_loses_what_was_under_way(
    virtual_clock: VirtualClock,
) -> None:
    ours, theirs, link = await Rig(Way(latency_s=1.0)).connected()
    await ours.send_all(HELLO)
    link.break_off(Breakage.RESET)
    for end in (ours, theirs):
        with pytest.raises(trio.BrokenResourceError):
            await end.receive_some(10)
        with pytest.raises(trio.BrokenResourceError):
            await end.send_all(b"more")


async def test_a_reset_in_mid_frame_brings_half_of_what_comes_next(
    virtual_clock: VirtualClock,
) -> None:
    ours, theirs, link = await Rig().connected()
    link.break_off(Breakage.RESET_IN_MID_FRAME)
    await theirs.send_all(b"12345678")
    assert await arrives(ours, 1) == b"1234"
    assert await arrives(ours, 1) == b""


async def test_a_silent_end_is_an_end_to_both(virtual_clock: VirtualClock) -> None:
    ours, theirs, link = await Rig().connected()
    link.break_off(Breakage.SILENT_END)
    assert await arrives(ours, 1) == b""
    assert await arrives(theirs, 1) == b""


async def test_who_closes_is_seen_to_have_gone(virtual_clock: VirtualClock) -> None:
    ours, theirs, _ = await Rig().connected()
    await ours.send_all(HELLO)
    await ours.aclose()
    assert await arrives(theirs, 1) == HELLO
    assert await arrives(theirs, 1) == b""
    with pytest.raises(trio.BrokenResourceError):
        await theirs.send_all(b"anybody?")
    with pytest.raises(trio.ClosedResourceError):
        await ours.send_all(b"more")
    with pytest.raises(trio.ClosedResourceError):
        await ours.receive_some(1)


async def test_a_sender_waits_when_too_much_is_under_way(virtual_clock: VirtualClock) -> None:
    ours, theirs, _ = await Rig().connected()
    await ours.send_all(b"x" * 300_000)
    with trio.move_on_after(5) as patience:
        await ours.send_all(b"y")
    assert patience.cancelled_caught
    while await arrives(theirs, 1):
        pass
    await ours.send_all(b"y")
    assert await arrives(theirs, 1) == b"y"


@pytest.mark.parametrize(
    "closed", [one for one in Closed if one not in (Closed.NO_ANSWER, Closed.SILENT)]
)
async def test_a_way_that_is_shut_says_why(virtual_clock: VirtualClock, closed: Closed) -> None:
    rig = Rig()
    await rig.connected()
    with (
        rig.internet.trouble(SOCKETS, closed=closed),
        pytest.raises(Outage, match=closed.value[:9]),
    ):
        await rig.network.connect(SOCKET_HOST, PORT)
    await rig.connected()


async def test_a_way_without_an_answer_hangs_until_it_is_open_again(
    virtual_clock: VirtualClock,
) -> None:
    rig = Rig()
    await rig.connected()
    with rig.internet.trouble(SOCKETS, closed=Closed.NO_ANSWER):
        with trio.move_on_after(30) as patience:
            await rig.network.connect(SOCKET_HOST, PORT)
        assert patience.cancelled_caught


async def test_one_of_two_sockets_is_shut_out_once_it_says_which_it_is(
    virtual_clock: VirtualClock,
) -> None:
    rig = Rig()
    with rig.internet.trouble((ACCOUNT,), closed=Closed.REFUSED):
        ours, _, link = await rig.connected()
        await ours.send_all(b"GET /ws/trade HTTP/1.1\r\n\r\n")
        assert not link.up.broken
        ours, _, link = await rig.connected()
        with pytest.raises(trio.BrokenResourceError):
            await ours.send_all(HELLO)
    with rig.internet.trouble((ACCOUNT,), closed=Closed.SILENT):
        ours, _, link = await rig.connected()
        await ours.send_all(HELLO)
        assert link.up.dead


@pytest.mark.parametrize(
    ("tampering", "words"),
    [
        (Tampering.WRONG_ACCEPT, b"AAAA"),
        (Tampering.STRANGE_PROTOCOL, b"sec-websocket-protocol"),
        (Tampering.REDIRECT, b"302"),
    ],
)
async def test_the_answer_to_an_upgrade_can_be_tampered_with(
    virtual_clock: VirtualClock, tampering: Tampering, words: bytes
) -> None:
    rig = Rig()
    ours, theirs, _ = await rig.connected()
    await ours.send_all(HELLO)
    rig.internet.tampering.append((ACCOUNT, tampering))
    await theirs.send_all(UPGRADED)
    assert words in (await arrives(ours, 1) or b"")


async def test_what_is_smuggled_in_comes_before_the_next_frame(virtual_clock: VirtualClock) -> None:
    rig = Rig()
    ours, theirs, link = await rig.connected()
    await ours.send_all(HELLO)
    await theirs.send_all(UPGRADED)
    await arrives(ours, 1)
    link.smuggled = b"\x8a\x00"
    await theirs.send_all(b"frame")
    assert await arrives(ours, 1) == b"\x8a\x00frame"


async def test_a_dead_process_reaches_nobody_and_its_connections_end(
    virtual_clock: VirtualClock,
) -> None:
    rig = Rig()
    ours, theirs, _ = await rig.connected()
    await ours.send_all(HELLO)
    rig.network.die(with_power=False)
    assert await arrives(theirs, 1) == HELLO
    assert await arrives(theirs, 1) == b""
    with pytest.raises(trio.BrokenResourceError):
        await ours.send_all(b"a ghost")
    with pytest.raises(Outage):
        await rig.network.connect(SOCKET_HOST, PORT)
    assert rig.left == [HELLO]


async def test_a_machine_without_power_closes_no_connection(virtual_clock: VirtualClock) -> None:
    rig = Rig()
    _, theirs, _ = await rig.connected()
    rig.network.die(with_power=True)
    assert await arrives(theirs, 100) is None
