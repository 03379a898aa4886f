"""
Rules of the original, one by one: those that no recorded scenario notices.

Each test names the rule; its numbers are chosen so that the neighbouring rule gives another answer.
"""

from decimal import Decimal
from typing import Any

import msgspec
import pytest

from trading.core.market import PriceLevel, Side
from trading.strategies.pure_market_making.compat.market import (
    Book,
    Cancel,
    Command,
    Create,
    Market,
    ProposalFailed,
)
from trading.strategies.pure_market_making.compat.proposal import propose, reference_price
from trading.strategies.pure_market_making.compat.state import CompatState
from trading.strategies.pure_market_making.compat.tick import tick
from trading.strategies.pure_market_making.features import (
    HangingOrders,
    MovingPriceBand,
    OrderOptimization,
    OwnLevel,
    PriceType,
)
from trading.strategies.pure_market_making.parameters import Compat, Parameters

D = Decimal
BUY, SELL = Side.BUY, Side.SELL


def a_state(**changes: Any) -> CompatState:
    usual: dict[str, Any] = {
        "compat": Compat.HUMMINGBOT,
        "bid_spread": D("0.01"),
        "ask_spread": D("0.01"),
        "order_amount": D(1),
        "order_refresh_time": 10.0,
        "minimum_spread": None,
        "order_level_spread": D("0.01"),
    }
    return CompatState(parameters=Parameters(**usual | changes))


def levels(*pairs: tuple[str, str]) -> tuple[PriceLevel, ...]:
    return tuple(PriceLevel(D(price), D(quantity)) for price, quantity in pairs)


def a_market(now: float = 1.0, bid: str = "99", ask: str = "101", **changes: Any) -> Market:
    usual: dict[str, Any] = {
        "now": now,
        "own": Book(bids=levels((bid, "5")), asks=levels((ask, "5"))),
        "base": D(1000),
        "quote": D(100_000),
        "fee": D(0),
        "tick_size": D("0.01"),
        "lot_size": D("0.01"),
    }
    return Market(**usual | changes)


def targets(state: CompatState, market: Market) -> list[tuple[Side, str, str]]:
    return [
        (target.side, str(target.price.normalize()), str(target.quantity.normalize()))
        for target in propose(state, market)
    ]


def prices(state: CompatState, market: Market, side: Side) -> list[Decimal]:
    return [target.price for target in propose(state, market) if target.side is side]


def working(
    state: CompatState, side: Side, price: str, quantity: str = "1", created_at: float = 0.0
) -> int:
    """An order of the current set; its number."""
    state.now, before = created_at, state.now
    order = state.create(side, D(price), D(quantity))
    state.sent()
    state.now = before
    return order.number


def ticked(state: CompatState, market: Market) -> list[Command]:
    assert tick(state, market) == ""
    return state.sent()


def cancels(commands: list[Command]) -> list[int]:
    return [command.number for command in commands if isinstance(command, Cancel)]


def creates(commands: list[Command]) -> list[tuple[Side, Decimal]]:
    return [(each.side, each.price) for each in commands if isinstance(each, Create)]


# 3.5 The reference price.


def test_the_mid_price_is_that_of_the_best_prices_rounded_down_and_is_not_rounded_itself() -> None:
    market = a_market(bid="99.019", ask="100.029")
    assert reference_price(a_state(), market) == (D("99.01") + D("100.02")) / 2 == D("99.515")


def test_a_last_price_is_a_binary_float() -> None:
    book = Book(bids=levels(("99", "5")), asks=levels(("101", "5")), last_trade=D("100.1"))
    state = a_state(price_type=PriceType.LAST_PRICE)
    assert reference_price(state, a_market(own=book)) == Decimal(100.1) != D("100.1")  # noqa: RUF032


