"""The gateway at the simulated venue: orders from their placing to their end."""

from decimal import Decimal

import msgspec
import pytest
import trio
from msgspec.structs import replace
from structlog.testing import capture_logs
from trio.testing import MockClock

from tests.support.builders import DOGE, a_quote, a_top, ready
from tests.support.gateway_rig import GatewayRig
from tests.support.lives import until
from tests.trading.builders import a_report
from trading.core.decimals import ZERO
from trading.core.market import Side
from trading.journal.entries import FillBooked
from trading.messages.account import FillReported, OrderReported
from trading.messages.gateway import RejectedBy
from trading.orders.order import OrderEvent, OrderStatus
from trading.readiness.lease import Component, Readiness

BID, ASK = a_quote(), a_quote(Side.SELL, "0.2")
NEAR = a_quote(Side.BUY, "0.1")


def unready(reason: str = "the book is stale") -> Readiness:
    return msgspec.structs.replace(ready(), missing={Component.ORDER_BOOK: reason})


async def test_an_order_is_placed_with_our_id_and_is_open_when_the_venue_says_so(
    autojump_clock: MockClock, rig: GatewayRig
) -> None:
    await rig.quote(BID, ASK)
    assert [order.side for order in rig.site.open_orders()] == [Side.BUY, Side.SELL]
    ours = {order.client_order_id for order in rig.orders}
    assert {order.customer_order_id for order in rig.site.open_orders()} == ours
    assert {order.venue_order_id for order in rig.orders} == {
        order.order_id for order in rig.site.open_orders()
    }


async def test_the_ledger_has_an_order_before_it_leaves_and_every_status_after(
    autojump_clock: MockClock, rig: GatewayRig
) -> None:
    await rig.quote(BID)
    await rig.instruct(cancels=[rig.orders[0].client_order_id])
    await until(lambda: not rig.orders)
    assert rig.statuses() == [
        OrderStatus.PENDING,
        OrderStatus.OPEN,
        OrderStatus.CANCEL_PENDING,
        OrderStatus.CANCELLED,
    ]


async def test_news_that_come_in_one_burst_are_heard_before_anybody_is_shown_a_part_of_them(
    autojump_clock: MockClock, rig: GatewayRig
) -> None:
    await rig.quote(BID, ASK)
    seen = [len(rig.orders)]

    async def watch() -> None:
        while True:
            seen.append(len(rig.orders))
            await trio.lowlevel.checkpoint()

    async with trio.open_nursery() as nursery:
        nursery.start_soon(watch)
        for order in rig.orders:
            ended = a_report(OrderEvent.CANCELLED, order_id=order.client_order_id)
            rig.news.send.send_nowait(OrderReported(ended))
        for _ in range(100):
            await trio.lowlevel.checkpoint()
        nursery.cancel_scope.cancel()
    assert set(seen) == {2, 0}


async def test_a_view_that_contains_an_instruction_contains_all_of_it(
    autojump_clock: MockClock, rig: GatewayRig
) -> None:
    await rig.quote(BID, ASK)
    old = [order.client_order_id for order in rig.orders]
    await rig.instruct(BID, cancels=old)
    # Not a moment later than the strategy itself could see it.
    view = rig.working.read()
    for _ in range(100):
        if (view := rig.working.read()) is not None and view.instruction == rig.number:
            break
        await trio.lowlevel.checkpoint()
    assert view is not None
    assert [order.status for order in view.orders] == [
        OrderStatus.CANCEL_PENDING,
        OrderStatus.CANCEL_PENDING,
        OrderStatus.PENDING,
    ]


async def test_the_cancels_of_an_instruction_leave_before_its_placements(
    autojump_clock: MockClock, rig: GatewayRig
) -> None:
    await rig.begin_by_hand()
    await rig.instruct(BID, ASK)
    assert [await rig.taken() for _ in range(2)] == ["PLACE_LIMIT_ORDER"] * 2
    await rig.instruct(NEAR, cancels=[order.client_order_id for order in rig.orders])
    assert [await rig.taken() for _ in range(3)] == [
        "CANCEL_LIMIT_ORDER",
        "CANCEL_LIMIT_ORDER",
        "PLACE_LIMIT_ORDER",
    ]


async def test_a_cancel_for_an_order_that_ended_or_is_being_cancelled_sends_nothing(
    autojump_clock: MockClock, rig: GatewayRig
) -> None:
    await rig.quote(BID)
    order_id = rig.orders[0].client_order_id
    await rig.instruct(cancels=[order_id, order_id])
    await rig.instruct(cancels=[order_id])
    await until(lambda: not rig.orders)
    await rig.instruct(cancels=[order_id])
    await trio.sleep(5)
    assert rig.statuses().count(OrderStatus.CANCEL_PENDING) == 1


async def test_an_order_that_is_being_cancelled_is_cancelled_once(
    autojump_clock: MockClock, rig: GatewayRig
) -> None:
    await rig.begin_by_hand()
    await rig.instruct(BID)
    await rig.taken()
    order_id = rig.orders[0].client_order_id
    await rig.instruct(cancels=[order_id])
    assert await rig.taken() == "CANCEL_LIMIT_ORDER"
    await rig.instruct(cancels=[order_id])
    rig.readiness.put(unready())
    with trio.move_on_after(1) as patience:
        await rig.taken()
    assert patience.cancelled_caught


async def test_a_fill_is_booked_with_its_order_filled_and_counted_as_completed(
    autojump_clock: MockClock, rig: GatewayRig
) -> None:
    await rig.quote(NEAR)
    order_id = rig.orders[0].client_order_id
    await rig.site.trade_against(NEAR)
    await until(lambda: not rig.orders)
    entries = rig.entries()
    fills = [entry.fill for entry in entries if isinstance(entry, FillBooked)]
    assert [(fill.client_order_id, fill.quantity, fill.price) for fill in fills] == [
        (order_id, Decimal(40), Decimal("0.1"))
    ]
    view = rig.working.read()
    assert view is not None
    assert (view.completed.buys, view.completed.sells) == (1, 0)


