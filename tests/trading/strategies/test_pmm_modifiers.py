"""The modifiers of pure market making one by one, and what holds with all of them at once."""

from decimal import Decimal

import attrs
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.trading.strategies.quoting import parameters
from trading.core.fees import Fees
from trading.core.identifiers import ClientOrderId, StrategyName
from trading.core.market import PriceLevel, Side, TopOfBook
from trading.decisions.decision import Quote
from trading.orders.order import Order
from trading.strategies.interface import View
from trading.strategies.pure_market_making import Parameters, State
from trading.strategies.pure_market_making.features import (
    InventorySkew,
    MovingPriceBand,
    OrderOptimization,
    OwnLevel,
    SpreadSkew,
    VolatilitySpread,
)
from trading.strategies.pure_market_making.inventory import Inventory, spread_growth
from trading.strategies.pure_market_making.modifiers.quantities import bid_ratio
from trading.strategies.pure_market_making.propose import propose
from trading.strategies.pure_market_making.state import Band
from trading.strategies.pure_market_making.strategy import PureMarketMaking
from trading.strategies.pure_market_making.volatility import Volatility
from trading.testing import PAIR, a_top, a_view, an_instrument, balances

D = Decimal


def prices(quotes: tuple[Quote, ...]) -> list[Decimal]:
    return [quote.price for quote in quotes]


def a_book(bids: list[tuple[str, str]], asks: list[tuple[str, str]]) -> TopOfBook:
    return TopOfBook(
        pair=PAIR,
        bids=tuple(PriceLevel(D(price), D(quantity)) for price, quantity in bids),
        asks=tuple(PriceLevel(D(price), D(quantity)) for price, quantity in asks),
        sequence=1,
        received_at=0.0,
    )


def an_order(side: Side, price: str, quantity: str, number: int = 1) -> Order:
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


THREE_LEVELS = {"order_levels": 3, "order_level_spread": D("0.01")}

OWN = (
    OwnLevel(side=Side.BUY, spread=D("0.05"), amount=D(2)),
    OwnLevel(side=Side.BUY, spread=D("0.01"), amount=D(1)),
    OwnLevel(side=Side.SELL, spread=D("0.02"), amount=D(3)),
)


@pytest.mark.parametrize("key", ["order_override", "split_levels"])
def test_own_levels_are_shown_instead_nearest_first(key: str) -> None:
    proposal = propose(a_view(), parameters(**{key: OWN}))
    assert prices(proposal.quotes) == [D(99), D(95), D(102)]
    assert [quote.quantity for quote in proposal.quotes] == [D(1), D(2), D(3)]


def test_j_the_nearest_levels_of_a_side_wait_after_as_many_fills() -> None:
    state = State(filled_buys=1)
    proposal = propose(a_view(), parameters(ping_pong_enabled=True, **THREE_LEVELS), state)
    assert prices(proposal.buys) == [D(98), D(97)]
    assert prices(proposal.sells) == [D(101), D(102), D(103)]


def test_optimisation_is_one_tick_better_than_the_next_and_keeps_the_distances() -> None:
    view = attrs.evolve(
        a_view(), top=a_book([("98", "1"), ("97", "5")], [("102", "1"), ("103", "5")])
    )
    wanted = parameters(order_optimization=OrderOptimization(), **THREE_LEVELS)
    proposal = propose(view, wanted)
    # 98.01 instead of 99: by 0.99 as near; so are the others.
    assert prices(proposal.buys) == [D("98.01"), D("97.02"), D("96.03")]
    assert prices(proposal.sells) == [D("101.99"), D("103.00"), D("104.01")]


def test_optimisation_ignores_as_much_volume_as_it_is_told_to() -> None:
    view = attrs.evolve(
        a_view(), top=a_book([("98", "1"), ("97", "5")], [("102", "1"), ("103", "5")])
    )
    wanted = parameters(order_optimization=OrderOptimization(bid_depth=D(2), ask_depth=D(2)))
    assert prices(propose(view, wanted).quotes) == [D("97.01"), D("102.99")]


def test_optimisation_never_moves_a_quote_towards_the_market() -> None:
    wanted = parameters(order_optimization=OrderOptimization())
    assert prices(propose(a_view(), wanted).quotes) == [D(99), D(101)]


def test_a_book_shallower_than_the_depth_leaves_the_quotes_where_they_are() -> None:
    deep = OrderOptimization(bid_depth=D(1000), ask_depth=D(1000))
    proposal = propose(a_view(), parameters(order_optimization=deep))
    assert prices(proposal.quotes) == [D(99), D(101)]
    assert proposal.gates == ()


def test_transaction_costs_widen_and_a_rebate_narrows() -> None:
    for fee, expected in (("0.001", ["98.90", "101.11"]), ("-0.001", ["99.09", "100.90"])):
        view = attrs.evolve(a_view(), fees=Fees(maker=D(fee), taker=D(0)))
        proposal = propose(view, parameters(add_transaction_costs=True))
        assert prices(proposal.quotes) == [D(price) for price in expected]


