"""Sweeping by REST, and the proof at the very end."""

from collections.abc import Awaitable, Callable, Sequence

import msgspec
import pytest
import trio
from msgspec.structs import replace
from structlog.testing import capture_logs
from trio.testing import MockClock

from actors.net.rate_gate import RateGate
from actors.net.venue_rest import VenueRest
from actors.orders.book_closing import BookClosing
from actors.orders.closeout import CloseoutActor
from actors.orders.sweep import sweep
from actors.ports.ports import Latest
from tests.support.builders import a_quote, an_order
from tests.support.doors import Door
from tests.support.ledger_rig import Books
from tests.support.lives import begin
from tests.support.memory_network import MemoryNetwork
from tests.support.raising import raising
from tests.support.scripted_server import Peer, serve
from tests.support.simulated_venue import EPOCH_NS, SimulatedVenue, rest_to, valr, wall_clock
from trading.core.errors import Fatal
from trading.core.identifiers import ClientOrderId, ClientOrderIds
from trading.gateway.sweep import sweep_deadline_s
from trading.messages.gateway import FlatProof
from trading.orders.order import Order
from trading.venues.rate_limits import RateBudget, RateLimit

OURS = ClientOrderIds("test", 1)
OPEN = {
    "orderId": "o1",
    "side": "buy",
    "price": "0.05",
    "currencyPair": "DOGEUSDT",
    "originalQuantity": "40",
    "remainingQuantity": "40",
    "customerOrderId": "qw-test-maker-0-1",
}
REFUSED = '{"code":-21,"message":"not now"}'

Script = Callable[[Peer], Awaitable[None]]


def answering(*bodies: object) -> tuple[Script, list[str]]:
    """A server that answers one list after the other, the last for ever; and what it was asked."""
    asked: list[str] = []

    async def script(peer: Peer) -> None:
        asked.append(" ".join((await peer.read_request()).split(" ")[:2]))
        if asked[-1].startswith("DELETE"):
            await peer.answer(202)
            return
        reads = sum(request.startswith("GET") for request in asked)
        body = bodies[min(reads, len(bodies)) - 1]
        if body is None:
            return
        if body == REFUSED:
            await peer.answer(400, REFUSED)
        else:
            await peer.answer(200, msgspec.json.encode(body).decode())

    return script, asked


async def swept(nursery: trio.Nursery, *bodies: object) -> list[str]:
    """What a sweep asked for until it was satisfied."""
    script, asked = answering(*bodies)
    network = MemoryNetwork()
    rest = rest_to(await serve(nursery, network, script), Door(network))
    with trio.fail_after(60):
        await sweep(rest, valr(), OURS.owns, pause_s=0.5)
    return asked


LIST, CANCEL = "GET /v1/orders/open", "DELETE /v1/orders/order"


async def test_nothing_is_believed_gone_before_it_was_not_there_twice(
    nursery: trio.Nursery, autojump_clock: MockClock
) -> None:
    assert await swept(nursery, []) == [LIST, LIST]
    assert trio.current_time() == pytest.approx(0.5, abs=0.1)


async def test_an_order_that_shows_late_is_cancelled_too(
    nursery: trio.Nursery, autojump_clock: MockClock
) -> None:
    assert await swept(nursery, [], [OPEN], [], []) == [LIST, LIST, CANCEL, LIST, LIST]


@pytest.mark.parametrize("trouble", [None, REFUSED, "no list"])
async def test_a_list_that_could_not_be_read_counts_for_nothing(
    nursery: trio.Nursery, autojump_clock: MockClock, trouble: object
) -> None:
    with capture_logs() as logs:
        assert await swept(nursery, [], trouble, [], []) == [LIST] * 4
    assert [entry["event"] for entry in logs] == ["open_orders_unread"]


async def test_a_venue_that_is_away_is_asked_less_and_less_often_and_told_of_once(
    nursery: trio.Nursery, autojump_clock: MockClock
) -> None:
    with capture_logs() as logs:
        asked = await swept(nursery, *["no list"] * 8, [], [])
    assert asked == [LIST] * 10
    # 0.5 and 1 s, then 2 s six times; the two empty looks as close together as ever.
    assert trio.current_time() == pytest.approx(14, abs=0.5)
    assert [entry["event"] for entry in logs] == ["open_orders_unread", "open_orders_read_again"]


async def test_a_cancel_is_asked_for_as_long_as_the_order_shows(
    nursery: trio.Nursery, autojump_clock: MockClock
) -> None:
    asked = await swept(nursery, [OPEN], [OPEN], [OPEN], [], [])
    assert asked.count(CANCEL) == 3


