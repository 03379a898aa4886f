"""An actor for the venue's public socket: hands each pair's book changes to its book."""

from collections.abc import Mapping

import attrs
import structlog
import trio

from actors.net.market_outbox import MarketOutbox
from actors.net.venue_socket import Conversation, VenueSocket
from actors.net.websocket import WebSocket
from actors.ports.ports import Latest, deliver, drain
from trading.core.errors import MalformedFrame
from trading.core.identifiers import Pair
from trading.core.market import Trade
from trading.messages.market import (
    BookDiff,
    BookGarbled,
    BookNews,
    BookSnapshot,
    MarketEvent,
    OrderTypesChanged,
    QueueDiff,
    QueueSnapshot,
    SubscriptionRefused,
    TradeHappened,
)
from trading.messages.sockets import Heartbeat
from trading.venues.interface import MarketSubscriptions

log = structlog.get_logger()


@attrs.frozen(kw_only=True)
class TradeSocketActor:
    """
    One connection for the market data of all pairs.

    An unreadable frame is reported to its pair's book, or to all where the pair is unreadable too.

    Ports:
        changes: Each pair's book changes and the feed's signs of life, in order (lossless).
        order_types: The kinds of order that a pair takes from now on (newest).
        last_trades: The last trade of each pair, anyone's (newest).
        renewals: Pairs whose book needs a fresh snapshot (lossless).

    Args:
        consumer_deadline_s: A book that leaves its wire full for so long counts as dead.

    Raises:
        Outage: The connection failed, ended, or fell silent; or no pair has a book there.
        Fatal: The venue refused our key.
    """

    socket: VenueSocket
    changes: Mapping[Pair, trio.MemorySendChannel[BookNews]]
    renewals: trio.MemoryReceiveChannel[Pair]
    order_types: Mapping[Pair, Latest[frozenset[str]]]
    last_trades: Mapping[Pair, Latest[Trade]]
    consumer_deadline_s: float

    async def run(self, *, task_status: trio.TaskStatus[None] = trio.TASK_STATUS_IGNORED) -> None:
        drain(self.renewals)  # a new connection brings new snapshots anyway
        task_status.started()
        venue = self.socket.venue
        subscriptions = venue.market_subscriptions(tuple(self.changes))
        life = _Life(self, subscriptions)
        conversation = Conversation(
            name="trade",
            opening=subscriptions.opening(),
            decode=venue.decode_market,
            handle=life.handle,
            garbled=life.garbled,
            alive=lambda: life.handle(Heartbeat()),
            speak=life.speak,
        )
        await self.socket.converse(venue.market_handshake(), conversation)


class _Life:
    """One connection: its subscriptions, and the frames about them that wait to be sent."""

    def __init__(self, actor: TradeSocketActor, subscriptions: MarketSubscriptions) -> None:
        self._actor = actor
        self._subscriptions = subscriptions
        self._outbox = MarketOutbox(actor.socket.rest, self.take, self.handle)

    async def handle(self, event: MarketEvent) -> None:
        self._outbox.ask(self._subscriptions.heard(event))
        changes, deadline_s = self._actor.changes, self._actor.consumer_deadline_s
        match event:
            case BookDiff() | BookSnapshot() | QueueDiff() | QueueSnapshot():
                if (wire := changes.get(event.pair)) is not None:
                    await deliver(wire, event, deadline_s)
            case Heartbeat():
                for pair, wire in changes.items():
                    # A heartbeat starts the time that a snapshot may take.
                    if self._subscriptions.has_book(pair):
                        await deliver(wire, event, deadline_s)
            case _:
                self._show(event)

    async def take(self, frame: str) -> None:
        """Handle a frame that came by REST."""
        try:
            events = self._actor.socket.venue.decode_market(frame, trio.current_time())
        except MalformedFrame as error:
            await self.garbled(error)
            return
        for event in events:
            await self.handle(event)

    async def garbled(self, error: MalformedFrame) -> None:
        """Report an unreadable frame: it may have been a change of a book."""
        for pair, wire in self._actor.changes.items():
            if error.pair in {pair, None}:
                await deliver(wire, BookGarbled(str(error)), self._actor.consumer_deadline_s)

    def _show(self, event: MarketEvent) -> None:
        """Show an event as the newest of its kind, or only log it."""
        match event:
            case TradeHappened(trade) if trade.pair in self._actor.last_trades:
                self._actor.last_trades[trade.pair].put(trade)
            case OrderTypesChanged(pair, types) if pair in self._actor.order_types:
                self._actor.order_types[pair].put(types)
            case SubscriptionRefused(name, pair):
                log.warning("subscription_refused", stream=name, pair=pair)
            case _:
                pass

    async def speak(self, websocket: WebSocket) -> None:
        async with trio.open_nursery() as nursery:
            nursery.start_soon(self._renew)
            await self._outbox.speak(websocket, nursery)

    async def _renew(self) -> None:
        async for pair in self._actor.renewals:
            log.info("book_renewal", pair=pair)
            self._outbox.ask(self._subscriptions.renew(pair))
