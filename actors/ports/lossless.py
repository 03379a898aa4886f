"""The lossless wire: a channel on which every message counts, and is counted."""

from typing import Generic, Protocol, TypeVar

import attrs
import trio

from trading.core.errors import Outage

T = TypeVar("T")
T_contra = TypeVar("T_contra", contravariant=True)


class SendPort(Protocol[T_contra]):
    """The sending end of a wire, as an actor has it; a channel of trio's is one too."""

    def send_nowait(self, value: T_contra, /) -> None: ...

    async def send(self, value: T_contra, /) -> None: ...

    def statistics(self) -> trio.MemoryChannelStatistics: ...


@attrs.define
class Count:
    """
    What passed through a wire; trio's own statistics know only what waits.

    Args:
        sent: Messages that were put on it.
        found_full: How often a sender that would not wait, or not yet, found no room.
    """

    sent: int = 0
    found_full: int = 0


@attrs.frozen
class CountedSend(Generic[T]):
    """A sending end that counts."""

    channel: trio.MemorySendChannel[T]
    count: Count

    def send_nowait(self, value: T, /) -> None:
        """
        Put a message on the wire.

        Raises:
            WouldBlock: There is no room.
        """
        try:
            self.channel.send_nowait(value)
        except trio.WouldBlock:
            self.count.found_full += 1
            raise
        self.count.sent += 1

    async def send(self, value: T, /) -> None:
        """Put a message on the wire, as soon as there is room."""
        await self.channel.send(value)
        self.count.sent += 1

    def statistics(self) -> trio.MemoryChannelStatistics:
        return self.channel.statistics()


@attrs.frozen
class Lossless(Generic[T]):
    """A wire on which every message counts; when it is full the sender waits."""

    send: CountedSend[T]
    receive: trio.MemoryReceiveChannel[T]
    count: Count

    @classmethod
    def of(cls, capacity: int) -> "Lossless[T]":
        send, receive = trio.open_memory_channel[T](capacity)
        count = Count()
        return cls(CountedSend(send, count), receive, count)


def drain(channel: trio.MemoryReceiveChannel[T]) -> list[T]:
    """Take everything that is waiting in a channel, without waiting."""
    taken: list[T] = []
    while True:
        try:
            taken.append(channel.receive_nowait())
        except (trio.WouldBlock, trio.EndOfChannel):
            return taken


async def deliver(wire: SendPort[T], message: T, deadline_s: float) -> None:
    """
    Put a message on a lossless wire; a full wire makes the sender wait, but not for ever.

    Raises:
        Outage: Nobody took anything from the wire for ``deadline_s`` seconds.
    """
    try:
        wire.send_nowait(message)
    except trio.WouldBlock:
        pass
    else:
        return
    with trio.move_on_after(deadline_s) as patience:
        await wire.send(message)
    if patience.cancelled_caught:
        raise Outage(f"nobody takes {type(message).__name__} for {deadline_s:g} s")
