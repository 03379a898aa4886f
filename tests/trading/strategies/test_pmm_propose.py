"""Proposals of pure market making: levels, rounding, budget, and each gate closed alone."""

from decimal import Decimal

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.trading.strategies.quoting import parameters
from trading.core.fees import Fees
from trading.core.identifiers import ClientOrderId, StrategyName
from trading.core.instrument import Instrument
from trading.core.market import Side
from trading.decisions.decision import Quote
from trading.orders.order import Order
from trading.strategies.interface import View
from trading.strategies.pure_market_making import Parameters
from trading.strategies.pure_market_making.modifiers.permission import never_crossing
from trading.strategies.pure_market_making.proposal import Proposal
from trading.strategies.pure_market_making.propose import budget, propose
from trading.testing import a_top, a_view, an_instrument, balances

D = Decimal


def shown(proposal: Proposal) -> list[tuple[str, str]]:
    return [(str(quote.price.normalize()), str(quote.quantity)) for quote in proposal.quotes]


def prices(quotes: tuple[Quote, ...]) -> list[Decimal]:
    return [quote.price for quote in quotes]


def test_levels_add_up_and_do_not_compound() -> None:
    wanted = parameters(order_levels=3, order_level_spread=D("0.01"), order_level_amount=D("0.5"))
    proposal = propose(a_view(), wanted)
    assert prices(proposal.buys) == [D(99), D(98), D(97)]
    assert prices(proposal.sells) == [D(101), D(102), D(103)]
    assert [quote.quantity for quote in proposal.sells] == [D(1), D("1.5"), D(2)]
    assert [quote.level for quote in proposal.buys] == [0, 1, 2]
    assert proposal.gates == ()


def test_bids_are_rounded_down_and_asks_up() -> None:
    view = attrs.evolve(a_view(), instrument=an_instrument(tick_size="0.5"), top=a_top("99", "101"))
    proposal = propose(view, parameters(bid_spread=D("0.013"), ask_spread=D("0.013")))
    assert prices(proposal.quotes) == [D("98.5"), D("101.5")]


def test_the_last_affordable_buy_shrinks_and_its_fee_is_paid() -> None:
    view = attrs.evolve(a_view(), balances=balances(quote="150"))
    wanted = parameters(order_levels=3, order_level_spread=D("0.01"))
    proposal = propose(view, wanted)
    # 99 * 1.001 for the first, and 50.901 / (98 * 1.001) = 0.518... for the second.
    assert [quote.quantity for quote in proposal.buys] == [D(1), D("0.51")]
    assert [gate.code for gate in proposal.gates] == ["budget_shrunk", "budget"]
    assert "0.51 of 1 DOGE at 98 from a budget of 150 USDT" in proposal.gates[0].sentence


def test_a_sell_pays_no_fee_in_advance() -> None:
    view = attrs.evolve(a_view(), balances=balances(base="1"))
    assert [quote.quantity for quote in propose(view, parameters()).sells] == [D(1)]


def test_a_rebate_is_no_money_to_spend() -> None:
    view = attrs.evolve(
        a_view(), balances=balances(quote="98.99"), fees=Fees(maker=D("-0.01"), taker=D(0))
    )
    assert [quote.quantity for quote in propose(view, parameters()).buys] == [D("0.99")]


def an_order(side: Side, price: str, quantity: str, filled: str = "0") -> Order:
    return Order(
        client_order_id=ClientOrderId("mine"),
        strategy=StrategyName("pmm"),
        pair=a_view().instrument.pair,
        side=side,
        price=D(price),
        quantity=D(quantity),
        filled_quantity=D(filled),
        created_at=0.0,
        changed_at=0.0,
    )


def test_the_budget_counts_what_remains_of_own_orders_and_not_what_is_filled() -> None:
    view = attrs.evolve(
        a_view(),
        orders=(an_order(Side.BUY, "99", "2", "1.5"), an_order(Side.SELL, "101", "3", "1")),
        balances=balances("10", "20", reserved_base=D(50), reserved_quote=D(500)),
    )
    assert budget(view) == {"DOGE": D(12), "USDT": D("69.5")}


def test_the_budget_counts_no_order_that_the_venue_has_not_reserved_for_yet() -> None:
    view = attrs.evolve(
        a_view(),
        orders=(an_order(Side.BUY, "99", "2"), an_order(Side.SELL, "101", "3")),
        balances=balances("10", "200"),
    )
    assert budget(view) == {"DOGE": D(10), "USDT": D(200)}


ONE_SIDE = {
    "budget": attrs.evolve(a_view(), balances=balances(quote="0")),
    "budget_shrunk": attrs.evolve(a_view(), balances=balances(quote="50")),
}


@pytest.mark.parametrize("code", ONE_SIDE)
def test_money_missing_on_one_side_closes_that_side_alone(code: str) -> None:
    proposal = propose(ONE_SIDE[code], parameters())
    assert [(gate.code, gate.side) for gate in proposal.gates] == [(code, Side.BUY)]
    assert len(proposal.sells) == 1


def test_a_balance_that_is_not_known_is_nothing_to_spend() -> None:
    proposal = propose(attrs.evolve(a_view(), balances={}), parameters())
    assert proposal.quotes == ()
    assert [gate.code for gate in proposal.gates] == ["budget", "budget"]


def test_a_quantity_below_a_lot_is_dropped_and_said() -> None:
    proposal = propose(a_view(), parameters(order_amount=D("0.009")))
    assert proposal.quotes == ()
    assert [gate.code for gate in proposal.gates] == ["quantity_too_small"] * 2
    assert proposal.gates[0].sentence == "buy level 0 wants 0.009 DOGE, less than a lot of 0.01"


