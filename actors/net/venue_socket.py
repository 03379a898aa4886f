"""A venue's socket: connects, logs in, keeps the connection alive, hands on events in order."""

from collections.abc import Mapping, Sequence
from typing import TypeVar

import attrs
import msgspec
import structlog
import trio

from actors.net.key_standing import KeyStanding
from actors.net.network import AddressSource, Network
from actors.net.rate_gate import RateGate
from actors.net.socket_session import SocketSession
from actors.net.venue_rest import VenueRest
from actors.net.websocket import KeepAlive, SocketClosed, WebSocket, open_websocket
from actors.ports.stalls import Stalls
from trading.core.errors import KeyRefused, KeyTrouble, Outage, RateLimited
from trading.messages.sockets import Authenticated, Heartbeat
from trading.venues.interface import Call, Handshake, MarketVenue, Opening
from trading.venues.rate_limits import Priority

log = structlog.get_logger()

_LAST_WORDS_S = 1.0
"""How long it may take to hand on what came before the end of a connection."""

E = TypeVar("E")
X = TypeVar("X", bound=Exception)


@attrs.frozen(kw_only=True)
class VenueSocket:
    """
    Opens connections to a venue's sockets, public and private, with deadlines.

    Args:
        connect_deadline_s: Seconds that connecting may take, and logging in once more.
        ping_interval_s: Seconds between pings.
        pong_deadline_s: Seconds that the answer to a ping may take.
        rest: For the calls that come before a connection, and those beside it.
        gate: Has a connection wait until the venue's rate limits have room for it.
        stalls: After one a connection ends: what it received meanwhile is old.
        key: Judges a refusal of our key.
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
        """Seconds for which one sign of life of the socket counts."""
        return self.ping_interval_s + 2 * self.pong_deadline_s

    async def converse(self, opening: Opening, session: SocketSession[E]) -> None:
        """
        Hold one connection for as long as it lives.

        Nothing is asked for before the venue has confirmed our key, where it has it; where it
        need not, that waits no longer than a login may take.

        Raises:
            Outage: The connection failed, ended, or fell silent; or what it received is old.
            Rejected: The venue refused a call that comes before a connection.
            KeyRefused: The venue refused our key. The first time that this happens to one that has
                worked it is an outage.
            MalformedFrame: Too many frames were not of the protocol.
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
                msgspec.structs.replace(handshake, headers=headers),
                deadline_s=self.connect_deadline_s,
            ) as websocket:
                keep_alive = KeepAlive(
                    self.venue.ping(),
                    self.ping_interval_s,
                    self.pong_deadline_s,
                    session.alive,
                )
                logged_in = trio.Event()
                if not handshake.authenticated:
                    logged_in.set()
                async with trio.open_nursery() as nursery:
                    nursery.start_soon(self._end_after_a_stall, stalls)
                    nursery.start_soon(self._expect_login, session.name, handshake, logged_in)
                    nursery.start_soon(self._speak, session, websocket, logged_in, keep_alive)
                    await self._listen(session, websocket, logged_in, keep_alive)
        except* RateLimited as group:
            limited = next(iter(_leaves(group)))
            self.gate.complain(handshake.lanes, limited.retry_after_s)
            raise RateLimited(str(limited), limited.retry_after_s) from group
        except* KeyRefused as group:
            raise self.key.refused(next(iter(_leaves(group))), signed_after) from group
        except* SocketClosed as group:
            raise self._ended(_leaves(group), signed_after) from group

    def _ended(self, ends: Sequence[SocketClosed], signed_after: int) -> Exception:
        """The error for a closed connection; a refusal of our key comes first."""
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

    async def _expect_login(self, name: str, handshake: Handshake, logged_in: trio.Event) -> None:
        with trio.move_on_after(self.connect_deadline_s):
            await logged_in.wait()
        if logged_in.is_set():
            return
        if handshake.must_be_confirmed:
            raise Outage(f"no login within {self.connect_deadline_s:g} s")
        log.warning("login_unconfirmed", socket=name, waited_s=self.connect_deadline_s)
        logged_in.set()

    async def _speak(
        self,
        session: SocketSession[E],
        websocket: WebSocket,
        logged_in: trio.Event,
        keep_alive: KeepAlive,
    ) -> None:
        await logged_in.wait()
        broken: BaseExceptionGroup[SocketClosed] | None = None
        try:
            for frame in session.opening:
                await websocket.send(frame)
            log.info("socket_open", socket=session.name)
            async with trio.open_nursery() as nursery:
                nursery.start_soon(keep_alive.run, websocket)
                nursery.start_soon(websocket.send_the_rest)
                nursery.start_soon(session.speak, websocket)
        except* SocketClosed as group:
            broken = group
        if broken is not None:
            # The reading task reports the end, once all that came before has been handed on.
            with trio.move_on_after(_LAST_WORDS_S):
                await trio.sleep_forever()
            raise broken

    async def _listen(
        self,
        session: SocketSession[E],
        websocket: WebSocket,
        logged_in: trio.Event,
        keep_alive: KeepAlive,
    ) -> None:
        while True:
            frames = await websocket.receive_burst()
            now = trio.current_time()
            for frame in frames:
                for event in await session.events(frame, now):
                    if isinstance(event, Authenticated):
                        self.key.worked()
                        logged_in.set()
                    elif isinstance(event, Heartbeat):
                        keep_alive.answered()
                    await session.handle(event)


def _leaves(group: BaseExceptionGroup[X]) -> Sequence[X]:
    found: list[X] = []
    for error in group.exceptions:
        if isinstance(error, BaseExceptionGroup):
            found.extend(_leaves(error))
        else:
            found.append(error)
    return found
