"""What the gateway does not let out."""

from collections.abc import Callable

import msgspec
import pytest
import trio
from structlog.testing import capture_logs
from trio.testing import MockClock

from tests.support.builders import a_quote, ready
from tests.support.gateway_rig import GatewayRig
from tests.support.lives import until
from trading.core.market import Side
from trading.decisions.decision import Quote
from trading.journal.entries import OrderRecorded
from trading.messages.account import RequestRefused
from trading.messages.gateway import RejectedBy
from trading.orders.order import OrderStatus
from trading.orders.request_ids import Request, request_id
from trading.readiness.lease import Component
from trading.venues.valr.simulator.core.fault_plan import Fault

BID = a_quote()


def _halt(rig: GatewayRig) -> None:
    rig.halt.put("the operator said so")


def _unready(rig: GatewayRig) -> None:
    missing = {Component.ACCOUNT_BALANCE: "balances are old"}
    rig.readiness.put(msgspec.structs.replace(ready(), missing=missing))


def _lapse(rig: GatewayRig) -> None:
    rig.readiness.put(ready(valid_until=trio.current_time()))


def _forget_readiness(rig: GatewayRig) -> None:
    rig.readiness.withdraw()


def _forget_rules(rig: GatewayRig) -> None:
    rig.instrument.withdraw()


@pytest.mark.parametrize(
    ("trouble", "words"),
    [
        (_halt, "the operator said so"),
        (_unready, "balances are old"),
        (_lapse, "lapsed"),
        (_forget_readiness, "readiness is not known"),
        (_forget_rules, "rules are not known"),
    ],
)
async def test_no_order_leaves_without_permission(
    autojump_clock: MockClock,
    rig: GatewayRig,
    trouble: Callable[[GatewayRig], None],
    words: str,
) -> None:
    await rig.begin()
    trouble(rig)
    with capture_logs() as logs:
        await rig.instruct(BID)
        await trio.sleep(1)
    assert rig.site.open_orders() == []
    refused = [entry for entry in logs if entry["event"] == "order_refused"]
    assert len(refused) == 1
    assert words in refused[0]["reasons"][0]


@pytest.mark.parametrize(
    "quote",
    [
        a_quote(price="0.050001"),
        a_quote(quantity="40.5"),
        a_quote(quantity="3"),
        a_quote(quantity="500001"),
        a_quote(price="0.001", quantity="4"),
    ],
    ids=["tick", "lot", "minimum", "maximum", "notional"],
)
async def test_an_order_that_breaks_the_pairs_rules_does_not_leave(
    autojump_clock: MockClock, rig: GatewayRig, quote: Quote
) -> None:
    await rig.begin()
    with capture_logs() as logs:
        await rig.instruct(quote)
        await trio.sleep(1)
    assert [entry["event"] for entry in logs if entry["log_level"] == "warning"] == [
        "order_refused"
    ]
    assert rig.entries() == []


async def test_one_refused_quote_does_not_hold_up_the_others_of_its_instruction(
    autojump_clock: MockClock, rig: GatewayRig
) -> None:
    await rig.begin()
    await rig.instruct(a_quote(quantity="3"), a_quote(Side.SELL, "0.2"))
    await until(lambda: rig.in_status(OrderStatus.OPEN) == 1)
    assert [order.side for order in rig.site.open_orders()] == [Side.SELL]
    shut = {one.code: one for one in rig.shut_out()}
    assert {(one.by, one.side) for one in shut.values()} == {(RejectedBy.LIMITS, Side.BUY)}
    enough = {code: one.opening and one.opening.value for code, one in shut.items()}
    assert enough == {"quantity_too_small": "4", "notional_too_small": "10"}

    await rig.instruct(a_quote(quantity="10"))
    await until(lambda: rig.in_status(OrderStatus.OPEN) == 2)
    assert rig.shut_out() == ()


async def test_a_refusal_is_contained_in_the_view_so_that_nobody_waits_for_it(
    autojump_clock: MockClock, rig: GatewayRig
) -> None:
    await rig.begin()
    _halt(rig)
    await rig.instruct(BID)
    await until(lambda: (view := rig.working.read()) is not None and view.instruction == 1)
    [shut] = rig.shut_out()
    assert (shut.by, shut.code) == (RejectedBy.GATEWAY, "not_permitted")
    assert "the operator said so" in shut.sentence


async def test_no_order_leaves_before_the_stream_is_open(
    autojump_clock: MockClock, rig: GatewayRig
) -> None:
    await rig.begin_gateway()
    with capture_logs() as logs:
        await rig.instruct(BID)
        await trio.sleep(1)
    assert logs[-1]["reasons"] == ("the account's stream is not open",)


