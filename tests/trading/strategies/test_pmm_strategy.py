"""Pure market making over time: the semantics' timing cases, cancels, gates, idempotence."""

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import attrs
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.trading.strategies.quoting import parameters, trading
from trading.core.identifiers import ClientOrderId
from trading.core.market import Side
from trading.decisions.decision import Decision
from trading.orders.completed import CompletedOrders
from trading.orders.order import Order, OrderEvent, OrderStatus
from trading.strategies.interface import Strategy
from trading.strategies.pure_market_making import Parameters, PureMarketMaking, State
from trading.testing import FakeVenue, a_top, a_view, balances

D = Decimal


def a_set(second: float) -> list[tuple[float, str, str]]:
    return [(second, "place", "buy"), (second, "place", "sell")]


def working(**changes: Any) -> FakeVenue:
    """A venue with one set of orders resting since second 1."""
    venue = trading(parameters(**changes))
    venue.run_until(1)
    assert len(venue.view.orders) == 2
    return venue


def does_nothing(decision: Decision) -> bool:
    return not decision.cancels and not decision.places


def at(venue: FakeVenue, second: float) -> FakeVenue:
    venue.view = attrs.evolve(venue.view, now=second)
    return venue


def test_it_is_a_strategy() -> None:
    strategy: Strategy[State] = PureMarketMaking(parameters())
    assert strategy.begin(5.0) == State(create_at=5.0, refresh_at=5.0)


def test_f_a_tiny_refresh_time_replaces_the_set_at_every_look() -> None:
    venue = trading(parameters(order_refresh_time=0.01, order_refresh_tolerance=None))
    log = venue.run_until(4)
    cancels = [entry for entry in log if entry[1] == "cancel"]
    assert [second for second, word, side in log if (word, side) == ("place", "buy")] == [1, 3]
    assert [second for second, _, side in cancels if side == "sell"] == [2, 4]


def test_g_beyond_the_refresh_time_the_prices_are_watched_until_something_moves() -> None:
    venue = working(order_refresh_tolerance=D("0.001"))
    venue.run_until(40)
    assert venue.log == a_set(1)
    venue.view = attrs.evolve(venue.view, top=a_top("100.08", "100.10"))
    venue.run_until(50)
    assert venue.log == a_set(1), "0.09 % is within the tolerance"
    venue.view = attrs.evolve(venue.view, top=a_top("100.18", "100.20"))
    venue.run_until(52)
    assert venue.log[2:] == [(51, "cancel", "buy"), (51, "cancel", "sell"), *a_set(52)]


def test_h_a_delay_shorter_than_the_refresh_pulls_the_other_sides_cancel_forward() -> None:
    venue = trading(parameters(order_refresh_time=30.0, filled_order_delay=5.0))
    log = venue.run_until(10, at_2=Side.BUY)
    assert log == [*a_set(1), (2, "fill", "buy"), (7, "cancel", "sell"), *a_set(8)]


def test_i_a_delay_longer_than_the_refresh_keeps_both_sides_empty() -> None:
    venue = trading(parameters(order_refresh_time=5.0, filled_order_delay=15.0))
    log = venue.run_until(20, at_2=Side.BUY)
    # The original waits until 18: it compares strictly. Here the moment itself is late enough.
    assert log == [*a_set(1), (2, "fill", "buy"), (6, "cancel", "sell"), *a_set(17)]


def test_a_fill_without_a_delay_renews_the_whole_set_at_once() -> None:
    venue = trading(parameters(filled_order_delay=0.0))
    log = venue.run_until(4, at_2=Side.SELL)
    assert log == [*a_set(1), (2, "fill", "sell"), (2, "cancel", "buy"), *a_set(3)]


def test_a_new_life_keeps_the_delay_of_a_fill_before_it() -> None:
    strategy = PureMarketMaking(parameters(filled_order_delay=60.0))
    filled = CompletedOrders(buys=3, last_side=Side.BUY, last_price=D(99), last_at=90.0)
    view = attrs.evolve(a_view(100.0), completed=filled)
    decision, _ = strategy.decide(view, strategy.begin(100.0))
    assert decision.places == ()
    assert [(gate.code, gate.opens_at) for gate in decision.gates] == [("fill_delay", 150.0)]
    assert decision.look_again_at == 150.0


def test_a_new_life_takes_over_orders_that_are_still_right() -> None:
    venue = working()
    venue.state = venue.strategy.begin(10.0)
    assert at(venue, 10.0).look().cancels == ()
    venue.view = attrs.evolve(venue.view, top=a_top("100.99", "101.01"))
    assert len(venue.look().cancels) == 2


