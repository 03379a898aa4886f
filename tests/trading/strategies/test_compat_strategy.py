"""Compat mode in our engine: its second ticks, and which of our orders it takes for which."""

from decimal import Decimal
from typing import Any

import attrs

from tests.trading.strategies.quoting import parameters
from trading.core.market import Side
from trading.decisions.decision import Decision
from trading.orders.order import OrderStatus
from trading.strategies.interface import Prices, ReferencePrice, Strategy
from trading.strategies.pure_market_making.compat.strategy import (
    AdaptedState,
    HummingbotPureMarketMaking,
)
from trading.strategies.pure_market_making.features import (
    HangingOrders,
    MovingPriceBand,
    OrderOptimization,
    PriceSource,
)
from trading.strategies.pure_market_making.parameters import Compat
from trading.testing import FakeVenue, a_top, balances

D = Decimal


def original(**changes: Any) -> FakeVenue:
    wanted = parameters(compat=Compat.HUMMINGBOT, **changes)
    return FakeVenue.running(HummingbotPureMarketMaking(wanted))


def a_set(second: float) -> list[tuple[float, str, str]]:
    return [(second, "place", "buy"), (second, "place", "sell")]


def codes(decision: Decision) -> list[str]:
    return [gate.code for gate in decision.gates]


def test_it_is_a_strategy() -> None:
    strategy: Strategy[AdaptedState] = HummingbotPureMarketMaking(
        parameters(compat=Compat.HUMMINGBOT)
    )
    assert strategy.begin(5.0).next_tick == 5.0


def test_h_a_fill_pulls_the_other_sides_cancel_forward() -> None:
    venue = original(order_refresh_time=30.0, filled_order_delay=5.0)
    log = venue.run_until(10, at_2=Side.BUY)
    # The fill reaches the original before its tick, so its clock still shows the second before.
    assert log == [*a_set(1), (2, "fill", "buy"), (6, "cancel", "sell"), *a_set(7)]


def test_i_creation_waits_for_strictly_more_than_the_delay() -> None:
    venue = original(order_refresh_time=5.0, filled_order_delay=15.0)
    log = venue.run_until(20, at_2=Side.BUY)
    assert log == [*a_set(1), (2, "fill", "buy"), (6, "cancel", "sell"), *a_set(17)]


def test_it_decides_once_a_second_and_asks_to_be_woken_for_it() -> None:
    venue = original()
    venue.view = attrs.evolve(venue.view, now=0.25)
    assert venue.look().look_again_at == 1.0
    before = venue.state
    venue.view = attrs.evolve(venue.view, now=0.75)
    decision = venue.look()
    assert (decision.places, decision.look_again_at) == ((), 1.0)
    assert venue.state is before
    venue.view = attrs.evolve(venue.view, now=7.5)
    assert venue.look().look_again_at == 8.0, "missed ticks are not made up for"


def test_the_same_view_and_state_give_the_same_decision() -> None:
    venue = original()
    venue.run_until(3)
    venue.view = attrs.evolve(venue.view, now=4.0)
    first = venue.strategy.decide(venue.view, venue.state)
    assert venue.strategy.decide(venue.view, venue.state)[0] == first[0]


def test_asks_are_rounded_down_before_they_are_sent() -> None:
    venue = original()
    venue.view = attrs.evolve(venue.view, top=a_top("99.98", "100.01"))
    venue.run_until(1)
    assert sorted(order.price for order in venue.view.orders) == [D("98.99"), D("100.99")]


def test_the_other_half_of_a_filled_pair_hangs_and_does_not_keep_a_new_set_waiting() -> None:
    venue = original(order_refresh_time=5.0, filled_order_delay=2.0, hanging_orders=HangingOrders())
    log = venue.run_until(8, at_2=Side.BUY)
    assert log == [*a_set(1), (2, "fill", "buy"), *a_set(4)]
    assert [order.side for order in venue.view.orders] == [Side.SELL, Side.BUY, Side.SELL]


def test_an_old_hanging_order_is_cancelled_and_comes_back() -> None:
    venue = original(
        order_refresh_time=500.0,
        filled_order_delay=2.0,
        max_order_age=10.0,
        hanging_orders=HangingOrders(),
    )
    venue.run_until(3, at_2=Side.BUY)
    hanging = venue.view.orders[0]
    log = venue.run_until(13)
    assert (12, "cancel", "sell") in log
    assert hanging not in venue.view.orders
    assert hanging.price in [order.price for order in venue.view.orders]


def test_orders_of_a_former_life_are_cancelled_or_hang() -> None:
    leftover = original()
    leftover.run_until(1)
    for wanted, hangs in ((None, False), (HangingOrders(), True)):
        venue = original(hanging_orders=wanted)
        venue.view = attrs.evolve(leftover.view, now=2.0)
        venue.look()
        cancelled = [o.status is OrderStatus.CANCEL_PENDING for o in venue.view.orders[:2]]
        assert cancelled == [not hangs, not hangs]


def test_q2_a_book_too_shallow_to_optimise_in_stops_even_the_cancels() -> None:
    venue = original(order_refresh_time=5.0, order_refresh_tolerance=None)
    venue.run_until(2)
    too_deep = parameters(
        order_refresh_time=5.0,
        compat=Compat.HUMMINGBOT,
        order_optimization=OrderOptimization(bid_depth=D(1000), ask_depth=D(1000)),
    )
    venue.state.original.parameters = too_deep
    venue.log.clear()
    venue.run_until(30)
    assert venue.log == []
    venue.view = attrs.evolve(venue.view, now=31.0)
    assert codes(venue.look()) == ["tick_aborted"]


def test_what_is_not_placed_is_explained() -> None:
    venue = original()
    venue.run_until(1)
    venue.view = attrs.evolve(venue.view, now=2.0)
    assert codes(venue.look()) == ["refresh_running"]
    poor = original()
    poor.view = attrs.evolve(poor.view, balances=balances("0", "0"))
    assert codes(poor.look()) == ["filtered_out", "filtered_out"]
    poor.view = attrs.evolve(poor.view, now=5.0)
    assert codes(poor.look()) == ["filtered_out", "filtered_out"], "the timers have not moved"


def test_a_price_from_elsewhere_is_used_and_its_absence_is_said() -> None:
    venue = original(price_source=PriceSource.CUSTOM_API)
    assert codes(venue.look()) == ["price_unknown"]
    venue.view = attrs.evolve(
        venue.view, now=2.0, prices=Prices(custom=ReferencePrice(D(100), -1e6))
    )
    assert [quote.price for quote in venue.look().places] == [D(99), D(101)], "kept for ever (Q8)"
    external = original(price_source=PriceSource.EXTERNAL_MARKET)
    external.view = attrs.evolve(
        external.view,
        prices=Prices(
            external_bid=ReferencePrice(D(99), 0.0), external_ask=ReferencePrice(D(101), 0.0)
        ),
    )
    assert [quote.price for quote in external.look().places] == [D(99), D(101)]


def test_the_moving_band_is_set_once_and_holds() -> None:
    venue = original(
        order_refresh_time=2.0, order_refresh_tolerance=None, moving_price_band=MovingPriceBand()
    )
    venue.run_until(1)
    venue.view = attrs.evolve(venue.view, top=a_top("101.99", "102.01"))
    venue.log.clear()
    venue.run_until(8)
    placed = {side for _, word, side in venue.log if word == "place"}
    assert placed == {"sell"}, "above the ceiling nothing is bought"
