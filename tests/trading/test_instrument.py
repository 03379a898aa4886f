"""Trading rules: named directions of rounding, and every objection at once."""

from decimal import Decimal

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.trading.builders import D, an_instrument
from trading.core.instrument import Instrument
from trading.core.market import Side

RULES = an_instrument()
steps = st.sampled_from([D("0.00001"), D("0.01"), D("0.05"), D(1), D("2.5"), D(25)])
amounts = st.decimals(0, 10**9, places=9)


def stepping(step: Decimal) -> Instrument:
    return attrs.evolve(RULES, tick_size=step, lot_size=step)


@given(amounts, steps)
def test_rounding_goes_the_way_it_is_called(value: Decimal, step: Decimal) -> None:
    rules = stepping(step)
    down, up, lots = rules.price_down(value), rules.price_up(value), rules.quantity_down(value)
    assert down == lots <= value <= up
    assert value - down < step
    assert up - value < step
    assert down % step == up % step == 0


@given(amounts, steps)
def test_rounding_twice_changes_nothing(value: Decimal, step: Decimal) -> None:
    rules = stepping(step)
    down = rules.price_down(value)
    assert rules.price_down(down) == rules.price_up(down) == rules.quantity_down(down) == down


@given(amounts, steps)
def test_a_price_never_becomes_more_aggressive(value: Decimal, step: Decimal) -> None:
    rules = stepping(step)
    assert rules.price_away(Side.BUY, value) == rules.price_down(value) <= value
    assert rules.price_away(Side.SELL, value) == rules.price_up(value) >= value


def test_an_order_within_all_rules_meets_no_objection() -> None:
    assert RULES.objections(D("0.12345"), D(40)) == ()


@pytest.mark.parametrize(
    ("price", "quantity"),
    [("0.25", "4"), ("0.1", "1000000"), ("0.00001", "100000")],
)
def test_the_bounds_themselves_are_allowed(price: str, quantity: str) -> None:
    assert RULES.objections(D(price), D(quantity)) == ()


@pytest.mark.parametrize(
    ("price", "quantity", "objection"),
    [
        ("0.123456", "40", "the price is not on a tick of 0.00001 USDT"),
        ("0.12345", "40.5", "the quantity is not on a lot of 1 DOGE"),
        ("1", "3", "the quantity of 3 DOGE is below the minimum of 4 DOGE"),
        ("0.05", "1000001", "the quantity of 1000001 DOGE is above the maximum of 1000000 DOGE"),
        ("0.1", "9", "the notional of 0.9 USDT is below the minimum of 1 USDT"),
        ("1", "100001", "the notional of 100001 USDT is above the maximum of 100000 USDT"),
    ],
)
def test_each_broken_rule_is_an_objection(price: str, quantity: str, objection: str) -> None:
    assert RULES.objections(D(price), D(quantity)) == (objection,)


def test_an_inactive_pair_is_an_objection() -> None:
    inactive = attrs.evolve(RULES, active=False)
    assert inactive.objections(D("0.12345"), D(40)) == ("DOGEUSDT is not active",)


@pytest.mark.parametrize("price", ["0", "-0.1"])
def test_a_price_that_is_not_positive_is_an_objection(price: str) -> None:
    assert "the price is not positive" in RULES.objections(D(price), D(40))


def test_all_objections_come_at_once() -> None:
    assert len(RULES.objections(D("0.000001"), D("0.5"))) == 4


@pytest.mark.parametrize(("price", "quantity"), [("1e30", "40"), ("0.1", "1e40"), ("1e30", "1e30")])
def test_an_absurd_order_meets_objections_and_not_a_crash(price: str, quantity: str) -> None:
    assert RULES.objections(D(price), D(quantity))


@given(st.decimals(D("-1e9"), D("1e9")), st.decimals(D("-1e9"), D("1e9")))
def test_an_order_that_meets_no_objection_obeys_every_rule(
    price: Decimal, quantity: Decimal
) -> None:
    price, quantity = RULES.price_down(price), RULES.quantity_down(quantity)
    if not RULES.objections(price, quantity):
        assert price > 0
        assert RULES.quantity_min <= quantity <= RULES.quantity_max
        assert RULES.notional_min <= price * quantity <= RULES.notional_max


@given(
    price=st.decimals(D("-0.5"), D(2), places=6),
    quantity=st.decimals(D(-2), D("1.1e6"), places=1),
    active=st.booleans(),
)
def test_what_is_taken_is_what_meets_no_objection(
    *, price: Decimal, quantity: Decimal, active: bool
) -> None:
    rules = attrs.evolve(RULES, active=active)
    for exact in (price, rules.price_down(price)):
        for lots in (quantity, rules.quantity_down(quantity)):
            assert rules.takes(exact, lots) is (rules.objections(exact, lots) == ())
