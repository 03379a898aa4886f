"""What the gateway does when it does not know, and how it comes to know again."""

from collections.abc import Awaitable, Callable

import pytest
import trio
from msgspec.structs import replace
from structlog.testing import capture_logs
from trio.testing import MockClock

from actors.ports.journal_wire import JournalWire
from actors.ports.lossless import Lossless
from actors.ports.ports import JournalBatch
from tests.support.builders import a_fill, a_quote, an_order
from tests.support.gateway_rig import GatewayRig
from tests.support.lives import until
from tests.support.raising import raising
from tests.trading.builders import D, a_report
from trading.core.errors import Outage
from trading.core.identifiers import ClientOrderId, StrategyName
from trading.core.market import Side
from trading.journal.entries import OrdersIntended
from trading.messages.account import FillReported, NewsGarbled, OrderProcessed, OrderReported
from trading.orders.order import OrderStatus
from trading.venues.valr.simulator.rest.faults import Part

BID, ASK = a_quote(), a_quote(Side.SELL, "0.2")
NEAR = a_quote(Side.BUY, "0.1")


async def test_an_order_without_an_answer_is_unknown_after_the_deadline_and_then_looked_up(
    autojump_clock: MockClock, rig: GatewayRig
) -> None:
    await rig.begin()
    rig.site.socket_door.deaf = rig.site.rest_door.refuses = True  # what the venue says is lost
    await rig.instruct(BID)
    waited = await until(lambda: rig.in_status(OrderStatus.UNKNOWN), within_s=5)
    assert waited == pytest.approx(2, abs=0.1)
    rig.site.rest_door.refuses = False
    await until(lambda: rig.in_status(OrderStatus.OPEN), within_s=2)


async def test_an_order_stays_unknown_for_as_long_as_nobody_can_tell(
    autojump_clock: MockClock, rig: GatewayRig
) -> None:
    await rig.begin()
    rig.site.socket_door.deaf = rig.site.rest_door.refuses = True
    await rig.instruct(BID)
    await trio.sleep(300)
    assert rig.in_status(OrderStatus.UNKNOWN) == 1


async def test_an_order_that_never_arrived_is_given_up_when_the_venue_says_so_again_and_again(
    autojump_clock: MockClock, rig: GatewayRig
) -> None:
    await rig.begin()
    rig.site.socket_door.mute = True  # what we say is lost
    await rig.instruct(BID)
    await until(lambda: rig.orders)
    assert await until(lambda: not rig.orders) > 4


async def test_an_order_that_turns_up_after_it_was_given_up_is_cancelled_at_once(
    autojump_clock: MockClock, rig: GatewayRig
) -> None:
    await rig.begin()
    rig.site.socket_door.mute = True
    await rig.instruct(BID)
    await until(lambda: rig.orders)
    name = next(iter(rig.orders)).client_order_id
    await until(lambda: not rig.orders)
    rig.site.socket_door.mute = False
    with capture_logs() as logs:
        await rig.site.order(BID, name=name)  # a stalled connection moves on
        assert await until(lambda: not rig.site.open_orders()) < 2
        await until(lambda: rig.statuses()[-1] is OrderStatus.CANCELLED)
    assert "order_turned_up" in [entry["event"] for entry in logs]


async def test_an_order_of_a_former_life_that_never_left_is_given_up_whoever_cancels_it_meanwhile(
    autojump_clock: MockClock, rig: GatewayRig
) -> None:
    former = an_order(client_order_id=ClientOrderId("qw-test-maker-0-7"))
    await rig.keep_books()
    await rig.ledger.send.send(JournalBatch((OrdersIntended((former,), 0.0, None),)))
    await trio.sleep(100)  # between two processes
    await rig.begin_gateway()
    await rig.begin_socket()
    await until(lambda: rig.orders)
    began = trio.current_time()
    with trio.fail_after(15):
        while rig.orders:
            await rig.instruct(cancels=[former.client_order_id])
            await trio.sleep(0.1)
    # What a process has sent may arrive for a while after its end.
    assert trio.current_time() - began > 5
    assert rig.statuses()[-1] is OrderStatus.REJECTED


async def test_looking_up_pauses_between_two_questions(
    autojump_clock: MockClock, rig: GatewayRig
) -> None:
    await rig.begin()
    rig.site.socket_door.deaf = rig.site.rest_door.refuses = True
    await rig.instruct(BID)
    await until(lambda: rig.in_status(OrderStatus.UNKNOWN))
    before = rig.site.rest_door.count
    await trio.sleep(10)
    assert rig.site.rest_door.count - before <= 21


async def test_orders_that_live_when_the_stream_is_lost_are_cancelled_by_rest_once_unready(
    autojump_clock: MockClock, rig: GatewayRig
) -> None:
    await rig.quote(BID, ASK)
    rig.site.socket_door.refuses = True
    # Without the venue's own cancel on disconnect: the orders are ours to cancel.
    for session in rig.site.exchange._sessions:  # noqa: SLF001
        session.cancel_on_disconnect = False
    await rig.site.socket_door.cut()
    await until(lambda: not rig.session.read())
    assert len(rig.site.open_orders()) == 2
    rig.readiness.withdraw()
    await until(lambda: not rig.site.open_orders(), within_s=1)
    await until(lambda: not rig.orders, within_s=10)