def test_a_price_that_there_is_not_is_the_mid_price_of_the_reference_market() -> None:
    other = Book(bids=levels(("199", "5")), asks=levels(("201", "5")))
    for kind in (PriceType.LAST_PRICE, PriceType.LAST_OWN_TRADE_PRICE):
        assert reference_price(a_state(price_type=kind), a_market(reference=other)) == 200
    state = a_state(price_type=PriceType.LAST_OWN_TRADE_PRICE)
    state.last_own_price = D(150)
    assert reference_price(state, a_market(reference=other)) == 150


# 3.6 The base proposal.


def test_the_inventorys_cost_lifts_asks_and_never_limits_bids() -> None:
    state = a_state(price_type=PriceType.INVENTORY_COST)
    assert targets(state, a_market(inventory_cost=D(110))) == [
        (BUY, "99", "1"),
        (SELL, "111.1", "1"),
    ]
    assert targets(state, a_market(inventory_cost=D(90)))[1] == (SELL, "101", "1")


def test_an_unknown_cost_stops_everything_where_base_currency_is_held_and_only_there() -> None:
    state = a_state(price_type=PriceType.INVENTORY_COST)
    with pytest.raises(ProposalFailed, match="what it cost"):
        propose(state, a_market())
    assert targets(state, a_market(base=D(0))) == [(BUY, "99", "1")]
    working(state, SELL, "105")  # what it holds is held too
    with pytest.raises(ProposalFailed, match="what it cost"):
        propose(state, a_market(base=D(0)))


def test_a_levels_price_below_zero_is_not_looked_at() -> None:
    state = a_state(order_levels=3, order_level_spread=D("0.5"))
    assert prices(state, a_market(), BUY) == [D(99), D(49), D(-1)]


def test_an_overrides_price_of_zero_is() -> None:
    own = (
        OwnLevel(side=BUY, spread=D(1), amount=D(1)),
        OwnLevel(side=BUY, spread=D("0.5"), amount=D(1)),
        OwnLevel(side=BUY, spread=D("0.2"), amount=D("0.001")),
    )
    assert prices(a_state(order_override=own), a_market(), BUY) == [D(50)]


# 3.7 What removes a side.


def test_at_the_ceiling_nothing_is_bought_and_at_the_floor_nothing_sold() -> None:
    at = a_market()  # 100
    assert [w[0] for w in targets(a_state(price_ceiling=D(100)), at)] == [SELL]
    assert [w[0] for w in targets(a_state(price_floor=D(100)), at)] == [BUY]
    inside = a_state(price_ceiling=D("100.01"), price_floor=D("99.99"))
    assert [w[0] for w in targets(inside, at)] == [BUY, SELL]


def test_the_moving_band_is_set_anew_at_its_very_moment_and_its_edges_count_as_beyond() -> None:
    band = MovingPriceBand(ceiling=D("0.02"), floor=D("-0.02"), refresh_time=10.0)
    state = a_state(moving_price_band=band)
    propose(state, a_market(now=1.0))
    assert [w[0] for w in targets(state, a_market(10.99, "101", "103"))] == [SELL]  # 102
    assert [w[0] for w in targets(state, a_market(10.99, "97", "99"))] == [BUY]  # 98
    assert [w[0] for w in targets(state, a_market(11.0, "101", "103"))] == [BUY, SELL]


def test_ping_pong_drops_the_first_levels_and_forgets_counters_that_are_equal() -> None:
    state = a_state(ping_pong_enabled=True, order_levels=3)
    state.filled_buys = 1
    assert prices(state, a_market(), BUY) == [D(98), D(97)]
    assert prices(state, a_market(), SELL) == [D(101), D(102), D(103)]
    state.filled_sells = 1
    assert len(targets(state, a_market())) == 6
    assert (state.filled_buys, state.filled_sells) == (0, 0)


# 3.8 Optimisation.


def optimising(depth: str = "0", **changes: Any) -> CompatState:
    wanted = OrderOptimization(bid_depth=D(depth), ask_depth=D(depth))
    return a_state(order_optimization=wanted, bid_spread=D("0.001"), **changes)


