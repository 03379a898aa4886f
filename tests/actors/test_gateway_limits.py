"""The gateway and the limits: what is refused, what halts, what is taken up from a former life."""

from collections.abc import Sequence
from decimal import Decimal

import attrs
import msgspec
import pytest
import trio
from structlog.testing import capture_logs
from structlog.typing import EventDict
from trio.testing import MockClock

from tests.support.builders import MAKER, a_fill, a_quote, a_top, an_order
from tests.support.gateway_rig import GatewayRig
from tests.support.lives import until
from trading.account.account import AccountView
from trading.core.identifiers import Currency, VenueOrderId
from trading.core.market import Side
from trading.decisions.decision import Amend
from trading.gateway.routing import Deadlines, RoutingPolicy
from trading.journal.entries import OrderRecorded, OrdersIntended
from trading.messages.account import FillReported
from trading.messages.gateway import Instruction
from trading.orders.leftovers import LeftoverPolicy
from trading.orders.order import OrderStatus
from trading.venues.valr.simulator.core.fault_plan import Fault
from trading.venues.valr.simulator.core.settings import DEMO_ACCOUNT

BID, ASK = a_quote(), a_quote(Side.SELL, "0.2")
NEAR = a_quote(Side.BUY, "0.1")


def codes(logs: Sequence[EventDict]) -> list[object]:
    return [entry["codes"] for entry in logs if entry["event"] == "order_refused"]


async def test_an_order_beyond_a_limit_is_refused_with_its_code_and_the_rest_leaves(
    autojump_clock: MockClock, rig: GatewayRig
) -> None:
    rig.limits = attrs.evolve(rig.limits, max_order_notional=Decimal(3))
    await rig.begin()
    with capture_logs() as logs:
        await rig.instruct(BID, ASK)
        await until(lambda: rig.in_status(OrderStatus.OPEN) == 1)
    assert [order.side for order in rig.site.open_orders()] == [Side.BUY]
    assert codes(logs) == [("notional_limit",)]


async def test_orders_of_one_instruction_count_against_each_other(
    autojump_clock: MockClock, rig: GatewayRig
) -> None:
    rig.limits = attrs.evolve(rig.limits, max_orders_per_side=2)
    await rig.begin()
    with capture_logs() as logs:
        await rig.instruct(BID, a_quote(price="0.04"), a_quote(price="0.03"))
        await until(lambda: rig.in_status(OrderStatus.OPEN) == 2)
    assert codes(logs) == [("too_many_orders",)]


async def test_an_order_is_held_against_the_world_of_the_moment_at_which_it_leaves(
    autojump_clock: MockClock, rig: GatewayRig
) -> None:
    rig.books.trouble.slow_s = 1.0
    await rig.begin()
    await rig.instruct(a_quote(price="0.0999"))
    await until(lambda: rig.orders)
    rig.top.put(a_top("0.0900", "0.0950"))  # while it waited for the ledger the market fell
    with capture_logs() as logs:
        await until(lambda: not rig.orders, within_s=5)
    assert rig.site.open_orders() == []
    rejected = next(entry for entry in logs if entry["event"] == "order_rejected")
    assert "it would trade with the best ask of 0.095 USDT" in rejected["reason"]


async def test_a_broken_money_limit_withdraws_at_once_and_calls_for_a_halt(
    autojump_clock: MockClock, rig: GatewayRig
) -> None:
    rig.limits = attrs.evolve(rig.limits, max_daily_loss=Decimal("0.5"))
    await rig.quote(NEAR, BID)
    await rig.site.trade_against(NEAR)
    await until(lambda: len(rig.orders) == 1)
    assert rig.breach.read() is None
    rig.top.put(a_top("0.08", "0.0802"))  # 40 DOGE bought at 0.1 are worth 0.8 USDT less
    await until(rig.breach.read, within_s=2)
    await until(lambda: not rig.site.open_orders(), within_s=2)
    assert "maker: 0.796 USDT lost today" in (rig.breach.read() or "")
    await rig.instruct(BID)
    await trio.sleep(1)
    assert rig.site.open_orders() == []


