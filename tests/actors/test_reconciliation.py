"""Comparing our orders with the venue's lists."""

from decimal import Decimal

import pytest
import trio
from msgspec.structs import replace
from structlog.testing import capture_logs
from trio.testing import MockClock

from actors.orders.ledger_outlet import LedgerOutlet
from actors.orders.playing import ScriptPlayer
from actors.ports.ports import JournalBatch, Receipt
from tests.support.builders import DOGE, MAKER, a_quote, an_order
from tests.support.simulated_venue import SimulatedVenue, wall_clock
from tests.trading.builders import a_report
from trading.core.identifiers import ClientOrderIds, VenueOrderId
from trading.gateway.reconciliation import Comparison, Reconciliation
from trading.gateway.tracker import OrderTracker
from trading.journal.entries import OrdersIntended
from trading.messages.account import (
    AccountSessionLost,
    OrderNews,
    OrderNotFound,
    OrderReported,
)
from trading.orders.leftovers import LeftoverPolicy
from trading.orders.order import Order, OrderEvent, OrderStatus


class Desk:
    """A tracker, and the reconciliation that tells it things."""

    def __init__(
        self, site: SimulatedVenue, leftovers: LeftoverPolicy = LeftoverPolicy.CANCEL
    ) -> None:
        self.halts: list[str] = []
        self.tracker = OrderTracker()
        self.told: list[OrderNews] = []
        self.player = ScriptPlayer(site.rest, wall_clock)
        self.reconciliation = Reconciliation(
            turn=self.player.turn,
            venue=site.venue,
            ids=ClientOrderIds("test", 1),
            tracker=self.tracker,
            tell=self.tell,
            pairs={MAKER: DOGE},
            leftovers=leftovers,
            inherited=(),
            halt=self.halts.append,
            since_ms=None,
        )

    async def compare(self) -> Comparison:
        return await self.player.play(self.reconciliation.compare())

    def tell(self, news: OrderNews) -> None:
        self.told.append(news)
        self.tracker.hear(news, trio.current_time())

    async def open(self, site: SimulatedVenue) -> Order:
        """An order that both sides know."""
        order = an_order()
        self.tracker.expect(order)
        await site.order(a_quote(), name=order.client_order_id)
        assert await self.compare() is Comparison.AGREED
        found = self.tracker.find(order.client_order_id)
        assert found is not None
        assert found.status is OrderStatus.OPEN
        return found


async def test_an_order_on_the_venues_list_is_open_and_has_its_name(
    autojump_clock: MockClock, site: SimulatedVenue
) -> None:
    order = await Desk(site).open(site)
    assert order.venue_order_id == VenueOrderId(site.open_orders()[0].order_id)


async def test_an_order_that_is_missing_from_the_list_is_asked_for_by_its_name(
    autojump_clock: MockClock, site: SimulatedVenue
) -> None:
    desk = Desk(site)
    order = await desk.open(site)
    await site.cancel_all()
    assert await desk.compare() is Comparison.AGREED
    ended = desk.tracker.find(order.client_order_id)
    assert ended is not None
    assert ended.status is OrderStatus.CANCELLED


async def test_fills_that_nobody_heard_of_are_found_oldest_first(
    autojump_clock: MockClock, site: SimulatedVenue
) -> None:
    desk = Desk(site)
    near = a_quote(price="0.1")
    order = an_order(price=near.price)
    desk.tracker.expect(order)
    await site.order(near, name=order.client_order_id)
    for quantity in (Decimal(10), Decimal(30)):
        await site.trade_against(replace(near, quantity=quantity))
    assert await desk.compare() is Comparison.AGREED
    ended = desk.tracker.find(order.client_order_id)
    assert ended is not None
    assert ended.status is OrderStatus.FILLED


async def test_leftovers_are_cancelled_and_the_comparison_has_to_be_made_again(
    autojump_clock: MockClock, site: SimulatedVenue
) -> None:
    desk = Desk(site)
    await site.order(a_quote(), name="qw-test-maker-0-7")
    assert await desk.compare() is Comparison.DRIFT
    assert site.open_orders() == []
    assert await desk.compare() is Comparison.AGREED