DEEP = Book(
    bids=levels(("99", "1"), ("98", "1"), ("97", "1"), ("96", "5")),
    asks=levels(("101", "9")),
)


def test_the_depth_is_reached_by_a_volume_that_equals_it() -> None:
    assert prices(optimising("2"), a_market(own=DEEP), BUY) == [D("98.01")]
    assert prices(optimising("2.01"), a_market(own=DEEP), BUY) == [D("97.01")]


def test_volumes_add_up_as_binary_floats() -> None:
    book = Book(
        bids=levels(("99", "0.1"), ("98", "0.1"), ("97", "0.1"), ("96", "1")),
        asks=levels(("101", "9")),
    )
    # 0.1 + 0.1 + 0.1 is a little more than 0.3: the third level is enough, the second is not.
    assert prices(optimising("0.3"), a_market(own=book), BUY) == [D("97.01")]
    ten = Book(
        bids=levels(*((str(99 - n), "0.1") for n in range(10)), ("80", "1")),
        asks=levels(("101", "9")),
    )
    # Ten tenths are a little less than 1: ten levels are not enough.
    assert prices(optimising("1"), a_market(own=ten), BUY) == [D("80.01")]


def test_of_our_own_orders_the_last_alone_is_looked_past_and_hanging_ones_count() -> None:
    state = optimising()
    working(state, BUY, "99", "1")
    number = working(state, BUY, "98", "2")
    working(state, SELL, "101", "7")
    assert prices(state, a_market(own=DEEP), BUY) == [D("98.01")]  # 2, not 1 nor 1 + 2
    state.hanging.adopt(state.active[number])
    assert prices(state, a_market(own=DEEP), BUY) == [D("98.01")]


def test_it_optimises_in_its_own_book_around_another_markets_price() -> None:
    other = Book(bids=levels(("99.9", "9")), asks=levels(("100.1", "9")))
    assert prices(optimising(), a_market(own=DEEP, reference=other), BUY) == [D("99.01")]


def test_a_price_between_ticks_is_rounded_beyond_it_before_a_tick_is_added() -> None:
    book = Book(bids=levels(("98.005", "9")), asks=levels(("101.995", "9")))
    state = optimising(ask_spread=D("0.001"))
    assert prices(state, a_market(own=book), BUY) == [D("98.02")]
    assert prices(state, a_market(own=book), SELL) == [D("101.98")]


def test_it_never_raises_a_bid_above_its_own_spread() -> None:
    assert prices(a_state(order_optimization=OrderOptimization()), a_market(), BUY) == [D(99)]
    narrow = a_market(bid="99.9", ask="100.1")
    assert prices(a_state(order_optimization=OrderOptimization()), narrow, BUY) == [D(99)]


def test_the_ladder_is_not_rounded_and_replaces_the_spreads_of_overrides() -> None:
    own = tuple(
        OwnLevel(side=BUY, spread=D(spread), amount=D(amount))
        for spread, amount in (("0.2", "3"), ("0.05", "2"), ("0.01", "1"))
    )
    state = a_state(order_optimization=OrderOptimization(), order_override=own)
    assert targets(state, a_market(bid="90", ask="110"))[:3] == [
        (BUY, "90.01", "1"),
        (BUY, "89.1099", "2"),
        (BUY, "88.2098", "3"),
    ]


def test_a_book_that_is_too_shallow_ends_the_tick_before_any_cancel() -> None:
    state = optimising("100", max_order_age=5.0)
    working(state, BUY, "99")
    assert "shallower" in tick(state, a_market(now=50.0))
    assert state.sent() == []


# 3.11 The budget.


def test_an_order_that_takes_all_that_is_left_leaves_nothing_for_the_next() -> None:
    state = a_state(order_levels=3, order_amount=D(1))
    assert targets(state, a_market(base=D(0), quote=D("99"))) == [(BUY, "99", "1")]
    assert targets(state, a_market(base=D(0), quote=D("100"))) == [
        (BUY, "99", "1"),
        (BUY, "98", "0.01"),
    ]
    assert targets(state, a_market(base=D("1.5"), quote=D(0))) == [
        (SELL, "101", "1"),
        (SELL, "102", "0.5"),
    ]


