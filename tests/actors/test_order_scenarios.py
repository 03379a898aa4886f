"""Races and disasters by name, each at the simulated exchange, each ending in the same books."""

from collections.abc import AsyncIterator

import attrs
import pytest
import trio
from msgspec.structs import replace
from trio.testing import MockClock

from tests.support.builders import a_fill, a_quote
from tests.support.lives import until
from tests.support.order_trial import OrderTrial
from tests.support.simulated_venue import QUIET_EXCHANGE, serve_exchange, wall_clock
from trading.core.decimals import ZERO
from trading.core.identifiers import ClientOrderId, TradeId
from trading.core.market import Side
from trading.journal import reading
from trading.journal.entries import FillBooked
from trading.messages.account import CancelRefused, FillReported, RequestAcknowledged
from trading.orders.leftovers import LeftoverPolicy
from trading.orders.order import Fill, OrderStatus
from trading.venues.valr.rules import VenueRules
from trading.venues.valr.simulator.core.fault_plan import Fault

NEAR = a_quote(Side.BUY, "0.1")
BID, ASK = a_quote(), a_quote(Side.SELL, "0.2")

SIX = tuple(
    a_quote(side, price)
    for side, prices in ((Side.BUY, "0.05 0.06 0.07"), (Side.SELL, "0.2 0.3 0.4"))
    for price in prices.split()
)


@pytest.fixture
async def trial(autojump_clock: MockClock) -> AsyncIterator[OrderTrial]:
    """An engine that may trade, at an exchange that does not cancel when a connection ends."""
    rules = VenueRules(cancel_on_disconnect_delay_s=1e9)
    async with trio.open_nursery() as nursery:
        site = await serve_exchange(nursery, attrs.evolve(QUIET_EXCHANGE, rules=rules))
        trial = OrderTrial(nursery=nursery, site=site)
        await trial.start()
        await trial.rig.reconciled()
        yield trial
        site.heal()
        await trial.stop()
        nursery.cancel_scope.cancel()


async def agree(trial: OrderTrial) -> None:
    """All trouble ends, and both sides come to know the same."""
    await trial.settle()
    trial.compare()


def booked(trial: OrderTrial) -> list[Fill]:
    return [entry.fill for entry in trial.rig.entries() if isinstance(entry, FillBooked)]


async def ended(trial: OrderTrial) -> set[OrderStatus]:
    """As what orders ended, as the ledger was told in the end."""
    await trio.sleep(1)
    return {status for status in trial.rig.statuses() if status.terminal}


# Three races that other engines have lost money to.


@pytest.mark.parametrize("copies", [1, 5])
async def test_an_open_orders_snapshot_that_races_a_placement_ends_no_order(
    autojump_clock: MockClock, trial: OrderTrial, copies: int
) -> None:
    await trial.rig.instruct(BID)
    await until(lambda: trial.rig.in_status(OrderStatus.OPEN) == 1)
    # The list as it was before the second order is told once more, before its acknowledgement;
    # by REST it is the former one as well.
    trial.site.exchange.faults.arm(Fault.STALE_OPEN_ORDERS, copies)
    await trial.rig.instruct(ASK)
    await until(lambda: trial.rig.in_status(OrderStatus.OPEN) == 2)
    await trial.site.socket_door.cut()
    await trio.sleep(10)
    assert await ended(trial) == set()
    await agree(trial)
    assert trial.rig.in_status(OrderStatus.OPEN) == 2


async def test_a_cancel_acknowledgement_is_not_read_as_a_cancellation(
    autojump_clock: MockClock, trial: OrderTrial
) -> None:
    await trial.rig.instruct(NEAR)
    await until(lambda: trial.rig.in_status(OrderStatus.OPEN))
    # The exchange says "requested", and then the crowd is faster.
    trial.site.exchange.faults.arm(Fault.FILL_RACES_CANCEL)
    await trial.rig.instruct(cancels=[trial.rig.orders[0].client_order_id])
    await until(lambda: not trial.rig.orders)
    assert await ended(trial) == {OrderStatus.FILLED}
    await agree(trial)