async def test_foreign_orders_are_left_alone(
    nursery: trio.Nursery, autojump_clock: MockClock
) -> None:
    foreign = {**OPEN, "customerOrderId": "theirs"}
    nameless = {key: value for key, value in OPEN.items() if key != "customerOrderId"}
    assert await swept(nursery, [foreign, nameless]) == [LIST, LIST]


def forgetting_to_list(words: str) -> tuple[Script, list[str]]:
    """A server whose list is always empty, with an order that stands until it is cancelled."""
    asked: list[str] = []

    async def script(peer: Peer) -> None:
        asked.append(" ".join((await peer.read_request()).split(" ")[:2]))
        if asked[-1] == LIST:
            await peer.answer(200, "[]")
        elif asked[-1] == CANCEL:
            await peer.answer(202)
        elif not words:
            await peer.answer(404, '{"code":-1,"message":"Invalid Order. "}')
        else:
            status = "Cancelled" if CANCEL in asked else words
            body = {**OPEN, "orderStatusType": status, "originalPrice": "0.05", "orderSide": "buy"}
            await peer.answer(200, msgspec.json.encode(body).decode())

    return script, asked


STATUS = "GET /v1/orders/DOGEUSDT/customerorderid/qw-test-maker-1-1"


@pytest.mark.parametrize(
    ("words", "asked_for"),
    [
        ("Placed", [LIST, STATUS, CANCEL, LIST, STATUS, LIST]),
        ("A new word", [LIST, STATUS, CANCEL, LIST, STATUS, LIST]),
        ("Filled", [LIST, STATUS, LIST]),
        # It may still be on its way, as one that the list does not show may be.
        ("", [LIST, STATUS, LIST, STATUS]),
    ],
)
async def test_an_order_that_we_know_is_not_gone_because_a_list_does_not_show_it(
    nursery: trio.Nursery, autojump_clock: MockClock, words: str, asked_for: list[str]
) -> None:
    script, asked = forgetting_to_list(words)
    network = MemoryNetwork()
    rest = rest_to(await serve(nursery, network, script), Door(network))
    with trio.fail_after(60):
        await sweep(rest, valr(), OURS.owns, pause_s=0.5, known=[an_order()])
    assert asked == asked_for


async def test_without_an_answer_about_an_order_that_we_know_nothing_is_proven(
    nursery: trio.Nursery, autojump_clock: MockClock, site: SimulatedVenue
) -> None:
    proof = Latest[FlatProof]()
    life = await begin(nursery, await closeout(nursery, site, proof, known=[an_order()]))
    site.rest_door.last = 1  # the list is had, and nothing more
    await life.end()
    found = proof.read()
    assert found is not None
    assert not found.proven


async def test_a_refused_key_ends_a_sweep(autojump_clock: MockClock, site: SimulatedVenue) -> None:
    rest = rest_to(site.address, site.rest_door, venue=valr("wrong" * 12))
    with raising(Fatal):
        await sweep(rest, valr(), OURS.owns, pause_s=0.5)


async def test_a_refused_key_is_not_hidden_behind_an_outage_of_another_question(
    nursery: trio.Nursery, autojump_clock: MockClock
) -> None:
    """Several orders are asked for at once; the first answer is cut, the second refuses our key."""
    asked = 0

    async def script(peer: Peer) -> None:
        nonlocal asked
        line = (await peer.read_request()).split("\r\n")[0]
        if LIST in line:
            await peer.answer(200, "[]")
            return
        asked += 1
        if asked == 1:
            return
        await trio.sleep(0.5)
        await peer.answer(401, '{"code":-11252,"message":"API key or secret is invalid"}')

    network = MemoryNetwork()
    rest = rest_to(await serve(nursery, network, script), Door(network))
    one = an_order()
    other = replace(one, client_order_id=ClientOrderId(f"{one.client_order_id}0"))
    with trio.fail_after(60), raising(Fatal, "refused our key"):
        await sweep(rest, valr(), OURS.owns, pause_s=0.5, known=[one, other])


@pytest.mark.parametrize("orders", [4, 20, 100])
async def test_however_slow_the_venue_a_sweep_of_many_orders_is_done_in_the_time_they_are_given(
    autojump_clock: MockClock, site: SimulatedVenue, orders: int
) -> None:
    for number in range(orders):
        await site.order(a_quote(), name=f"qw-test-maker-1-{number}")
    site.rest_door.slow_s = 0.3
    with trio.fail_after(sweep_deadline_s(2.0, orders)):
        await sweep(site.rest, site.venue, OURS.owns, pause_s=0.5)
    assert not site.open_orders()