def test_what_shrinking_leaves_over_is_not_spent_on_the_next_level() -> None:
    # At 99 it does not buy a single lot; at 54 and at 9 it would.
    state = a_state(order_levels=3, order_level_spread=D("0.45"), order_amount=D(1))
    market = a_market(base=D(0), quote=D("0.9"), lot_size=D("0.01"))
    assert targets(state, market) == []


def test_bids_pay_the_fee_from_the_budget_and_asks_do_not() -> None:
    fee = a_market(base=D(1), quote=D(99), fee=D("0.01"))
    assert targets(a_state(), fee) == [(BUY, "99", "0.99"), (SELL, "101", "1")]


def test_what_hangs_or_is_about_to_hang_is_not_free() -> None:
    state = a_state(hanging_orders=HangingOrders())
    filled, left = working(state, BUY, "99"), working(state, SELL, "101")
    state.hanging.pair([state.active[filled], state.active[left]])
    assert (SELL, "101", "1") in targets(state, a_market(base=D(0)))
    state.completed(filled)
    assert not [target for target in targets(state, a_market(base=D(0))) if target[0] is SELL]
    state.hanging.promote(state.active)
    assert not [target for target in targets(state, a_market(base=D(0))) if target[0] is SELL]


# 3.12 What would take.


def test_a_quote_at_the_other_sides_best_price_is_dropped() -> None:
    other = Book(bids=levels(("101", "9")), asks=levels(("103", "9")))  # 102
    around = a_state(bid_spread=D("0.01"))
    assert prices(around, a_market(reference=other, ask="100.98"), BUY) == []
    assert prices(around, a_market(reference=other, ask="100.99"), BUY) == [D("100.98")]
    below = Book(bids=levels(("97", "9")), asks=levels(("99", "9")))  # 98
    assert prices(around, a_market(reference=below, bid="98.98"), SELL) == []
    assert prices(around, a_market(reference=below, bid="98.97"), SELL) == [D("98.98")]


def test_the_best_prices_it_is_compared_with_are_rounded_down() -> None:
    other = Book(bids=levels(("101", "9")), asks=levels(("103", "9")))
    assert prices(a_state(), a_market(reference=other, ask="100.989"), BUY) == []
    below = Book(bids=levels(("97", "9")), asks=levels(("99", "9")))
    assert prices(a_state(), a_market(reference=below, bid="98.979"), SELL) == [D("98.98")]


def test_a_dropped_quote_does_not_give_its_budget_back() -> None:
    other = Book(bids=levels(("101", "9")), asks=levels(("103", "9")))
    state = a_state(order_levels=2, order_level_spread=D("0.05"))
    market = a_market(reference=other, ask="100", base=D(0), quote=D("100.98"))
    assert targets(state, market) == []
    rich = msgspec.structs.replace(market, quote=D("200"))
    assert targets(state, rich) == [(BUY, "95.88", "1")]
    assert targets(a_state(take_if_crossed=True), market) == [(BUY, "100.98", "1")]


def test_a_side_whose_top_is_unknown_is_not_filtered() -> None:
    other = Book(bids=levels(("101", "9")), asks=levels(("103", "9")))
    empty = Book(bids=(), asks=())
    assert len(targets(a_state(), a_market(own=empty, reference=other))) == 2


# 3.13 Cancels.


def test_one_order_that_is_too_old_takes_the_whole_set_with_it() -> None:
    state = a_state(max_order_age=10.0)
    state.create_at = state.cancel_at = 1e9
    old, young = working(state, BUY, "99", created_at=1.0), working(state, SELL, "101", "1", 8.0)
    assert cancels(ticked(state, a_market(now=11.0))) == []
    assert cancels(ticked(state, a_market(now=11.9))) == [], "whole seconds are compared"
    assert cancels(ticked(state, a_market(now=12.0))) == [old, young]


