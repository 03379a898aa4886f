"""An order that may not stay goes by whichever way is open: the account's socket, or REST."""

import trio
from trio.testing import MockClock

from actors.net.rate_gate import RateGate
from tests.support.builders import a_quote
from tests.support.gateway_rig import GatewayRig
from tests.support.lives import until
from trading.core.market import Side
from trading.orders.order import OrderStatus
from trading.venues.rate_limits import RateBudget, RateLimit

BID, ASK = a_quote(), a_quote(Side.SELL, "0.2")


async def the_stream_is_lost_for_good(rig: GatewayRig) -> None:
    """It is cut, cannot be opened again, and the venue does not cancel because of it."""
    for session in rig.site.exchange._sessions:  # noqa: SLF001
        session.cancel_on_disconnect = False
    rig.site.socket_door.refuses = True
    await rig.site.socket_door.cut()
    await until(lambda: not rig.session.read())


async def test_what_was_asked_for_on_a_lost_stream_goes_by_the_next_though_rest_is_away(
    autojump_clock: MockClock, rig: GatewayRig
) -> None:
    await rig.quote(BID, ASK)
    rig.site.rest_door.refuses = True
    await the_stream_is_lost_for_good(rig)
    rig.readiness.withdraw()
    await trio.sleep(20)
    assert len(rig.site.open_orders()) == 2
    rig.site.socket_door.refuses = False
    await until(rig.session.read, within_s=60)
    await until(lambda: not rig.site.open_orders(), within_s=0.2)


async def test_what_was_asked_for_in_vain_goes_by_rest_a_second_after_that_is_back(
    autojump_clock: MockClock, rig: GatewayRig
) -> None:
    await rig.quote(BID, ASK)
    rig.site.rest_door.refuses = True
    await the_stream_is_lost_for_good(rig)
    rig.readiness.withdraw()
    await trio.sleep(20.3)
    rig.site.rest_door.refuses = False
    await until(lambda: not rig.site.open_orders(), within_s=1.1)


async def test_a_cancel_that_the_socket_takes_and_loses_goes_by_rest_within_a_second(
    autojump_clock: MockClock, rig: GatewayRig
) -> None:
    await rig.quote(BID, ASK)
    rig.site.socket_door.mute = True
    rig.readiness.withdraw()
    await until(lambda: not rig.site.open_orders(), within_s=1)


async def test_a_cancel_that_rest_does_not_answer_goes_by_a_stream_that_has_opened_meanwhile(
    autojump_clock: MockClock, rig: GatewayRig
) -> None:
    await rig.quote(BID, ASK)
    await the_stream_is_lost_for_good(rig)
    rig.site.rest_door.silent = True
    rig.readiness.withdraw()
    rig.site.socket_door.refuses = False
    await until(rig.session.read, within_s=5)
    await until(lambda: not rig.site.open_orders(), within_s=0.2)


async def test_an_order_in_doubt_that_may_not_stay_is_looked_up_while_it_is_asked_to_go(
    autojump_clock: MockClock, rig: GatewayRig
) -> None:
    await rig.begin_by_hand()
    await rig.instruct(BID)
    await rig.taken()  # and it never arrives
    await until(lambda: rig.in_status(OrderStatus.UNKNOWN))
    rig.readiness.withdraw()
    # Nobody takes a frame any more, and the venue has never heard of it.
    await until(lambda: not rig.orders, within_s=10)


async def test_orders_are_asked_for_once_a_second_and_no_more_often(
    autojump_clock: MockClock, rig: GatewayRig
) -> None:
    await rig.quote(BID, ASK)
    rig.site.rest_door.refuses = True
    await the_stream_is_lost_for_good(rig)
    rig.readiness.withdraw()
    await trio.sleep(10)
    before = rig.site.rest_door.count
    await trio.sleep(60)
    cancels, look_ups = 2 * 61, 2 * 2 * 61
    assert rig.site.rest_door.count - before <= cancels + look_ups


async def test_while_rest_answers_nothing_one_order_a_second_is_asked_for_and_then_all(
    autojump_clock: MockClock, rig: GatewayRig
) -> None:
    await rig.quote(*[a_quote(price=f"0.09{digit}") for digit in range(9)], ASK)
    await the_stream_is_lost_for_good(rig)
    rig.site.rest_door.silent = True
    rig.readiness.withdraw()
    await trio.sleep(10)
    before = rig.site.rest_door.count
    await trio.sleep(60)
    # Looking up backs off by itself.
    probes, look_ups = 61, 10 * 2 * 4
    assert rig.site.rest_door.count - before <= probes + look_ups
    rig.site.rest_door.silent = False
    await until(lambda: not rig.site.open_orders(), within_s=2.2)


async def test_what_was_held_back_beside_a_socket_that_loses_all_is_due_once_rest_answers(
    autojump_clock: MockClock, rig: GatewayRig
) -> None:
    await rig.quote(*[a_quote(price=f"0.09{digit}") for digit in range(9)], ASK)
    rig.site.socket_door.mute = True
    rig.site.rest_door.silent = True
    rig.readiness.withdraw()
    await trio.sleep(11.4)
    assert len(rig.site.open_orders()) == 10
    rig.site.rest_door.silent = False
    await until(lambda: len(rig.site.open_orders()) < 10, within_s=2.2)
    await until(lambda: not rig.site.open_orders(), within_s=0.3)


async def test_a_cancel_that_waits_for_its_turn_is_not_joined_by_others_of_the_same_order(
    autojump_clock: MockClock, rig: GatewayRig
) -> None:
    rig.gate = RateGate(RateBudget((RateLimit(lane="cancel", maximum=100, window_s=1),)))
    await rig.begin_by_hand()
    await rig.instruct(BID)
    await rig.taken()
    await until(lambda: rig.orders)
    name = rig.orders[0].client_order_id
    await rig.site.order(BID, name=name)
    rig.gate.complain(("cancel",), 30.0)
    for _ in range(5):
        await rig.instruct(cancels=[name])
        # No outcome comes; looked up, the order is open, and the strategy wants it gone.
        await until(lambda: rig.in_status(OrderStatus.CANCEL_PENDING))
        await until(lambda: rig.in_status(OrderStatus.OPEN), within_s=5)
    taken = []
    with trio.move_on_after(30):
        while True:
            taken.append(await rig.requests.receive.receive())
    assert len(taken) == 1
