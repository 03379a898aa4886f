"""Lines of text over a byte stream, with a limit on their length."""

import contextlib
from collections.abc import Iterator

import trio

from trading.core.errors import Outage


class LineTooLong(Exception):
    """The other side sends a line longer than allowed."""


class Lines:
    """
    One side of a conversation in lines.

    Args:
        length_max: Bytes of a line that comes in, its end not counted.
        send_deadline_s: For the other side to take a line.
    """

    def __init__(
        self, stream: trio.abc.Stream, *, length_max: int, send_deadline_s: float = 5.0
    ) -> None:
        self._stream = stream
        self._length_max = length_max
        self._send_deadline_s = send_deadline_s
        self._received = bytearray()

    async def receive(self) -> bytes | None:
        """
        The next line without its end; ``None`` when the other side has nothing more to say.

        Raises:
            Outage: The connection broke.
            LineTooLong: It is longer than allowed.
        """
        while True:
            line, end, rest = self._received.partition(b"\n")
            if end and len(line) <= self._length_max:
                self._received = rest
                return bytes(line)
            if len(line) > self._length_max:
                raise LineTooLong(f"a line of more than {self._length_max} bytes")
            with _broken_is_an_outage():
                data = await self._stream.receive_some()
            if not data:
                return None
            self._received += data

    async def send(self, line: bytes) -> None:
        """
        Send a line; its end is added.

        Raises:
            Outage: The connection broke, or the other side takes too long.
        """
        with trio.move_on_after(self._send_deadline_s) as patience:
            with _broken_is_an_outage():
                await self._stream.send_all(line + b"\n")
        if patience.cancelled_caught:
            raise Outage(f"a line was not taken within {self._send_deadline_s:g} s")


@contextlib.contextmanager
def _broken_is_an_outage() -> Iterator[None]:
    try:
        yield
    except (trio.BrokenResourceError, trio.ClosedResourceError) as error:
        raise Outage("the connection broke") from error