def test_a_set_too_old_is_replaced_even_within_the_tolerance() -> None:
    venue = working(max_order_age=100.0, order_refresh_tolerance=D("0.5"))
    assert at(venue, 100.9).look().cancels == ()
    assert len(at(venue, 101.0).look().cancels) == 2


def test_an_order_closer_than_the_minimum_spread_is_cancelled_alone_and_at_once() -> None:
    venue = working(minimum_spread=D("0.005"))
    venue.view = attrs.evolve(venue.view, top=a_top("100.59", "100.61"))
    sell = next(order for order in venue.view.orders if order.side is Side.SELL)
    assert venue.look().cancels == (sell.client_order_id,)


def test_an_order_about_to_go_does_not_make_a_set_complete() -> None:
    venue = at(working(minimum_spread=D("0.005"), order_refresh_tolerance=D("0.5")), 31.0)
    venue.view = attrs.evolve(venue.view, top=a_top("100.59", "100.61"))
    assert len(venue.look().cancels) == 2


def test_an_order_on_its_way_out_does_not_make_a_set_complete() -> None:
    venue = working(minimum_spread=D("0.005"), order_refresh_tolerance=D("0.5"))
    venue.view = attrs.evolve(venue.view, top=a_top("100.59", "100.61"))
    assert len(venue.look().cancels) == 1
    venue.view = attrs.evolve(venue.view, top=a_top())
    assert len(at(venue, 31.0).look().cancels) == 1


def test_without_a_minimum_spread_a_set_stays_however_close_the_price_comes() -> None:
    venue = working(minimum_spread=None)
    venue.view = attrs.evolve(venue.view, top=a_top("100.98", "101.00"))
    assert venue.look().cancels == ()


def test_that_there_is_nothing_to_quote_is_a_reason_to_cancel_and_not_to_hold_on() -> None:
    venue = working(order_refresh_tolerance=D("0.5"))
    venue.view = attrs.evolve(venue.view, balances={})
    assert len(at(venue, 31.0).look().cancels) == 2


def test_no_tolerance_replaces_a_set_that_would_be_the_same() -> None:
    assert at(working(), 31.0).look().cancels == ()
    assert len(at(working(order_refresh_tolerance=None), 31.0).look().cancels) == 2


def test_a_cancel_is_not_sent_twice() -> None:
    venue = working(order_refresh_tolerance=None)
    assert len(at(venue, 31.0).look().cancels) == 2
    decision = at(venue, 32.0).look()
    assert does_nothing(decision)
    assert [gate.code for gate in decision.gates] == ["cancel_pending"]


def test_an_order_in_doubt_is_cancelled_again_after_a_pause_and_blocks_new_ones() -> None:
    venue = at(working(order_refresh_tolerance=None), 31.0)
    venue.look()
    venue.happens(lambda order: order.after(OrderEvent.ANSWER_OVERDUE, 35.0))
    decision = at(venue, 35.5).look()
    assert does_nothing(decision)
    assert decision.look_again_at == 36.0
    assert [gate.code for gate in decision.gates] == ["order_unknown"]
    assert len(at(venue, 36.0).look().cancels) == 2


EACH_STATUS = [
    (OrderEvent.RESTING, OrderStatus.OPEN, "orders_working"),
    (OrderEvent.CANCEL_SENT, OrderStatus.CANCEL_PENDING, "cancel_pending"),
    (OrderEvent.ANSWER_OVERDUE, OrderStatus.UNKNOWN, "order_unknown"),
    (OrderEvent.PARTLY_FILLED, OrderStatus.PARTIALLY_FILLED, "orders_working"),
]


@pytest.mark.parametrize(("event", "status", "code"), EACH_STATUS)
def test_one_order_left_keeps_a_new_set_waiting(
    event: OrderEvent, status: OrderStatus, code: str
) -> None:
    venue = at(working(order_refresh_tolerance=None), 31.0)
    one = venue.view.orders[0].after(event, 31.0)
    venue.view = attrs.evolve(venue.view, orders=(one,))
    decision = venue.look()
    assert one.status is status
    assert decision.places == ()
    assert len(decision.wanted) == 2
    assert [gate.code for gate in decision.gates] == [code]


def test_a_running_refresh_is_a_gate_with_a_moment() -> None:
    venue = working()
    venue.view = attrs.evolve(venue.view, orders=())
    decision = at(venue, 11.0).look()
    assert decision.places == ()
    assert [(gate.code, gate.opens_at) for gate in decision.gates] == [("refresh_running", 31.0)]
    assert (
        decision.gates[0].sentence
        == "new orders wait another 20.0 s since the last ones were placed"
    )
    assert decision.look_again_at == 31.0