async def test_a_cancel_that_rest_is_slow_to_take_holds_up_no_other(
    autojump_clock: MockClock, rig: GatewayRig
) -> None:
    await rig.begin_by_hand()
    await rig.instruct(*[a_quote(price=f"0.0{n}") for n in (5, 6, 7)])
    for _ in range(3):
        await rig.taken()
    rig.site.rest_door.silent = True
    before = rig.site.rest_door.count
    rig.readiness.withdraw()  # and nobody takes the frames: each has to go by REST
    await trio.sleep(1)
    assert rig.site.rest_door.count - before == 3


async def test_after_a_new_session_nothing_leaves_until_the_lists_were_compared_again(
    autojump_clock: MockClock, rig: GatewayRig
) -> None:
    await rig.quote(BID)
    rig.site.rest_door.refuses = True
    await rig.site.socket_door.cut()
    await until(lambda: not rig.session.read())
    await until(rig.session.read)
    await trio.sleep(1)
    view = rig.working.read()
    assert view is not None
    assert not view.reconciled
    rig.site.rest_door.refuses = False
    await rig.reconciled()
    # The venue cancelled on disconnect; the comparison found that out.
    assert rig.orders == ()


async def test_leftovers_of_a_former_run_are_cancelled_before_anything_else_leaves(
    autojump_clock: MockClock, rig: GatewayRig
) -> None:
    leftover = await rig.site.order(BID, name="qw-test-maker-0-1")
    rig.site.exchange.venue.orders.is_open(leftover)
    with capture_logs() as logs:
        await rig.begin()
    assert rig.site.open_orders() == []
    events = [entry["event"] for entry in logs]
    assert events.index("leftover_orders") < events.index("reconciled")


async def test_foreign_orders_are_counted_and_never_touched(
    autojump_clock: MockClock, rig: GatewayRig
) -> None:
    theirs = [
        await rig.site.order(BID, name="qw-other-maker-0-1"),
        await rig.site.order(a_quote(price="0.04")),
    ]
    with capture_logs() as logs:
        await rig.quote(ASK)
    assert next(e["foreign"] for e in logs if e["event"] == "reconciled") == 2
    rig.halt.put("enough")
    await until(rig.flat.read)
    assert rig.site.open_orders() == theirs


async def test_a_fill_of_an_order_of_a_former_life_is_booked_once(
    autojump_clock: MockClock, rig: GatewayRig
) -> None:
    await rig.begin()
    order_id = rig.ids.next(StrategyName("maker"))
    stray = FillReported(a_fill(client_order_id=order_id))
    with capture_logs() as logs:
        await rig.news.send.send(stray)
        await rig.news.send.send(stray)
        await trio.sleep(0.1)
    assert rig.fills() == [stray.fill]
    assert [entry["event"] for entry in logs] == ["stray_fill", "side_stopped"]


async def test_a_fill_of_somebody_elses_order_is_not_booked(
    autojump_clock: MockClock, rig: GatewayRig
) -> None:
    await rig.begin()
    for name in (None, "theirs", "qw-test-maker-0-1"):
        order_id = None if name is None else ClientOrderId(name)
        earlier = a_fill(client_order_id=order_id, traded_at_ms=1_790_133_590_000)
        await rig.news.send.send(FillReported(earlier))
    await trio.sleep(0.1)
    assert rig.fills() == []


async def test_a_fill_that_happened_while_nobody_listened_is_found_by_rest(
    autojump_clock: MockClock, rig: GatewayRig
) -> None:
    await rig.quote(NEAR)
    for session in rig.site.exchange._sessions:  # noqa: SLF001
        session.cancel_on_disconnect = False
    rig.site.socket_door.refuses = True
    await rig.site.socket_door.cut()
    await rig.site.trade_against(NEAR)
    await trio.sleep(1)
    rig.site.socket_door.refuses = False
    await until(lambda: not rig.orders)
    assert len(rig.fills()) == 1


async def test_after_news_that_cannot_be_read_everything_is_asked_for_at_once(
    autojump_clock: MockClock, rig: GatewayRig
) -> None:
    await rig.quote(NEAR)
    rig.site.socket_door.deaf = True  # what the venue says of it is lost
    await rig.site.trade_against(NEAR)
    with capture_logs() as logs:
        await rig.news.send.send(NewsGarbled("NEW_ACCOUNT_TRADE: no price"))
        await until(lambda: not rig.orders, within_s=1)
    assert len(rig.fills()) == 1
    assert {"event": "order_news_garbled", "log_level": "error"}.items() <= logs[0].items()