async def test_what_led_to_a_halt_counts_no_more_once_somebody_has_resumed(
    autojump_clock: MockClock, rig: GatewayRig
) -> None:
    rig.limits = attrs.evolve(rig.limits, max_fills_in_row=1)
    await rig.quote(NEAR)
    await rig.site.trade_against(NEAR)
    reason = await until(rig.breach.read, within_s=2)
    rig.halt.put(str(reason))
    await until(rig.flat.read, within_s=10)
    rig.halt.put("")
    await until(lambda: rig.flat.read() is None)
    await rig.instruct(BID)
    await until(lambda: rig.in_status(OrderStatus.OPEN))


async def test_a_fill_of_an_order_unknown_to_us_stops_its_side_and_not_the_other(
    autojump_clock: MockClock, rig: GatewayRig
) -> None:
    await rig.begin()
    unknown = a_fill(client_order_id=rig.ids.next(MAKER), side=Side.BUY)
    await rig.news.send.send(FillReported(unknown))
    with capture_logs() as logs:
        await rig.instruct(BID, ASK)
        await until(lambda: rig.in_status(OrderStatus.OPEN) == 1)
    assert [order.side for order in rig.orders] == [Side.SELL]
    refused = next(entry for entry in logs if entry["event"] == "order_refused")
    assert "buy is stopped: a fill of" in refused["reasons"][0]


async def test_an_order_filled_beyond_its_quantity_stops_its_side(
    autojump_clock: MockClock, rig: GatewayRig
) -> None:
    await rig.quote(BID)
    order = rig.orders[0]
    too_much = a_fill(
        client_order_id=order.client_order_id,
        venue_order_id=order.venue_order_id,
        quantity=Decimal(41),
    )
    with capture_logs() as logs:
        await rig.news.send.send(FillReported(too_much))
        await until(lambda: not rig.orders)
    assert "side_stopped" in [entry["event"] for entry in logs]
    assert [one.code for one in rig.shut_out()][:1] == ["side_stopped"]


# Making an order smaller.


async def amend(rig: GatewayRig, quantity: int) -> None:
    rig.number += 1
    change = Amend(rig.orders[0].client_order_id, Decimal(quantity))
    await rig.instructions.send.send(
        Instruction(strategy=MAKER, number=rig.number, cancels=(), places=(), amends=(change,))
    )


async def test_an_order_becomes_smaller_in_its_place(
    autojump_clock: MockClock, rig: GatewayRig
) -> None:
    await rig.quote(BID)
    (before,) = rig.site.open_orders()
    await amend(rig, 25)
    await until(lambda: rig.orders[0].quantity == Decimal(25))
    (after,) = rig.site.open_orders()
    assert (after.order_id, rig.orders[0].status) == (before.order_id, OrderStatus.OPEN)
    recorded = [e.order.quantity for e in rig.entries() if isinstance(e, OrderRecorded)]
    assert recorded[-1] == Decimal(25)


@pytest.mark.parametrize("quantity", [40, 41, 0])
async def test_a_change_that_makes_nothing_smaller_is_not_sent(
    autojump_clock: MockClock, rig: GatewayRig, quantity: int
) -> None:
    await rig.quote(BID)
    await amend(rig, quantity)
    await trio.sleep(3)
    assert (rig.orders[0].quantity, rig.orders[0].amended_to) == (Decimal(40), None)


async def test_a_change_whose_answer_is_lost_is_looked_up(
    autojump_clock: MockClock, rig: GatewayRig
) -> None:
    await rig.quote(BID)
    rig.site.exchange.faults.arm(Fault.DROP)
    rig.site.exchange.faults.arm(Fault.LOST_ACKNOWLEDGEMENT)
    await amend(rig, 25)
    await until(lambda: rig.orders[0].quantity == Decimal(25), within_s=10)
    assert rig.orders[0].status is OrderStatus.OPEN


