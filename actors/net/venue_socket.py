"""What both of a venue's sockets do: connect, log in, keep alive, hand on every event in order."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Generic, TypeVar

import attrs
import structlog
import trio

from actors.net.key_standing import KeyStanding
from actors.net.network import AddressSource, Network
from actors.net.rate_gate import RateGate
from actors.net.venue_rest import VenueRest
from actors.net.websocket import KeepAlive, SocketClosed, WebSocket, open_websocket
from actors.ports.stalls import Stalls
from trading.core.errors import KeyRefused, KeyTrouble, MalformedFrame, Outage, RateLimited
from trading.messages.sockets import Authenticated, Heartbeat, Unrecognised, VenueComplaint
from trading.venues.interface import Call, MarketVenue, Opening
from trading.venues.rate_limits import Priority

log = structlog.get_logger()

_PAUSE_S = 1.0
"""Between two words about malformed frames."""

_LAST_WORDS_S = 1.0
"""So long what came before the end of a connection may take to be handed on."""

E = TypeVar("E")
X = TypeVar("X", bound=Exception)


@attrs.frozen(kw_only=True)
class VenueSocket:
    """
    How to reach a venue's sockets, and how patient to be.

    Args:
        connect_deadline_s: Seconds that connecting may take, and logging in once more.
        ping_interval_s: Seconds between pings.
        pong_deadline_s: Seconds that the answer to a ping may take.
        rest: Where what goes before a connection is asked for, and what comes beside it.
        gate: Where a connection waits until the venue's rate limits have room for it.
        stalls: After one a connection ends: what it received meanwhile is old.
        key: What to make of it if our key is refused.
    """

    venue: MarketVenue
    network: Network
    address: AddressSource
    connect_deadline_s: float
    ping_interval_s: float
    pong_deadline_s: float
    rest: VenueRest
    gate: RateGate
    stalls: Stalls = attrs.field(factory=Stalls)
    key: KeyStanding = attrs.field(factory=KeyStanding)

    @property
    def lease_s(self) -> float:
        """For how long one sign of life of the socket may be trusted."""
        return self.ping_interval_s + 2 * self.pong_deadline_s

    async def converse(self, opening: Opening, conversation: "Conversation[E]") -> None:
        """
        Hold one connection for as long as it lives.

        Raises:
            Outage: The connection failed, ended, or fell silent; or what it received is old.
            Rejected: The venue refused what goes before a connection.
            KeyRefused: The venue refused our key. The first time that this happens to one that has
                worked it is an outage.
            MalformedFrame: What was not of the protocol was too much for the conversation.
        """
        stalls = self.stalls.count
        handshake = await self.rest.call(opening) if isinstance(opening, Call) else opening
        if handshake.authenticated:
            await self.key.settled()
        await self.gate.enter(handshake.lanes, Priority.NEW)
        signed_after = 0

        def headers() -> Mapping[str, str]:
            nonlocal signed_after
            signed_after = self.key.comparisons
            return handshake.headers()

        try:
            async with open_websocket(
                self.network,
                self.address(),
                attrs.evolve(handshake, headers=headers),
                deadline_s=self.connect_deadline_s,
            ) as websocket:
                keep_alive = KeepAlive(
                    self.venue.ping(),
                    self.ping_interval_s,
                    self.pong_deadline_s,
                    conversation.alive,
                )
                logged_in = trio.Event()
                if not handshake.authenticated:
                    logged_in.set()
                async with trio.open_nursery() as nursery:
                    nursery.start_soon(self._end_after_a_stall, stalls)
                    nursery.start_soon(self._expect_login, logged_in)
                    nursery.start_soon(self._speak, conversation, websocket, logged_in, keep_alive)
                    await self._listen(conversation, websocket, logged_in, keep_alive)
        except* RateLimited as group:
            limited = next(iter(_leaves(group)))
            self.gate.complain(handshake.lanes, limited.retry_after_s)
            raise RateLimited(str(limited), limited.retry_after_s) from group
        except* KeyRefused as group:
            raise self.key.refused(next(iter(_leaves(group))), signed_after) from group
        except* SocketClosed as group:
            raise self._ended(_leaves(group), signed_after) from group

    def _ended(self, ends: Sequence[SocketClosed], signed_after: int) -> Exception:
        """What it means that the connection closed; whatever it says of our key comes first."""
        for closed in ends:
            if self.venue.close_is_about_our_key(closed.code, closed.reason):
                refusal = KeyRefused(
                    f"the venue refused our key: {closed}; check the key, its secret, its"
                    " permissions and allow-list, and this machine's clock",
                    KeyTrouble.SIGNATURE,
                )
                return self.key.refused(refusal, signed_after)
        return Outage(str(ends[0]))

    async def _end_after_a_stall(self, stalls: int) -> None:
        await self.stalls.after(stalls)
        raise Outage(f"what was received is old: {self.stalls.reason}")

    async def _expect_login(self, logged_in: trio.Event) -> None:
        with trio.move_on_after(self.connect_deadline_s):
            await logged_in.wait()
        if not logged_in.is_set():
            raise Outage(f"no login within {self.connect_deadline_s:g} s")

    async def _speak(
        self,
        conversation: "Conversation[E]",
        websocket: WebSocket,
        logged_in: trio.Event,
        keep_alive: KeepAlive,
    ) -> None:
        await logged_in.wait()
        broken: BaseExceptionGroup[SocketClosed] | None = None
        try:
            for frame in conversation.opening:
                await websocket.send(frame)
            log.info("socket_open", socket=conversation.name)
            async with trio.open_nursery() as nursery:
                nursery.start_soon(keep_alive.run, websocket)
                if conversation.speak is not None:
                    nursery.start_soon(conversation.speak, websocket)
        except* SocketClosed as group:
            broken = group
        if broken is not None:
            # Whoever listens tells the end, once all that came before it has been handed on.
            with trio.move_on_after(_LAST_WORDS_S):
                await trio.sleep_forever()
            raise broken

    async def _listen(
        self,
        conversation: "Conversation[E]",
        websocket: WebSocket,
        logged_in: trio.Event,
        keep_alive: KeepAlive,
    ) -> None:
        ear = _Ear(conversation)
        while True:
            frames = await websocket.receive_burst()
            now = trio.current_time()
            for frame in frames:
                for event in await ear.heard(frame, now):
                    if isinstance(event, Authenticated):
                        self.key.worked()
                        logged_in.set()
                    elif isinstance(event, Heartbeat):
                        keep_alive.answered()
                    await conversation.handle(event)


class _Ear(Generic[E]):
    """What one connection's frames say; what is odd about them is written down."""

    def __init__(self, conversation: "Conversation[E]") -> None:
        self._conversation = conversation
        self._strange: set[str] = set()
        self._said_at = float("-inf")

    async def heard(self, frame: str, now: float) -> Sequence[E]:
        """
        The events of a frame; none where it is not of the protocol.

        Raises:
            MalformedFrame: The conversation does not take such frames.
        """
        conversation = self._conversation
        try:
            events = conversation.decode(frame, now)
        except MalformedFrame as error:
            if now >= self._said_at + _PAUSE_S:  # nonsense may come as often as anything
                self._said_at = now
                log.warning("malformed_frame", socket=conversation.name, cause=str(error))
            if conversation.garbled is None:
                raise
            await conversation.garbled(error)
            return ()
        for event in events:
            match event:
                case VenueComplaint(message):
                    log.warning("venue_complaint", socket=conversation.name, message=message)
                case Unrecognised(kind) if kind not in self._strange:
                    # Once for each connection: a new kind may come very often.
                    self._strange.add(kind)
                    log.warning("unrecognised_message", socket=conversation.name, kind=kind)
        return events


@attrs.frozen(kw_only=True)
class Conversation(Generic[E]):
    """
    What one of the sockets is for.

    Args:
        name: For the log.
        opening: Frames to send once logged in.
        decode: (frame, monotonic seconds of its arrival) -> events.
        handle: Takes every event, in order; what it waits for holds up the socket.
        speak: Sends whatever else there is to send, for as long as it is not cancelled.
        garbled: Takes what is not of the protocol, in the same order; without it that ends the
            conversation.
        alive: Told when a control frame has answered a ping; an answer that is a message comes as
            a ``Heartbeat``.
    """

    name: str
    opening: Sequence[str]
    decode: Callable[[str, float], Sequence[E]]
    handle: Callable[[E], Awaitable[None]]
    speak: Callable[[WebSocket], Awaitable[None]] | None = None
    garbled: Callable[[MalformedFrame], Awaitable[None]] | None = None
    alive: Callable[[], Awaitable[None]] | None = None


def _leaves(group: BaseExceptionGroup[X]) -> Sequence[X]:
    found: list[X] = []
    for error in group.exceptions:
        if isinstance(error, BaseExceptionGroup):
            found.extend(_leaves(error))
        else:
            found.append(error)
    return found
