"""Connections that a script can pick out and cut, on memory streams or on real ones."""

from collections.abc import Set as AbstractSet

import attrs
import trio
from typing_extensions import override

from actors.net.network import Listening, TcpNetwork
from tests.support.memory_network import MemoryNetwork
from trading.core.errors import Outage


@attrs.define
class Link(trio.abc.Stream):
    """A connection that can be told from others by what was first sent on it, and cut."""

    stream: trio.abc.Stream
    lost: AbstractSet[str]
    deaf: AbstractSet[str] = frozenset()
    opening: bytes = b""
    closed: bool = False

    @override
    async def send_all(self, data: bytes | bytearray | memoryview) -> None:
        self.opening = self.opening or bytes(data)
        if any(path.encode() in data for path in self.lost):
            await self.stream.aclose()
        if any(path.encode() in data for path in self.deaf):
            await trio.lowlevel.checkpoint()
            return
        await self.stream.send_all(data)

    @override
    async def wait_send_all_might_not_block(self) -> None:
        await self.stream.wait_send_all_might_not_block()

    @override
    async def receive_some(self, max_bytes: int | None = None) -> bytes | bytearray:
        return await self.stream.receive_some(max_bytes)

    @override
    async def aclose(self) -> None:
        self.closed = True
        await self.stream.aclose()


class Links:
    """
    The connections of a network that are open, to be picked out by their path.

    While ``away`` is set nobody gets a new one. What is sent to a path that is ``lost`` breaks its
    connection. What is sent to a path that is ``deaf`` is never answered.
    """

    def __init__(self) -> None:
        self.links: list[Link] = []
        self.away = False
        self.lost: set[str] = set()
        self.deaf: set[str] = set()

    def _admit(self, host: str, port: int) -> None:
        if self.away:
            raise Outage(f"cannot connect to {host}:{port}: no route to host")

    def _link(self, stream: trio.abc.Stream) -> Link:
        link = Link(stream, self.lost, self.deaf)
        self.links = [*(one for one in self.links if not one.closed), link]
        return link

    async def cut(self, path: str) -> None:
        """Break the newest connection to a path, without a word to either end."""
        link = next(one for one in reversed(self.links) if path.encode() in one.opening)
        await link.aclose()


class LinkedNetwork(Links, MemoryNetwork):
    """In memory."""

    def __init__(self) -> None:
        Links.__init__(self)
        MemoryNetwork.__init__(self)

    @override
    async def connect(self, host: str, port: int) -> trio.abc.Stream:
        self._admit(host, port)
        return self._link(await MemoryNetwork.connect(self, host, port))


class LinkedTcp(Links):
    """This machine's own."""

    async def connect(self, host: str, port: int) -> trio.abc.Stream:
        self._admit(host, port)
        return self._link(await TcpNetwork().connect(host, port))

    async def listen(self, host: str, port: int) -> Listening:
        return await TcpNetwork().listen(host, port)
