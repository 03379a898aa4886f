"""One request: how much an answer may be, when it is signed, and what is known when it fails."""

import gzip
import itertools
import zlib
from collections.abc import Callable

import pytest
import trio
from hypothesis import given
from hypothesis import strategies as st
from trio.testing import MockClock

from actors.net.http_body import BODY_BYTES_MAX, Body
from actors.net.http_client import HttpAnswer, HttpClient, HttpRequest
from actors.net.network import Address
from tests.support.doors import Door
from tests.support.memory_network import MemoryNetwork
from tests.support.raising import raising
from tests.support.scripted_server import Peer, Script, serve, silence
from trading.core.errors import Outage, OutcomeUnknown

_MIB = 1024 * 1024


def sending(*pieces: bytes) -> Script:
    """Answer with some bytes, and keep the connection open."""

    async def script(peer: Peer) -> None:
        await peer.read_request()
        for piece in pieces:
            await peer.stream.send_all(piece)
        await trio.sleep_forever()

    return script


def head(status: int, *headers: str) -> bytes:
    return "\r\n".join([f"HTTP/1.1 {status} Scripted", *headers, "", ""]).encode()


def packed(body: bytes, encoding: str) -> bytes:
    return head(200, f"Content-Encoding: {encoding}", f"Content-Length: {len(body)}") + body


def a_post() -> HttpRequest:
    return HttpRequest(verb="POST", path="/")


async def answer_to(nursery: trio.Nursery, script: Script, verb: str = "POST") -> HttpAnswer:
    network = MemoryNetwork()
    address = await serve(nursery, network, script)
    client = HttpClient(Door(network), answer_deadline_s=10)
    return await client.request(address, lambda: HttpRequest(verb=verb, path="/"))


async def test_a_body_without_end_is_not_read_to_its_end(
    nursery: trio.Nursery, autojump_clock: MockClock
) -> None:
    async def script(peer: Peer) -> None:
        await peer.read_request()
        await peer.stream.send_all(head(200, "Transfer-Encoding: chunked"))
        while True:
            await peer.stream.send_all(b"10000\r\n" + b"x" * 0x10000 + b"\r\n")

    with raising(OutcomeUnknown, "its body is longer than 4 MiB"):
        await answer_to(nursery, script)
    assert trio.current_time() < 1


@pytest.mark.parametrize("encoding", ["gzip", "deflate"])
async def test_a_small_answer_that_grows_is_not_unpacked_to_its_end(
    nursery: trio.Nursery, autojump_clock: MockClock, encoding: str
) -> None:
    grows = b"\0" * (64 * _MIB)
    bomb = gzip.compress(grows, mtime=0) if encoding == "gzip" else zlib.compress(grows)
    assert len(bomb) < _MIB // 8
    with raising(OutcomeUnknown, "its body is longer than 4 MiB"):
        await answer_to(nursery, sending(packed(bomb, encoding)))


async def test_an_error_may_be_no_longer_and_keeps_its_status(
    nursery: trio.Nursery, autojump_clock: MockClock
) -> None:
    long = b"<" * (BODY_BYTES_MAX + 1)
    answer = await answer_to(nursery, sending(head(403, f"Content-Length: {len(long)}") + long))
    assert (answer.status, answer.cut) == (403, "its body is longer than 4 MiB")
    assert len(answer.body) <= BODY_BYTES_MAX


@pytest.mark.parametrize(
    "headers",
    [
        pytest.param(f"X-Long: {'x' * 200_000}", id="one long header"),
        pytest.param("\r\n".join(f"X-{n}: y" for n in range(20_000)), id="many headers"),
    ],
)
async def test_headers_have_a_bound_too(
    nursery: trio.Nursery, autojump_clock: MockClock, headers: str
) -> None:
    with raising(OutcomeUnknown, "the connection failed"):
        await answer_to(nursery, sending(head(200, "Content-Length: 0", headers)))
    assert trio.current_time() < 1


async def test_informational_answers_without_end_have_one(
    nursery: trio.Nursery, autojump_clock: MockClock
) -> None:
    async def script(peer: Peer) -> None:
        await peer.read_request()
        while True:
            await peer.stream.send_all(head(103, "Link: </style.css>") * 1_000)

    with raising(OutcomeUnknown, "longer than any answer may be"):
        await answer_to(nursery, script)
    assert trio.current_time() < 1


async def test_an_informational_answer_before_the_answer_is_passed_over(
    nursery: trio.Nursery, autojump_clock: MockClock
) -> None:
    script = sending(head(103, "Link: </style.css>") + head(200, "Content-Length: 2") + b"ok")
    assert (await answer_to(nursery, script)).body == b"ok"