# Former lives.


async def left_behind(rig: GatewayRig) -> None:
    """An order that the ledger and the venue know, and no living gateway."""
    await rig.keep_books()
    order = an_order(7, client_order_id=rig.ids.next(MAKER))
    await rig.books.book(OrdersIntended((order,), 0.0))
    await rig.site.order(BID, name=order.client_order_id)


async def test_an_order_of_a_former_life_is_cancelled_before_anything_is_quoted(
    autojump_clock: MockClock, rig: GatewayRig
) -> None:
    await left_behind(rig)
    await rig.begin()
    assert rig.site.open_orders() == []
    assert rig.orders == ()
    assert rig.statuses()[-1] is OrderStatus.CANCELLED


async def test_an_order_of_a_former_life_is_adopted_where_that_is_the_rule(
    autojump_clock: MockClock, rig: GatewayRig
) -> None:
    rig.terms = RoutingPolicy(leftovers=LeftoverPolicy.ADOPT)
    await left_behind(rig)
    await rig.begin()
    assert [order.status for order in rig.orders] == [OrderStatus.OPEN]
    assert len(rig.site.open_orders()) == 1


async def test_an_order_that_only_the_venue_knows_is_adopted_by_its_name(
    autojump_clock: MockClock, rig: GatewayRig
) -> None:
    rig.terms = RoutingPolicy(leftovers=LeftoverPolicy.ADOPT)
    await rig.site.order(BID, name="qw-test-maker-zz-9")
    await rig.site.order(BID, name="qw-test-nobody-zz-9")
    await rig.begin()
    assert [order.client_order_id for order in rig.orders] == ["qw-test-maker-zz-9"]
    assert [order.customer_order_id for order in rig.site.open_orders()] == ["qw-test-maker-zz-9"]


async def test_a_leftover_calls_for_a_halt_where_that_is_the_rule(
    autojump_clock: MockClock, rig: GatewayRig
) -> None:
    rig.terms = RoutingPolicy(leftovers=LeftoverPolicy.HALT)
    await left_behind(rig)
    await rig.begin()
    assert "1 orders of an earlier run" in (rig.breach.read() or "")
    assert rig.site.open_orders() == []


async def test_our_orders_are_compared_with_the_venues_again_and_again(
    autojump_clock: MockClock, rig: GatewayRig
) -> None:
    rig.deadlines = Deadlines(reconciliation=30.0)
    await rig.quote(BID)
    await rig.site.order(ASK, name="qw-test-maker-zz-9")  # of ours, and nobody here sent it
    with capture_logs() as logs:
        await trio.sleep(35)
    assert "drift" in [entry["event"] for entry in logs]
    assert [order.side for order in rig.site.open_orders()] == [Side.BUY]
    assert [order.status for order in rig.orders] == [OrderStatus.OPEN]


async def test_a_fill_that_nobody_told_us_of_is_found_by_the_next_comparison(
    autojump_clock: MockClock, rig: GatewayRig
) -> None:
    rig.deadlines = Deadlines(reconciliation=30.0)
    await rig.quote(NEAR)
    for _ in range(20):
        rig.site.exchange.faults.arm(Fault.DROP)
    await rig.site.trade_against(NEAR)
    await trio.sleep(65)
    assert [fill.quantity for fill in rig.fills()] == [Decimal(40)]
    assert rig.orders == ()


DOGECOIN = Currency("DOGE")


async def begin_and_lose_doge(rig: GatewayRig) -> AccountView:
    """Begin, and have 40 DOGE gone that no fill explains; returns the account as it was before."""
    before = rig.account.read()
    assert before is not None
    await rig.begin()
    had = before.balances[DOGECOIN]
    less = attrs.evolve(had, available=had.available - 40)
    rig.account.put(msgspec.structs.replace(before, balances={**before.balances, DOGECOIN: less}))
    return before


