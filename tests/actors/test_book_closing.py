"""A stop books what the venue has told, or says what it could not read."""

import pytest
import trio
from msgspec.structs import replace
from trio.testing import MockClock

from actors.orders.book_closing import BookClosing
from actors.orders.closeout import CloseoutActor
from actors.ports.ports import Latest
from tests.support.builders import a_quote, an_order
from tests.support.gateway_rig import GatewayRig
from tests.support.ledger_rig import Books
from tests.support.lives import begin
from tests.support.simulated_venue import EPOCH_NS, SimulatedVenue, wall_clock
from trading.core.identifiers import ClientOrderIds
from trading.gateway.routing import Deadlines
from trading.journal.entries import OrdersIntended
from trading.messages.gateway import FlatProof
from trading.orders.order import Order, OrderStatus

D = type(a_quote().price)
OURS = ClientOrderIds("test", 1)


async def left_by_a_former_process(site: SimulatedVenue, books: Books, filled: str) -> Order:
    """An order that a process which is no more has sent, and that was filled since."""
    near = a_quote(price="0.1")
    order = an_order(price=near.price)
    await books.book(OrdersIntended((order,), trio.current_time()))
    await site.order(near, name=order.client_order_id)
    await site.trade_against(replace(near, quantity=D(filled)))
    return order


def closeout_of(rig: GatewayRig, proof: Latest[FlatProof], deadline_s: float) -> CloseoutActor:
    return CloseoutActor(
        venue=rig.site.venue,
        rest=rig.site.rest,
        owns=rig.ids.owns,
        known=lambda: rig.books.known.orders,
        books=BookClosing(
            venue=rig.site.venue,
            rest=rig.site.rest,
            ids=rig.ids,
            ledger=rig.books.wire.send,
            remembered=rig.books.remembered,
            venue_clock=wall_clock,
        ),
        proof=proof,
        deadline_s=deadline_s,
        pause_s=0.25,
    )


@pytest.mark.parametrize("filled", ["10", "40"])
@pytest.mark.parametrize("stopped_after_s", [0.05, 0.5, 1.5, 2.5, 3.5, 6.0])
async def test_a_stop_while_leftovers_are_looked_up_leaves_no_fill_out_of_the_ledger(
    nursery: trio.Nursery,
    autojump_clock: MockClock,
    site: SimulatedVenue,
    filled: str,
    stopped_after_s: float,
) -> None:
    rig = GatewayRig(
        nursery=nursery,
        site=site,
        books=Books(wall_ns=EPOCH_NS),
        ids=OURS,
        deadlines=Deadlines(last_will=60),
    )
    await rig.keep_books()
    order = await left_by_a_former_process(site, rig.books, filled)
    proof = Latest[FlatProof]()
    last = await begin(nursery, closeout_of(rig, proof, deadline_s=60))
    site.rest_door.slow_s = 1.0
    gateway = await rig.begin_gateway()
    await rig.begin_socket()
    await trio.sleep(stopped_after_s)
    rig.stopping.put("SIGTERM")
    await gateway.end()  # as when a stop has waited long enough for it
    await last.end()
    found = proof.read()
    assert found is not None
    assert (found.proven, found.unread) == (True, "")
    await rig.books.post().wait()
    known = rig.books.known
    assert [booked.fill.quantity for booked in known.fills] == [D(filled)]
    assert known.orders == ()
    (ended,) = known.ended
    assert (ended.client_order_id, ended.filled_quantity) == (order.client_order_id, D(filled))
    assert ended.status is (OrderStatus.FILLED if filled == "40" else OrderStatus.CANCELLED)


async def test_fills_that_a_stop_could_not_read_are_named(
    nursery: trio.Nursery, autojump_clock: MockClock, site: SimulatedVenue
) -> None:
    rig = GatewayRig(nursery=nursery, site=site, books=Books(wall_ns=EPOCH_NS), ids=OURS)
    await rig.keep_books()
    order = await left_by_a_former_process(site, rig.books, "40")
    proof = Latest[FlatProof]()
    last = await begin(nursery, closeout_of(rig, proof, deadline_s=5))
    # Both lists, with the order's end between them, and that end once more: but not the fills.
    site.rest_door.last = site.rest_door.count + 4
    await last.end()
    found = proof.read()
    assert found is not None
    assert found.proven
    assert found.unread == f"all fills of {order.client_order_id}"


async def test_a_run_that_leaves_nothing_in_doubt_asks_for_nothing_more(
    nursery: trio.Nursery, autojump_clock: MockClock, site: SimulatedVenue
) -> None:
    rig = GatewayRig(nursery=nursery, site=site, books=Books(wall_ns=EPOCH_NS), ids=OURS)
    await rig.keep_books()
    proof = Latest[FlatProof]()
    last = await begin(nursery, closeout_of(rig, proof, deadline_s=5))
    before = site.rest_door.count
    await last.end()
    assert proof.read() == FlatProof(proven=True)
    assert site.rest_door.count == before + 2  # the list of open orders, twice