def test_a_set_that_is_too_old_goes_before_a_refresh_lets_half_of_it_hang() -> None:
    state = a_state(hanging_orders=HangingOrders(), max_order_age=10.0, filled_order_delay=60.0)
    bid, ask = working(state, BUY, "99"), working(state, SELL, "101")
    state.hanging.pair([state.active[bid], state.active[ask]])
    state.completed(bid)
    state.cancel_at = 5.0
    assert cancels(ticked(state, a_market(now=11.0))) == [ask]
    assert state.hanging.holds(ask)


def test_the_tolerance_is_a_share_of_the_old_price_and_belongs_to_what_is_kept() -> None:
    def refreshed(tolerance: str, at: str) -> list[int]:
        state = a_state(order_refresh_tolerance=D(tolerance))
        state.create_at, state.cancel_at = 0.0, 0.5
        working(state, BUY, at), working(state, SELL, "101")
        return cancels(ticked(state, a_market()))

    # The new bid is 99. From 100 it is 1 % of the old price, and more of the new one.
    assert refreshed("0.01", "100") == []
    assert refreshed("0.0099", "100") == [1, 2]
    # From 90 it is exactly a tenth of the old price, and less of the new one.
    assert refreshed("0.0999", "90") == [1, 2]
    assert refreshed("0.1", "90") == []


def test_both_sides_are_compared_by_price_whatever_the_order_they_came_in() -> None:
    state = a_state(order_refresh_tolerance=D(0), order_levels=2)
    state.create_at, state.cancel_at = 0.0, 0.5
    for side, price in ((BUY, "98"), (BUY, "99"), (SELL, "102"), (SELL, "101")):
        working(state, side, price)
    assert ticked(state, a_market()) == []


def test_a_refresh_is_due_at_its_very_moment() -> None:
    state = a_state(order_refresh_tolerance=None)
    state.create_at = 1e9
    state.cancel_at = 5.0
    working(state, BUY, "99")
    assert ticked(state, a_market(now=4.99)) == []
    assert cancels(ticked(state, a_market(now=5.0))) == [1]


def test_the_minimum_spread_is_a_share_of_the_reference_price_and_may_be_met() -> None:
    def kept(minimum: str, side: Side, price: str) -> bool:
        state = a_state(minimum_spread=D(minimum))
        state.create_at = state.cancel_at = 1e9
        working(state, side, price)
        return not cancels(ticked(state, a_market()))

    assert kept("0.02", BUY, "98")
    assert not kept("0.0201", BUY, "98")  # of the order's own price it would be 0.0204
    assert kept("0.02", SELL, "102")
    assert not kept("0.0199", SELL, "101.98")  # 0.0198
    assert kept("-0.01", BUY, "101")
    assert not kept("-0.01", BUY, "101.01")


def test_hanging_orders_are_never_too_close() -> None:
    state = a_state(minimum_spread=D("0.02"), hanging_orders=HangingOrders())
    state.create_at = state.cancel_at = 1e9
    state.adopt(SELL, D("100.5"), D(1), 0.0)
    assert ticked(state, a_market()) == []


def test_a_cancel_in_flight_is_repeated_after_more_than_a_minute() -> None:
    state = a_state(order_refresh_tolerance=None)
    state.create_at, state.cancel_at = 1e9, 0.0
    working(state, BUY, "99")
    sent = [now for now in range(1, 130) if ticked(state, a_market(now=float(now)))]
    assert sent == [1, 62, 123]


# 3.14 Creation.


def test_new_orders_wait_for_cancels_of_hanging_orders_where_that_is_asked_for() -> None:
    for waits in (True, False):
        state = a_state(
            hanging_orders=HangingOrders(cancel_distance=D("0.1")),
            should_wait_order_cancel_confirmation=waits,
        )
        far = state.adopt(SELL, D(150), D(1), 0.0)
        commands = ticked(state, a_market())
        assert cancels(commands) == [far]
        assert bool(creates(commands)) is not waits


