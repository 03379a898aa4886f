"""
What the default mode does differently from the original, by number.

The list is in ``docs/pure-market-making.md``; a few of its numbers name tests elsewhere.
"""

from decimal import Decimal
from typing import Any

import attrs
import pytest
from msgspec.structs import replace

from tests.trading.strategies.quoting import parameters, trading
from trading.core.fees import Fees
from trading.core.identifiers import ClientOrderId, StrategyName
from trading.core.market import PriceLevel, Side, TopOfBook
from trading.orders.completed import CompletedOrders
from trading.orders.order import Order, OrderEvent, OrderStatus
from trading.strategies.interface import Prices, ReferencePrice
from trading.strategies.pure_market_making import State
from trading.strategies.pure_market_making.features import (
    HangingOrders,
    InventorySkew,
    MovingPriceBand,
    OrderOptimization,
    OwnLevel,
    PriceSource,
    PriceType,
    Reaction,
)
from trading.strategies.pure_market_making.propose import budget, propose
from trading.strategies.pure_market_making.strategy import PureMarketMaking
from trading.testing import PAIR, FakeVenue, a_top, a_view, an_instrument, balances

D = Decimal
BUY, SELL = Side.BUY, Side.SELL


def a_set(second: float) -> list[tuple[float, str, str]]:
    return [(second, "place", "buy"), (second, "place", "sell")]


def hanging_venue(**changes: Any) -> FakeVenue:
    """A bid was filled in second 2; its ask hangs."""
    usual: dict[str, Any] = {
        "filled_order_delay": 3.0,
        "order_refresh_time": 20.0,
        "hanging_orders": HangingOrders(),
    }
    venue = trading(parameters(**{**usual, **changes}))
    venue.run_until(2, at_2=BUY)
    assert [order.side for order in venue.view.orders] == [SELL]
    return venue


def test_q1_a_hanging_order_that_is_filled_changes_nothing_else() -> None:
    venue = hanging_venue(ping_pong_enabled=True)
    venue.run_until(6)
    before = venue.state
    venue.log.clear()
    venue.run_until(7, at_7=SELL)  # the hanging one: it is the oldest
    assert venue.log == [(7, "fill", "sell")]
    assert venue.state.create_at == before.create_at
    assert (venue.state.filled_buys, venue.state.filled_sells) == (1, 0)
    assert venue.state.last_own_price == D(99)


def test_q2_orders_are_cancelled_whatever_becomes_of_the_quotes() -> None:
    deep = OrderOptimization(bid_depth=D(1000), ask_depth=D(1000))
    venue = trading(parameters(order_refresh_tolerance=None, order_optimization=deep))
    venue.run_until(31)
    assert venue.log[2:] == [(31, "cancel", "buy"), (31, "cancel", "sell")]


def test_q3_new_orders_wait_for_cancels_whatever_the_setting_says() -> None:
    for waits in (True, False):
        venue = trading(
            parameters(order_refresh_tolerance=None, should_wait_order_cancel_confirmation=waits)
        )
        venue.confirms_cancels = False
        log = venue.run_until(60)
        assert log == [*a_set(1), (31, "cancel", "buy"), (31, "cancel", "sell")]


def an_order(side: Side, price: str, quantity: str, number: int) -> Order:
    return Order(
        client_order_id=ClientOrderId(f"mine-{number}"),
        strategy=StrategyName("pmm"),
        pair=PAIR,
        side=side,
        price=D(price),
        quantity=D(quantity),
        created_at=0.0,
        changed_at=0.0,
    )


def test_q4_all_our_orders_are_taken_out_of_the_book_to_optimise_in() -> None:
    bids = (
        PriceLevel(D("98.6"), D(3)),
        PriceLevel(D("98.4"), D(2)),
        PriceLevel(D("98.2"), D(7)),
    )
    top = TopOfBook(pair=PAIR, bids=bids, asks=a_top().asks, sequence=1, received_at=0.0)
    ours = (an_order(BUY, "98.6", "3", 1), an_order(BUY, "98.4", "2", 2))
    view = attrs.evolve(a_view(), top=top, orders=ours)
    wanted = parameters(bid_spread=D("0.001"), order_optimization=OrderOptimization())
    assert propose(view, wanted).buys[0].price == D("98.21"), "one tick above the first other one"


