"""REST calls, each with one of the few known endings."""

from collections.abc import Awaitable, Callable
from decimal import Decimal
from typing import TypeVar

import attrs
import pytest
import trio
from trio.testing import MockClock
from typing_extensions import override

from actors.net.network import Address
from actors.net.venue_rest import VenueRest
from actors.ports.tap import Tap
from tests.support.builders import DOGE
from tests.support.doors import Door
from tests.support.memory_network import MemoryNetwork
from tests.support.raising import raising
from tests.support.scripted_server import Peer, serve, silence
from tests.support.simulated_venue import (
    QUIET_EXCHANGE,
    SimulatedVenue,
    rest_to,
    serve_exchange,
    valr,
)
from trading.core.errors import Fatal, Outage, OutcomeUnknown, RateLimited, Rejected
from trading.core.identifiers import ClientOrderId, VenueOrderId
from trading.recorded.noted import RestAnswer
from trading.venues.interface import Call
from trading.venues.valr.rest import orders as order_requests
from trading.venues.valr.venue import Valr

VENUE = valr()
GET = VENUE.open_orders()
DELETE = VENUE.cancel(DOGE, VenueOrderId("o1"), None)
ACTION = order_requests.place_limit({})

Script = Callable[[Peer], Awaitable[None]]
T = TypeVar("T")


def answering(status: int, body: str = "", *headers: str) -> Script:
    async def script(peer: Peer) -> None:
        await peer.read_request()
        await peer.answer(status, body, *headers)

    return script


async def _cut_before_the_answer(peer: Peer) -> None:
    await peer.read_request()


