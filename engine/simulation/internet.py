"""The simulated network between engines and their venue: addresses, connections, faults."""

import contextlib
import enum
import itertools
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import partial
from random import Random

import attrs
import trio

from actors.net.network import Listening
from engine.simulation.links import Breakage, End, Link, Pipe, Way
from engine.simulation.memory_sockets import MemoryListener
from engine.simulation.trace import Trace
from trading.core.errors import Outage

REST_HOST, SOCKET_HOST, PORT = "rest.venue.simulated", "sockets.venue.simulated", 80
REST, SOCKET, ACCOUNT, TRADE = "rest", "socket", "account", "trade"
SOCKETS = (ACCOUNT, TRADE)

_BACKLOG = 64
_SOCKETS_REMEMBERED = 100
_FIRST_LINES = {b"GET /ws/account": ACCOUNT, b"GET /ws/trade": TRADE}
_UPGRADED = b"HTTP/1.1 101"
_REDIRECTED = (
    b"HTTP/1.1 302 Found\r\nlocation: http://portal.simulated/login\r\ncontent-length: 0\r\n\r\n"
)


class Closed(enum.Enum):
    """Why no connection comes about."""

    REFUSED = "connection refused"
    NO_NAME = "temporary failure in name resolution"
    EXHAUSTED = "too many open files"
    NO_ANSWER = "nothing"
    """Connecting hangs until that changes: no answer, and no refusal."""
    SILENT = "silence"
    """The other side accepts the connection, and never sends a byte."""
    WRONG_PEER = "certificate verify failed: hostname mismatch"
    """The other side has no certificate of the venue: not a byte is sent to it."""
    BAD_CERTIFICATE = "certificate verify failed: certificate has expired"


class Tampering(enum.Enum):
    """A change of the answer to a WebSocket upgrade."""

    WRONG_ACCEPT = "wrong accept"
    STRANGE_PROTOCOL = "strange subprotocol"
    REDIRECT = "redirect"


@attrs.frozen(eq=False)
class _Trouble:
    kinds: frozenset[str]
    up: Way = Way()
    down: Way = Way()
    closed: Closed | None = None


