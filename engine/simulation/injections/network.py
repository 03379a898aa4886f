"""Fault injections of the network: N01 to N40, as far as bytes and connections go."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from random import Random

import trio

from engine.simulation.injections.base import FaultInjection, Harness, Strike
from engine.simulation.internet import (
    ACCOUNT,
    REST,
    SOCKETS,
    TRADE,
    Closed,
    Tampering,
)
from engine.simulation.links import Breakage, Link, Way

_EVERYWHERE = (*SOCKETS, REST)
_ENDED = frozenset({"actor_ended"})

# Malformed messages of a server, as WebSocket frames.
_PONG_UNASKED = b"\x8a\x04none"
_PING_HUGE = b"\x89\x7d" + b"p" * 125
_NOT_UTF_8 = b"\x81\x02\xff\xfe"
_RESERVED_BITS = b"\xf1\x02no"
_BAD_OPCODE = b"\x83\x02no"
_TOO_LONG_BYTES = 17 * 1024 * 1024
_TOO_LONG = b"\x81\x7f" + _TOO_LONG_BYTES.to_bytes(8)


def _some_sockets(random: Random) -> Sequence[str]:
    return random.choice(((ACCOUNT,), (TRADE,), SOCKETS))


def _to_links(fault: str, act: Callable[[Link], None]) -> Strike:
    """An injection into live sockets, over at once."""

    async def strike(scene: Harness, random: Random, _for_s: float) -> None:
        await trio.lowlevel.checkpoint()
        for link in scene.site.internet.live(_some_sockets(random)):
            act(link)
            scene.site.struck_by(fault)

    return strike


def _worse(fault: str, kinds: Iterable[str], *, up: Way = Way(), down: Way = Way()) -> Strike:
    """Ways are worse for a while."""

    async def strike(scene: Harness, _random: Random, for_s: float) -> None:
        with scene.site.internet.trouble(kinds, up=up, down=down):
            scene.site.struck_by(fault)
            await trio.sleep(for_s)

    return strike


def _shut(fault: str, closed: Closed, kinds: Iterable[str] = _EVERYWHERE) -> Strike:
    """Connections break, and no new ones come about for a while."""

    async def strike(scene: Harness, _random: Random, for_s: float) -> None:
        with scene.site.internet.trouble(kinds, closed=closed):
            for link in scene.site.internet.live(kinds):
                link.break_off(Breakage.RESET)
            scene.site.struck_by(fault)
            await trio.sleep(for_s)

    return strike


async def _one_of_two(scene: Harness, random: Random, for_s: float) -> None:
    kind = random.choice(SOCKETS)
    await _shut("N39", Closed.REFUSED, (kind,))(scene, random, for_s)


async def _tampered(scene: Harness, random: Random, _for_s: float) -> None:
    """The answer to the next upgrade is not the venue's; for that a connection has to break."""
    await trio.lowlevel.checkpoint()
    internet = scene.site.internet
    for link in internet.live(_some_sockets(random)):
        internet.tampering.append((link.kind, random.choice(list(Tampering))))
        link.break_off(Breakage.RESET)
        scene.site.struck_by("N27")


async def _storm(scene: Harness, random: Random, for_s: float) -> None:
    """Every new connection is cut again, until the injection is over."""
    with trio.move_on_after(for_s):
        while True:
            for link in scene.site.internet.live(SOCKETS):
                link.break_off(Breakage.RESET)
                scene.site.struck_by("N38")
            await trio.sleep(random.uniform(0.2, 3.0))


async def _swizzle(scene: Harness, random: Random, for_s: float) -> None:
    """Ways clog one after the other, and open again in another order."""
    kinds, pause = list(_EVERYWHERE), for_s / 8
    random.shuffle(kinds)

    async def clogged(kind: str, begins_s: float, lasts_s: float) -> None:
        await trio.sleep(begins_s)
        way = Way(stalled=True)
        with scene.site.internet.trouble((kind,), up=way, down=way):
            scene.site.struck_by("N40")
            await trio.sleep(lasts_s)

    async with trio.open_nursery() as nursery:
        for number, kind in enumerate(kinds):
            lasts_s = pause * random.randint(1, 5)
            nursery.start_soon(clogged, kind, pause * number, lasts_s)


def _smuggled(fault: str, *frames: bytes) -> Strike:
    async def strike(scene: Harness, random: Random, _for_s: float) -> None:
        await trio.lowlevel.checkpoint()
        for link in scene.site.internet.live(_some_sockets(random)):
            if link.upgraded:
                link.smuggled = random.choice(frames)
                scene.site.struck_by(fault)

    return strike


async def _too_long(scene: Harness, random: Random, for_s: float) -> None:
    frame = _TOO_LONG + b" " * _TOO_LONG_BYTES
    await _smuggled("N29", frame)(scene, random, for_s)


_SLOW_LORIS = Way(bytes_per_s=1.0)