async def test_an_order_of_which_the_venue_says_a_strange_word_is_looked_up_at_once(
    autojump_clock: MockClock, rig: GatewayRig
) -> None:
    await rig.quote(BID)
    order = rig.orders[0]
    assert order.venue_order_id is not None
    strange = a_report(
        None, order_id=order.client_order_id, venue_order_id=order.venue_order_id, quantity=D(40)
    )
    rig.entries()
    with capture_logs() as logs:
        await rig.news.send.send(OrderReported(replace(strange, status_text="Pondered")))
        await trio.sleep(0.5)
    assert rig.statuses() == [OrderStatus.UNKNOWN, OrderStatus.OPEN]
    assert [e["status"] for e in logs if e["event"] == "order_status_strange"] == ["Pondered"]


async def test_a_fill_that_outruns_its_acknowledgement_is_booked(
    autojump_clock: MockClock, rig: GatewayRig
) -> None:
    await rig.begin_by_hand()
    await rig.instruct(BID)
    await rig.taken()
    order_id = rig.orders[0].client_order_id
    fill = a_fill(client_order_id=None)
    await rig.news.send.send(FillReported(fill))
    accepted = OrderProcessed(
        venue_order_id=fill.venue_order_id, client_order_id=order_id, success=True, reason=""
    )
    await rig.news.send.send(accepted)
    await until(lambda: not rig.orders, within_s=1)
    assert [booked.client_order_id for booked in rig.fills()] == [order_id]


async def test_a_life_that_begins_in_the_middle_of_a_session_comes_to_quote(
    autojump_clock: MockClock, rig: GatewayRig
) -> None:
    first = await rig.begin_gateway()
    await rig.begin_socket()
    await rig.reconciled()
    await first.end()
    rig.working.withdraw()
    await rig.begin_gateway()
    await rig.reconciled()
    await rig.instruct(BID)
    await until(lambda: rig.in_status(OrderStatus.OPEN))


async def test_a_stopped_gateway_leaves_nothing_of_ours_and_everything_of_others(
    autojump_clock: MockClock, rig: GatewayRig
) -> None:
    gateway = await rig.begin_gateway()
    await rig.begin_socket()
    await rig.reconciled()
    await rig.instruct(BID, ASK)
    await until(lambda: rig.in_status(OrderStatus.OPEN) == 2)
    theirs = await rig.site.order(a_quote(price="0.04"))
    await gateway.end()
    assert rig.site.open_orders() == [theirs]


async def test_a_gateway_without_orders_ends_at_once(
    autojump_clock: MockClock, rig: GatewayRig
) -> None:
    gateway = await rig.begin_gateway()
    await rig.begin_socket()
    await rig.reconciled()
    began = trio.current_time()
    await gateway.end()
    assert trio.current_time() == began


async def crash(rig: GatewayRig) -> None:
    """Have the gateway run into a defect of its own, with an order at the venue."""
    await rig.instruct(BID)
    await until(lambda: rig.in_status(OrderStatus.OPEN))
    nobody = rig.instruction(strategy=StrategyName("nobody"), places=(ASK,))
    await rig.instructions.send.send(nobody)


async def run_gateway(rig: GatewayRig, then: Callable[[GatewayRig], Awaitable[None]]) -> None:
    """Run a gateway until it ends by itself."""
    await rig.begin_socket()
    await rig.keep_books()
    async with trio.open_nursery() as nursery:
        await nursery.start(rig.gateway.run)
        await rig.reconciled()
        await then(rig)


async def test_a_crashing_gateway_carries_out_its_last_will(
    autojump_clock: MockClock, rig: GatewayRig
) -> None:
    with raising(KeyError):
        await run_gateway(rig, crash)
    assert rig.site.open_orders() == []


async def test_a_last_will_does_not_believe_an_empty_list(
    autojump_clock: MockClock, rig: GatewayRig
) -> None:
    async def crash_unlisted(rig: GatewayRig) -> None:
        await crash(rig)
        rig.site.exchange.withheld[Part.OPEN_ORDERS] = 200

    with raising(KeyError):
        await run_gateway(rig, crash_unlisted)
    assert rig.site.open_orders() == []


async def test_a_last_will_that_is_cut_short_is_an_outage_and_hides_no_other_error(
    autojump_clock: MockClock, rig: GatewayRig
) -> None:
    async def crash_alone(rig: GatewayRig) -> None:
        await crash(rig)
        rig.site.rest_door.refuses = True

    cut_short = pytest.RaisesExc(Outage, match="orders may still be open")
    with pytest.RaisesGroup(KeyError, cut_short, flatten_subgroups=True):
        await run_gateway(rig, crash_alone)
    assert rig.site.open_orders() == [], "the socket took the cancels, but nothing proves it"


async def test_a_ledger_that_takes_nothing_any_more_ends_the_gateway(
    autojump_clock: MockClock, rig: GatewayRig
) -> None:
    rig.ledger, rig.books.wire = Lossless.of(1), JournalWire.of(0)

    async def fill_the_wire(rig: GatewayRig) -> None:
        rig.books.trouble.slow_s = 1e6
        for _ in range(4):
            await rig.instruct(BID)

    with raising(Outage, "nobody takes JournalBatch"):
        await run_gateway(rig, fill_the_wire)
    assert rig.site.open_orders() == []