class Internet:
    """
    Carries every connection of a simulation.

    Args:
        random: Of the jitter on the way.
        trace: Shown every byte.
        usual: What every way is like without trouble.
        usual_of: What some are like instead: by the kind of connection, and whether it is the way
            to the venue.
    """

    def __init__(
        self,
        random: Random,
        trace: Trace,
        usual: Way,
        usual_of: Mapping[tuple[str, bool], Way] | None = None,
    ) -> None:
        self._random = random
        self._trace = trace
        self.usual = usual
        self._usual_of = usual_of or {}
        self._doors: dict[int, trio.MemorySendChannel[trio.abc.Stream]] = {}
        self._ports = itertools.count(40_000)
        self._numbers = itertools.count(1)
        self._troubles: list[_Trouble] = []
        self._ways: dict[tuple[str, bool], Way] = {}
        self._changed = trio.Event()
        self.venue_port = 0
        self.links: list[Link] = []
        self.tampering: list[tuple[str, Tampering]] = []
        self.tampered: list[Tampering] = []
        self.sockets_of: dict[int, deque[float]] = {}
        """When each process asked for its last sockets, whether or not it was let in."""

    # The venue's side.

    async def connect(self, host: str, port: int) -> trio.abc.Stream:
        raise Outage(f"{host}:{port} cannot be reached from the venue's side")

    async def listen(self, host: str, port: int) -> Listening:
        del host
        await trio.lowlevel.checkpoint()
        port = port or next(self._ports)
        send, receive = trio.open_memory_channel[trio.abc.Stream](_BACKLOG)
        self._doors[port] = send
        self.venue_port = port
        return Listening(port, (MemoryListener(receive),))

    # Troubles.

    @contextlib.contextmanager
    def trouble(
        self,
        kinds: Iterable[str],
        *,
        up: Way = Way(),
        down: Way = Way(),
        closed: Closed | None = None,
    ) -> Iterator[None]:
        """Make ways worse, or shut them to new connections, while this context is open."""
        trouble = _Trouble(_with_parents(kinds), up, down, closed)
        self._troubles.append(trouble)
        self._turn()
        try:
            yield
        finally:
            self._troubles.remove(trouble)
            self._turn()

    def live(self, kinds: Iterable[str]) -> list[Link]:
        """The open connections of some kinds, oldest first."""
        wanted = set(kinds)
        return [link for link in self.links if not link.given_up and link.kind in wanted]

    def only_one(self, kind: str) -> bool:
        """Whether the venue serves one connection of a kind, and not a dead one besides."""
        return sum(link.kind == kind for link in self.links) == 1

    def held(self, kind: str) -> Link | None:
        """The connection of a kind that the engine holds, where the venue serves no other."""
        served = [link for link in self.links if link.kind == kind]
        return served[0] if len(served) == 1 and not served[0].given_up else None

    def _turn(self) -> None:
        self._ways.clear()
        self._changed.set()
        self._changed = trio.Event()
        for link in self.links:
            link.stir()

    def way(self, kind: str, *, up: bool) -> Way:
        """What one direction of the connections of a kind is like now."""
        found = self._ways.get((kind, up))
        if found is None:
            found = self._usual_of.get((kind, up), self.usual)
            for trouble in self._troubles:
                if kind in trouble.kinds:
                    found = found.and_also(trouble.up if up else trouble.down)
            self._ways[kind, up] = found
        return found

    def lets_in(self, kind: str) -> bool:
        """Whether nothing keeps new connections of a kind from coming about."""
        return self._closed(kind) is None

    # The engines' side.

    async def open(self, process: int, host: str, sent: "Departures") -> trio.abc.Stream:
        """
        Connect an engine to the venue.

        Raises:
            Outage: As a real network would say it.
        """
        kind = REST if host == REST_HOST else SOCKET
        if kind == SOCKET:
            asked = self.sockets_of.setdefault(process, deque(maxlen=_SOCKETS_REMEMBERED))
            asked.append(trio.current_time())
        await trio.sleep(self.usual.latency_s)
        while (closed := self._closed(kind)) is Closed.NO_ANSWER:
            await self._changed.wait()
        if closed in (Closed.WRONG_PEER, Closed.BAD_CERTIFICATE):
            raise Outage(f"cannot connect to {host}: {closed.value}")
        if closed is not None and closed is not Closed.SILENT:
            raise Outage(f"cannot connect to {host}: {closed.value}")
        link = self._link(process, kind)
        if closed is Closed.SILENT:
            link.fall_silent()
            link.ends = 1
        else:
            try:
                self._doors[self.venue_port].send_nowait(self._venues_end(link))
            except (KeyError, trio.BrokenResourceError, trio.WouldBlock) as error:
                raise Outage(f"cannot connect to {host}: connection refused") from error
        self.links = [one for one in self.links if one.ends]
        self.links.append(link)
        return End(link, link.up, link.down, partial(self._from_engine, link, sent))

    def _link(self, process: int, kind: str) -> Link:
        number = next(self._numbers)

        def way(*, up: bool) -> Callable[[], Way]:
            return lambda: self.way(link.kind, up=up)

        up, down = (Pipe(way(up=up), self._random) for up in (True, False))
        link = Link(number, kind, process, up, down)
        return link

    def _closed(self, kind: str) -> Closed | None:
        for trouble in self._troubles:
            if trouble.closed is not None and kind in trouble.kinds:
                return trouble.closed
        return None

    def _venues_end(self, link: Link) -> trio.abc.Stream:
        return End(link, link.down, link.up, partial(self._from_venue, link))

    def _from_engine(self, link: Link, sent: "Departures", data: bytes) -> bytes:
        if link.kind == SOCKET:
            found = (kind for line, kind in _FIRST_LINES.items() if data.startswith(line))
            link.kind = next(found, SOCKET)
            self._shut_out(link)
        self._trace.passed(f"{link.number} {link.kind} >", data)
        sent(link, data)
        return data

    def _shut_out(self, link: Link) -> None:
        """A trouble of one socket alone begins to matter once it is clear which one this is."""
        closed = None if link.kind == SOCKET else self._closed(link.kind)
        if closed in (Closed.NO_ANSWER, Closed.SILENT):
            link.fall_silent()
        elif closed is not None:
            link.break_off(Breakage.RESET)

    def _from_venue(self, link: Link, data: bytes) -> bytes:
        if link.kind != REST and not link.upgraded and data.startswith(_UPGRADED):
            link.upgraded = True
            data = self._tampered(link, data)
        elif link.smuggled:
            data, link.smuggled = link.smuggled + data, b""
        if link.doomed is not None:
            data = data[: len(data) // 2]
            link.down.end()
            link.up.break_off()
        self._trace.passed(f"{link.number} {link.kind} <", data)
        return data

    def _tampered(self, link: Link, data: bytes) -> bytes:
        for entry in self.tampering:
            if entry[0] == link.kind:
                self.tampering.remove(entry)
                self.tampered.append(entry[1])
                return _changed(data, entry[1])
        return data


Departures = Callable[[Link, bytes], None]
"""Shown what an engine hands to the network, before anything can happen to it."""


@attrs.define(eq=False)
class ProcessNetwork:
    """
    One engine process's way to the network.

    Args:
        number: The process's.
        departures: Shown what leaves.
        dead: Whether the process was killed: none of its bytes arrive any more.
    """

    internet: Internet
    number: int
    departures: Departures
    dead: bool = False

    async def connect(self, host: str, port: int) -> trio.abc.Stream:
        del port
        self._require_life()
        stream = await self.internet.open(self.number, host, self.departures)
        # It may have been killed meanwhile.
        self._require_life()
        return stream

    def _require_life(self) -> None:
        if self.dead:
            raise Outage("the process is dead")

    async def listen(self, host: str, port: int) -> Listening:
        raise Outage(f"{host}:{port} cannot be listened on in a simulation")

    def die(self, *, with_power: bool) -> None:
        """
        End every connection at once, as the kernel does for a killed process.

        Args:
            with_power: Whether the machine goes with it: then no end of a connection is sent.
        """
        self.dead = True
        for link in self.internet.links:
            if link.process != self.number:
                continue
            if with_power:
                link.fall_silent()
            else:
                link.up.end()
            link.down.reader_gone = True
            link.given_up = True


def _with_parents(kinds: Iterable[str]) -> frozenset[str]:
    """The kinds; with both sockets among them, also that of a socket not upgraded yet."""
    found = frozenset(kinds)
    return found | {SOCKET} if found.issuperset(SOCKETS) else found


def _changed(data: bytes, tampering: Tampering) -> bytes:
    if tampering is Tampering.REDIRECT:
        return _REDIRECTED
    head, _, rest = data.partition(b"\r\n\r\n")
    lines = head.split(b"\r\n")
    if tampering is Tampering.WRONG_ACCEPT:
        lines = [
            b"sec-websocket-accept: AAAAAAAAAAAAAAAAAAAAAAAAAAA="
            if line.lower().startswith(b"sec-websocket-accept")
            else line
            for line in lines
        ]
    else:
        lines.append(b"sec-websocket-protocol: another")
    return b"\r\n".join(lines) + b"\r\n\r\n" + rest