async def test_an_acknowledged_cancel_without_its_outcome_leaves_the_order_working(
    autojump_clock: MockClock,
    trial: OrderTrial,
) -> None:
    await trial.rig.instruct(BID)
    await until(lambda: trial.rig.in_status(OrderStatus.OPEN))
    (order,) = trial.rig.orders
    trial.site.socket_door.mute = trial.site.rest_door.refuses = True
    await trial.rig.instruct(cancels=[order.client_order_id])
    acknowledged = RequestAcknowledged(
        request_id=f"cancel/{order.client_order_id}",
        venue_order_id=None,
        client_order_id=order.client_order_id,
    )
    await trial.rig.news.send.send(acknowledged)
    await trio.sleep(10)
    assert trial.rig.in_status(OrderStatus.UNKNOWN) == 1
    trial.look()
    await agree(trial)
    assert trial.rig.in_status(OrderStatus.OPEN) == 1


async def test_a_status_is_read_from_the_field_that_has_it(
    autojump_clock: MockClock, trial: OrderTrial
) -> None:
    # A list calls it "status", an update and a look-up "orderStatusType". Whoever takes the wrong
    # one hears of no end until the next comparison; here there is none, for REST is away.
    await trial.rig.instruct(BID)
    await until(lambda: trial.rig.in_status(OrderStatus.OPEN))
    await trial.site.cancel_all()
    trial.site.rest_door.refuses = True
    await until(lambda: not trial.rig.orders, within_s=1)
    assert await ended(trial) == {OrderStatus.CANCELLED}
    await agree(trial)


async def test_a_status_is_looked_up_in_the_field_that_has_it(
    autojump_clock: MockClock, trial: OrderTrial
) -> None:
    await trial.rig.instruct(BID)
    await until(lambda: trial.rig.in_status(OrderStatus.OPEN))
    trial.site.socket_door.deaf = True
    await trial.site.cancel_all()
    trial.site.socket_door.deaf = False
    await trial.site.socket_door.cut()
    await until(lambda: not trial.rig.orders)
    assert await ended(trial) == {OrderStatus.CANCELLED}
    await agree(trial)


# What happens between an order and its acknowledgement, and between a cancel and its outcome.


async def test_a_fill_before_the_acknowledgement_is_booked_at_once(
    autojump_clock: MockClock, trial: OrderTrial
) -> None:
    faults = trial.site.exchange.faults
    faults.arm(Fault.FILL_BEFORE_ACKNOWLEDGEMENT)
    # Not post-only, and into the market: filled in the same instant in which it is accepted.
    await trial.rig.instruct(replace(a_quote(Side.BUY, "0.11"), post_only=False))
    await until(lambda: faults.counts and not trial.rig.orders, within_s=1)
    assert faults.counts == {Fault.FILL_BEFORE_ACKNOWLEDGEMENT.value: 1}
    assert sum((fill.quantity for fill in booked(trial)), ZERO) == 40
    await agree(trial)


@pytest.mark.parametrize("fault", [Fault.LOST_ACKNOWLEDGEMENT, Fault.CUT])
async def test_an_order_whose_acknowledgement_is_lost_is_neither_lost_nor_sent_again(
    autojump_clock: MockClock, trial: OrderTrial, fault: Fault
) -> None:
    trial.site.exchange.faults.arm(fault)
    await trial.rig.instruct(BID)
    await until(lambda: trial.rig.in_status(OrderStatus.OPEN))
    assert len(trial.theirs) == 1
    await agree(trial)


async def test_an_order_that_the_exchange_does_not_find_at_first_is_not_given_up(
    autojump_clock: MockClock, trial: OrderTrial
) -> None:
    # It is on its way for longer than an answer may take: who asks meanwhile is told "no such
    # order", by its name, by the list of open ones and by the history.
    trial.site.socket_door.late_s = 4.0
    await trial.rig.instruct(BID)
    await until(lambda: trial.rig.in_status(OrderStatus.UNKNOWN) == 1)
    await until(lambda: trial.theirs)
    trial.look()
    await until(lambda: trial.rig.in_status(OrderStatus.OPEN) == 1)
    assert await ended(trial) == set()
    await agree(trial)


@pytest.mark.parametrize("by_rest", [False, True])
async def test_an_order_whose_answers_are_lost_is_not_rejected_by_the_time_that_passes(
    autojump_clock: MockClock, trial: OrderTrial, *, by_rest: bool
) -> None:
    rest = trial.site.rest_door
    if by_rest:
        await trial.kill()
        trial.orders_by_rest = True
        await trial.start()
        await trial.rig.reconciled()
        trial.site.exchange.faults.arm(Fault.CUT_AFTER_ACCEPTANCE)
    trial.site.socket_door.deaf = True
    rest.last = rest.count + by_rest  # the order gets through, no question after it
    await trial.rig.instruct(BID)
    await until(lambda: trial.theirs, within_s=1)
    for _ in range(50):
        await trio.sleep(0.1)
        trial.look()
    assert trial.rig.in_status(OrderStatus.UNKNOWN) == 1
    await agree(trial)