async def test_a_partial_fill_leaves_the_rest_working(
    autojump_clock: MockClock, rig: GatewayRig
) -> None:
    await rig.quote(NEAR)
    await rig.site.trade_against(replace(NEAR, quantity=Decimal(15)))
    await until(lambda: rig.in_status(OrderStatus.PARTIALLY_FILLED))
    assert rig.orders[0].remaining_quantity == Decimal(25)
    assert sum((fill.quantity for fill in rig.fills()), ZERO) == Decimal(15)


async def test_a_fill_that_is_heard_again_and_found_again_is_booked_once(
    autojump_clock: MockClock, rig: GatewayRig
) -> None:
    await rig.quote(NEAR)
    await rig.site.trade_against(NEAR)
    await until(lambda: not rig.orders)
    (fill,) = rig.fills()
    await rig.news.send.send(FillReported(fill))
    await rig.site.socket_door.cut()  # the next session begins with the venue's list of fills
    await trio.sleep(5)
    assert rig.fills() == []


async def test_a_post_only_order_that_would_trade_is_rejected_with_the_venues_words(
    autojump_clock: MockClock, rig: GatewayRig
) -> None:
    rig.top.put(a_top("0.0999", "0.2"))  # the market has come closer than we know
    await rig.begin()
    with capture_logs() as logs:
        await rig.instruct(a_quote(Side.BUY, "0.11"))
        await until(lambda: rig.statuses()[-1:] == [OrderStatus.REJECTED])
    assert rig.orders == ()
    rejected = next(entry for entry in logs if entry["event"] == "order_rejected")
    assert "ost only" in rejected["reason"] or "ost-only" in rejected["reason"]
    [shut] = rig.shut_out()
    assert (shut.by, shut.code, shut.side) == (RejectedBy.VENUE, "venue_rejected", Side.BUY)
    assert shut.sentence == rejected["reason"]


async def test_no_order_leaves_before_its_intent_is_durable(
    autojump_clock: MockClock, rig: GatewayRig
) -> None:
    rig.books.trouble.slow_s = 2.0
    await rig.begin()
    began = trio.current_time()
    await rig.instruct(BID, ASK)
    await trio.sleep(1.9)
    assert rig.site.open_orders() == []
    await until(lambda: rig.in_status(OrderStatus.OPEN) == 2, within_s=3)
    assert trio.current_time() - began >= 2.0
    assert rig.books.trouble.commits == 1, "one commit for a decision, not one for each order"


async def test_cancels_do_not_wait_for_the_ledger(
    autojump_clock: MockClock, rig: GatewayRig
) -> None:
    await rig.quote(BID)
    rig.books.trouble.slow_s = 4.0
    await rig.instruct(ASK)
    await rig.instruct(cancels=[rig.orders[0].client_order_id])
    await until(lambda: not rig.site.open_orders(), within_s=1)


async def test_an_order_that_the_ledger_does_not_take_in_time_never_leaves(
    autojump_clock: MockClock, rig: GatewayRig
) -> None:
    await rig.begin()
    rig.books.trouble.slow_s = 60.0
    with capture_logs() as logs:
        await rig.instruct(BID)
        await until(lambda: rig.orders)
        await until(lambda: not rig.orders, within_s=10)
    rejected = next(entry for entry in logs if entry["event"] == "order_rejected")
    assert rejected["reason"] == "not sent: the ledger did not make it durable in time"
    assert rig.site.open_orders() == []


@pytest.mark.parametrize("lapse", ["revoked", "expired"])
async def test_orders_are_withdrawn_within_a_second_of_the_lease_though_nobody_asks_for_it(
    autojump_clock: MockClock, rig: GatewayRig, lapse: str
) -> None:
    await rig.quote(BID, ASK)
    if lapse == "revoked":
        rig.readiness.put(unready())
    else:
        rig.readiness.put(ready(valid_until=trio.current_time() + 3))
        await trio.sleep(2.99)
        assert len(rig.site.open_orders()) == 2
    assert await until(lambda: not rig.site.open_orders()) < 1


async def test_orders_of_another_pair_stay_when_one_strategys_lease_lapses(
    autojump_clock: MockClock, rig: GatewayRig
) -> None:
    await rig.quote(BID)
    foreign = await rig.site.order(a_quote(Side.BUY, "0.04"), name="somebody-elses")
    rig.readiness.put(unready())
    await until(lambda: rig.site.open_orders() == [foreign])
    assert foreign.pair == DOGE


async def test_a_halt_withdraws_everything_and_leads_to_the_proof(
    autojump_clock: MockClock, rig: GatewayRig
) -> None:
    await rig.quote(BID, ASK)
    rig.halt.put("enough")
    await until(lambda: not rig.site.open_orders(), within_s=1)
    await until(rig.flat.read, within_s=5)
    proof = rig.flat.read()
    assert proof is not None
    assert proof.proven


async def test_a_halt_in_the_middle_of_an_instruction_stops_what_has_not_left_yet(
    autojump_clock: MockClock,
    rig: GatewayRig,
) -> None:
    await rig.begin_by_hand()
    await rig.instruct(BID, ASK, NEAR)
    assert await rig.taken() == "PLACE_LIMIT_ORDER"
    rig.halt.put("enough")
    kinds = []
    with trio.move_on_after(0.6):
        while True:
            await trio.sleep(0.01)
            kinds.append(await rig.taken())
    assert kinds.count("PLACE_LIMIT_ORDER") <= 1  # one was waiting to be taken already