def test_q6_an_old_hanging_order_is_renewed_with_what_remains_of_it() -> None:
    venue = hanging_venue(max_order_age=10.0, order_refresh_time=500.0)
    venue.happens(lambda order: order.filled_to(D("0.25"), 3.0) if order.side is SELL else order)
    assert venue.run_until(11)[-1] == (11, "cancel", "sell")
    assert venue.run_until(12)[-1] == (12, "place", "sell")
    renewed = [order for order in venue.view.orders if order.quantity == D("0.75")]
    assert [order.price for order in renewed] == [D(101)]
    assert renewed[0].client_order_id == awaited_id(venue)


def awaited_id(venue: FakeVenue) -> ClientOrderId:
    """The hanging order, once the next look has recognised it."""
    venue.look()
    [order_id] = venue.state.hanging.orders
    return ClientOrderId(order_id)


def test_q7_the_budget_counts_what_remains_of_an_order() -> None:
    half = replace(an_order(BUY, "100", "2", 1), filled_quantity=D(1))
    view = attrs.evolve(
        a_view(), orders=(half,), balances=balances(quote="0", reserved_quote=D(500))
    )
    assert budget(view)[view.instrument.quote] == D(100)


def test_q8_a_price_that_has_lapsed_withdraws_the_quotes() -> None:
    venue = trading(parameters(price_source=PriceSource.CUSTOM_API))
    venue.view = attrs.evolve(venue.view, prices=Prices(custom=ReferencePrice(D(100), 1.0)))
    venue.run_until(1)
    venue.view = attrs.evolve(venue.view, now=30.9)
    assert venue.look().cancels == ()
    assert venue.look().look_again_at == 31.0
    venue.view = attrs.evolve(venue.view, now=31.0)
    decision = venue.look()
    assert len(decision.cancels) == 2
    assert [gate.code for gate in decision.gates] == ["price_lapsed"]


def test_q9_a_skew_without_a_range_is_refused_and_one_without_a_portfolio_is_explained() -> None:
    with pytest.raises(ValueError, match=r"^range_multiplier must be above 0"):
        parameters(inventory_skew=InventorySkew(range_multiplier=D(0)))
    broke = attrs.evolve(a_view(), balances=balances("0", "0"))
    proposal = propose(broke, parameters(inventory_skew=InventorySkew()))
    assert [gate.code for gate in proposal.gates] == ["budget", "budget"]


def test_q10_asks_are_rounded_up() -> None:
    view = attrs.evolve(a_view(), top=a_top("99.98", "100.01"))
    assert [quote.price for quote in propose(view, parameters()).quotes] == [
        D("98.99"),
        D("101.00"),
    ]


def test_q11_prices_are_rounded_once_and_compared_as_they_were_sent() -> None:
    venue = trading(
        parameters(
            order_optimization=OrderOptimization(),
            order_levels=3,
            order_level_spread=D("0.0033"),
            order_refresh_tolerance=D(0),
        )
    )
    venue.view = attrs.evolve(venue.view, top=a_top("98.37", "101.71"))
    venue.run_until(100)
    assert len(venue.log) == 6, "the same book gives the same prices to the last digit"
    assert all(o.price == an_instrument().price_down(o.price) for o in venue.view.orders)


def test_q12_the_band_is_compared_with_the_price_that_is_quoted_around() -> None:
    view = attrs.evolve(a_view(), top=a_top("99", "103"))
    at_mid = propose(view, parameters(price_ceiling=D(101)))
    assert [gate.code for gate in at_mid.gates] == ["price_ceiling"]
    at_bid = propose(view, parameters(price_ceiling=D(101), price_type=PriceType.BEST_BID))
    assert at_bid.gates == ()


def test_q13_pairs_are_made_by_order_id_whatever_sets_came_before() -> None:
    venue = trading(
        parameters(
            order_levels=2,
            order_level_spread=D("0.01"),
            hanging_orders=HangingOrders(),
            max_order_age=5.0,
            order_refresh_time=2.0,
            order_refresh_tolerance=None,
        )
    )
    venue.run_until(4)  # the second set, after one that was never filled
    venue.look()
    far_buy = min((o for o in venue.view.orders if o.side is BUY), key=lambda o: o.price)
    far_sell = max((o for o in venue.view.orders if o.side is SELL), key=lambda o: o.price)
    assert venue.state.hanging.partners[far_buy.client_order_id] == far_sell.client_order_id