def test_when_nothing_can_be_placed_the_timers_do_not_move() -> None:
    venue = trading(parameters())
    venue.view = attrs.evolve(venue.view, balances={})
    before = venue.state
    assert venue.look().places == ()
    assert venue.state == before


def test_one_side_is_quoted_while_the_other_has_no_money() -> None:
    venue = trading(parameters())
    venue.view = attrs.evolve(venue.view, balances=balances(base="0"))
    decision = venue.look()
    assert [quote.side for quote in decision.places] == [Side.BUY]
    assert [(gate.code, gate.side) for gate in decision.gates] == [("budget", Side.SELL)]


def test_buys_are_placed_before_sells_nearest_first() -> None:
    venue = trading(parameters(order_levels=2, order_level_spread=D("0.01")))
    placed = [(quote.side.value, quote.level) for quote in venue.look().places]
    assert placed == [("buy", 0), ("buy", 1), ("sell", 0), ("sell", 1)]


def test_the_strategy_is_woken_at_the_next_moment_that_matters() -> None:
    venue = working(max_order_age=20.0, filled_order_delay=5.0)
    assert at(venue, 2.0).look().look_again_at == 21.0
    venue.fill(Side.BUY)
    assert venue.look().look_again_at == 7.0


Step = tuple[str, int]
steps = st.lists(
    st.tuples(
        st.sampled_from(
            ["look", "rest", "confirm", "fill buy", "fill sell", "doubt", "refuse", "price"]
        ),
        st.integers(0, 12),
    ),
    max_size=40,
)


def play(venue: FakeVenue, step: Step) -> None:
    """One thing happens, and then some seconds pass."""
    word, number = step
    now = venue.view.now
    events: dict[str, Callable[[Order], Order]] = {
        "rest": lambda order: order.after(OrderEvent.RESTING, now),
        "doubt": lambda order: order.after(OrderEvent.ANSWER_OVERDUE, now),
        "refuse": lambda order: order.after(OrderEvent.CANCEL_REFUSED, now),
    }
    if word in events:
        venue.happens(events[word])
    elif word == "confirm":
        venue.confirm_cancels()
    elif word == "price":
        bid = D("99.99") + D(number) / 10
        venue.view = attrs.evolve(venue.view, top=a_top(bid, bid + D("0.02")))
    elif word.startswith("fill"):
        side = Side(word.removeprefix("fill "))
        if any(order.side is side for order in venue.view.orders):
            venue.fill(side)
    at(venue, now + number)


any_timing = st.builds(
    parameters,
    order_refresh_time=st.sampled_from([1.0, 5.0, 30.0]),
    filled_order_delay=st.sampled_from([0.0, 5.0, 60.0]),
    max_order_age=st.sampled_from([3.0, 60.0]),
    order_refresh_tolerance=st.sampled_from([None, D(0), D("0.002"), D("0.1")]),
    minimum_spread=st.sampled_from([None, D("0.005")]),
)


@settings(max_examples=300)
@given(wanted=any_timing, story=steps)
def test_whatever_happens_no_two_sets_overlap_and_nothing_is_done_twice(
    wanted: Parameters, story: list[Step]
) -> None:
    venue = trading(wanted)
    for step in story:
        play(venue, step)
        before, state = venue.view, venue.state
        decision = venue.look()
        assert venue.strategy.decide(before, state) == (decision, venue.state), "deterministic"
        assert not (decision.places and before.orders), "a set only where there is none"
        in_flight = {
            order.client_order_id
            for order in before.orders
            if order.status is OrderStatus.CANCEL_PENDING
        }
        assert not in_flight & set(decision.cancels), "a cancel is not repeated"
        again = venue.look()
        assert does_nothing(again), "its effects leave nothing to do"
        if decision.look_again_at is not None:
            assert decision.look_again_at > before.now, "waking at once would spin"
        if not decision.places and len(decision.wanted) > len(before.orders):
            assert decision.gates, "what is not placed is explained"


def test_orders_not_yet_in_the_view_are_not_placed_a_second_time() -> None:
    venue = trading(parameters())
    assert len(venue.look().places) == 2
    venue.view = attrs.evolve(venue.view, orders=())
    assert venue.look().places == ()


def test_cancels_name_orders_of_the_view_oldest_first() -> None:
    venue = working(order_refresh_tolerance=None)
    ids = tuple(order.client_order_id for order in venue.view.orders)
    assert (
        at(venue, 31.0).look().cancels
        == ids
        == (ClientOrderId("qw-test-test-1-1"), ClientOrderId("qw-test-test-1-2"))
    )
