"""Time is charged to the gates that were shut, and to those that kept a side out."""

import attrs
import pytest

from tests.trading.builders import an_order
from trading.gate_clock import NOT_RUNNING, GateClock
from trading.market import Side
from trading.orders import OrderStatus
from trading.strategies.interface import Gate

BUY, SELL = Side.BUY, Side.SELL
TIMER = Gate(code="refresh_running", side=None, sentence="wait")
CEILING = Gate(code="price_ceiling", side=BUY, sentence="too high")
BID = attrs.evolve(an_order(), side=BUY, status=OrderStatus.OPEN)


def test_a_gate_of_both_sides_counts_on_both_and_one_of_a_side_on_it_alone() -> None:
    clock = GateClock(0.0)
    clock.look(10.0, (TIMER, CEILING), ())
    times = clock.times(15.0)
    assert times[BUY].shut == {NOT_RUNNING: 10, "refresh_running": 5, "price_ceiling": 5}
    assert times[SELL].shut == {NOT_RUNNING: 10, "refresh_running": 5}


def test_a_gate_that_is_shut_while_an_order_stands_keeps_nobody_out() -> None:
    clock = GateClock(0.0)
    clock.look(0.0, (TIMER,), (BID,))
    clock.look(4.0, (TIMER,), (attrs.evolve(BID, status=OrderStatus.PENDING),))
    times = clock.times(10.0)
    assert times[BUY].shut == {NOT_RUNNING: 0, "refresh_running": 10}
    assert times[BUY].kept_out["refresh_running"] == 6
    assert times[SELL].kept_out["refresh_running"] == 10


def test_a_gate_that_is_shut_for_several_levels_counts_once() -> None:
    clock = GateClock(0.0)
    clock.look(0.0, (CEILING, attrs.evolve(CEILING, sentence="the second level")), ())
    assert clock.times(3.0)[BUY].shut["price_ceiling"] == 3


def test_time_without_gate_and_without_order_is_idle() -> None:
    clock = GateClock(0.0)
    clock.look(0.0, (), (BID,))
    times = clock.times(2.0)
    assert (times[BUY].idle, times[SELL].idle) == (0, 2)


def test_looks_that_find_nothing_new_and_questions_in_between_change_no_sum() -> None:
    asked, silent = GateClock(0.0), GateClock(0.0)
    for clock in (asked, silent):
        clock.look(0.0, (TIMER,), (BID,))
    for tenth in range(1, 100):
        asked.look(tenth / 10, (TIMER,), (BID,))
        asked.times(tenth / 10)
    for side in Side:
        one, other = asked.times(10.0)[side], silent.times(10.0)[side]
        assert one.shut == pytest.approx(other.shut)
        assert one.kept_out == pytest.approx(other.kept_out)
    assert asked.looked_at == 9.9


def test_a_strategy_that_does_not_run_is_a_gate_too() -> None:
    clock = GateClock(0.0)
    clock.look(0.0, (), (BID,))
    clock.stop(5.0)
    clock.look(7.0, (), (BID,))
    assert clock.times(9.0)[BUY].kept_out == {NOT_RUNNING: 2}