def test_q14_two_hanging_orders_alike_are_both_kept_and_both_renewed() -> None:
    venue = hanging_venue(max_order_age=30.0, order_refresh_time=500.0)
    venue.run_until(5)  # the next set has an ask of the same price and quantity
    venue.run_until(6, at_6=BUY)
    venue.look()
    hanging = [o for o in venue.view.orders if o.client_order_id in venue.state.hanging.orders]
    assert [(o.side, o.price, o.quantity) for o in hanging] == [(SELL, D(101), D(1))] * 2
    venue.log.clear()
    venue.run_until(40)
    assert [entry for entry in venue.log if entry[1:] == ("cancel", "sell")][:2] == [
        (31, "cancel", "sell"),
        (35, "cancel", "sell"),
    ]
    assert len(venue.state.hanging.orders) == 2


def test_q17_prices_are_compared_and_quantities_too_where_that_is_asked_for() -> None:
    for tolerance, cancelled in ((None, 0), (D("0.5"), 0), (D("0.1"), 2)):
        venue = trading(parameters(order_refresh_amount_tolerance=tolerance))
        venue.run_until(1)
        venue.happens(lambda order: order.filled_to(D("0.25"), 2.0) if order.side is BUY else order)
        venue.view = attrs.evolve(venue.view, now=31.0)
        assert len(venue.look().cancels) == cancelled


def test_q18_a_hanging_order_goes_for_its_distance_and_is_renewed_for_its_age() -> None:
    far = hanging_venue(hanging_orders=HangingOrders(cancel_distance=D("0.05")))
    far.view = attrs.evolve(far.view, now=3.0, top=a_top("95.00", "95.02"))
    assert len(far.look().cancels) == 1
    far.accept()
    far.view = attrs.evolve(far.view, now=4.0)
    assert far.look().places == (), "it does not come back"
    old = hanging_venue(max_order_age=10.0)
    old.run_until(12)
    assert (12, "place", "sell") in old.log


def test_q19_a_new_life_knows_the_fills_of_the_one_before() -> None:
    filled = CompletedOrders(buys=5, sells=3, last_side=BUY, last_price=D(98), last_at=90.0)
    view = attrs.evolve(a_view(100.0), completed=filled)
    strategy = PureMarketMaking(parameters(filled_order_delay=60.0, ping_pong_enabled=True))
    decision, state = strategy.decide(view, strategy.begin(100.0))
    assert [(gate.code, gate.opens_at) for gate in decision.gates][:1] == [("fill_delay", 150.0)]
    assert (state.filled_buys, state.filled_sells) == (2, 0)
    assert state.last_own_price == D(98)


def test_q21_no_levels_are_refused() -> None:
    with pytest.raises(ValueError, match=r"^order_levels must be 1 or more, not 0"):
        parameters(order_levels=0)


def test_d22_a_moment_reached_is_late_enough() -> None:
    venue = trading(parameters(order_refresh_time=5.0, filled_order_delay=15.0))
    log = venue.run_until(20, at_2=BUY)
    assert log[-2:] == a_set(17)


def test_d23_a_book_that_moves_away_replaces_the_set_before_its_time_where_asked_to() -> None:
    for reaction, expected in ((None, []), (Reaction(), ["cancel", "cancel", "place", "place"])):
        venue = trading(parameters(reaction=reaction))
        venue.run_until(1)
        venue.log.clear()
        venue.view = attrs.evolve(venue.view, top=a_top("100.08", "100.10"), now=1.5)
        assert venue.look().cancels == (), "too small a change, too soon"
        venue.view = attrs.evolve(venue.view, top=a_top("100.18", "100.20"))
        assert venue.look().cancels == (), "too soon"
        venue.run_until(3)
        assert [word for _, word, _ in venue.log] == expected


def test_d23_a_set_that_is_not_whole_waits_for_its_refresh() -> None:
    venue = trading(parameters(reaction=Reaction()))
    venue.run_until(1)
    venue.view = attrs.evolve(
        venue.view, orders=venue.view.orders[:1], top=a_top("101", "101.02"), now=5.0
    )
    assert venue.look().cancels == ()


def test_d24_optimisation_keeps_the_distances_of_own_levels() -> None:
    own = tuple(
        OwnLevel(side=BUY, spread=D(spread), amount=D(1)) for spread in ("0.01", "0.05", "0.2")
    )
    view = attrs.evolve(a_view(), top=a_top("97.99", "102.01"))
    wanted = parameters(order_override=own, order_optimization=OrderOptimization())
    # The original would make it 98, 97.02 and 96.04 with an order_level_spread of 1 %.
    assert [quote.price for quote in propose(view, wanted).buys] == [D(98), D("94.04"), D("79.19")]


