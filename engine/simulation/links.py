"""A connection in memory with latency, jitter, limited speed, and faults."""

import enum
from collections import deque
from collections.abc import Callable
from random import Random
from typing import TypeVar

import attrs
import trio
from typing_extensions import override

from engine.simulation.virtual_clock import virtual_clock

N = TypeVar("N", int, float)

_WINDOW_BYTES = 256 * 1024
"""The bytes that may be under way in one direction before the sender has to wait, as with TCP."""

_SLICED_FINELY_MAX = 64 * 1024
"""While more is under way it arrives in larger slices: 17 MiB byte by byte take half an hour."""

_SEGMENT_BYTES = 64 * 1024
"""What is handed over at once is cut into such pieces on the way."""

_NEVER = float("inf")

_GIVES_WAY = 0.25
"""The share of sends at which others have their turn: each costs a step, and both orders occur."""

_PIECE_S = 0.5
"""On a slow way what arrives arrives in pieces of so many seconds' worth."""


@attrs.frozen(kw_only=True)
class Way:
    """
    What one direction of some connections is like now.

    Args:
        latency_s: Every byte takes at least so long.
        takes_s: And at least as long as this says of the moment at which it leaves, if it is there.
        jitter_s: And up to so much longer; order is kept.
        bytes_per_s: No more passes; ``None`` for no limit.
        slice_bytes: So few arrive at once; ``None`` for all that is there.
        stalled: Nothing arrives until that changes; nothing is lost.
    """

    latency_s: float = 0.0
    takes_s: Callable[[], float] | None = None
    jitter_s: float = 0.0
    bytes_per_s: float | None = None
    slice_bytes: int | None = None
    stalled: bool = False

    @property
    def least_s(self) -> float:
        """What a byte takes that leaves now, without the jitter."""
        return self.latency_s if self.takes_s is None else max(self.latency_s, self.takes_s())

    def and_also(self, other: "Way") -> "Way":
        """The worse of two in every respect."""
        return Way(
            latency_s=max(self.latency_s, other.latency_s),
            takes_s=self.takes_s or other.takes_s,
            jitter_s=max(self.jitter_s, other.jitter_s),
            bytes_per_s=_least(self.bytes_per_s, other.bytes_per_s),
            slice_bytes=_least(self.slice_bytes, other.slice_bytes),
            stalled=self.stalled or other.stalled,
        )


def _least(one: N | None, other: N | None) -> N | None:
    return min((value for value in (one, other) if value is not None), default=None)


class Breakage(enum.Enum):
    """The ways in which a connection breaks."""

    RESET = "reset"
    """Both ends are told at once; what was under way is lost."""
    RESET_IN_MID_FRAME = "reset in mid-frame"
    """The same, but half of what comes next to the client still arrives."""
    SILENT_END = "silent end"
    """The client sees the stream end, without a Close frame."""


