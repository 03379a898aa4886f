"""Our place in a queue that shows totals only."""

from hypothesis import given
from hypothesis import strategies as st

from trading.core.market import Side
from trading.simulator.matching.matching import Resting
from trading.simulator.matching.queue import OwnQueue


def _queue(*orders: tuple[int, int, int], side: Side = Side.BUY) -> OwnQueue:
    queue = OwnQueue(side)
    for number, (price, remaining, ahead) in enumerate(orders):
        queue.join(Resting(number, "ann", side, price, remaining), ahead)
    return queue


def test_trades_go_to_those_ahead_first() -> None:
    queue = _queue((100, 5, 10))
    assert queue.traded(100, 8) == []
    assert queue.ahead(0) == 2
    assert [e.quantity for e in queue.traded(100, 4)] == [2]
    assert [e.quantity for e in queue.traded(100, 50)] == [3]
    assert queue.ahead(0) is None


def test_a_shrinking_level_advances_us_and_a_growing_one_does_not_set_us_back() -> None:
    queue = _queue((100, 5, 10))
    queue.level_changed(100, 10, 4)
    assert queue.ahead(0) == 4
    queue.level_changed(100, 4, 40)
    assert queue.ahead(0) == 4


def test_a_trade_through_our_price_is_ours_whatever_is_ahead() -> None:
    queue = _queue((100, 5, 10))
    assert [(e.price, e.quantity) for e in queue.traded(99, 3)] == [(100, 3)]


def test_a_trade_that_does_not_reach_our_price_is_not_ours() -> None:
    assert _queue((100, 5, 0)).traded(101, 50) == []
    assert _queue((100, 5, 0), side=Side.SELL).traded(99, 50) == []


def test_two_orders_at_a_price_share_what_is_between_them() -> None:
    queue = _queue((100, 1, 5), (100, 1, 8))
    assert [e.maker for e in queue.traded(100, 6)] == [0]
    assert queue.ahead(1) == 3
    assert [e.maker for e in queue.traded(100, 4)] == [1]


def test_depth_at_or_through_our_price_fills_us() -> None:
    queue = _queue((100, 5, 10), (98, 5, 10))
    assert queue.crossed(101) == []
    assert [(e.maker, e.quantity) for e in queue.crossed(100)] == [(0, 5)]
    assert queue.crossed(None) == []


@given(
    st.lists(st.tuples(st.integers(95, 105), st.integers(1, 9), st.integers(0, 9)), max_size=6),
    st.lists(st.tuples(st.integers(94, 106), st.integers(1, 30)), max_size=10),
)
def test_nobody_is_filled_for_more_than_was_traded_or_ordered(
    orders: list[tuple[int, int, int]], trades: list[tuple[int, int]]
) -> None:
    queue = _queue(*orders)
    filled = dict.fromkeys(range(len(orders)), 0)
    for price, quantity in trades:
        executions = queue.traded(price, quantity)
        assert sum(e.quantity for e in executions) <= quantity
        assert all(e.price >= price for e in executions)
        for execution in executions:
            filled[execution.maker] += execution.quantity
    assert all(filled[number] <= orders[number][1] for number in filled)