def test_d25_a_quote_that_would_take_leaves_its_budget_to_the_others() -> None:
    view = attrs.evolve(
        a_view(),
        top=a_top("97", "98"),
        balances=balances(quote="99.10"),
        prices=Prices(custom=ReferencePrice(D(100), 0.0)),
    )
    wanted = parameters(
        price_source=PriceSource.CUSTOM_API, order_levels=2, order_level_spread=D("0.02")
    )
    proposal = propose(view, wanted)
    assert [(quote.price, quote.quantity) for quote in proposal.buys] == [(D(97), D(1))]


def test_d26_the_skews_range_is_that_of_the_orders_that_are_shown() -> None:
    own = (
        OwnLevel(side=BUY, spread=D("0.01"), amount=D(10)),
        OwnLevel(side=SELL, spread=D("0.01"), amount=D(10)),
    )
    wanted = parameters(order_override=own, inventory_skew=InventorySkew(target_base=D("0.45")))
    # 10 DOGE too many of a range of 20, whatever order_levels and order_amount say.
    assert [quote.quantity for quote in propose(a_view(), wanted).quotes] == [D(5), D(15)]


def test_d27_the_other_half_of_a_filled_pair_hangs_at_once() -> None:
    venue = hanging_venue(minimum_spread=D("0.005"), max_order_age=1000.0)
    venue.view = attrs.evolve(venue.view, top=a_top("100.90", "100.92"))
    venue.run_until(3)
    assert venue.log[-1] == (2, "fill", "buy"), "no minimum spread applies to it any more"


def test_d28_an_unknown_cost_keeps_only_the_asks_back_and_may_be_given() -> None:
    wanted = parameters(price_type=PriceType.INVENTORY_COST)
    proposal = propose(a_view(), wanted)
    assert (len(proposal.buys), len(proposal.sells)) == (1, 0)
    given = propose(a_view(), attrs.evolve(wanted, inventory_price=D(110)))
    assert [quote.price for quote in given.quotes] == [D(99), D("111.10")]
    known = attrs.evolve(a_view(), prices=Prices(inventory_cost=D(105)))
    assert propose(known, wanted).sells[0].price == D("106.05")
    nothing_held = attrs.evolve(a_view(), balances=balances(base="0"))
    assert [gate.code for gate in propose(nothing_held, wanted).gates] == ["budget"]


def test_d29_a_rebate_is_not_spent_before_it_is_paid() -> None:
    view = attrs.evolve(
        a_view(), balances=balances(quote="98.99"), fees=Fees(maker=D("-0.01"), taker=D(0))
    )
    assert propose(view, parameters()).buys[0].quantity == D("0.99")


def test_d30_what_the_venue_would_refuse_is_not_sent() -> None:
    proposal = propose(a_view(), parameters(order_amount=D("0.05")))
    assert proposal.quotes == ()
    assert {gate.code for gate in proposal.gates} == {"trading_rule"}


def test_d31_an_order_in_doubt_is_cancelled_again_after_a_second() -> None:
    venue = trading(parameters(order_refresh_tolerance=None))
    venue.confirms_cancels = False
    venue.run_until(31)
    venue.happens(lambda order: order.after(OrderEvent.ANSWER_OVERDUE, 31.0))
    assert {order.status for order in venue.view.orders} == {OrderStatus.UNKNOWN}
    venue.view = attrs.evolve(venue.view, now=32.0)
    assert len(venue.look().cancels) == 2


def test_d32_orders_of_a_former_life_do_not_hang() -> None:
    venue = trading(parameters(hanging_orders=HangingOrders()))
    venue.run_until(1)
    venue.state = venue.strategy.begin(10.0)
    venue.view = attrs.evolve(venue.view, now=10.0, top=a_top("101", "101.02"))
    assert len(venue.look().cancels) == 2


def test_d33_the_band_and_the_window_close_with_the_clock_and_not_with_the_next_change() -> None:
    strategy = PureMarketMaking(parameters(moving_price_band=MovingPriceBand(refresh_time=7.0)))
    decision, _ = strategy.decide(a_view(10.0), State(create_at=10.0, refresh_at=10.0))
    assert decision.look_again_at == 17.0
