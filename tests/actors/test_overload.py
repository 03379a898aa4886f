"""More is decided than the way to the venue can carry: what waits is superseded, not queued."""

from collections.abc import Callable, Sequence

import attrs
import pytest
import trio
from trio.testing import MockClock

from actors.net.rate_gate import RateGate
from tests.support.builders import a_quote
from tests.support.gateway_rig import GatewayRig
from tests.support.lives import until
from tests.support.simulated_venue import SimulatedVenue, serve_exchange
from trading.core.identifiers import ClientOrderId
from trading.journal.entries import LedgerEntry, OrderRecorded, OrdersIntended
from trading.orders.order import Order, OrderStatus
from trading.venues.rate_limits import RateBudget, RateLimit
from trading.venues.valr.simulator.core.settings import DEMO_ACCOUNT

BID = a_quote()
TICK_S = 0.02
"""Ten times as often as orders may leave."""

ORDERS_PER_S, FOR_S = 5, 10

Wanted = Callable[[Sequence[Order]], bool]


def eager(_orders: Sequence[Order]) -> bool:
    """Whatever is there is replaced at each tick."""
    return True


def patient(orders: Sequence[Order]) -> bool:
    """What is on its way is let arrive before it is replaced."""
    return all(order.status is OrderStatus.OPEN for order in orders)


def slow_lanes() -> RateGate:
    return RateGate(RateBudget([RateLimit(lane="place", maximum=ORDERS_PER_S, window_s=1)]))


async def trade(rig: GatewayRig, replaces: Wanted) -> None:
    """Decide at each tick, on a view that shows the last decision, as a strategy does."""
    while True:
        view = rig.working.read()
        if view is not None and view.instruction >= rig.number and replaces(view.orders):
            cancels = [order.client_order_id for order in view.orders]
            await rig.instruct(BID, cancels=cancels)
        await trio.sleep(TICK_S)


def seen_by_the_venue(rig: GatewayRig) -> set[str]:
    orders, key = rig.site.exchange.venue.orders, DEMO_ACCOUNT.api_key
    return {str(o.customer_order_id) for o in (*orders.open_of(key), *orders.closed_of(key))}


async def traded(rig: GatewayRig, replaces: Wanted, commit_s: float) -> list[LedgerEntry]:
    """What a strategy of some temper has done in half a minute, as the ledger was told."""
    rig.gate = slow_lanes()
    rig.limits = attrs.evolve(rig.limits, max_instructions_per_minute=10_000)
    await rig.begin()
    rig.books.trouble.slow_s = commit_s
    with trio.move_on_after(FOR_S):
        await trade(rig, replaces)
    entries = rig.entries()
    rig.books.trouble.slow_s = 0
    await until(lambda: all(order.status is OrderStatus.OPEN for order in rig.orders))
    return entries + rig.entries()


def recorded(entries: Sequence[LedgerEntry], status: OrderStatus) -> list[Order]:
    found = [entry.order for entry in entries if isinstance(entry, OrderRecorded)]
    return [order for order in found if order.status is status]


def intended(entries: Sequence[LedgerEntry]) -> set[ClientOrderId]:
    decisions = [entry for entry in entries if isinstance(entry, OrdersIntended)]
    return {order.client_order_id for decision in decisions for order in decision.orders}


async def orders_out(site: SimulatedVenue, replaces: Wanted, commit_s: float) -> int:
    """How many orders of a strategy of some temper the venue has seen."""
    async with trio.open_nursery() as nursery:
        rig = GatewayRig(nursery=nursery, site=site)
        await traded(rig, replaces, commit_s)
        nursery.cancel_scope.cancel()
    return len(seen_by_the_venue(rig))


@pytest.mark.parametrize("commit_s", [0.0, 0.03])
async def test_an_eager_strategy_gets_nearly_as_many_orders_out_as_a_patient_one(
    nursery: trio.Nursery, autojump_clock: MockClock, commit_s: float
) -> None:
    by_the_patient = await orders_out(await serve_exchange(nursery), patient, commit_s)
    assert by_the_patient > FOR_S * ORDERS_PER_S / 2
    by_the_eager = await orders_out(await serve_exchange(nursery), eager, commit_s)
    assert by_the_eager >= 0.8 * by_the_patient
    nursery.cancel_scope.cancel()


async def test_no_cancel_leaves_for_an_order_that_has_not_left_and_the_ledger_has_its_end(
    autojump_clock: MockClock, rig: GatewayRig
) -> None:
    entries = await traded(rig, eager, 0.0)
    at_venue = seen_by_the_venue(rig)
    asked_to_end = {
        order.client_order_id for order in recorded(entries, OrderStatus.CANCEL_PENDING)
    }
    assert asked_to_end <= at_venue
    never_sent = intended(entries) - at_venue
    assert len(never_sent) > FOR_S * ORDERS_PER_S
    ends = {
        order.client_order_id: order.reason for order in recorded(entries, OrderStatus.REJECTED)
    }
    assert never_sent == ends.keys()
    assert set(ends.values()) == {"not sent: taken back before its turn came"}


async def test_orders_that_never_left_do_not_use_up_the_placements_of_a_minute(
    autojump_clock: MockClock, rig: GatewayRig
) -> None:
    rig.gate = slow_lanes()
    rig.limits = attrs.evolve(rig.limits, max_instructions_per_minute=30)
    await rig.begin()
    with trio.move_on_after(3):
        await trade(rig, eager)
    assert len(intended(rig.entries())) > 100
    assert not [one for one in rig.shut_out() if one.code == "too_many_instructions"]
    assert len(seen_by_the_venue(rig)) >= 2 * ORDERS_PER_S
