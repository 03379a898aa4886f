"""Whom REST, sockets and the doctor believe: the same, and the cause is named the same way."""

import contextlib
import ssl
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path

import pytest
import trio
from trio.testing import MockClock

from actors.net.http_client import HttpClient, HttpRequest
from actors.net.network import Address, Network
from actors.net.trust import trust
from actors.net.websocket import open_websocket
from tests.support.memory_network import MemoryNetwork
from tests.support.raising import raising
from tests.support.scripted_server import Peer, serve
from trading.core.errors import Outage
from trading.venues.interface import Handshake

TESTS = Path(__file__).parents[1]
LOOPBACK = TESTS / "engine" / "third_party" / "loopback.pem"
"""Of its own making, for localhost and 127.0.0.1, and good for a hundred years."""
EXPIRED = TESTS / "support" / "expired.pem"
"""The same, but for January 2020."""

Reach = Callable[[Network, Address], Awaitable[None]]


async def by_rest(network: Network, address: Address) -> None:
    request = HttpRequest(verb="GET", path="/")
    await HttpClient(network, answer_deadline_s=5).request(address, lambda: request)


async def by_socket(network: Network, address: Address) -> None:
    async with open_websocket(network, address, Handshake(path="/", headers=dict), deadline_s=5):
        pass


both = pytest.mark.parametrize("reach", [by_rest, by_socket])


@contextlib.contextmanager
def trusting(path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("SSL_CERT_FILE", str(path))
    trust.cache_clear()
    yield
    trust.cache_clear()


def identity(path: Path) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(path)
    return context


class Site:
    """A server of both kinds with a certificate; remembers what it was told once encrypted."""

    def __init__(self, context: ssl.SSLContext) -> None:
        self.network = MemoryNetwork()
        self.heard = list[str]()
        self._context = context

    async def serve(self, nursery: trio.Nursery, host: str = "127.0.0.1") -> Address:
        plain = await serve(nursery, self.network, self._answer)
        return Address(host=host, port=plain.port, tls=True)

    async def _answer(self, peer: Peer) -> None:
        secure = trio.SSLStream(peer.stream, self._context, server_side=True)
        with contextlib.suppress(trio.BrokenResourceError):
            await secure.do_handshake()
            inner = Peer(secure, peer.number)
            self.heard.append(await inner.read_request())
            await inner.answer(200, "ok")


@both
async def test_a_certificate_that_nobody_vouches_for_is_named(
    nursery: trio.Nursery, autojump_clock: MockClock, reach: Reach
) -> None:
    site = Site(identity(LOOPBACK))
    with raising(Outage, "127.0.0.1 cannot be reached: its certificate is not trusted: self"):
        await reach(site.network, await site.serve(nursery))
    assert site.heard == []


@both
async def test_what_the_environment_names_is_trusted(
    nursery: trio.Nursery,
    autojump_clock: MockClock,
    monkeypatch: pytest.MonkeyPatch,
    reach: Reach,
) -> None:
    site = Site(identity(LOOPBACK))
    with trusting(LOOPBACK, monkeypatch), contextlib.suppress(Outage):  # it grants no upgrade
        await reach(site.network, await site.serve(nursery))
    assert len(site.heard) == 1


@both
@pytest.mark.parametrize("host", ["api.valr.com", "10.0.0.1"])
async def test_a_certificate_for_another_name_is_named_before_a_byte_is_sent(
    nursery: trio.Nursery,
    autojump_clock: MockClock,
    monkeypatch: pytest.MonkeyPatch,
    reach: Reach,
    host: str,
) -> None:
    site = Site(identity(LOOPBACK))
    with (
        trusting(LOOPBACK, monkeypatch),
        raising(Outage, f"{host} cannot be reached: its certificate is for another name"),
    ):
        await reach(site.network, await site.serve(nursery, host))
    assert site.heard == []


@both
async def test_an_expired_certificate_is_named(
    nursery: trio.Nursery,
    autojump_clock: MockClock,
    monkeypatch: pytest.MonkeyPatch,
    reach: Reach,
) -> None:
    site = Site(identity(EXPIRED))
    with trusting(EXPIRED, monkeypatch), raising(Outage, "its certificate has expired"):
        await reach(site.network, await site.serve(nursery))
    assert site.heard == []


async def _speak_plainly(peer: Peer) -> None:
    await peer.stream.receive_some()
    await peer.answer(400, "This is plain HTTP")


def _alerting(alert: int) -> Callable[[Peer], Awaitable[None]]:
    """Answer a ClientHello with a fatal alert of this number (RFC 8446, 6)."""

    async def script(peer: Peer) -> None:
        await peer.stream.receive_some()
        await peer.stream.send_all(b"\x15\x03\x03\x00\x02\x02" + bytes([alert]))

    return script


async def _hang_up(peer: Peer) -> None:
    await peer.stream.receive_some()


@both
@pytest.mark.parametrize(
    ("script", "words"),
    [
        (_speak_plainly, "does not speak TLS"),
        (_hang_up, "ended during the TLS handshake"),
        (_alerting(70), "no TLS protocol that both sides speak"),
        (_alerting(40), "no TLS protocol that both sides speak"),
        (_alerting(80), "no TLS handshake"),
    ],
)
async def test_whoever_does_not_come_to_terms_with_us_is_named(
    nursery: trio.Nursery,
    autojump_clock: MockClock,
    reach: Reach,
    script: Callable[[Peer], Awaitable[None]],
    words: str,
) -> None:
    network = MemoryNetwork()
    plain = await serve(nursery, network, script)
    with raising(Outage, words):
        await reach(network, Address(host=plain.host, port=plain.port, tls=True))


def test_trust_is_made_once() -> None:
    assert trust() is trust()
