"""Time is charged to quoting or to the one cause that keeps a side out, and to each shut gate."""

from decimal import Decimal

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from tests.trading.builders import an_order
from trading.core.market import Side
from trading.decisions.decision import Decision, Gate, Quote
from trading.messages.gateway import RejectedBy, Rejection, WorkingOrders
from trading.orders.completed import CompletedOrders
from trading.orders.order import Order, OrderStatus
from trading.readiness.gate_cause import NOT_RUNNING, ON_THE_WAY
from trading.readiness.gate_clock import GateClock

BUY, SELL = Side.BUY, Side.SELL
TIMER = Gate(code="refresh_running", side=None, sentence="wait", opens_at=15.0)
DELAY = Gate(code="fill_delay", side=None, sentence="wait", opens_at=5.0)
WORKING = Gate(code="orders_working", side=None, sentence="two orders work")
LOST = Gate(code="order_unknown", side=None, sentence="one order is lost")
CEILING = Gate(code="price_ceiling", side=BUY, sentence="too high")
HOURS = Gate(code="outside_trading_window", side=None, sentence="closed", opens_at=99.0)
BID = replace(an_order(), side=BUY, status=OrderStatus.OPEN)
WANTED = Quote(side=BUY, price=Decimal("0.1"), quantity=Decimal(40), level=0)
SECOND = Quote(side=BUY, price=Decimal("0.09"), quantity=Decimal(40), level=1)
LIMIT = Rejection(
    by=RejectedBy.LIMITS,
    side=BUY,
    code="base_holding_high",
    sentence="too much",
    at=0.0,
    price=WANTED.price,
    quantity=WANTED.quantity,
)
STOPPED = Rejection(
    by=RejectedBy.GATEWAY, side=BUY, code="side_stopped", sentence="stopped", at=0.0
)


def gates(*shut: Gate, wanted: tuple[Quote, ...] = ()) -> Decision:
    return Decision(gates=shut, wanted=wanted)


def working(
    *orders: Order, shut_out: tuple[Rejection, ...] = (), withdrawn: str = ""
) -> WorkingOrders:
    return WorkingOrders(
        orders=orders,
        completed=CompletedOrders(),
        instruction=0,
        reconciled=True,
        shut_out=shut_out,
        withdrawn=withdrawn,
    )


def test_a_gate_of_both_sides_counts_on_both_and_one_of_a_side_on_it_alone() -> None:
    clock = GateClock(0.0)
    clock.look(10.0, gates(TIMER, CEILING), working())
    times = clock.times(15.0)
    assert times[BUY].shut == {NOT_RUNNING: 10, "refresh_running": 5, "price_ceiling": 5}
    assert times[SELL].shut == {NOT_RUNNING: 10, "refresh_running": 5}


@pytest.mark.parametrize(
    ("decision", "orders", "cause"),
    [
        (gates(TIMER, WORKING, CEILING), working(), "price_ceiling"),
        (gates(TIMER, CEILING, wanted=(WANTED,)), working(), "refresh_running"),
        (gates(TIMER, WORKING, wanted=(WANTED,)), working(shut_out=(LIMIT,)), "base_holding_high"),
        (gates(TIMER, wanted=(WANTED, SECOND)), working(shut_out=(LIMIT,)), "refresh_running"),
        (gates(TIMER, wanted=(WANTED, SECOND)), working(shut_out=(STOPPED,)), "side_stopped"),
        (gates(TIMER, CEILING), working(shut_out=(LIMIT,)), "price_ceiling"),
        (gates(HOURS), working(shut_out=(LIMIT,)), "outside_trading_window"),
        (gates(TIMER, CEILING), working(withdrawn="halted"), "halted"),
        (gates(TIMER, LOST, wanted=(WANTED,)), working(), "order_unknown"),
        (gates(DELAY, WORKING, wanted=(WANTED,)), working(), "fill_delay"),
        (gates(WORKING, wanted=(WANTED,)), working(), "orders_working"),
        (gates(), working(), ON_THE_WAY),
    ],
)
def test_the_cause_is_what_would_have_stopped_the_quote_had_all_timers_been_open(
    decision: Decision, orders: WorkingOrders, cause: str
) -> None:
    clock = GateClock(0.0)
    clock.look(0.0, decision, orders)
    buy = clock.times(8.0)[BUY]
    assert buy.cause == cause
    assert buy.kept_out == {NOT_RUNNING: 0, cause: 8}