async def test_a_sweep_keeps_to_the_rate_of_cancels(
    autojump_clock: MockClock, site: SimulatedVenue
) -> None:
    for number in range(20):
        await site.order(a_quote(), name=f"qw-test-maker-1-{number}")
    gate = RateGate(RateBudget([RateLimit(lane="cancel", maximum=5, window_s=1)]))
    rest = VenueRest(
        site.venue, site.rest_door, lambda: site.address, answer_deadline_s=10, gate=gate
    )
    began = trio.current_time()
    await sweep(rest, site.venue, OURS.owns, pause_s=0.5)
    assert 3 <= trio.current_time() - began < 5


async def books_of(nursery: trio.Nursery, rest: VenueRest) -> BookClosing:
    """Those of a run in which nothing has happened."""
    books = Books(wall_ns=EPOCH_NS)
    await begin(nursery, books.actor)
    return BookClosing(
        venue=valr(),
        rest=rest,
        ids=OURS,
        ledger=books.wire.send,
        remembered=books.remembered,
        venue_clock=wall_clock,
    )


async def closeout(
    nursery: trio.Nursery,
    site: SimulatedVenue,
    proof: Latest[FlatProof],
    secret: str = "",
    known: Sequence[Order] = (),
) -> CloseoutActor:
    venue = valr(secret) if secret else site.venue
    rest = rest_to(site.address, site.rest_door, venue=venue)
    return CloseoutActor(
        venue=venue,
        rest=rest,
        owns=OURS.owns,
        known=lambda: known,
        books=await books_of(nursery, rest),
        proof=proof,
        deadline_s=3,
        pause_s=0.25,
    )


async def test_closing_out_does_nothing_before_it_is_stopped(
    nursery: trio.Nursery, autojump_clock: MockClock, site: SimulatedVenue
) -> None:
    proof = Latest[FlatProof]()
    await site.order(a_quote(), name="qw-test-maker-0-1")
    life = await begin(nursery, await closeout(nursery, site, proof))
    await trio.sleep(60)
    assert (site.rest_door.count, len(site.open_orders()), proof.read()) == (0, 1, None)
    await life.end()


async def test_closing_out_cancels_what_is_ours_and_proves_it(
    nursery: trio.Nursery, autojump_clock: MockClock, site: SimulatedVenue
) -> None:
    proof = Latest[FlatProof]()
    await site.order(a_quote(), name="qw-test-maker-0-1")
    theirs = await site.order(a_quote(), name="theirs")
    life = await begin(nursery, await closeout(nursery, site, proof))
    await life.end()
    assert proof.read() == FlatProof(proven=True)
    assert site.open_orders() == [theirs]


async def test_without_the_venues_list_there_is_no_proof_and_the_trouble_is_named(
    nursery: trio.Nursery, autojump_clock: MockClock, site: SimulatedVenue
) -> None:
    proof = Latest[FlatProof]()
    doubtful = an_order()
    life = await begin(nursery, await closeout(nursery, site, proof, known=[doubtful]))
    site.rest_door.refuses = True
    await life.end()
    assert proof.read() == FlatProof(
        proven=False,
        in_doubt=(doubtful.client_order_id,),
        trouble="the venue's list could not be had within 3 s",
        unread="what became of the last orders",
    )
    assert trio.current_time() == pytest.approx(3, abs=0.1)


async def test_orders_that_will_not_go_are_named(
    nursery: trio.Nursery, autojump_clock: MockClock
) -> None:
    script, _asked = answering([OPEN])
    network = MemoryNetwork()
    proof = Latest[FlatProof]()
    rest = rest_to(await serve(nursery, network, script), Door(network))
    actor = CloseoutActor(
        venue=valr(),
        rest=rest,
        owns=OURS.owns,
        known=tuple,
        books=await books_of(nursery, rest),
        proof=proof,
        deadline_s=3,
        pause_s=0.25,
    )
    life = await begin(nursery, actor)
    await life.end()
    found = proof.read()
    assert found is not None
    assert (found.proven, found.trouble) == (False, "orders were still open after 3 s")
    assert [report.client_order_id for report in found.left] == ["qw-test-maker-0-1"]


async def test_a_refused_key_is_the_trouble_and_not_a_crash(
    nursery: trio.Nursery, autojump_clock: MockClock, site: SimulatedVenue
) -> None:
    proof = Latest[FlatProof]()
    life = await begin(nursery, await closeout(nursery, site, proof, "wrong" * 12))
    await life.end()
    found = proof.read()
    assert found is not None
    assert not found.proven
    assert "refused our key" in found.trouble


def test_ids_of_other_engines_are_not_ours() -> None:
    names = ["qw-test-maker-0-1", "qw-tester-maker-0-1", "mine"]
    assert [OURS.owns(ClientOrderId(name)) for name in names] == [True, False, False]
