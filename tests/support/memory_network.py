"""A network of memory streams: the same two doors as the real one, in virtual time."""

import itertools

import trio
import trio.testing

from actors.net.network import Listening
from engine.simulation.memory_sockets import MemoryListener, MemorySockets
from trading.core.errors import Outage

__all__ = ["MemoryNetwork", "MemorySockets"]


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
        return Listening(port, (MemoryListener(receive),))
