"""A session of a socket for tests: nothing is said, every event goes to a function."""

from collections.abc import Awaitable, Callable, Sequence
from typing import TypeVar

from typing_extensions import override

from actors.net.socket_session import SocketSession
from trading.messages.account import AccountEvent
from trading.messages.sockets import Heartbeat
from trading.venues.interface import Venue

E = TypeVar("E")


class Listening(SocketSession[E]):
    """
    One connection that only listens.

    Args:
        decode: (frame, seconds) -> events.
        take: Takes every event, in order.
    """

    def __init__(
        self,
        name: str,
        decode: Callable[[str, float], Sequence[E]],
        take: Callable[[E | Heartbeat], Awaitable[None]],
    ) -> None:
        super().__init__(name, (), decode)
        self._take = take

    @override
    async def handle(self, event: E | Heartbeat) -> None:
        await self._take(event)


def listening_to_the_account(
    venue: Venue, take: Callable[[AccountEvent], Awaitable[None]]
) -> Listening[AccountEvent]:
    """A session of the account's socket."""
    return Listening("account", lambda frame, _now: venue.decode_account(frame), take)