def test_an_order_that_the_venue_would_refuse_is_dropped_and_the_rule_is_named() -> None:
    proposal = propose(a_view(), parameters(order_amount=D("0.05")))
    assert proposal.quotes == ()
    assert {gate.code for gate in proposal.gates} == {"trading_rule"}
    assert "below the minimum of 0.1 DOGE" in proposal.gates[0].sentence


def test_an_inactive_pair_is_not_quoted() -> None:
    view = attrs.evolve(a_view(), instrument=an_instrument(active=False))
    proposal = propose(view, parameters())
    assert [gate.sentence for gate in proposal.gates] == [
        "buy level 0: DOGEUSDT is not active",
        "sell level 0: DOGEUSDT is not active",
    ]


def test_a_wide_book_cannot_be_crossed_and_a_quote_beyond_it_is_dropped() -> None:
    crossing = Proposal(
        buys=(Quote(side=Side.BUY, price=D("100.01"), quantity=D(1), level=0),),
        sells=(Quote(side=Side.SELL, price=D("100.00"), quantity=D(1), level=0),),
    )
    filtered = crossing.each(never_crossing(a_top("99.99", "100.01")))
    assert prices(filtered.quotes) == [D("100.00")]
    assert [(gate.code, gate.side) for gate in filtered.gates] == [("would_cross", Side.BUY)]
    assert "best ask of 100.01" in filtered.gates[0].sentence


spreads = st.decimals("0.0001", "0.2", places=4)
steps = st.sampled_from(["0.00001", "0.01", "0.5", "1", "3"])


@st.composite
def instruments(draw: st.DrawFn) -> Instrument:
    return an_instrument(tick_size=draw(steps), lot_size=draw(steps))


@st.composite
def any_parameters(draw: st.DrawFn) -> Parameters:
    return parameters(
        bid_spread=draw(spreads),
        ask_spread=draw(spreads),
        order_amount=draw(st.decimals("0.01", "20", places=2)),
        order_levels=draw(st.integers(1, 4)),
        order_level_spread=draw(spreads),
        order_level_amount=draw(st.decimals("0", "5", places=2)),
    )


@st.composite
def views(draw: st.DrawFn) -> View:
    instrument = draw(instruments())
    ticks = draw(st.integers(5, 100_000))
    bid = ticks * instrument.tick_size
    ask = bid + draw(st.integers(1, 50)) * instrument.tick_size
    money = st.decimals("0", "5000", places=2)
    return attrs.evolve(
        a_view(),
        instrument=instrument,
        top=a_top(bid, ask),
        balances=balances(draw(money), draw(money)),
        fees=Fees(maker=draw(st.decimals("-0.01", "0.01", places=4)), taker=D("0.01")),
    )


@given(view=views(), wanted=any_parameters())
def test_every_quote_is_on_tick_on_lot_allowed_and_crosses_nothing(
    view: View, wanted: Parameters
) -> None:
    proposal = propose(view, wanted)
    for quote in proposal.quotes:
        assert view.instrument.objections(quote.price, quote.quantity) == ()
    assert all(quote.price < view.top.best_ask for quote in proposal.buys)
    assert all(quote.price > view.top.best_bid for quote in proposal.sells)


@given(view=views(), wanted=any_parameters())
def test_no_set_costs_more_than_the_account_has(view: View, wanted: Parameters) -> None:
    proposal = propose(view, wanted)
    money = dict(view.balances)
    cost = sum((quote.price * quote.quantity for quote in proposal.buys), D(0))
    assert cost * (1 + max(D(0), view.fees.maker)) <= money[view.instrument.quote].available
    sold = sum((quote.quantity for quote in proposal.sells), D(0))
    assert sold <= money[view.instrument.base].available


@given(view=views(), wanted=any_parameters())
def test_every_level_is_quoted_or_explained(view: View, wanted: Parameters) -> None:
    proposal = propose(view, wanted)
    dropped = [gate for gate in proposal.gates if gate.code != "budget_shrunk"]
    assert len(proposal.quotes) + len(dropped) == 2 * wanted.order_levels


@given(view=views(), wanted=any_parameters())
def test_equal_spreads_and_ample_money_quote_symmetrically_around_the_mid_price(
    view: View, wanted: Parameters
) -> None:
    rich = attrs.evolve(view, balances=balances("1000000000", "1000000000000"))
    proposal = propose(rich, attrs.evolve(wanted, ask_spread=wanted.bid_spread))
    mirrored = {
        quote.level: (2 * view.top.mid_price - quote.price, quote.quantity)
        for quote in proposal.buys
    }
    # The venue's bounds on price and notional are not symmetrical: only levels on both sides count.
    for quote in proposal.sells:
        if quote.level in mirrored:
            assert mirrored[quote.level] == (quote.price, quote.quantity)


@given(view=views(), wanted=any_parameters())
def test_more_money_never_takes_a_quote_away(view: View, wanted: Parameters) -> None:
    richer = attrs.evolve(view, balances=balances("1000000000", "1000000000000"))
    poor, rich = propose(view, wanted), propose(richer, wanted)
    most = {(quote.side, quote.level): quote.quantity for quote in rich.quotes}
    too_large = [gate for gate in rich.gates if "above the maximum" in gate.sentence]
    for quote in poor.quotes:
        assert too_large or most[quote.side, quote.level] >= quote.quantity
