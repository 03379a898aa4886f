"""One open socket to the venue as a check uses it: say something, wait for what comes."""

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import attrs
import msgspec
import trio

from actors.net.network import AddressSource, Network
from actors.net.rate_gate import RateGate
from actors.net.websocket import SocketClosed, WebSocket, open_websocket
from engine.conformance.evidence import Evidence, Frame
from trading.core.errors import KeyRefused, Outage
from trading.venues.interface import Handshake
from trading.venues.rate_limits import Priority

Json = dict[str, Any]
Match = Callable[[Json], bool]

_STATUS = re.compile(r"status ([0-9]{3})")
_PONG_S = 3.0
"""A pong may take as long."""
_NOT_JSON: Json = {"type": "NOT JSON"}


@attrs.frozen(kw_only=True)
class Heard:
    """
    A frame that came.

    Args:
        at: Monotonic seconds.
        said: What it says, as JSON.
    """

    at: float
    said: Json
    frame: Frame


@attrs.define(kw_only=True)
class Line:
    """
    A socket.

    Args:
        name: For the evidence.
        private: What comes on it is of our account.
        ping_every_s: Seconds between pings; ``None`` for none.
        heard: What has come, oldest first.
        ended: How it ended: a close code and its reason, or the status of a refused upgrade.
    """

    name: str
    private: bool
    evidence: Evidence
    ping_every_s: float | None = None
    opened_at: float | None = None
    ended_at: float = 0.0
    heard: list[Heard] = attrs.field(factory=list)
    ended: str = ""
    pinged_at: list[float] = attrs.field(factory=list)
    _websocket: WebSocket | None = None
    _news: trio.Event = attrs.field(factory=trio.Event)
    _scope: trio.CancelScope = attrs.field(factory=trio.CancelScope)
    _gone: trio.Event = attrs.field(factory=trio.Event)

    async def run(
        self,
        way: "Way",
        handshake: Handshake,
        *,
        task_status: trio.TaskStatus[None] = trio.TASK_STATUS_IGNORED,
    ) -> None:
        """Hold the socket until it ends or is hung up; a refused one has ended already."""
        try:
            with self._scope:
                await way.gate.enter(handshake.lanes, Priority.CANCEL)
                await self._held(way, handshake, task_status.started)
        finally:
            self.ended = self.ended or "hung up"
            self.ended_at = trio.current_time()
            self._websocket = None
            self._gone.set()
            self._ring()

    async def _held(self, way: "Way", handshake: Handshake, started: Callable[[], None]) -> None:
        try:
            async with open_websocket(
                way.network, way.address(), handshake, deadline_s=way.deadline_s
            ) as websocket:
                self._websocket, self.opened_at = websocket, trio.current_time()
                started()
                async with trio.open_nursery() as nursery:
                    if self.ping_every_s is not None:
                        nursery.start_soon(self._ping, self.ping_every_s)
                    await self._listen(websocket)
        except* SocketClosed as group:
            self.ended = next(
                f"{closed.code} {closed.reason}".strip()
                for closed in group.exceptions
                if isinstance(closed, SocketClosed)
            )
        except* (KeyRefused, Outage) as group:
            self.ended = _refused(str(group.exceptions[0]))
        if self.opened_at is None:
            started()

    async def _listen(self, websocket: WebSocket) -> None:
        while True:
            for text in await websocket.receive_burst():
                frame = self.evidence.note(self.name, text, private=self.private)
                self.heard.append(Heard(at=trio.current_time(), said=_said(text), frame=frame))
            self._ring()

    async def _ping(self, every_s: float) -> None:
        while True:
            await self.say({"type": "PING"})
            self.pinged_at.append(trio.current_time())
            await trio.sleep(every_s)

    async def say(self, frame: Mapping[str, object] | str) -> None:
        """
        Send a frame.

        Raises:
            Outage: The socket has ended.
        """
        text = frame if isinstance(frame, str) else msgspec.json.encode(frame).decode()
        if self._websocket is None:
            raise Outage(f"the socket {self.name} has ended: {self.ended}")
        self.evidence.cite([self.evidence.note(self.name, text, sent=True, private=self.private)])
        await self._websocket.send(text)

    async def wait(self, match: Match, within_s: float, *, since: int = 0) -> Heard | None:
        """The first frame of this kind from an index on; ``None`` where none comes in time."""
        with trio.move_on_after(within_s):
            while True:
                for heard in self.heard[since:]:
                    if match(heard.said):
                        self.evidence.cite([heard.frame])
                        return heard
                    since += 1
                if self.ended:
                    return None
                await self._news.wait()
        return None

    async def gather(self, quiet_s: float, *, since: int, at_most_s: float) -> Sequence[Heard]:
        """What comes from an index on until nothing has come for so long."""
        with trio.move_on_after(at_most_s):
            while not self.ended:
                news = self._news
                with trio.move_on_after(quiet_s) as quiet:
                    await news.wait()
                if quiet.cancelled_caught:
                    break
        gathered = self.heard[since:]
        self.evidence.cite([heard.frame for heard in gathered])
        return gathered

    async def wait_for_end(self, within_s: float) -> str:
        """How it ended; empty where it has not."""
        with trio.move_on_after(within_s):
            await self._gone.wait()
        return self.ended

    @property
    def lasted_s(self) -> float:
        """For how long it was open."""
        return 0.0 if self.opened_at is None else self.ended_at - self.opened_at

    def unanswered(self) -> int:
        """How many pings had no pong; one that left just before the end does not count."""
        due = [at for at in self.pinged_at if at < self.ended_at - _PONG_S]
        pongs = [heard for heard in self.heard if heard.said.get("type") == "PONG"]
        return max(0, len(due) - len(pongs))

    @property
    def mark(self) -> int:
        """The index of what comes next."""
        return len(self.heard)

    async def hang_up(self) -> None:
        """End the socket; whatever the other side does, it ends here."""
        self._scope.cancel()
        await self._gone.wait()

    def _ring(self) -> None:
        self._news.set()
        self._news = trio.Event()


@attrs.frozen(kw_only=True)
class Way:
    """The way to the venue's sockets."""

    network: Network
    address: AddressSource
    gate: RateGate
    deadline_s: float


def of_type(*kinds: str) -> Match:
    return lambda said: said.get("type") in kinds


def _said(text: str) -> Json:
    try:
        value = msgspec.json.decode(text)
    except msgspec.DecodeError:
        return _NOT_JSON
    return value if isinstance(value, dict) else _NOT_JSON


def _refused(text: str) -> str:
    found = _STATUS.search(text)
    return found[1] if found else text