async def test_a_balance_that_our_fills_do_not_explain_stops_a_side_until_it_is_understood(
    autojump_clock: MockClock, rig: GatewayRig
) -> None:
    rig.deadlines = Deadlines(reconciliation=30.0)
    await begin_and_lose_doge(rig)
    with capture_logs() as logs:
        await trio.sleep(3)  # the stream shows it: that is soon enough
        await rig.instruct(BID, ASK)
        await until(lambda: rig.in_status(OrderStatus.OPEN) == 1)
        await trio.sleep(20)
    assert [order.side for order in rig.orders] == [Side.BUY]
    drift = next(entry for entry in logs if entry["event"] == "balance_drift")
    assert (drift["currency"], drift["amount"]) == ("DOGE", Decimal(-40))
    assert [one.code for one in rig.shut_out()][:1] == ["balance_drift"]
    await trio.sleep(31)
    await rig.instruct(ASK)
    await until(lambda: rig.in_status(OrderStatus.OPEN) == 2)


async def test_a_stopped_side_does_not_wait_for_a_comparison_that_falls_into_a_quiet_moment(
    autojump_clock: MockClock, rig: GatewayRig
) -> None:
    rig.deadlines = Deadlines(reconciliation=30.0)
    before = await begin_and_lose_doge(rig)
    with capture_logs() as logs:
        await rig.instruct(NEAR)
        await until(lambda: "balance_drift" in [entry["event"] for entry in logs], within_s=10)
        # From here on the account is older than the newest fill, whenever all is compared.
        await rig.site.trade_against(NEAR)
        await until(lambda: sum(e["event"] == "reconciled" for e in logs) >= 3, within_s=70)
        await rig.instruct(ASK)
        await trio.sleep(1)
    assert rig.orders == ()
    account = rig.site.exchange.venue.accounts[DEMO_ACCOUNT.api_key]
    shown = {
        c: attrs.evolve(b, available=account.balance(c).total) for c, b in before.balances.items()
    }
    shown[DOGECOIN] = attrs.evolve(shown[DOGECOIN], available=shown[DOGECOIN].available - 40)
    rig.account.put(
        msgspec.structs.replace(before, balances=shown, confirmed_at=trio.current_time())
    )
    await trio.sleep(2)
    await rig.instruct(ASK)
    await until(lambda: rig.in_status(OrderStatus.OPEN) == 1)


async def test_a_fill_of_an_order_that_we_never_sent_stops_its_side_at_once_until_all_is_compared(
    autojump_clock: MockClock, rig: GatewayRig
) -> None:
    await rig.begin()
    strange = a_fill(client_order_id=None, venue_order_id=VenueOrderId("theirs"))
    with capture_logs() as logs:
        await rig.news.send.send(FillReported(strange))
        await trio.sleep(0.1)
        await rig.instruct(BID, ASK)
        await until(lambda: rig.in_status(OrderStatus.OPEN) == 1)
        assert [one.code for one in rig.shut_out()][:1] == ["side_suspected"]
        assert [order.side for order in rig.orders] == [Side.SELL]
        await trio.sleep(3)
    events = [entry["event"] for entry in logs]
    assert events.index("fill_strange") < events.index("reconciled")
    await rig.instruct(BID)
    await until(lambda: rig.in_status(OrderStatus.OPEN) == 2)


async def test_a_strange_fill_in_the_list_is_history_and_stops_nothing(
    autojump_clock: MockClock, rig: GatewayRig
) -> None:
    await rig.begin()
    strange = a_fill(client_order_id=None, venue_order_id=VenueOrderId("theirs"))
    await rig.news.send.send(FillReported(strange, listed=True))
    await rig.instruct(BID)
    await until(lambda: rig.in_status(OrderStatus.OPEN) == 1)