_TEXT = b'[{"orderId":"1"}]' * 50


def _raw_deflate(data: bytes) -> bytes:
    packer = zlib.compressobj(wbits=-zlib.MAX_WBITS)
    return packer.compress(data) + packer.flush()


@pytest.mark.parametrize(
    ("encoding", "pack"),
    [
        ("gzip", gzip.compress),
        ("x-gzip", gzip.compress),
        ("GZIP", gzip.compress),
        ("deflate", zlib.compress),
        ("deflate", _raw_deflate),
        ("identity", bytes),
    ],
)
async def test_a_packed_answer_is_unpacked(
    nursery: trio.Nursery,
    autojump_clock: MockClock,
    encoding: str,
    pack: Callable[[bytes], bytes],
) -> None:
    answer = await answer_to(nursery, sending(packed(pack(_TEXT), encoding)))
    assert (answer.body, answer.cut) == (_TEXT, None)


@pytest.mark.parametrize(
    ("body", "encoding", "words"),
    [
        (b"this is not packed", "gzip", "cannot be unpacked"),
        (gzip.compress(_TEXT, mtime=0)[:-9], "gzip", "ends in the middle"),
        (_TEXT, "br", "encoded as 'br'"),
    ],
)
async def test_what_cannot_be_unpacked_leaves_the_outcome_unknown(
    nursery: trio.Nursery, autojump_clock: MockClock, body: bytes, encoding: str, words: str
) -> None:
    with raising(OutcomeUnknown, words):
        await answer_to(nursery, sending(packed(body, encoding)))


@given(data=st.binary(max_size=2_000), cuts=st.lists(st.integers(0, 2_100), max_size=8))
def test_pieces_of_any_length_are_the_same_body(data: bytes, cuts: list[int]) -> None:
    whole = gzip.compress(data, mtime=0)
    edges = [0, *sorted(cut for cut in cuts if cut < len(whole)), len(whole)]
    body = Body("gzip")
    for begin, end in itertools.pairwise(edges):
        assert body.take(whole[begin:end])
    assert (body.data, body.trouble) == (data, None)


@given(data=st.binary(max_size=500), encoding=st.sampled_from(["gzip", "deflate", "br", ""]))
def test_no_body_does_worse_than_to_be_told(data: bytes, encoding: str) -> None:
    body = Body(encoding)
    body.take(data)
    assert len(body.data) <= BODY_BYTES_MAX
    assert body.trouble is None or isinstance(body.trouble, str)


@pytest.mark.parametrize("status", [401, 429])
async def test_a_refusal_whose_body_never_comes_is_a_refusal(
    nursery: trio.Nursery, autojump_clock: MockClock, status: int
) -> None:
    script = sending(head(status, "Content-Length: 99", "Retry-After: 7") + b"cut sh")
    answer = await answer_to(nursery, script)
    assert (answer.status, answer.headers["retry-after"]) == (status, "7")
    assert answer.cut == "no whole answer within 10 s"


async def test_what_never_had_a_connection_is_known_not_to_have_left(
    autojump_clock: MockClock,
) -> None:
    called = list[int]()
    door = Door(MemoryNetwork(), slow_s=60)
    client = HttpClient(door, answer_deadline_s=10)
    address = Address(host="127.0.0.1", port=1, tls=False)
    with raising(Outage, "no connection within 10 s"):
        await client.request(address, a_post, before_sending=lambda: called.append(1))
    assert called == []
    assert trio.current_time() == pytest.approx(10, abs=0.1)


async def test_encryption_that_never_comes_about_is_no_connection_either(
    nursery: trio.Nursery, autojump_clock: MockClock
) -> None:
    network = MemoryNetwork()
    plain = await serve(nursery, network, silence)
    address = Address(host=plain.host, port=plain.port, tls=True)
    with raising(Outage, "no connection within 10 s"):
        await HttpClient(Door(network), answer_deadline_s=10).request(address, a_post)


async def test_a_request_is_made_in_the_moment_of_sending(
    nursery: trio.Nursery, autojump_clock: MockClock
) -> None:
    made = list[float]()

    def request() -> HttpRequest:
        made.append(trio.current_time())
        return a_post()

    network = MemoryNetwork()
    address = await serve(nursery, network, sending(head(200, "Content-Length: 0")))
    client = HttpClient(Door(network, slow_s=8), answer_deadline_s=10)
    await client.request(address, request)
    assert made == [pytest.approx(8, abs=0.1)]
