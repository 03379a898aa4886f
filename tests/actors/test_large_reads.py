"""One read of an encrypted stream returns all records that came, and then what is wrong."""

import ssl

import pytest
import trio
import trio.testing
from trio.testing import MockClock

from actors.net import large_reads
from actors.net.large_reads import LargeReads, receive_burst
from tests.actors.test_trust import LOOPBACK, identity

BROKEN = b"\x17\x03\x03\x00\x20" + bytes(32)
"""Application data that nobody with the key has made."""

Pair = tuple[trio.SSLStream[trio.abc.Stream], trio.SSLStream[trio.abc.Stream], trio.abc.Stream]


async def encrypted(version: ssl.TLSVersion = ssl.TLSVersion.TLSv1_3) -> Pair:
    """The client's side, the server's, and what the server's is encrypted over."""
    near, far = trio.testing.memory_stream_pair()
    trusting, context = ssl.create_default_context(cafile=LOOPBACK), identity(LOOPBACK)
    context.maximum_version = version
    ours = trio.SSLStream[trio.abc.Stream](
        LargeReads(near), trusting, server_hostname="127.0.0.1", https_compatible=True
    )
    theirs = trio.SSLStream[trio.abc.Stream](far, context, server_side=True, https_compatible=True)
    async with trio.open_nursery() as nursery:
        nursery.start_soon(ours.do_handshake)
        nursery.start_soon(theirs.do_handshake)
    return ours, theirs, far


@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3])
async def test_records_that_came_together_are_returned_together(
    version: ssl.TLSVersion, autojump_clock: MockClock
) -> None:
    ours, theirs, _ = await encrypted(version)
    for text in (b"x" * 40_000, b"one", b"two"):
        await theirs.send_all(text)
    assert await receive_burst(ours) == b"x" * 40_000 + b"onetwo"


async def test_the_beginning_of_a_record_waits_for_its_end(autojump_clock: MockClock) -> None:
    ours, theirs, far = await encrypted()
    await theirs.send_all(b"whole")
    await theirs.send_all(b"in two")
    whole = await ours.transport_stream.receive_some()
    await far.send_all(whole[:-3])
    assert await receive_burst(ours) == b"whole"
    await far.send_all(whole[-3:])
    assert await receive_burst(ours) == b"in two"


async def test_a_record_that_is_broken_does_not_hide_those_before_it(
    autojump_clock: MockClock,
) -> None:
    ours, theirs, far = await encrypted()
    await theirs.send_all(b"good")
    await far.send_all(BROKEN)
    await theirs.send_all(b"late")
    assert await receive_burst(ours) == b"good"
    assert await receive_burst(ours) == b""


async def test_a_record_that_is_broken_is_an_error(autojump_clock: MockClock) -> None:
    ours, _, far = await encrypted()
    await far.send_all(BROKEN)
    with pytest.raises(trio.BrokenResourceError):
        await receive_burst(ours)


async def test_the_end_comes_after_the_last_record(autojump_clock: MockClock) -> None:
    ours, theirs, _ = await encrypted()
    await theirs.send_all(b"last")
    with trio.move_on_after(1):
        await theirs.aclose()
    assert await receive_burst(ours) == b"last"
    assert await receive_burst(ours) == b""


async def test_a_cut_after_a_record_is_an_end_too(autojump_clock: MockClock) -> None:
    ours, theirs, far = await encrypted()
    await theirs.send_all(b"last")
    await far.aclose()
    assert await receive_burst(ours) == b"last"
    assert await receive_burst(ours) == b""


async def test_a_read_is_bounded(
    autojump_clock: MockClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    near, far = trio.testing.memory_stream_pair()
    monkeypatch.setattr(large_reads, "_BYTES_MAX", 4)
    await far.send_all(b"abcdefgh")
    assert await receive_burst(near) == b"abcd"
    assert await LargeReads(near).receive_some(2) == b"ef"
