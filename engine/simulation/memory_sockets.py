"""Local sockets in memory, for commands of the operator."""

import attrs
import trio
import trio.testing  # its streams are what such a door leads to
from typing_extensions import override

from trading.core.errors import Outage

_BACKLOG = 64


@attrs.define
class MemoryListener(trio.abc.Listener[trio.abc.Stream]):
    """Hands out the server's ends of new connections."""

    incoming: trio.MemoryReceiveChannel[trio.abc.Stream]

    @override
    async def accept(self) -> trio.abc.Stream:
        try:
            return await self.incoming.receive()
        except trio.EndOfChannel:
            raise trio.ClosedResourceError from None

    @override
    async def aclose(self) -> None:
        self.incoming.close()
        await trio.lowlevel.checkpoint()


class MemorySockets:
    """A local network in memory."""

    def __init__(self) -> None:
        self._doors: dict[str, trio.MemorySendChannel[trio.abc.Stream]] = {}

    async def listen(self, name: str) -> trio.abc.Listener[trio.abc.Stream]:
        await trio.lowlevel.checkpoint()
        self._doors[name], receive = trio.open_memory_channel[trio.abc.Stream](_BACKLOG)
        return MemoryListener(receive)

    async def connect(self, name: str) -> trio.abc.Stream:
        await trio.lowlevel.checkpoint()
        ours, theirs = trio.testing.memory_stream_pair()
        try:
            await self._doors[name].send(theirs)
        except (KeyError, trio.BrokenResourceError) as error:
            raise Outage(f"nobody answers at {name}") from error
        return ours
