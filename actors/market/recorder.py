"""An actor that records every frame of a venue's market data, as it came."""

from collections.abc import Callable, Sequence

import attrs
import structlog
import trio
from typing_extensions import override

from actors.net.market_session import MarketSession
from actors.net.venue_socket import VenueSocket
from actors.ports.ports import WallClock
from trading.core.errors import Fatal, FatalReason, MalformedFrame, Outage
from trading.core.identifiers import Pair
from trading.messages.market import BookSnapshot, MarketEvent, QueueSnapshot, SubscriptionRefused
from trading.recorded.line import line_of
from trading.recorded.tally import Tally

log = structlog.get_logger()


@attrs.frozen(kw_only=True)
class RecorderActor:
    """
    Records one connection: each frame is written down before it is decoded.

    Every life begins with a new connection, and so with fresh snapshots.

    Ports:
        write: Takes each line; an exception of it ends the recording.
        tally: Counts them, over all lives.

    Args:
        pairs: Whose books are asked for.
        wall_clock: Dates each frame.

    Raises:
        Outage: The connection failed, ended, or fell silent.
        Fatal: The venue has no book of a pair, and never had; or the disk takes nothing more.
    """

    socket: VenueSocket
    pairs: Sequence[Pair]
    wall_clock: WallClock
    write: Callable[[str], None]
    tally: Tally

    async def run(self, *, task_status: trio.TaskStatus[None] = trio.TASK_STATUS_IGNORED) -> None:
        task_status.started()
        await _Session(self).run()


class _Session(MarketSession):
    """One connection."""

    def __init__(self, actor: RecorderActor) -> None:
        super().__init__("recorder", actor.socket, actor.pairs, self._written)
        self._actor = actor
        self._begun: set[Pair] = set()

    def _written(self, frame: str, received_at: float) -> Sequence[MarketEvent]:
        """Write a frame down, then decode it; a malformed one is recorded as well."""
        line = line_of(frame, self._actor.wall_clock())
        self._actor.write(line)
        events: Sequence[MarketEvent] = ()
        try:
            events = self._actor.socket.venue.decode_market(frame, received_at)
        except MalformedFrame as error:
            self._actor.tally.malformed += 1
            log.warning("malformed_frame", cause=str(error))
        self._actor.tally.count(line, events)
        return events

    @override
    async def handle(self, event: MarketEvent) -> None:
        match event:
            case SubscriptionRefused(stream, pair):
                log.warning("subscription_refused", stream=stream, pair=pair)
            case BookSnapshot() | QueueSnapshot() if event.pair not in self._begun:
                # Once for each connection: some feeds have nothing but whole books.
                self._begun.add(event.pair)
                log.info("book_snapshot", pair=event.pair, sequence=event.sequence)
        try:
            asked = self.subscriptions.heard(event)
        except Outage:
            if isinstance(event, SubscriptionRefused):
                self._require_a_book_before(event.pair)
            raise
        if isinstance(event, SubscriptionRefused) and not self.subscriptions.has_book(event.pair):
            self._require_a_book_before(event.pair)
            raise Outage(f"the venue has no order book feed for {event.pair} now")
        self.ask(asked)

    def _require_a_book_before(self, pair: Pair) -> None:
        """Refuse a pair that never had a book as a wrong name; one that had may have it again."""
        if not self._actor.tally.by_pair[pair]:
            raise Fatal(f"the venue has no order book feed for {pair}", FatalReason.CONFIGURATION)