def test_a_set_is_proposed_at_the_timers_moment_and_created_after_it() -> None:
    state = a_state(order_refresh_tolerance=D(0))
    state.create_at = state.cancel_at = 5.0
    assert ticked(state, a_market(now=5.0)) == []
    working(state, BUY, "99"), working(state, SELL, "101")
    assert ticked(state, a_market(now=5.0)) == [], "there is a proposal, which is the same"
    state.active.clear()
    assert creates(ticked(state, a_market(now=5.01))) == [(BUY, D(99)), (SELL, D(101))]
    assert (state.create_at, state.cancel_at) == (15.01, 15.01)


def test_where_everything_is_filtered_out_the_timers_do_not_move() -> None:
    state = a_state()
    assert ticked(state, a_market(base=D(0), quote=D(0))) == []
    assert state.create_at == state.cancel_at == float("-inf")


# 3.15 Hanging orders.


def test_a_hanging_order_is_far_beyond_its_distance_and_is_cancelled_once_for_ever() -> None:
    state = a_state(hanging_orders=HangingOrders(cancel_distance=D("0.1")), max_order_age=1e9)
    state.create_at = state.cancel_at = 1e9
    at, beyond = state.adopt(SELL, D(110), D(1), 0.0), state.adopt(SELL, D("110.01"), D(1), 0.0)
    sent = [cancels(ticked(state, a_market(now=float(now)))) for now in range(1, 130)]
    assert [each for each in sent if each] == [[beyond]]
    assert at in state.active


def test_of_two_alike_one_is_renewed_both_are_cancelled_when_far_and_neither_bars_a_set() -> None:
    state = a_state(hanging_orders=HangingOrders(cancel_distance=D("0.1")), max_order_age=5.0)
    first, twin = (state.adopt(SELL, D(105), D(1), 0.0) for _ in range(2))
    assert [state.hanging.holds(number) for number in (first, twin)] == [True, False]
    state.cancel_at = 1e9
    assert creates(ticked(state, a_market(now=1.0))) == [(BUY, D(99)), (SELL, D(101))]
    for number in list(state.active):
        if number not in {first, twin}:
            state.cancelled(number)
    state.create_at = 1e9
    # The twin is no hanging order, and so it is too old for a set.
    assert cancels(ticked(state, a_market(now=6.0))) == [first, twin]
    assert state.hanging.renewing == {first}
    far = a_state(hanging_orders=HangingOrders(cancel_distance=D("0.1")), max_order_age=1e9)
    numbers = [far.adopt(SELL, D(120), D(1), 0.0) for _ in range(2)]
    far.create_at = far.cancel_at = 1e9
    assert cancels(ticked(far, a_market())) == numbers


def test_a_candidate_that_is_gone_does_not_hang() -> None:
    state = a_state(hanging_orders=HangingOrders(), order_refresh_tolerance=None)
    bid, ask = working(state, BUY, "99"), working(state, SELL, "101")
    state.hanging.pair([state.active[bid], state.active[ask]])
    state.completed(bid)
    state.cancelled(ask)
    extra = working(state, BUY, "95")
    state.create_at, state.cancel_at = 1e9, 0.0
    assert cancels(ticked(state, a_market())) == [extra]
    assert not state.hanging.hanging
    assert not state.hanging.registered


def test_extra_orders_of_the_longer_side_have_no_pair() -> None:
    state = a_state(hanging_orders=HangingOrders(), order_levels=2)
    bids = [working(state, BUY, price) for price in ("99", "98")]
    ask = working(state, SELL, "101")
    state.hanging.pair([state.active[number] for number in (*bids, ask)])
    state.completed(bids[1])
    assert not list(state.hanging.candidates(state.active))
    state.completed(bids[0])
    assert [order.number for order in state.hanging.candidates(state.active)] == [ask]
