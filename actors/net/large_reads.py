"""Reads of a stream that return all that has come, encrypted or not: one trip through the loop."""

import contextlib
import ssl

import attrs
import trio
from typing_extensions import override

_BYTES_MAX = 256 * 1024
"""What a read may return: at full load a message costs a quarter less than with 64 KiB."""

_RECORD_BYTES_MAX = 16 * 1024
"""RFC 8446, 5.1."""


async def receive_burst(stream: trio.abc.Stream) -> bytes:
    """
    Wait for bytes; return all that came in one read of the network.

    Of an encrypted stream trio returns one record, after two trips through the loop. The others
    that came with it are decrypted here. If one of these is broken, what came before it is
    returned, and then no bytes, as at the end.

    Raises:
        BrokenResourceError: The connection is broken.
        ClosedResourceError: It is closed on our side.
    """
    data = await stream.receive_some(_BYTES_MAX)
    if not data or not isinstance(stream, trio.SSLStream):
        return bytes(data)
    records = [data]
    # The end is met again by the next read; so is an error, of which OpenSSL then says that it is
    # the end. What TLS has to answer (to a KeyUpdate, or an alert) leaves with that read.
    with contextlib.suppress(ssl.SSLError):
        while records[-1] and stream._incoming.pending:  # noqa: SLF001
            records.append(stream._ssl_object.read(_RECORD_BYTES_MAX))  # noqa: SLF001
    return b"".join(records)


@attrs.frozen
class LargeReads(trio.abc.Stream):
    """A stream whose reads return more where none says how much, as those of trio.SSLStream."""

    stream: trio.abc.Stream

    @override
    async def receive_some(self, max_bytes: int | None = None) -> bytes | bytearray:
        return await self.stream.receive_some(_BYTES_MAX if max_bytes is None else max_bytes)

    @override
    async def send_all(self, data: bytes | bytearray | memoryview) -> None:
        await self.stream.send_all(data)

    @override
    async def wait_send_all_might_not_block(self) -> None:
        await self.stream.wait_send_all_might_not_block()

    @override
    async def aclose(self) -> None:
        await self.stream.aclose()
