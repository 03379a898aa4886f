"""A network of memory streams: the same two doors as the real one, in virtual time."""

import itertools

import attrs
import trio
import trio.testing
from typing_extensions import override

from actors.network import Listening
from trading.errors import Outage


@attrs.define
class _MemoryListener(trio.abc.Listener[trio.abc.Stream]):
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


class MemoryNetwork:
    """
    Connects callers to listeners of the same network.

    ``streams`` are the callers' last ends, in order of connection, so that a test can cut one.
    """

    def __init__(self) -> None:
        self._doors: dict[int, trio.MemorySendChannel[trio.abc.Stream]] = {}
        self._free_ports = itertools.count(40_000)
        self.streams: list[trio.abc.Stream] = []

    async def connect(self, host: str, port: int) -> trio.abc.Stream:
        await trio.lowlevel.checkpoint()
        ours, theirs = trio.testing.memory_stream_pair()
        try:
            await self._doors[port].send(theirs)
        except (KeyError, trio.BrokenResourceError) as error:
            raise Outage(f"cannot connect to {host}:{port}: connection refused") from error
        self.streams = [*self.streams[-99:], ours]  # whoever runs for days wants no list of all
        return ours

    async def listen(self, host: str, port: int) -> Listening:
        await trio.lowlevel.checkpoint()
        port = port or next(self._free_ports)
        send, receive = trio.open_memory_channel[trio.abc.Stream](64)
        self._doors[port] = send
        return Listening(port, (_MemoryListener(receive),))


class MemoryDoors:
    """A local network in memory."""

    def __init__(self) -> None:
        self._doors: dict[str, trio.MemorySendChannel[trio.abc.Stream]] = {}

    async def listen(self, name: str) -> trio.abc.Listener[trio.abc.Stream]:
        await trio.lowlevel.checkpoint()
        self._doors[name], receive = trio.open_memory_channel[trio.abc.Stream](64)
        return _MemoryListener(receive)

    async def connect(self, name: str) -> trio.abc.Stream:
        await trio.lowlevel.checkpoint()
        ours, theirs = trio.testing.memory_stream_pair()
        try:
            await self._doors[name].send(theirs)
        except (KeyError, trio.BrokenResourceError) as error:
            raise Outage(f"nobody answers at {name}") from error
        return ours