@pytest.mark.parametrize("stale", [False, True])
async def test_in_a_race_of_a_cancel_and_a_fill_what_won_is_believed(
    autojump_clock: MockClock, trial: OrderTrial, *, stale: bool
) -> None:
    await trial.rig.instruct(NEAR, ASK)
    await until(lambda: trial.rig.in_status(OrderStatus.OPEN) == 2)
    trial.site.exchange.faults.arm(Fault.FILL_RACES_CANCEL)
    trial.site.exchange.faults.arm(Fault.REORDER, 3)
    if stale:
        trial.site.exchange.faults.arm(Fault.STALE_OPEN_ORDERS)
    await trial.rig.instruct(cancels=[order.client_order_id for order in trial.rig.orders])
    await until(lambda: not trial.rig.orders)
    assert await ended(trial) == {OrderStatus.FILLED, OrderStatus.CANCELLED}
    await agree(trial)


async def test_a_cancel_that_the_exchange_refuses_says_nothing_about_the_order(
    autojump_clock: MockClock,
    trial: OrderTrial,
) -> None:
    await trial.rig.instruct(BID)
    await until(lambda: trial.rig.in_status(OrderStatus.OPEN))
    name = trial.rig.orders[0].venue_order_id
    assert name is not None
    trial.rig.entries()
    await trial.rig.news.send.send(CancelRefused(name, "not now"))
    await trio.sleep(1)
    # It may be filled, gone, or still there: that is looked up.
    assert trial.rig.statuses() == [OrderStatus.UNKNOWN, OrderStatus.OPEN]
    await agree(trial)


# Outages.


async def test_ten_minutes_without_dns_end_none_of_six_live_orders(
    autojump_clock: MockClock, trial: OrderTrial
) -> None:
    await trial.rig.instruct(*SIX)
    await until(lambda: trial.rig.in_status(OrderStatus.OPEN) == len(SIX))
    doors = trial.site.rest_door, trial.site.socket_door
    for door in doors:
        door.refuses = True
    await trial.site.socket_door.cut()
    await trio.sleep(1)
    # One is filled, one is cancelled by somebody else, and nobody tells us.
    venue = trial.site.exchange.venue
    now = trial.site.exchange.now
    (bid, *_), (ask, *_) = (
        [order for order in trial.site.open_orders() if order.side is side] for side in Side
    )
    venue.cancel(ask, now)
    began = trio.current_time()
    while trio.current_time() < began + 600:
        assert len(trial.rig.orders) == len(SIX)
        trial.look()
        await trio.sleep(5)
    for door in doors:
        door.refuses = False
    await until(lambda: len(trial.rig.orders) == len(SIX) - 1, within_s=60)
    assert venue.orders.is_open(bid)
    assert await ended(trial) == {OrderStatus.CANCELLED}
    await agree(trial)
    assert trial.rig.in_status(OrderStatus.OPEN) == len(SIX) - 1


async def test_a_partial_fill_during_a_disconnect_is_booked_and_the_rest_goes_on(
    autojump_clock: MockClock,
    trial: OrderTrial,
) -> None:
    await trial.rig.instruct(NEAR)
    await until(lambda: trial.rig.in_status(OrderStatus.OPEN))
    await trial.site.trade_against(replace(NEAR, quantity=NEAR.quantity / 4))
    trial.site.socket_door.refuses = True
    await trial.site.socket_door.cut()
    await until(lambda: not trial.rig.session.read())
    await trial.site.trade_against(replace(NEAR, quantity=NEAR.quantity / 2))
    await trio.sleep(30)
    trial.site.socket_door.refuses = False
    await until(lambda: sum((f.quantity for f in booked(trial)), ZERO) == 20, within_s=60)
    await agree(trial)
    (order,) = trial.rig.orders
    assert order.status is OrderStatus.PARTIALLY_FILLED
    assert order.remaining_quantity == NEAR.quantity / 4


# Fills that are told twice, and fills of orders that nobody knows.