async def _cut_in_the_middle(peer: Peer) -> None:
    await peer.read_request()
    await peer.stream.send_all(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n[{")


async def _talk_nonsense(peer: Peer) -> None:
    await peer.read_request()
    await peer.stream.send_all(b"\x00\x01\x02 nonsense\r\n\r\n")


async def _drip(peer: Peer) -> None:
    await peer.read_request()
    await peer.stream.send_all(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n")
    while True:
        await trio.sleep(1)
        await peer.stream.send_all(b" ")


async def client(nursery: trio.Nursery, script: Script) -> VenueRest:
    network = MemoryNetwork()
    return rest_to(await serve(nursery, network, script), Door(network))


@pytest.mark.parametrize(
    "script", [_cut_before_the_answer, _cut_in_the_middle, _talk_nonsense, _drip, silence]
)
@pytest.mark.parametrize(("call", "kind"), [(GET, Outage), (DELETE, OutcomeUnknown)])
async def test_without_a_whole_answer_a_question_met_an_outage_and_an_action_is_unknown(
    nursery: trio.Nursery,
    autojump_clock: MockClock,
    script: Script,
    call: Call[object],
    kind: type[Exception],
) -> None:
    rest = await client(nursery, script)
    with raising(kind):
        await rest.call(call)


@pytest.mark.parametrize("script", [_drip, silence])
async def test_the_deadline_is_for_the_whole_exchange(
    nursery: trio.Nursery, autojump_clock: MockClock, script: Script
) -> None:
    rest = await client(nursery, script)
    with raising(OutcomeUnknown, "no whole answer within 10 s"):
        await rest.call(DELETE)
    assert trio.current_time() == pytest.approx(10, abs=0.1)


@pytest.mark.parametrize("call", [GET, DELETE])
async def test_what_never_left_is_an_outage_whatever_it_was(
    autojump_clock: MockClock, call: Call[object]
) -> None:
    rest = rest_to(Address(host="127.0.0.1", port=1, tls=False), Door(MemoryNetwork()))
    with raising(Outage, "refused"):
        await rest.call(call)


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        (answering(429, "<html>slow down</html>"), Outage),
        (answering(503, '{"code":-1,"message":"maintenance"}'), Outage),
        (answering(400, '{"code":-21,"message":"no such order"}'), Rejected),
        (answering(200, '{"code":-21,"message":"no such order"}'), Rejected),
        (answering(401, '{"code":-11252,"message":"bad key"}'), Fatal),
        (answering(403, "<html>"), OutcomeUnknown),  # a portal's or a proxy's
        (answering(500, "<html>oops</html>"), OutcomeUnknown),
        (answering(502, ""), OutcomeUnknown),
        (answering(302, "<html>"), OutcomeUnknown),
        (answering(200, "<html>"), OutcomeUnknown),
    ],
)
async def test_an_action_ends_as_its_answer_says(
    nursery: trio.Nursery, autojump_clock: MockClock, answer: Script, kind: type[Exception]
) -> None:
    rest = await client(nursery, answer)
    with raising(kind):
        await rest.call(ACTION)


async def test_an_unclear_answer_to_a_question_is_an_outage_that_names_it(
    nursery: trio.Nursery, autojump_clock: MockClock
) -> None:
    rest = await client(nursery, answering(502, "<html>"))
    with raising(Outage, "GET /v1/orders/open"):
        await rest.call(GET)


@pytest.mark.parametrize("body", ["<html>", "", "[{", '{"orderId":1}'])
async def test_an_answer_to_a_question_that_makes_no_sense_is_an_outage_that_names_it(
    nursery: trio.Nursery, autojump_clock: MockClock, body: str
) -> None:
    rest = await client(nursery, answering(200, body))
    with raising(Outage, "GET /v1/orders/open: its answer makes no sense"):
        await rest.call(GET)


async def test_no_redirect_is_followed(nursery: trio.Nursery, autojump_clock: MockClock) -> None:
    asked = []

    async def script(peer: Peer) -> None:
        asked.append((await peer.read_request()).split(" ")[1])
        await peer.answer(302, "", f"Location: http://{peer.number}.example/v1/elsewhere")

    rest = await client(nursery, script)
    with raising(OutcomeUnknown):
        await rest.call(DELETE)
    assert asked == ["/v1/orders/order"]


async def test_every_call_has_a_connection_of_its_own_and_closes_it(
    nursery: trio.Nursery, autojump_clock: MockClock
) -> None:
    numbers, closed = list[int](), list[int]()

    async def script(peer: Peer) -> None:
        await peer.read_request()
        numbers.append(peer.number)
        await peer.answer(200, "[]")
        assert await peer.stream.receive_some() == b""
        closed.append(peer.number)

    rest = await client(nursery, script)
    for _ in range(3):
        assert not await rest.call(GET)
    await trio.sleep(0.1)
    assert numbers == closed == [1, 2, 3]


async def test_a_body_is_sent_as_it_was_signed_with_its_content_type(
    nursery: trio.Nursery, autojump_clock: MockClock
) -> None:
    asked = []

    async def script(peer: Peer) -> None:
        asked.append(await peer.read_request())
        await peer.answer(202, "")

    await (await client(nursery, script)).call(DELETE)
    head, _, body = asked[0].partition("\r\n\r\n")
    assert body == DELETE.body
    assert "content-type: application/json" in head.lower()


async def test_the_simulated_venue_takes_our_signature_with_and_without_a_body_or_query(
    autojump_clock: MockClock, site: SimulatedVenue
) -> None:
    balances = await site.rest.call(site.venue.balances())
    assert {str(b.currency): b.available for b in balances}["USDT"] == Decimal(1000)
    (fills,) = site.venue.fill_lists([DOGE])
    assert not await site.rest.call(fills(0, None))
    with raising(Rejected):
        await site.rest.call(site.venue.order_status(DOGE, ClientOrderId("nobody-1")))
    await site.rest.call(site.venue.instruments())


async def test_the_simulated_venue_refuses_a_wrong_secret_for_good(
    autojump_clock: MockClock, site: SimulatedVenue
) -> None:
    rest = rest_to(site.address, site.rest_door, venue=valr("wrong" * 12))
    with raising(Fatal):
        await rest.call(VENUE.balances())


def _stalling(status: int, *headers: str) -> Script:
    async def script(peer: Peer) -> None:
        await peer.read_request()
        lines = [f"HTTP/1.1 {status} Scripted", "Content-Length: 99", *headers, "", ""]
        await peer.stream.send_all("\r\n".join(lines).encode())
        await trio.sleep_forever()

    return script


@pytest.mark.parametrize(
    ("answer", "kind", "words"),
    [
        (_stalling(401), Fatal, "refused our key"),
        (_stalling(429, "Retry-After: 7"), RateLimited, "429"),
        (_stalling(418, "Retry-After: 7"), RateLimited, "418"),
        (_stalling(403, "Content-Type: text/html"), OutcomeUnknown, "web page"),
        (_stalling(400), OutcomeUnknown, "400"),
        (_stalling(202), OutcomeUnknown, "202"),
        (_stalling(503), OutcomeUnknown, "503"),
    ],
)
async def test_an_answer_whose_body_stalls_means_what_its_head_says_and_no_more(
    nursery: trio.Nursery,
    autojump_clock: MockClock,
    answer: Script,
    kind: type[Exception],
    words: str,
) -> None:
    rest = await client(nursery, answer)
    with raising(kind, words):
        await rest.call(ACTION)


async def test_a_refusal_told_to_its_end_counts_though_its_answer_goes_on(
    nursery: trio.Nursery, autojump_clock: MockClock
) -> None:
    async def script(peer: Peer) -> None:
        await peer.read_request()
        said = b'{"code":-21,"message":"no such order"}'
        await peer.stream.send_all(b"HTTP/1.1 400 No\r\nContent-Length: 99\r\n\r\n" + said)

    with raising(Rejected, "no such order"):
        await (await client(nursery, script)).call(ACTION)


async def test_an_action_that_waited_for_its_connection_too_long_is_an_outage(
    nursery: trio.Nursery, autojump_clock: MockClock
) -> None:
    network = MemoryNetwork()
    rest = rest_to(await serve(nursery, network, silence), Door(network, slow_s=60))
    with raising(Outage, "no connection within 10 s"):
        await rest.call(ACTION)


async def test_a_request_is_signed_once_its_connection_stands(
    nursery: trio.Nursery, autojump_clock: MockClock
) -> None:
    settings = attrs.evolve(QUIET_EXCHANGE, timestamp_window_ms=5_000)
    site = await serve_exchange(nursery, settings)
    site.rest_door.slow_s = 8
    await site.rest.call(site.venue.balances())


@attrs.frozen
class _SignsInTheQuery(Valr):
    """A venue whose signature is part of the path, as with some."""

    @override
    def sign(self, call: Call[T]) -> Call[T]:
        return attrs.evolve(call, path=f"{call.path}?signature=c0ffee")


async def test_an_answer_is_noted_for_the_recording_with_the_path_before_it_was_signed(
    nursery: trio.Nursery, autojump_clock: MockClock
) -> None:
    network, tap = MemoryNetwork(), Tap(10, lambda: 99)
    venue = _SignsInTheQuery(VENUE.signer)
    address = await serve(nursery, network, answering(400, "no", "X-Secret: yes"))
    with raising(Outage):
        await rest_to(address, Door(network), venue=venue, tap=tap).call(GET)
    assert tap.take() == [RestAnswer(99, "GET", "/v1/orders/open", 400, b"no")]