NETWORK: Mapping[str, FaultInjection] = {
    trouble.fault: trouble
    for trouble in (
        FaultInjection(
            fault="N01",
            what="a connection is dead both ways, and nobody says so",
            strike=_to_links("N01", Link.fall_silent),
            noticed_by=_ENDED,
        ),
        FaultInjection(
            fault="N02",
            what="nothing comes from the venue any more, but it still hears us",
            strike=_to_links("N02", lambda link: link.down.kill()),
            noticed_by=_ENDED,
        ),
        FaultInjection(
            fault="N03",
            what="the venue does not hear us any more, but we hear it",
            strike=_to_links("N03", lambda link: link.up.kill()),
            noticed_by=_ENDED,
        ),
        FaultInjection(
            fault="N04",
            what="a connection is reset",
            strike=_to_links("N04", lambda link: link.break_off(Breakage.RESET)),
            noticed_by=_ENDED,
        ),
        FaultInjection(
            fault="N05",
            what="a connection is reset in mid-frame",
            strike=_to_links("N05", lambda link: link.break_off(Breakage.RESET_IN_MID_FRAME)),
            noticed_by=_ENDED,
        ),
        FaultInjection(
            fault="N06",
            what="a connection ends without a Close frame",
            strike=_to_links("N06", lambda link: link.break_off(Breakage.SILENT_END)),
            noticed_by=_ENDED,
        ),
        FaultInjection(
            fault="N09",
            what="a socket brings one byte a second",
            strike=_worse("N09", SOCKETS, down=_SLOW_LORIS),
            for_s=(30.0, 90.0),
            noticed_by=_ENDED,
        ),
        FaultInjection(
            fault="N10",
            what="REST answers bring one byte a second",
            strike=_worse("N10", (REST,), down=_SLOW_LORIS),
            for_s=(10.0, 90.0),
        ),
        FaultInjection(
            fault="N11",
            what="1 kB a second and no more",
            strike=_worse("N11", _EVERYWHERE, down=Way(bytes_per_s=1000.0)),
            for_s=(20.0, 120.0),
        ),
        FaultInjection(
            fault="N12",
            what="latency of 5 s with a jitter of 5 s",
            strike=_worse(
                "N12",
                _EVERYWHERE,
                up=Way(latency_s=2.5, jitter_s=2.5),
                down=Way(latency_s=2.5, jitter_s=2.5),
            ),
            for_s=(20.0, 120.0),
        ),
        FaultInjection(
            fault="N13",
            what="everything arrives byte by byte",
            strike=_worse("N13", _EVERYWHERE, up=Way(slice_bytes=1), down=Way(slice_bytes=1)),
            for_s=(2.0, 10.0),
        ),
        FaultInjection(
            fault="N16",
            what="the two sockets and REST are not in step",
            strike=_worse("N16", (ACCOUNT,), down=Way(jitter_s=3.0)),
            for_s=(20.0, 90.0),
        ),
        FaultInjection(
            fault="N22",
            what="a pong nobody asked for, and a ping with all that fits into it",
            strike=_smuggled("N22", _PONG_UNASKED, _PING_HUGE),
        ),
        FaultInjection(
            fault="N26",
            what="connections come about, and nobody speaks",
            strike=_shut("N26", Closed.SILENT),
            for_s=(10.0, 60.0),
            noticed_by=_ENDED,
        ),
        FaultInjection(
            fault="N27",
            what="the answer to an upgrade is wrong, or leads elsewhere",
            strike=_tampered,
            noticed_by=_ENDED,
        ),
        FaultInjection(
            fault="N28",
            what="a frame that no WebSocket may contain",
            strike=_smuggled("N28", _NOT_UTF_8, _RESERVED_BITS, _BAD_OPCODE),
            noticed_by=_ENDED,
        ),
        FaultInjection(
            fault="N29",
            what="a message of 17 MiB",
            strike=_too_long,
            noticed_by=_ENDED,
        ),
        FaultInjection(
            fault="N30",
            what="the venue's name cannot be resolved",
            strike=_shut("N30", Closed.NO_NAME),
            for_s=(20.0, 600.0),
            noticed_by=_ENDED,
        ),
        FaultInjection(
            fault="N31",
            what="the name leads to somebody else, who cannot prove to be the venue",
            strike=_shut("N31", Closed.WRONG_PEER),
            for_s=(10.0, 90.0),
            noticed_by=_ENDED,
        ),
        FaultInjection(
            fault="N32",
            what="the venue's certificate is not accepted",
            strike=_shut("N32", Closed.BAD_CERTIFICATE),
            for_s=(10.0, 90.0),
            noticed_by=_ENDED,
        ),
        FaultInjection(
            fault="N36",
            what="connecting hangs",
            strike=_shut("N36", Closed.NO_ANSWER),
            for_s=(10.0, 90.0),
            noticed_by=_ENDED,
        ),
        FaultInjection(
            fault="N37",
            what="the process has no ports or files left for connections",
            strike=_shut("N37", Closed.EXHAUSTED),
            for_s=(10.0, 60.0),
            noticed_by=_ENDED,
        ),
        FaultInjection(
            fault="N38",
            what="every new socket is cut at once",
            strike=_storm,
            for_s=(20.0, 120.0),
            noticed_by=_ENDED,
        ),
        FaultInjection(
            fault="N39",
            what="one of the two sockets cannot be opened",
            strike=_one_of_two,
            for_s=(15.0, 120.0),
            noticed_by=_ENDED,
        ),
        FaultInjection(
            fault="N40",
            what="ways clog one by one and open again in another order",
            strike=_swizzle,
            for_s=(20.0, 120.0),
        ),
    )
}
