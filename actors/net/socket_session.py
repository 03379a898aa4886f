"""The base class of a connection to a venue's socket: what to send, how to handle each frame."""

import abc
from collections.abc import Callable, Sequence
from typing import Generic, TypeVar

import structlog

from actors.net.websocket import WebSocket
from trading.core.errors import MalformedFrame
from trading.messages.sockets import Heartbeat, Unrecognised, VenueComplaint

log = structlog.get_logger()

_PAUSE_S = 1.0
"""Between two log lines about malformed frames: they may come as often as any."""

E = TypeVar("E")


class SocketSession(abc.ABC, Generic[E]):
    """
    One connection, as the actor that needs it extends it; ``VenueSocket.converse`` runs it.

    Args:
        name: For the log.
        opening: Frames to send once logged in.
        decode: (frame, monotonic seconds of its arrival) -> events; raises ``MalformedFrame``.
    """

    def __init__(
        self, name: str, opening: Sequence[str], decode: Callable[[str, float], Sequence[E]]
    ) -> None:
        self.name, self.opening = name, opening
        self._decode = decode
        self._unrecognised: set[str] = set()
        self._logged_at = float("-inf")

    @abc.abstractmethod
    async def handle(self, event: E | Heartbeat) -> None:
        """Handle an event, in order; the socket is not read meanwhile."""

    async def speak(self, websocket: WebSocket) -> None:
        """Send all further frames, until cancelled."""

    async def garbled(self, error: MalformedFrame) -> None:
        """
        Handle a frame that is not of the protocol, in order with the events.

        Raises:
            MalformedFrame: The connection does not go on after such a frame.
        """
        raise error

    async def alive(self) -> None:
        """Note that a control frame answered a ping; an answer in a message is an event itself."""
        await self.handle(Heartbeat())

    async def events(self, frame: str, now: float) -> Sequence[E]:
        """
        The events of a frame; none where it is not of the protocol. Odd ones are logged.

        Raises:
            MalformedFrame: The connection does not go on after such a frame.
        """
        try:
            events = self._decode(frame, now)
        except MalformedFrame as error:
            if now >= self._logged_at + _PAUSE_S:
                self._logged_at = now
                log.warning("malformed_frame", socket=self.name, cause=str(error))
            await self.garbled(error)
            return ()
        for event in events:
            match event:
                case VenueComplaint(message):
                    log.warning("venue_complaint", socket=self.name, message=message)
                case Unrecognised(kind) if kind not in self._unrecognised:
                    # Once for each connection: a new kind may come very often.
                    self._unrecognised.add(kind)
                    log.warning("unrecognised_message", socket=self.name, kind=kind)
        return events
