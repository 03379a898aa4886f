"""An actor for the venue's private socket: news of orders and balances in, order requests out."""

import attrs
import structlog
import trio
from typing_extensions import override

from actors.net.socket_session import SocketSession
from actors.net.venue_socket import VenueSocket
from actors.net.websocket import WebSocket
from actors.ports.facts import FactBoard
from actors.ports.frames import WayPast
from actors.ports.lossless import SendPort, deliver, drain
from actors.ports.ports import Latest
from trading.core.errors import MalformedFrame
from trading.core.market import Balance
from trading.core.patience import Patience
from trading.messages.account import (
    AccountEvent,
    AccountSessionLost,
    AccountSessionOpened,
    BalanceChanged,
    CancelOnDisconnectSet,
    NewsGarbled,
    OrderNews,
)
from trading.messages.sockets import Authenticated, Heartbeat, Unrecognised, VenueComplaint
from trading.readiness.lease import Component
from trading.venues.interface import Venue

log = structlog.get_logger()


@attrs.frozen(kw_only=True)
class AccountSocketActor:
    """
    One connection for the account, in both directions.

    Ports:
        requests: Frames of the order gateway (capacity 0: taken means handed to the network).
        past: The way of such frames past this actor's tasks, while a connection is open.
        news: Everything about orders, in order (lossless).
        session: Set while the stream is open, for a gateway that begins in the middle of one.
        balances: Every balance the venue pushes, in order (lossless).
        facts: Whether the stream lives.

    Args:
        socket: How the venue is reached.
        consumer_deadline_s: A consumer that leaves its wire full for so long counts as dead.
        garbled_max: So many messages within ``garbled_within_s`` that cannot be read are forgiven:
            the gateway asks for what they may have said.

    Raises:
        Outage: The connection failed, ended, or fell silent.
        Fatal: The venue refused our key.
        MalformedFrame: What the venue sends is again and again not of the protocol.
    """

    venue: Venue
    socket: VenueSocket
    requests: trio.MemoryReceiveChannel[str]
    past: WayPast = attrs.field(factory=WayPast)
    news: SendPort[OrderNews]
    session: Latest[AccountSessionOpened]
    balances: SendPort[Balance]
    facts: FactBoard
    consumer_deadline_s: float
    garbled_max: int = 2
    garbled_within_s: float = 60.0

    async def run(self, *, task_status: trio.TaskStatus[None] = trio.TASK_STATUS_IGNORED) -> None:
        # Requests for a former connection; their answers are overdue.
        self.past.done(len(drain(self.requests)))
        self.facts.revoke(Component.USER_STREAM, "connecting")
        task_status.started()
        # A former life may have ended without telling the gateway.
        await self._tell(AccountSessionLost())
        try:
            await self.socket.converse(self.venue.account_handshake(), _Session(self))
        finally:
            self.session.withdraw()
            try:
                self.news.send_nowait(AccountSessionLost())
            except trio.WouldBlock:
                # The next life tells it first; until then the gateway's deadlines apply.
                log.warning("account_loss_untold", waiting=self.news.statistics())

    async def _tell(self, news: OrderNews) -> None:
        await deliver(self.news, news, self.consumer_deadline_s)


class _Session(SocketSession[AccountEvent]):
    """One connection: the gateway's frames out, news and balances in."""

    def __init__(self, actor: AccountSocketActor) -> None:
        venue = actor.venue
        super().__init__(
            "account", venue.account_opening(), lambda frame, _now: venue.decode_account(frame)
        )
        self._actor = actor
        self._patience = Patience(actor.garbled_max, actor.garbled_within_s)
        self._asked_about: set[str] = set()

    @override
    async def speak(self, websocket: WebSocket) -> None:
        past = self._actor.past
        with past.offered(websocket.send_at_once):
            async for frame in self._actor.requests:
                try:
                    await websocket.send(frame)
                finally:
                    past.done()

    @override
    async def handle(self, event: AccountEvent) -> None:
        match event:
            case Authenticated():
                self._affirm("logged in")
                self._actor.session.put(AccountSessionOpened())
                await self._tell(AccountSessionOpened())
            case Heartbeat():
                self._affirm("the venue answers pings")
            case BalanceChanged(balance):
                await deliver(self._actor.balances, balance, self._actor.consumer_deadline_s)
            case CancelOnDisconnectSet(armed):
                log.info("cancel_on_disconnect", armed=armed)
            case Unrecognised(kind):
                await self._ask_about(kind)
            case VenueComplaint():
                pass
            case _:
                await self._tell(event)

    @override
    async def garbled(self, error: MalformedFrame) -> None:
        """
        Have the gateway ask for what could not be read; too much of it ends the connection.

        Raises:
            MalformedFrame: Too many messages could not be read lately.
        """
        if self._patience.lost(trio.current_time()):
            raise error
        await self._tell(NewsGarbled(str(error)))

    async def _ask_about(self, kind: str) -> None:
        """Have the gateway ask, once for each unknown kind: it may be about our orders."""
        if kind not in self._asked_about:
            self._asked_about.add(kind)
            await self._tell(NewsGarbled(f"a message of the kind {kind}, which we do not know"))

    def _affirm(self, evidence: str) -> None:
        actor = self._actor
        actor.facts.affirm(Component.USER_STREAM, evidence, valid_for_s=actor.socket.lease_s)

    async def _tell(self, news: OrderNews) -> None:
        await deliver(self._actor.news, news, self._actor.consumer_deadline_s)
