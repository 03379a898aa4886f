"""An actor for the venue's public socket: hands each pair's book changes to its book."""

from collections.abc import Callable, Mapping, Sequence

import attrs
import structlog
import trio
from typing_extensions import override

from actors.net.market_session import MarketSession
from actors.net.venue_socket import VenueSocket
from actors.ports.lossless import SendPort, deliver, drain
from actors.ports.ports import Latest
from actors.ports.tap import Tap
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
from trading.recorded.noted import MarketFrame
from trading.venues.interface import MarketVenue

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
        tap: Takes each frame for the session's recording; ``None`` where none is made.

    Args:
        consumer_deadline_s: A book that leaves its wire full for so long counts as dead.

    Raises:
        Outage: The connection failed, ended, or fell silent; or no pair has a book there.
        Fatal: The venue refused our key.
    """

    socket: VenueSocket
    changes: Mapping[Pair, SendPort[BookNews]]
    renewals: trio.MemoryReceiveChannel[Pair]
    order_types: Mapping[Pair, Latest[frozenset[str]]]
    last_trades: Mapping[Pair, Latest[Trade]]
    consumer_deadline_s: float
    tap: Tap | None = None

    async def run(self, *, task_status: trio.TaskStatus[None] = trio.TASK_STATUS_IGNORED) -> None:
        drain(self.renewals)  # a new connection brings new snapshots anyway
        task_status.started()
        await _Session(self).run()


class _Session(MarketSession):
    """One connection: hands every event to the book or the slot of its pair."""

    def __init__(self, actor: TradeSocketActor) -> None:
        tapped = None if actor.tap is None else _tapped(actor.tap, actor.socket.venue)
        super().__init__("trade", actor.socket, tuple(actor.changes), tapped)
        self._actor = actor

    @override
    async def handle(self, event: MarketEvent) -> None:
        changes, deadline_s = self._actor.changes, self._actor.consumer_deadline_s
        if not isinstance(event, BookDiff | QueueDiff):  # nearly all of a busy feed are these
            self.ask(self.subscriptions.heard(event))
        match event:
            case BookDiff() | BookSnapshot() | QueueDiff() | QueueSnapshot():
                if (wire := changes.get(event.pair)) is not None:
                    await deliver(wire, event, deadline_s)
            case Heartbeat():
                for pair, wire in changes.items():
                    # A heartbeat starts the time that a snapshot may take.
                    if self.subscriptions.has_book(pair):
                        await deliver(wire, event, deadline_s)
            case _:
                self._show(event)

    @override
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

    @override
    def start_beside(self, nursery: trio.Nursery) -> None:
        nursery.start_soon(self._renew)

    async def _renew(self) -> None:
        async for pair in self._actor.renewals:
            log.info("book_renewal", pair=pair)
            self.ask(self.subscriptions.renew(pair))


def _tapped(tap: Tap, venue: MarketVenue) -> Callable[[str, float], Sequence[MarketEvent]]:
    """The venue's codec, behind the tap: what cannot be decoded is recorded as well."""

    def decode(frame: str, received_at: float) -> Sequence[MarketEvent]:
        tap.note(MarketFrame(tap.wall_clock(), frame))
        return venue.decode_market(frame, received_at)

    return decode