def test_a_limit_of_one_side_says_nothing_of_the_other() -> None:
    clock = GateClock(0.0)
    clock.look(0.0, gates(TIMER, wanted=(WANTED,)), working(shut_out=(LIMIT, STOPPED)))
    assert clock.times(2.0)[SELL].cause == "refresh_running"


def test_a_gate_that_is_shut_while_an_order_stands_keeps_nobody_out() -> None:
    clock = GateClock(0.0)
    clock.look(0.0, gates(TIMER), working(BID))
    clock.look(4.0, gates(TIMER), working(replace(BID, status=OrderStatus.PENDING)))
    times = clock.times(10.0)
    assert times[BUY].shut == {NOT_RUNNING: 0, "refresh_running": 10}
    assert times[BUY].quoting == 4
    assert times[BUY].kept_out["refresh_running"] == 6
    assert times[SELL].kept_out["refresh_running"] == 10


def test_a_gate_that_is_shut_for_several_levels_counts_once() -> None:
    clock = GateClock(0.0)
    clock.look(0.0, gates(CEILING, attrs.evolve(CEILING, sentence="the second level")), working())
    assert clock.times(3.0)[BUY].shut["price_ceiling"] == 3


def test_questions_in_between_change_no_sum() -> None:
    asked, silent = GateClock(0.0), GateClock(0.0)
    for clock in (asked, silent):
        clock.look(0.0, gates(TIMER), working(BID))
    for tenth in range(1, 100):
        asked.look(tenth / 10, gates(TIMER), working(BID))
        asked.times(tenth / 10)
    for side in Side:
        one, other = asked.times(10.0)[side], silent.times(10.0)[side]
        assert one.quoting == pytest.approx(other.quoting)
        assert one.shut == pytest.approx(other.shut)
        assert one.kept_out == pytest.approx(other.kept_out)
    assert asked.looked_at == 9.9


def test_a_strategy_that_does_not_run_is_a_gate_too() -> None:
    clock = GateClock(0.0)
    clock.look(0.0, gates(), working(BID))
    clock.stop(5.0)
    clock.look(7.0, gates(), working(BID))
    assert clock.times(9.0)[BUY].kept_out == {NOT_RUNNING: 2}
    assert clock.times(9.0)[BUY].quoting == 7


ANY_GATES = st.lists(st.sampled_from([TIMER, DELAY, WORKING, LOST, CEILING, HOURS])).map(tuple)
ANY_WANTED = st.lists(st.sampled_from([WANTED, SECOND]), unique=True).map(tuple)
ANY_ORDERS = st.builds(
    lambda orders, shut_out, withdrawn: working(
        *orders, shut_out=tuple(shut_out), withdrawn=withdrawn
    ),
    st.lists(
        st.builds(
            lambda side, status: replace(BID, side=side, status=status),
            st.sampled_from(Side),
            st.sampled_from(OrderStatus),
        ),
        max_size=3,
    ),
    st.lists(st.sampled_from([LIMIT, STOPPED])),
    st.sampled_from(["", "halted", "stopping"]),
)
ANY_LOOK = st.tuples(
    st.integers(0, 100), st.one_of(st.none(), st.tuples(ANY_GATES, ANY_WANTED, ANY_ORDERS))
)


@given(st.lists(ANY_LOOK))
def test_quoting_and_all_causes_together_are_the_time_that_has_passed(
    looks: list[tuple[int, tuple[tuple[Gate, ...], tuple[Quote, ...], WorkingOrders] | None]],
) -> None:
    clock, now = GateClock(0.0), 0
    for seconds, look in looks:
        now += seconds
        if look is None:
            clock.stop(now)
        else:
            shut, wanted, orders = look
            clock.look(now, gates(*shut, wanted=wanted), orders)
    for times in clock.times(now + 1).values():
        assert times.quoting + sum(times.kept_out.values()) == now + 1
        assert bool(times.cause) == (times.cause in times.kept_out)
