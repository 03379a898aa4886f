"""Ways into a network that a test can shut, mute, and cut."""

import attrs
import trio
import trio.testing
from typing_extensions import override

from actors.net.network import Listening, Network
from trading.core.errors import Outage


@attrs.define
class Door:
    """
    One client's way into a network, with the troubles of real ones at a word.

    Args:
        refuses: New connections are refused.
        silent: New connections reach nobody.
        mute: What is sent on any connection gets lost on the way.
        deaf: What comes on any connection gets lost on the way.
        late_s: What is sent takes so long on its way.
        slow_s: New connections take so long to come about.
        count: Connections asked for.
        last: The number of the last one that is let through; ``None`` for all.
    """

    network: Network
    refuses: bool = False
    silent: bool = False
    mute: bool = False
    deaf: bool = False
    late_s: float = 0.0
    slow_s: float = 0.0
    count: int = 0
    last: int | None = None
    streams: list["trio.abc.Stream"] = attrs.field(factory=list, init=False)

    async def connect(self, host: str, port: int) -> trio.abc.Stream:
        self.count += 1
        await trio.sleep(self.slow_s)
        if self.refuses or (self.last is not None and self.count > self.last):
            raise Outage(f"cannot connect to {host}:{port}: connection refused")
        if self.silent:
            ours, nobody = trio.testing.memory_stream_pair()
            self.streams.append(nobody)
            return ours
        stream = _Corridor(self, await self.network.connect(host, port))
        self.streams.append(stream)
        return stream

    async def listen(self, host: str, port: int) -> Listening:
        return await self.network.listen(host, port)

    async def cut(self) -> None:
        """Break every connection without a word to either end."""
        for stream in self.streams:
            await trio.aclose_forcefully(stream)
        self.streams.clear()


@attrs.frozen
class _Corridor(trio.abc.Stream):
    door: Door
    stream: trio.abc.Stream

    @override
    async def send_all(self, data: bytes | bytearray | memoryview) -> None:
        if self.door.late_s:
            await trio.sleep(self.door.late_s)
        if not self.door.mute:
            await self.stream.send_all(data)

    @override
    async def wait_send_all_might_not_block(self) -> None:
        await self.stream.wait_send_all_might_not_block()

    @override
    async def receive_some(self, max_bytes: int | None = None) -> bytes | bytearray:
        data = await self.stream.receive_some(max_bytes)
        while self.door.deaf and data:
            data = await self.stream.receive_some(max_bytes)
        return data

    @override
    async def aclose(self) -> None:
        await self.stream.aclose()
