"""A set that only has to become smaller is changed in its place, and keeps its turn."""

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from tests.trading.strategies.quoting import D, parameters, trading
from trading.core.identifiers import ClientOrderId
from trading.core.market import Side
from trading.decisions.decision import Amend, Decision, Quote
from trading.strategies.pure_market_making import PureMarketMaking
from trading.strategies.pure_market_making.amends import left_of, plan_amends
from trading.testing import FakeVenue

REDUCE = parameters(order_amount=D(1), order_refresh_amount_tolerance=D("0.01"))


def a_set() -> FakeVenue:
    """A bid and an ask of 1, both known by name, and due for a refresh."""
    venue = trading(REDUCE)
    venue.run_until(1)
    venue.view = attrs.evolve(venue.view, now=40.0)
    return venue


def smaller(venue: FakeVenue, amount: str) -> Decision:
    """The decision where the trader wants another amount."""
    wanted = attrs.evolve(REDUCE, order_amount=D(amount))
    decision, _ = PureMarketMaking(wanted).decide(venue.view, venue.state)
    return decision


def test_smaller_amounts_change_the_orders_and_cancel_none() -> None:
    venue = a_set()
    decision = smaller(venue, "0.6")
    assert (decision.cancels, decision.places) == ((), ())
    assert [amend.quantity for amend in decision.amends] == [D("0.6"), D("0.6")]


def test_larger_amounts_replace_the_set() -> None:
    decision = smaller(a_set(), "1.5")
    assert decision.amends == ()
    assert len(decision.cancels) == 2


def test_what_is_filled_already_counts_in_the_new_total() -> None:
    venue = a_set()
    venue.happens(lambda o: o.filled_to(D("0.25"), 2.0) if o.side is Side.BUY else o)
    amends = {amend.order_id: amend.quantity for amend in smaller(venue, "0.5").amends}
    by_side = {order.side: amends[order.client_order_id] for order in venue.view.orders}
    assert by_side == {Side.BUY: D("0.75"), Side.SELL: D("0.5")}


def test_a_change_that_is_under_way_is_not_asked_for_again() -> None:
    venue = a_set()
    venue.happens(lambda order: order.amending(D("0.6"), 40.0))
    decision = smaller(venue, "0.6")
    assert (decision.amends, decision.cancels) == ((), ())


def test_an_order_without_a_name_is_replaced() -> None:
    venue = trading(REDUCE)
    venue.run_until(1)
    venue.happens(lambda order: replace(order, venue_order_id=None))
    venue.view = attrs.evolve(venue.view, now=40.0)
    decision = smaller(venue, "0.6")
    assert decision.amends == ()
    assert len(decision.cancels) == 2


@pytest.mark.parametrize("kept", ["0.995", "1"])
def test_amounts_within_the_tolerance_change_nothing(kept: str) -> None:
    decision = smaller(a_set(), kept)
    assert (decision.amends, decision.cancels) == ((), ())


amounts = st.lists(st.integers(1, 50), min_size=1, max_size=4)


@given(amounts, amounts)
def test_a_plan_makes_orders_smaller_and_never_larger(now: list[int], then: list[int]) -> None:
    pairs = list(zip(now, then, strict=False))
    template = a_set().view.orders[0]
    standing = tuple(
        replace(
            template,
            client_order_id=ClientOrderId(f"{template.client_order_id}{n}"),
            price=D(90 + n),
            quantity=D(have),
        )
        for n, (have, _) in enumerate(pairs)
    )
    wanted = tuple(
        Quote(side=template.side, price=D(90 + n), quantity=D(want), level=n)
        for n, (_, want) in enumerate(pairs)
    )
    plan = plan_amends(standing, wanted)
    if any(want > have for have, want in pairs):
        assert plan == ()
    else:
        after = {amend.order_id: amend.quantity for amend in plan}
        left = [after.get(o.client_order_id, left_of(o)) for o in standing]
        assert left == [D(want) for _, want in pairs]
        assert all(isinstance(amend, Amend) for amend in plan)