@pytest.mark.parametrize(
    ("event", "came"),
    [
        (OrderEvent.CANCELLED, Comparison.AGREED),
        (OrderEvent.WHOLLY_FILLED, Comparison.AGREED),
        # What was refused was never on a list: here somebody is mistaken.
        (OrderEvent.REJECTED, Comparison.DRIFT),
    ],
)
async def test_a_list_that_is_older_than_the_end_of_an_order_on_it_is_no_drift(
    autojump_clock: MockClock, site: SimulatedVenue, event: OrderEvent, came: Comparison
) -> None:
    desk = Desk(site)
    order = await desk.open(site)
    site.rest_door.slow_s = 1.0  # the list of orders is read after one second, of fills after two

    async def end() -> None:
        await trio.sleep(1.5)
        desk.tell(OrderReported(a_report(event, order_id=order.client_order_id)))

    async with trio.open_nursery() as nursery:
        nursery.start_soon(end)
        assert await desk.compare() is came
    # Once a list that was asked for later still shows it, the order should not be there.
    assert len(site.open_orders()) == (1 if came is Comparison.AGREED else 0)
    site.heal()
    if came is Comparison.AGREED:
        assert await desk.compare() is Comparison.DRIFT
    assert site.open_orders() == []


async def test_an_order_that_was_given_up_and_came_and_went_has_its_true_end(
    autojump_clock: MockClock, site: SimulatedVenue
) -> None:
    desk = Desk(site)
    order = an_order()
    desk.tracker.expect(order)
    desk.tell(AccountSessionLost())
    await trio.sleep(6)
    for _ in range(3):
        desk.tell(OrderNotFound(order.client_order_id))
    await site.order(a_quote(), name=order.client_order_id)  # a stalled connection moves on
    await site.cancel_all()
    assert await desk.compare() is Comparison.AGREED
    ended = desk.tracker.find(order.client_order_id)
    assert ended is not None
    assert ended.status is OrderStatus.CANCELLED


async def test_without_the_lists_nothing_is_compared_or_concluded(
    autojump_clock: MockClock, site: SimulatedVenue
) -> None:
    desk = Desk(site)
    order = await desk.open(site)
    site.rest_door.refuses = True
    told = len(desk.told)
    with capture_logs() as logs:
        assert await desk.compare() is Comparison.UNREAD
        assert not await desk.player.play(desk.reconciliation.look_up(order))
    assert len(desk.told) == told
    assert [entry["event"] for entry in logs] == ["not_reconciled", "order_not_looked_up"]


async def test_an_order_that_cannot_be_accounted_for_keeps_the_comparison_open(
    autojump_clock: MockClock, site: SimulatedVenue
) -> None:
    desk = Desk(site)
    await desk.open(site)
    await site.cancel_all()
    site.rest_door.last = site.rest_door.count + 2  # both lists, but not the question
    assert await desk.compare() is Comparison.UNREAD
    site.heal()
    assert await desk.compare() is Comparison.AGREED


async def test_orders_that_nobody_can_find_are_asked_for_a_few_at_a_time(
    autojump_clock: MockClock, site: SimulatedVenue
) -> None:
    desk = Desk(site)
    orders = [an_order(number) for number in range(13)]
    for order in orders:
        desk.tracker.expect(order)
    site.rest_door.slow_s = 0.4  # of a line around the world and back, twice for each question
    before = trio.current_time()
    assert await desk.compare() is Comparison.AGREED
    missed = {news.client_order_id for news in desk.told if isinstance(news, OrderNotFound)}
    assert missed == {order.client_order_id for order in orders}
    assert trio.current_time() - before < 15


async def test_entries_keep_their_order_when_the_ledger_is_behind(
    nursery: trio.Nursery, autojump_clock: MockClock
) -> None:
    send, receive = trio.open_memory_channel[JournalBatch](1)
    outlet = LedgerOutlet(send, deadline_s=5)
    batches = [
        JournalBatch((OrdersIntended((an_order(number),), 0.0),), Receipt()) for number in range(4)
    ]
    for batch in batches[:3]:
        outlet.post(batch)
    first = await receive.receive()  # there is room again, but two are before the next
    outlet.post(batches[3])
    nursery.start_soon(outlet.run)
    assert [first, *[await receive.receive() for _ in range(3)]] == batches
    nursery.cancel_scope.cancel()