async def test_a_duplicate_fill_is_booked_once(
    autojump_clock: MockClock, trial: OrderTrial
) -> None:
    await trial.rig.instruct(NEAR)
    await until(lambda: trial.rig.in_status(OrderStatus.OPEN))
    trial.site.exchange.faults.arm(Fault.DUPLICATE, 4)
    await trial.site.trade_against(replace(NEAR, quantity=NEAR.quantity / 2))
    await until(lambda: trial.rig.in_status(OrderStatus.PARTIALLY_FILLED))
    await trial.site.socket_door.cut()  # the next session begins with the list of fills
    await trio.sleep(10)
    await trial.kill()
    await trial.start()
    await trial.rig.reconciled()
    await agree(trial)


async def test_an_unknown_fill_of_ours_is_booked_and_its_side_stops(
    autojump_clock: MockClock, trial: OrderTrial
) -> None:
    stranger = ClientOrderId("qw-other-maker-1-1")
    ours = trial.rig.ids.next(trial.rig.instruction().strategy)
    for number, order_id in enumerate((stranger, None, ours, ours)):
        fill = a_fill(client_order_id=order_id, trade_id=TradeId(f"t-{min(number, 2)}"))
        fill = attrs.evolve(fill, traded_at_ms=wall_clock() // 1_000_000 + 1_000)
        await trial.rig.news.send.send(FillReported(fill))
    await trio.sleep(1)
    assert [fill.client_order_id for fill in booked(trial)] == [ours]
    await trial.rig.instruct(BID, ASK)
    await until(lambda: trial.rig.in_status(OrderStatus.OPEN) == 1)
    assert [order.side for order in trial.rig.orders] == [Side.SELL]


# Restarts.


@pytest.mark.parametrize("leftovers", LeftoverPolicy)
async def test_a_restart_finds_the_open_orders_and_does_with_them_what_it_was_told(
    autojump_clock: MockClock, trial: OrderTrial, leftovers: LeftoverPolicy
) -> None:
    trial.leftovers = leftovers
    await trial.rig.instruct(NEAR, BID, ASK)
    await until(lambda: trial.rig.in_status(OrderStatus.OPEN) == 3)
    names = {order.client_order_id for order in trial.rig.orders}
    await trial.kill()
    # Meanwhile one of them is filled.
    await trial.site.trade_against(NEAR)
    await trio.sleep(60)
    await trial.start()
    await trial.rig.reconciled()
    await agree(trial)
    left = {order.client_order_id for order in trial.rig.orders}
    assert left == (names & left if leftovers is LeftoverPolicy.ADOPT else set())
    assert len(left) == (2 if leftovers is LeftoverPolicy.ADOPT else 0)
    assert bool(trial.rig.breach.read()) is (leftovers is LeftoverPolicy.HALT)
    await trial.rig.instruct(BID)
    await until(lambda: len(trial.rig.orders) == len(left) + 1)
    await agree(trial)


async def test_an_intent_that_never_left_is_given_up_after_a_restart(
    autojump_clock: MockClock, trial: OrderTrial
) -> None:
    trial.site.socket_door.mute = trial.site.rest_door.refuses = True
    await trial.rig.instruct(BID)
    await until(lambda: trial.durable_at)
    await trial.kill()
    trial.site.heal()
    await trial.start()
    await until(lambda: trial.rig.orders)
    assert trial.rig.in_status(OrderStatus.UNKNOWN) == 1
    await until(lambda: not trial.rig.orders)
    assert await ended(trial) == {OrderStatus.REJECTED}
    await agree(trial)


async def test_an_order_of_a_lost_ledger_is_found_at_the_exchange_and_cancelled(
    autojump_clock: MockClock,
    trial: OrderTrial,
) -> None:
    await trial.site.order(BID, name="qw-test-maker-0-7")
    await trial.kill()
    await trial.start()
    await trial.rig.reconciled()
    assert trial.site.open_orders() == []


async def test_ids_never_repeat_over_restarts(autojump_clock: MockClock, trial: OrderTrial) -> None:
    for _ in range(3):
        await trial.rig.instruct(BID)
        await until(lambda: trial.rig.in_status(OrderStatus.OPEN))
        await trial.kill()
        await trial.start()
        await trial.rig.reconciled()
    stored = trial.database.read(
        lambda query: reading.orders(query, venue=None, since_ns=0, ended_too=True)
    )
    assert len({order.client_order_id for order in stored}) == len(stored) == 3
    await agree(trial)
