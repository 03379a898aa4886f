"""The wire of frames to a socket: past the socket's task where the network takes them at once."""

import contextlib
from collections.abc import Callable, Iterator

import attrs
from typing_extensions import override

from actors.ports.lossless import CountedSend, Lossless


@attrs.define(eq=False)
class WayPast:
    """
    The way of a frame to the network within the sender's call, while a connection offers one.

    Args:
        send: Whether the network takes a frame; ``None`` without a connection.
        under_way: Frames on their way by the socket's task, which no other may overtake.
    """

    send: Callable[[str], bool] | None = None
    under_way: int = 0

    def takes(self, frame: str) -> bool:
        """Send a frame, if it may leave now; whether it has left."""
        return self.send is not None and not self.under_way and self.send(frame)

    def done(self, frames: int = 1) -> None:
        """Note that the task has sent frames, or dropped them."""
        self.under_way -= frames

    @contextlib.contextmanager
    def offered(self, send: Callable[[str], bool]) -> Iterator[None]:
        """Offer a connection's way while the block runs."""
        self.send = send
        try:
            yield
        finally:
            self.send = None


@attrs.frozen
class _Send(CountedSend[str]):
    """A sending end that goes past the socket's task where it can."""

    past: WayPast

    @override
    def send_nowait(self, value: str, /) -> None:
        if self.past.takes(value):
            self.count.sent += 1
            return
        super().send_nowait(value)
        self.past.under_way += 1

    @override
    async def send(self, value: str, /) -> None:
        self.past.under_way += 1
        try:
            await super().send(value)
        except BaseException:
            self.past.under_way -= 1
            raise


@attrs.frozen
class FrameWire(Lossless[str]):
    """
    A wire to a socket (capacity 0): taken means handed to the network, by the task or past it.

    Args:
        past: For the socket: it offers its way there, and says when its task has sent a frame.
    """

    past: WayPast

    @classmethod
    @override
    def of(cls, capacity: int) -> "FrameWire":
        plain, past = Lossless[str].of(capacity), WayPast()
        return cls(_Send(plain.send.channel, plain.count, past), plain.receive, plain.count, past)
