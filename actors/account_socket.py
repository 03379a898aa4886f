"""The venue's private socket: what happens to our orders and balances, and orders on their way."""

import attrs
import structlog
import trio

from actors.facts import FactBoard
from actors.ports import Latest, deliver, drain
from actors.venue_socket import Conversation, VenueSocket
from actors.websocket import WebSocket
from trading.market import Balance
from trading.messages import (
    AccountEvent,
    AccountSessionLost,
    AccountSessionOpened,
    Authenticated,
    BalanceChanged,
    CancelOnDisconnectSet,
    Heartbeat,
    OrderNews,
    Unrecognised,
    VenueComplaint,
)
from trading.readiness import Component

log = structlog.get_logger()


@attrs.frozen(kw_only=True)
class AccountSocketActor:
    """
    One connection for the account, in both directions.

    Ports:
        requests: Frames of the order gateway (capacity 0: taken means handed to the network).
        news: All that concerns orders, in order (lossless).
        session: There while the stream is open, for a gateway that begins in the middle of one.
        balances: Every balance the venue pushes, in order (lossless).
        facts: Where it says whether the stream lives.

    Args:
        consumer_deadline_s: A consumer that lets a full wire wait so long is not alive.

    Raises:
        Outage: The connection failed, ended, or fell silent.
        Fatal: The venue refused our key.
        MalformedFrame: The venue sent something that is not of the protocol.
    """

    socket: VenueSocket
    requests: trio.MemoryReceiveChannel[str]
    news: trio.MemorySendChannel[OrderNews]
    session: Latest[AccountSessionOpened]
    balances: trio.MemorySendChannel[Balance]
    facts: FactBoard
    consumer_deadline_s: float

    async def run(self, *, task_status: trio.TaskStatus[None] = trio.TASK_STATUS_IGNORED) -> None:
        drain(self.requests)  # meant for a connection that is no more; their answers are overdue
        self.facts.revoke(Component.USER_STREAM, "connecting")
        self.session.withdraw()
        task_status.started()
        # A former life may have ended without being able to say so.
        await self._tell(AccountSessionLost())
        venue = self.socket.venue
        conversation = Conversation(
            name="account",
            opening=venue.account_opening(),
            decode=lambda frame, _now: venue.decode_account(frame),
            handle=self._handle,
            speak=self._speak,
        )
        try:
            await self.socket.converse(venue.account_handshake(), conversation)
        finally:
            self.session.withdraw()
            try:
                self.news.send_nowait(AccountSessionLost())
            except trio.WouldBlock:
                # The next life says it first; until then the gateway's deadlines do.
                log.warning("account_loss_untold", waiting=self.news.statistics())

    async def _speak(self, websocket: WebSocket) -> None:
        async for frame in self.requests:
            await websocket.send(frame)

    async def _handle(self, event: AccountEvent) -> None:
        match event:
            case Authenticated():
                self._alive("logged in")
                self.session.put(AccountSessionOpened())
                await self._tell(AccountSessionOpened())
            case Heartbeat():
                self._alive("the venue answers pings")
            case BalanceChanged(balance):
                await deliver(self.balances, balance, self.consumer_deadline_s)
            case CancelOnDisconnectSet(armed):
                log.info("cancel_on_disconnect", armed=armed)
            case VenueComplaint() | Unrecognised():
                pass
            case _:
                await self._tell(event)

    def _alive(self, evidence: str) -> None:
        self.facts.affirm(Component.USER_STREAM, evidence, valid_for_s=self.socket.lease_s)

    async def _tell(self, news: OrderNews) -> None:
        await deliver(self.news, news, self.consumer_deadline_s)