async def test_no_order_leaves_before_the_venues_lists_were_compared(
    autojump_clock: MockClock, rig: GatewayRig
) -> None:
    rig.site.rest_door.refuses = True
    await rig.begin_gateway()
    await rig.begin_socket()
    await until(rig.session.read)
    await trio.sleep(1)
    with capture_logs() as logs:
        await rig.instruct(BID)
        await trio.sleep(0.1)
    refused = [entry for entry in logs if entry["event"] == "order_refused"]
    assert "compared" in refused[0]["reasons"][0]
    rig.site.rest_door.refuses = False
    await rig.reconciled()
    await rig.instruct(BID)
    await until(lambda: rig.in_status(OrderStatus.OPEN) == 1)


async def test_a_lost_stream_is_shown_to_the_strategy_at_once(
    autojump_clock: MockClock, rig: GatewayRig
) -> None:
    await rig.begin_gateway()
    socket = await rig.begin_socket()
    await rig.reconciled()
    await socket.end()
    await until(lambda: (view := rig.working.read()) and not view.reconciled, within_s=0.1)


async def test_an_order_the_socket_does_not_take_goes_by_rest_once(
    autojump_clock: MockClock, rig: GatewayRig
) -> None:
    await rig.begin_by_hand()
    await rig.instruct(BID)
    await until(rig.site.open_orders, within_s=1)
    (there,) = rig.site.open_orders()
    await until(lambda: [o.venue_order_id for o in rig.orders] == [there.order_id], within_s=5)
    with trio.move_on_after(5) as patience:
        await rig.taken()
    assert patience.cancelled_caught, "it went by REST, and must not go by the socket as well"


async def test_an_order_that_goes_neither_way_was_never_sent(
    autojump_clock: MockClock, rig: GatewayRig
) -> None:
    await rig.begin_by_hand()
    rig.site.rest_door.refuses = True
    await rig.instruct(BID)
    await until(lambda: rig.orders)
    await until(lambda: not rig.orders, within_s=1)
    rejected = rig.entries()[-1]
    assert isinstance(rejected, OrderRecorded)
    assert rejected.order.status is OrderStatus.REJECTED
    assert "cannot be reached" in rejected.order.reason
    assert [(one.by, one.code) for one in rig.shut_out()] == [(RejectedBy.GATEWAY, "not_sent")]


async def test_a_placement_by_rest_without_a_whole_answer_is_in_doubt_and_looked_up(
    autojump_clock: MockClock, rig: GatewayRig
) -> None:
    await rig.begin_by_hand()
    rig.site.exchange.faults.arm(Fault.CUT_AFTER_ACCEPTANCE)
    with capture_logs() as logs:
        await rig.instruct(BID)
        await until(lambda: rig.in_status(OrderStatus.OPEN))
    events = [entry["event"] for entry in logs if entry["event"].startswith("order_")]
    assert events == ["order_placed", "order_unknown", "order_open"]
    assert len(rig.site.open_orders()) == 1


async def test_an_order_withdrawn_before_its_turn_came_is_never_sent(
    autojump_clock: MockClock, rig: GatewayRig
) -> None:
    await rig.begin_by_hand()
    await rig.instruct(BID, a_quote(price="0.04"), a_quote(price="0.03"))
    await until(lambda: rig.orders)
    await trio.sleep(0.01)
    _unready(rig)
    await trio.sleep(0.1)
    kinds: list[str] = []
    with trio.move_on_after(3):
        while True:
            kinds += [await rig.taken()]
    assert kinds[0] == "PLACE_LIMIT_ORDER"  # it was being handed over already
    assert "PLACE_LIMIT_ORDER" not in kinds[1:]


async def test_after_a_refusal_that_speaks_of_the_rules_nothing_leaves_until_they_are_read_anew(
    autojump_clock: MockClock, rig: GatewayRig
) -> None:
    await rig.begin_by_hand()
    await rig.instruct(BID)
    await rig.taken()
    words = "Minimum order size not met . Minimum amount: 80 DOGE, minimum total: 1 USDT"
    placed = request_id(Request.PLACE, rig.orders[0].client_order_id)
    await rig.news.send.send(RequestRefused(request_id=placed, reason=words))
    await until(lambda: not rig.orders)
    assert rig.rules_doubted.read() == words
    await rig.instruct(BID)
    await trio.sleep(0.1)
    assert rig.orders == ()
    assert "rules are to be read anew" in rig.shut_out()[0].sentence
    rig.rules_doubted.withdraw()
    await rig.instruct(BID)
    assert await rig.taken() == "PLACE_LIMIT_ORDER"


@pytest.mark.parametrize("words", ["Insufficient Balance", "Order failed"])
async def test_a_refusal_of_another_kind_casts_no_doubt_on_the_rules(
    autojump_clock: MockClock, rig: GatewayRig, words: str
) -> None:
    await rig.begin_by_hand()
    await rig.instruct(BID)
    await rig.taken()
    placed = request_id(Request.PLACE, rig.orders[0].client_order_id)
    await rig.news.send.send(RequestRefused(request_id=placed, reason=words))
    await until(lambda: not rig.orders)
    assert rig.rules_doubted.read() is None