GOLDEN = [
    ("85000", "10000", "0.0036", "0.03", "20000", "1.0441667"),
    ("95000", "10000", "0.0036", "0.03", "20000", "0.5591667"),
    ("70000", "10000", "0.0036", "0.03", "20000", "1.7716667"),
    ("8500", "10000", "0.0036", "0.03", "20000", "2"),
    ("200000", "10000", "0.0036", "0.03", "20000", "0"),
    ("500", "5000", "100", "0.9", "10", "0.5"),
    ("498.5", "5151.5", "100", "0.9", "10", "0.65135"),
    ("0", "5000", "100", "0", "10", "1"),
]


@pytest.mark.parametrize(("base", "quote", "price", "target", "reach", "expected"), GOLDEN)
def test_the_skew_is_the_originals(
    base: str, quote: str, price: str, target: str, reach: str, expected: str
) -> None:
    inventory = Inventory(base=D(base), quote=D(quote), price=D(price))
    assert round(bid_ratio(inventory, D(target), D(reach)), 7) == round(D(expected), 7)


money = st.decimals(0, 10**6, places=2)
shares = st.decimals(0, 1, places=3)
reaches = st.decimals("0.01", 10**5, places=2)


@given(base=money, more=money, quote=money, target=shares, reach=reaches)
def test_the_more_base_there_is_the_less_of_it_is_bought(
    base: Decimal, more: Decimal, quote: Decimal, target: Decimal, reach: Decimal
) -> None:
    # At the same value of the whole portfolio: what is bought is paid for.
    price = D(10)
    before = Inventory(base=base, quote=quote + more * price, price=price)
    after = Inventory(base=base + more, quote=quote, price=price)
    lower, higher = (bid_ratio(inventory, target, reach) for inventory in (after, before))
    assert 0 <= lower <= higher <= 2


@given(base=money, quote=money, target=shares, strength=st.decimals(0, 5, places=2))
def test_only_the_side_that_leads_away_from_the_target_gets_a_wider_spread(
    base: Decimal, quote: Decimal, target: Decimal, strength: Decimal
) -> None:
    inventory = Inventory(base=base, quote=quote, price=D(10))
    bid, ask = spread_growth(inventory, target, strength)
    assert 0 <= bid <= strength
    assert 0 <= ask <= strength
    assert (ask if inventory.base_share > target else bid) == 0


def test_skewed_spreads_move_one_side_out() -> None:
    # 100 DOGE at 100 beside 10000 USDT are half; the target is a quarter.
    wanted = parameters(spread_skew=SpreadSkew(target_base=D("0.25"), strength=D(3)))
    assert prices(propose(a_view(), wanted).quotes) == [D("98.00"), D("101.00")]


def test_spreads_widen_with_the_moves_of_the_price_and_no_further_than_allowed() -> None:
    wanted = parameters(volatility_spread=VolatilitySpread(horizon=100.0, maximum=D("0.02")))
    calm = propose(a_view(), wanted, State(volatility=Volatility(price=D(100), at=0.0)))
    assert prices(calm.quotes) == [D(99), D(101)]
    moving = Volatility(price=D(100), at=0.0, variance_per_s=1e-6)  # 1 % in 100 s
    assert prices(propose(a_view(), wanted, State(volatility=moving)).quotes) == [D(98), D(102)]
    wild = Volatility(price=D(100), at=0.0, variance_per_s=1.0)
    assert prices(propose(a_view(), wanted, State(volatility=wild)).quotes) == [D(97), D(103)]


def test_the_volatility_of_a_steady_walk_is_found_and_fades() -> None:
    seen = Volatility(price=D(100), at=0.0)
    for second in range(1, 2001):
        seen = seen.after(D(100) if second % 2 else D("100.1"), float(second), halflife=100.0)
    # Moves of 0.1 % each second.
    assert seen.variance_per_s == pytest.approx(1e-6, rel=0.01)
    still = seen.after(seen.price, 2100.0, halflife=100.0)
    assert still.variance_per_s == pytest.approx(seen.variance_per_s / 2, rel=0.01)
    assert still.after(D(50), 2100.0, halflife=100.0) is still, "no time has passed"


def test_the_strategy_follows_the_price_for_its_volatility_and_its_band() -> None:
    wanted = parameters(
        volatility_spread=VolatilitySpread(),
        moving_price_band=MovingPriceBand(refresh_time=60.0),
    )
    strategy = PureMarketMaking(wanted)
    _, state = strategy.decide(a_view(10.0), strategy.begin(10.0))
    assert state.band == Band(set_at=10.0, floor=D(99), ceiling=D(101))
    moved = attrs.evolve(a_view(20.0), top=a_top("101.99", "102.01"))
    decision, state = strategy.decide(moved, state)
    assert state.band is not None
    assert state.volatility is not None
    assert state.volatility.variance_per_s > 0
    assert state.band.set_at == 10.0
    assert [gate.code for gate in decision.gates if gate.side is Side.BUY] == ["moving_ceiling"]
    _, state = strategy.decide(attrs.evolve(moved, now=70.0), state)
    assert state.band == Band(set_at=70.0, floor=D("100.98"), ceiling=D("103.02"))