class Pipe:
    """
    One direction of a connection.

    Args:
        way: What it is like now; asked whenever something moves.
        random: Of the jitter, and of whether a sender gives way.

    Attributes:
        sent: Bytes that were handed over, ever; ``arrived`` of them were read at the other end.
        dead: Nothing arrives any more, and neither end is told.
        broken: Both ends have been told that the connection is no more.
        ended: Nothing more will be sent.
    """

    def __init__(self, way: Callable[[], Way], random: Random) -> None:
        self._way = way
        self._random = random
        self._flying: deque[tuple[float, bytes]] = deque()
        self._size = 0
        self.sent = self.arrived = 0
        self._last_due = 0.0
        self.ended = False
        self._moved = trio.Event()
        self._awaited = False
        self._clock = virtual_clock()
        self._room = trio.Event()
        self.dead = False
        self.broken = False
        self.reader_gone = False

    @property
    def under_way(self) -> bool:
        """Whether something that was sent has still to arrive."""
        return bool(self._flying) and not self.dead

    @property
    def late_s(self) -> float:
        """Seconds until the last byte under way arrives: whatever is sent now comes after it."""
        return max(0.0, self._last_due - trio.current_time()) if self._flying else 0.0

    def stir(self) -> None:
        """Have both ends look again: something has changed."""
        self._moved.set()
        self._room.set()

    def kill(self) -> None:
        """From now on nothing arrives, and neither end is told."""
        self.dead = True

    def break_off(self) -> None:
        """Tell both ends that the connection is no more."""
        self.broken = True
        self._flying.clear()
        self.stir()

    def end(self) -> None:
        """Nothing more is sent: the reader sees the end once all has arrived."""
        self.ended = True
        self.stir()

    def gives_way(self) -> bool:
        """Whether others have their turn before this is sent."""
        return self._random.random() < _GIVES_WAY

    @property
    def full(self) -> bool:
        """Whether a sender has to wait."""
        return self._size > _WINDOW_BYTES and not (self.broken or self.dead)

    async def send(self, data: bytes) -> None:
        while self.full:
            self._room = trio.Event()
            await self._room.wait()
        self.take(data)

    def take(self, data: bytes) -> None:
        """
        Take bytes on their way.

        Raises:
            BrokenResourceError: Both ends have been told that the connection is no more.
        """
        # Bytes for an end that was closed are answered with a reset, if they arrive at all.
        if self.broken or (self.reader_gone and not self.dead and not self._way().stalled):
            raise trio.BrokenResourceError("connection reset by peer")
        self.sent += len(data)
        if self.dead:
            return
        way = self._way()
        delay = way.least_s + (way.jitter_s * self._random.random() if way.jitter_s else 0.0)
        self._last_due = max(self._last_due, trio.current_time() + delay)
        for begin in range(0, len(data), _SEGMENT_BYTES):
            self._flying.append((self._last_due, data[begin : begin + _SEGMENT_BYTES]))
        self._size += len(data)
        # A waiting reader is not woken to hear until when: that costs a turn for each message.
        if self._awaited and not way.stalled:
            self._clock.call_at(self._flying[0][0], self._moved.set)

    async def receive(self, most: int) -> bytes:
        waited = False
        while (at := self._next_at()) > trio.current_time() or not waited:
            if at <= trio.current_time():
                await trio.lowlevel.checkpoint()
            else:
                await self._wait(at)
            waited = True
        if self.broken:
            raise trio.BrokenResourceError("connection reset by peer")
        return self._take(self._way(), self._flying[0][1], most) if self._flying else b""

    def _next_at(self) -> float:
        """When there is something to be had next, be it only the end."""
        if self.broken:
            return -_NEVER
        if self.dead or self._way().stalled:
            return _NEVER
        if self._flying:
            return self._flying[0][0]
        return -_NEVER if self.ended else _NEVER

    async def _wait(self, until: float) -> None:
        self._moved, self._awaited = trio.Event(), True
        if until < _NEVER:
            self._clock.call_at(until, self._moved.set)
        try:
            await self._moved.wait()
        finally:
            self._awaited = False

    def _take(self, way: Way, data: bytes, most: int) -> bytes:
        if way.slice_bytes is not None:
            small = self._size <= _SLICED_FINELY_MAX
            most = min(most, way.slice_bytes if small else self._size // 1000)
        next_at = trio.current_time()
        if way.bytes_per_s is not None:
            most = min(most, max(1, int(way.bytes_per_s * _PIECE_S)))
            next_at += min(most, len(data)) / way.bytes_per_s
        del self._flying[0]
        # A burst is read in one go, as from a socket.
        if way.slice_bytes is None and way.bytes_per_s is None:
            parts, size = [data], len(data)
            while self._flying and size < most and self._flying[0][0] <= next_at:
                parts.append(self._flying.popleft()[1])
                size += len(parts[-1])
            data = b"".join(parts)
        taken, rest = data[:most], data[most:]
        if rest:
            self._flying.appendleft((next_at, rest))
        if way.bytes_per_s is not None and self._flying:
            due, first = self._flying.popleft()
            self._flying.appendleft((max(due, next_at), first))
            self._last_due = max(self._last_due, next_at)
        self._size -= len(taken)
        self.arrived += len(taken)
        self._room.set()
        return taken


@attrs.define(eq=False)
class Link:
    """
    A connection between an engine and a venue.

    Args:
        number: Of all connections of a simulation, from 1.
        given_up: Whether the engine has closed its end, or is dead.
        kind: "rest" or "socket", and once it is known "account" or "trade".
        process: The number of its process.
        up: From the engine to the venue.
        down: From the venue to the engine.
        ends: How many of its two ends have not been closed.
        doomed: How it breaks at the next thing that the venue sends.
        smuggled: Bytes that come before the next thing that the venue sends.
    """

    number: int
    kind: str
    process: int
    up: Pipe
    down: Pipe
    ends: int = 2
    given_up: bool = False
    upgraded: bool = False
    doomed: Breakage | None = None
    smuggled: bytes = b""

    def stir(self) -> None:
        self.up.stir()
        self.down.stir()

    def fall_silent(self) -> None:
        """Nothing arrives any more in either direction, and neither end is told."""
        self.up.kill()
        self.down.kill()

    def break_off(self, how: Breakage) -> None:
        """End it without asking either side."""
        if how is Breakage.RESET_IN_MID_FRAME:
            self.doomed = how
        elif how is Breakage.SILENT_END:
            self.down.end()
            self.up.end()
            self.up.reader_gone = True
        else:
            self.up.break_off()
            self.down.break_off()


class End(trio.abc.Stream):
    """
    One end of a link.

    Args:
        sent: Shown everything that is sent here; may change it.
    """

    def __init__(
        self, link: Link, ours: Pipe, theirs: Pipe, sent: Callable[[bytes], bytes]
    ) -> None:
        self.link = link
        self._ours = ours
        self._theirs = theirs
        self._sent = sent
        self._closed = False

    @override
    async def send_all(self, data: bytes | bytearray | memoryview) -> None:
        # Other tasks do not have a turn at each send; the seed says when they do.
        if self._ours.gives_way():
            await trio.lowlevel.checkpoint()
        else:
            await trio.lowlevel.checkpoint_if_cancelled()
        if self._closed:
            raise trio.ClosedResourceError
        if self._ours.broken or self._ours.ended:
            raise trio.BrokenResourceError("connection reset by peer")
        await self._ours.send(self._sent(bytes(data)))

    def write(self, data: bytes) -> int:
        """
        Send within this call, as the seed says; how many bytes were taken.

        Raises:
            BlockingIOError: There is no room, or the seed says so.
            BrokenResourceError: The connection is broken.
            ClosedResourceError: It is closed on our side.
        """
        if self._closed:
            raise trio.ClosedResourceError
        if self._ours.broken or self._ours.ended:
            raise trio.BrokenResourceError("connection reset by peer")
        if self._ours.full or self._ours.gives_way():
            raise BlockingIOError
        self._ours.take(self._sent(data))
        return len(data)

    @override
    async def wait_send_all_might_not_block(self) -> None:
        await trio.lowlevel.checkpoint()

    @override
    async def receive_some(self, max_bytes: int | None = None) -> bytes:
        if self._closed:
            raise trio.ClosedResourceError
        data = await self._theirs.receive(max_bytes or 65_536)
        if self._closed:
            raise trio.ClosedResourceError
        return data

    @override
    async def aclose(self) -> None:
        if not self._closed:
            self._closed = True
            self.link.ends -= 1
            self.link.given_up = self.link.given_up or self._ours is self.link.up
            self._ours.end()
            self._theirs.reader_gone = True
            self._theirs.stir()
        await trio.lowlevel.checkpoint()
