"""The small venue for tests of strategies: what it takes, what it fills, what balances become."""

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from trading.orders.order import OrderStatus
from trading.strategies import Amend, Decision, Quote, Side, View
from trading.strategies.soundness import UnsoundDecision
from trading.testing import BASE, QUOTE, FakeVenue, a_view, balances

D = Decimal


@attrs.frozen
class Scripted:
    """Decides what a function says about the view."""

    says: Callable[[View], Any]

    def begin(self, now: float) -> float:
        return now

    def decide(self, view: View, state: float) -> tuple[Decision, float]:
        return self.says(view), state


def bid(price: str, quantity: str = "1") -> Quote:
    return Quote(side=Side.BUY, price=D(price), quantity=D(quantity), level=0)


def ask(price: str, quantity: str = "1") -> Quote:
    return Quote(side=Side.SELL, price=D(price), quantity=D(quantity), level=0)


def placing(*quotes: Quote, **view: Any) -> FakeVenue:
    """A venue at which these quotes were placed and rest."""
    once = Scripted(lambda view: Decision(places=() if view.orders else quotes))
    venue = FakeVenue.running(once, a_view(**view))
    venue.look()
    venue.accept()
    return venue


def held(venue: FakeVenue) -> tuple[tuple[Decimal, Decimal], ...]:
    """Available and reserved, of the base and of the quote currency."""
    found = (venue.view.balances[currency] for currency in (BASE, QUOTE))
    return tuple((each.available, each.reserved) for each in found)


def test_what_a_working_order_holds_is_reserved() -> None:
    venue = placing(bid("99", "2"), ask("101", "3"))
    assert held(venue) == ((D(97), D(3)), (D(9802), D(198)))
    assert {order.status for order in venue.view.orders} == {OrderStatus.OPEN}


def test_a_fill_moves_both_balances_and_counts_as_a_completed_order() -> None:
    venue = placing(bid("99", "2"))
    venue.fill(Side.BUY)
    assert held(venue) == ((D(102), D(0)), (D(9802), D(0)))
    assert (venue.view.completed.buys, venue.view.orders) == (1, ())


def test_a_part_of_an_order_is_filled_at_its_price() -> None:
    venue = placing(ask("101", "2"))
    venue.fill(Side.SELL, D("0.5"))
    assert held(venue) == ((D(98), D("1.5")), (D("10050.5"), D(0)))
    [order] = venue.view.orders
    assert (order.status, venue.view.completed.sells) == (OrderStatus.PARTIALLY_FILLED, 0)


def test_a_cancel_gives_back_what_the_order_held_once_it_is_confirmed() -> None:
    venue = placing(bid("99"))
    [order] = venue.view.orders
    venue.strategy = Scripted(lambda _: Decision(cancels=(order.client_order_id,)))
    venue.look()
    assert held(venue)[1] == (D(9901), D(99))
    venue.accept()
    assert held(venue)[1] == (D(10000), D(0))


def test_an_amendment_makes_an_order_smaller() -> None:
    venue = placing(bid("99", "2"))
    [order] = venue.view.orders
    venue.strategy = Scripted(lambda _: Decision(amends=(Amend(order.client_order_id, D(1)),)))
    venue.look()
    venue.accept()
    assert [order.quantity for order in venue.view.orders] == [D(1)]
    assert held(venue)[1] == (D(9901), D(99))
    assert venue.log[-1] == (0.0, "amend", "buy")


def test_an_order_that_cannot_be_paid_is_refused() -> None:
    venue = placing(bid("99", "2"), balances=balances(quote="100"))
    assert venue.view.orders == ()
    assert venue.log == [(0.0, "refuse", "buy")]


def test_a_decision_that_the_engine_would_not_take_is_an_error() -> None:
    floats = Quote(side=Side.BUY, price=99.5, quantity=D(1), level=0)  # type: ignore[arg-type]
    with pytest.raises(UnsoundDecision, match="finite Decimals"):
        placing(floats)


def test_another_book_is_shown() -> None:
    venue = placing()
    venue.move("100.49", "100.51")
    assert venue.view.top.mid_price == D("100.5")


@given(fills=st.lists(st.tuples(st.sampled_from(Side), st.decimals(1, 9, places=2)), max_size=6))
def test_nothing_is_made_and_nothing_is_lost(fills: list[tuple[Side, Decimal]]) -> None:
    venue = placing(bid("99", "50"), ask("101", "50"))
    for side, quantity in fills:
        venue.fill(side, quantity)
    bought = sum((q for side, q in fills if side is Side.BUY), D(0))
    sold = sum((q for side, q in fills if side is Side.SELL), D(0))
    base, quote = (sum(each) for each in held(venue))
    assert base == 100 + bought - sold
    assert quote == 10_000 - 99 * bought + 101 * sold
