"""The core alone: what has to hold within one turn."""

from decimal import Decimal

import attrs
import pytest
from msgspec.structs import replace

from tests.trading.builders import PAIR, D, a_fill, an_order
from tests.trading.gateway.core_rig import CoreRig, a_quote
from tests.trading.gateway.paper_venue import Resting
from trading.core.errors import Rejected
from trading.core.identifiers import ClientOrderId, StrategyName, VenueOrderId
from trading.core.market import Side
from trading.decisions.decision import Amend
from trading.gateway.effects import DoubtRules, Reconciled, SendFrame, ShowFlat
from trading.gateway.events import AboutToLeave, Failed
from trading.gateway.routing import RoutingPolicy
from trading.journal.remembered import Remembered
from trading.messages.account import FillReported, NewsGarbled
from trading.orders.leftovers import LeftoverPolicy
from trading.orders.order import OrderStatus


def test_after_a_refusal_that_speaks_of_rules_the_next_order_of_the_same_set_stays() -> None:
    rig = CoreRig(routing=RoutingPolicy(orders_by_rest=True))
    rig.go_on()
    rig.instruct(a_quote(Side.BUY, 10, 20), a_quote(Side.BUY, 11, 20))
    [ticket] = rig.calls
    rig.feed(AboutToLeave(ticket))
    del rig.calls[ticket]
    rig.feed(Failed(ticket, Rejected("against the rules")))
    assert any(isinstance(e, DoubtRules) and e.pair == PAIR for e in rig.done)
    assert not rig.calls, "the second order was sent though the rules are in doubt"
    assert not rig.orders


def test_that_nothing_is_left_is_proven_once() -> None:
    rig = CoreRig()
    rig.go_on()
    rig.halt = "a person"
    rig.look()
    rig.go_on()
    for _ in range(10):
        rig.pass_time(1.0)
        rig.go_on()
    assert rig.done.count(ShowFlat(proven=True)) == 1


def with_an_order(rig: CoreRig, quantity: int = 20) -> ClientOrderId:
    rig.go_on()
    rig.instruct(a_quote(Side.BUY, 10, quantity))
    rig.go_on()
    [order_id] = rig.orders
    return order_id


def quantity_at_the_venue(rig: CoreRig, order_id: ClientOrderId) -> Decimal:
    return rig.venue.orders[order_id].quantity


def test_an_amendment_that_has_to_wait_never_undoes_a_later_one() -> None:
    rig = CoreRig()
    order_id = with_an_order(rig)
    rig.full = True
    rig.instruct(amends=[Amend(order_id, D(17))])
    rig.pass_time(2.1)  # it is overdue, and a look-up shows the order as it was
    rig.go_on()
    rig.full = False
    rig.instruct(amends=[Amend(order_id, D(10))])
    rig.settle()
    assert rig.orders[order_id].quantity == quantity_at_the_venue(rig, order_id)


def test_an_amendment_by_rest_that_is_late_is_followed_by_no_other_meanwhile() -> None:
    rig = CoreRig()
    order_id = with_an_order(rig)
    rig.jammed = True
    rig.instruct(amends=[Amend(order_id, D(17))])
    rig.pass_time(0.6)
    [late] = rig.calls  # the socket did not take it
    rig.jammed = False
    rig.pass_time(2.1)
    for ticket in [ticket for ticket in rig.calls if ticket != late]:
        rig.answer(ticket)
    rig.instruct(amends=[Amend(order_id, D(10))])
    if late in rig.calls:
        rig.answer(late)
    rig.settle()
    assert rig.orders[order_id].quantity == quantity_at_the_venue(rig, order_id)


def test_an_amendment_of_an_order_that_has_ended_stays() -> None:
    rig = CoreRig()
    order_id = with_an_order(rig)
    rig.full = True
    rig.instruct(amends=[Amend(order_id, D(17))])
    rig.venue.fill(rig.venue.orders[order_id], D(20))
    rig.tell()
    assert not rig.orders
    rig.full = False
    rig.go_on()
    frames = [effect.frame for effect in rig.done if isinstance(effect, SendFrame)]
    assert not [frame for frame in frames if frame.startswith("amend/")]


def test_what_is_asked_for_during_a_comparison_is_looked_at_after_it() -> None:
    rig = CoreRig()
    order_id = with_an_order(rig)
    rig.hear(NewsGarbled("first"))
    [ticket] = rig.calls
    rig.answer(ticket)  # the open orders; the fills are being read
    [ticket] = rig.calls
    rig.arrive(ticket)
    rig.venue.fill(rig.venue.orders[order_id], D(5))
    rig.venue.news.clear()
    rig.hear(NewsGarbled("it was about the fill"))
    rig.go_on()
    rig.pass_time(0.1)
    rig.go_on()
    assert len(rig.booked) == 1


def test_foreign_fills_do_not_put_the_comparison_off() -> None:
    rig = CoreRig()
    with_an_order(rig)
    before = len(rig.done)
    for second in range(120):
        fill = a_fill(f"x-{second}", order_id=None, venue_order_id=VenueOrderId("theirs"))
        rig.hear(FillReported(attrs.evolve(fill, traded_at_ms=rig.venue.clock_ms)))
        rig.pass_time(1.0)
        rig.go_on()
    agreed = [effect for effect in rig.done[before:] if effect == Reconciled("")]
    assert len(agreed) >= 2


@pytest.mark.parametrize("leftovers", LeftoverPolicy)
def test_an_order_of_a_strategy_that_is_gone_is_cancelled_whatever_becomes_of_leftovers(
    leftovers: LeftoverPolicy,
) -> None:
    rig = CoreRig(routing=RoutingPolicy(leftovers=leftovers))
    order = an_order(ClientOrderId("qw-test-gone-0-1"))
    order = replace(order, strategy=StrategyName("gone"), status=OrderStatus.OPEN)
    rig.venue.orders[order.client_order_id] = Resting(order, VenueOrderId("v-9"), order.quantity)
    rig.begin(Remembered(orders=(order,)))
    rig.go_on()
    rig.settle()
    assert not rig.venue.open
    assert not rig.orders


def test_what_replaces_two_superseded_decisions_waits_for_the_cancels_of_both() -> None:
    rig = CoreRig()
    rig.go_on()
    rig.instruct(a_quote(Side.BUY, 10, 20), a_quote(Side.SELL, 10, 20))
    rig.go_on()
    bid, ask = rig.orders
    rig.full = True
    rig.instruct(a_quote(Side.BUY, 11, 20), cancels=[bid])
    rig.instruct(a_quote(Side.SELL, 11, 20), cancels=[ask])
    new = [order_id for order_id in rig.orders if order_id not in {bid, ask}]
    rig.instruct(a_quote(Side.BUY, 12, 20), cancels=new)
    waiting = {room.lanes: ticket for ticket, room in rig.rooms.items()}
    assert set(waiting) == {("cancel",)}
    first, second = list(rig.rooms)
    rig.grant(second)
    assert list(rig.rooms) == [first], "the new order goes on beside a cancel that waits"
    rig.grant(first)
    assert [room.lanes for room in rig.rooms.values()] == [("place",)]
