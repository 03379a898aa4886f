"""The venue's public socket: every pair's book changes, handed to its book."""

from collections.abc import Mapping

import attrs
import trio

from actors.ports import deliver
from actors.venue_socket import Conversation, VenueSocket
from trading.identifiers import Pair
from trading.messages import BookChange, BookDiff, BookSnapshot, Heartbeat, MarketEvent


@attrs.frozen(kw_only=True)
class TradeSocketActor:
    """
    One connection for the market data of all pairs.

    Ports:
        changes: Each pair's book changes and the feed's signs of life, in order (lossless).

    Args:
        consumer_deadline_s: A book that lets a full wire wait so long is not alive.

    Raises:
        Outage: The connection failed, ended, or fell silent.
        Fatal: The venue refused our key.
        MalformedFrame: The venue sent something that is not of the protocol.
    """

    socket: VenueSocket
    changes: Mapping[Pair, trio.MemorySendChannel[BookChange | Heartbeat]]
    consumer_deadline_s: float

    async def run(self, *, task_status: trio.TaskStatus[None] = trio.TASK_STATUS_IGNORED) -> None:
        task_status.started()
        venue = self.socket.venue
        conversation = Conversation(
            name="trade",
            opening=venue.market_opening(tuple(self.changes)),
            decode=venue.decode_market,
            handle=self._handle,
        )
        await self.socket.converse(venue.market_handshake(), conversation)

    async def _handle(self, event: MarketEvent) -> None:
        if isinstance(event, BookDiff | BookSnapshot):
            if (wire := self.changes.get(event.pair)) is not None:
                await deliver(wire, event, self.consumer_deadline_s)
        elif isinstance(event, Heartbeat):
            for wire in self.changes.values():
                await deliver(wire, event, self.consumer_deadline_s)
