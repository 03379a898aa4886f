"""Sends within a call: what the network takes at once needs no task to be woken for it."""

import os
from collections.abc import Callable
from typing import Protocol, runtime_checkable

import trio
from typing_extensions import override

from actors.net.large_reads import LargeReads


class SendLock:
    """Senders take turns; a free lock is taken without a trip through the loop."""

    def __init__(self) -> None:
        self._lock = trio.StrictFIFOLock()

    @property
    def taken(self) -> bool:
        return self._lock.locked()

    async def __aenter__(self) -> None:
        try:
            self._lock.acquire_nowait()
        except trio.WouldBlock:
            await self._lock.acquire()

    async def __aexit__(self, *_: object) -> None:
        self._lock.release()


@runtime_checkable
class Writable(Protocol):
    """A connection that takes bytes within a call, as a simulated one does."""

    def write(self, data: bytes) -> int:
        """
        Hand over bytes; how many of them were taken.

        Raises:
            BlockingIOError: There is no room now.
            OSError: The connection is broken.
            BrokenResourceError: The same.
            ClosedResourceError: It is closed on our side.
        """
        ...


class ImmediateSends(trio.abc.Stream):
    """
    A connection to the network that can also be sent to without waiting.

    What the network does not take of such a send leaves before everything that is sent later.
    """

    def __init__(self, stream: trio.abc.Stream) -> None:
        self._stream = stream
        self._write = _write_of(stream)
        self._lock = SendLock()
        self._rest = b""
        self._rest_waits = trio.Event()

    @property
    def free(self) -> bool:
        """Whether ``send_now`` may be called: nothing else is on its way to the network."""
        return self._write is not None and not self._rest and not self._lock.taken

    def send_now(self, data: bytes) -> None:
        """
        Hand over bytes within this call; those that the network does not take now follow.

        Raises:
            OSError: The connection is broken, and nothing was taken.
            BrokenResourceError: The same.
            ClosedResourceError: The same, closed on our side.
        """
        assert self._write is not None, "free was asked"
        try:
            taken = self._write(data)
        except BlockingIOError:
            taken = 0
        if taken < len(data):
            self._rest = data[taken:]
            self._rest_waits.set()

    async def send_the_rest(self) -> None:
        """
        Send what ``send_now`` leaves, for as long as the connection lives.

        Raises:
            BrokenResourceError: The connection is broken.
            ClosedResourceError: It is closed on our side.
        """
        while True:
            await self._rest_waits.wait()
            self._rest_waits = trio.Event()
            await self.send_all(b"")

    @override
    async def send_all(self, data: bytes | bytearray | memoryview) -> None:
        async with self._lock:
            rest, self._rest = self._rest, b""
            for part in (rest, data):
                if part:
                    await self._stream.send_all(part)

    @override
    async def wait_send_all_might_not_block(self) -> None:
        await self._stream.wait_send_all_might_not_block()

    @override
    async def receive_some(self, max_bytes: int | None = None) -> bytes | bytearray:
        if not isinstance(self._stream, trio.SocketStream) or max_bytes is None:
            return await self._stream.receive_some(max_bytes)
        # trio would read at once first, and nearly always in vain.
        socket = self._stream.socket
        while True:
            if socket.fileno() < 0:
                raise trio.ClosedResourceError
            await trio.lowlevel.wait_readable(socket)
            try:
                return os.read(socket.fileno(), max_bytes)
            except BlockingIOError:
                continue
            except OSError as error:
                raise trio.BrokenResourceError(f"the connection broke: {error}") from error

    @override
    async def aclose(self) -> None:
        await self._stream.aclose()


def _write_of(stream: trio.abc.Stream) -> Callable[[bytes], int] | None:
    if isinstance(stream, trio.SocketStream):
        socket = stream.socket
        return lambda data: os.write(socket.fileno(), data)
    return stream.write if isinstance(stream, Writable) else None


def connection_of(stream: trio.abc.Stream) -> ImmediateSends | None:
    """The connection below a stream, encrypted or not, if it can be sent to without waiting."""
    if isinstance(stream, trio.SSLStream) and isinstance(stream.transport_stream, LargeReads):
        stream = stream.transport_stream.stream
    return stream if isinstance(stream, ImmediateSends) else None


def send_at_once(stream: trio.abc.Stream, data: bytes) -> bool:
    """
    Send bytes within this call; whether the network takes them.

    If not, nothing of them has left or ever will.
    """
    connection = connection_of(stream)
    if connection is None or not connection.free:
        return False
    try:
        if isinstance(stream, trio.SSLStream):
            # trio's own sends are between encryption and network while this lock is held.
            if stream._inner_send_lock.locked():  # noqa: SLF001
                return False
            stream._ssl_object.write(data)  # noqa: SLF001
            data = stream._outgoing.read()  # noqa: SLF001
        connection.send_now(data)
    except (OSError, trio.BrokenResourceError, trio.ClosedResourceError):
        return False  # the connection has ended, as its reader is about to notice
    return True