# All of them at once.

spreads = st.decimals("0.0001", "0.2", places=4)
steps = st.sampled_from(["0.00001", "0.01", "0.5", "1", "3"])


def maybe(strategy: st.SearchStrategy[object]) -> st.SearchStrategy[object]:
    return st.none() | strategy


@st.composite
def any_parameters(draw: st.DrawFn) -> Parameters:
    own = st.lists(
        st.builds(
            OwnLevel,
            side=st.sampled_from(Side),
            spread=spreads,
            amount=st.decimals("0.01", "20", places=2),
        ),
        max_size=5,
    )
    depth = st.decimals(0, 20, places=1)
    return parameters(
        bid_spread=draw(spreads),
        ask_spread=draw(spreads),
        order_amount=draw(st.decimals("0.01", "20", places=2)),
        order_levels=draw(st.integers(1, 4)),
        order_level_spread=draw(spreads),
        order_level_amount=draw(st.decimals("0", "5", places=2)),
        split_levels=tuple(draw(own)),
        ping_pong_enabled=draw(st.booleans()),
        add_transaction_costs=draw(st.booleans()),
        inventory_skew=draw(
            maybe(
                st.builds(
                    InventorySkew,
                    target_base=shares,
                    range_multiplier=st.decimals("0.1", 5, places=1),
                )
            )
        ),
        spread_skew=draw(maybe(st.builds(SpreadSkew, target_base=shares, strength=depth))),
        order_optimization=draw(
            maybe(st.builds(OrderOptimization, bid_depth=depth, ask_depth=depth))
        ),
        volatility_spread=draw(maybe(st.just(VolatilitySpread()))),
        price_ceiling=draw(maybe(st.decimals(50, 2000, places=0))),
    )


@st.composite
def views(draw: st.DrawFn) -> View:
    instrument = an_instrument(tick_size=draw(steps), lot_size=draw(steps))
    ticks = draw(st.integers(5, 100_000))
    bid = ticks * instrument.tick_size
    ask = bid + draw(st.integers(1, 50)) * instrument.tick_size
    held = st.decimals("0", "5000", places=2)
    return attrs.evolve(
        a_view(),
        instrument=instrument,
        top=a_top(bid, ask),
        balances=balances(draw(held), draw(held)),
        fees=Fees(maker=draw(st.decimals("-0.01", "0.01", places=4)), taker=D("0.01")),
    )


states = st.builds(
    State,
    filled_buys=st.integers(0, 3),
    filled_sells=st.integers(0, 3),
    volatility=st.just(Volatility(price=D(100), at=0.0, variance_per_s=1e-5)),
)


@settings(max_examples=300)
@given(view=views(), wanted=any_parameters(), state=states)
def test_whatever_is_switched_on_quotes_are_allowed_and_cross_nothing(
    view: View, wanted: Parameters, state: State
) -> None:
    proposal = propose(view, wanted, state)
    for quote in proposal.quotes:
        assert view.instrument.objections(quote.price, quote.quantity) == ()
    assert all(quote.price < view.top.best_ask for quote in proposal.buys)
    assert all(quote.price > view.top.best_bid for quote in proposal.sells)


@settings(max_examples=300)
@given(view=views(), wanted=any_parameters(), state=states, take=st.booleans())
def test_whatever_is_switched_on_no_set_costs_more_than_there_is(
    *, view: View, wanted: Parameters, state: State, take: bool
) -> None:
    proposal = propose(view, attrs.evolve(wanted, take_if_crossed=take), state)
    held = dict(view.balances)
    fee = max(view.fees.maker, view.fees.taker) if take else view.fees.maker
    cost = sum((quote.price * quote.quantity for quote in proposal.buys), D(0))
    assert cost * (1 + max(D(0), fee)) <= held[view.instrument.quote].available
    sold = sum((quote.quantity for quote in proposal.sells), D(0))
    assert sold <= held[view.instrument.base].available


@given(view=views(), wanted=any_parameters(), state=states)
def test_whatever_is_switched_on_what_is_not_shown_is_explained(
    view: View, wanted: Parameters, state: State
) -> None:
    proposal = propose(view, wanted, state)
    for side in Side:
        if not proposal.of(side):
            assert any(gate.side is side for gate in proposal.gates)


def test_what_may_take_is_sent_as_such_and_pays_the_takers_fee() -> None:
    view = attrs.evolve(a_view(), balances=balances(quote="99.10"))
    wanted = parameters(take_if_crossed=True)
    proposal = propose(view, wanted)
    assert [quote.post_only for quote in proposal.quotes] == [False, False]
    # 99.10 / (99 * 1.002) = 0.9989...
    assert proposal.buys[0].quantity == D("0.99")
