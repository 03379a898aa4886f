"""Position and profit: the sum is the cash, however it is split."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.trading.builders import BASE, QUOTE, D, a_fill, an_instrument
from trading.account.position import Position
from trading.core.decimals import ZERO
from trading.core.market import Side
from trading.orders.order import Fill

RULES = an_instrument()
CLOSE = D("1e-18")


def after(*fills: Fill) -> Position:
    position = Position()
    for fill in fills:
        position = position.after(fill, RULES)
    return position


def bought(quantity: int, price: str, fee: str = "0", currency: str = QUOTE) -> Fill:
    return a_fill(
        side=Side.BUY, quantity=D(quantity), price=D(price), fee=D(fee), fee_currency=currency
    )


def sold(quantity: int, price: str, fee: str = "0", currency: str = QUOTE) -> Fill:
    return a_fill(
        side=Side.SELL, quantity=D(quantity), price=D(price), fee=D(fee), fee_currency=currency
    )


@pytest.mark.parametrize(
    ("fills", "quantity", "cost", "realised"),
    [
        pytest.param([], "0", "0", "0", id="nothing"),
        pytest.param([bought(10, "2")], "10", "20", "0", id="long"),
        pytest.param([bought(10, "2"), bought(10, "4")], "20", "60", "0", id="average cost"),
        pytest.param([bought(10, "2"), sold(4, "3")], "6", "12", "4", id="part of a long closed"),
        pytest.param([bought(10, "2"), sold(10, "3")], "0", "0", "10", id="a long closed"),
        pytest.param([bought(10, "2"), sold(15, "3")], "-5", "-15", "10", id="a long flipped"),
        pytest.param([sold(10, "3")], "-10", "-30", "0", id="short"),
        pytest.param([sold(10, "3"), bought(4, "2")], "-6", "-18", "4", id="part of a short"),
        pytest.param([sold(10, "3"), bought(10, "4")], "0", "0", "-10", id="a short at a loss"),
        pytest.param([sold(10, "3"), bought(15, "2")], "5", "10", "10", id="a short flipped"),
        pytest.param([bought(10, "2", "1")], "10", "21", "0", id="a quote fee is part of the cost"),
        pytest.param([bought(10, "2", "1", BASE)], "9", "20", "0", id="a base fee is not received"),
        pytest.param([bought(10, "2", "-1")], "10", "19", "0", id="a rebate"),
        pytest.param([bought(10, "2", "1", "XYZ")], "10", "20", "0", id="a third currency"),
        pytest.param(
            [bought(10, "2"), sold(10, "3", "2")], "0", "0", "8", id="a fee on the way out"
        ),
    ],
)
def test_fills_add_up(fills: list[Fill], quantity: str, cost: str, realised: str) -> None:
    position = after(*fills)
    assert position == Position(quantity=D(quantity), cost=D(cost), realised_profit=D(realised))


def test_unrealised_profit_has_the_sign_of_the_position() -> None:
    assert after(bought(10, "2")).unrealised_profit(D(3)) == 10
    assert after(sold(10, "2")).unrealised_profit(D(3)) == -10


def test_a_fee_that_takes_all_that_was_bought_is_a_loss() -> None:
    position = after(bought(10, "2", "10", BASE))
    assert position == Position(realised_profit=D(-20))


fill_lists = st.lists(
    st.builds(
        a_fill,
        side=st.sampled_from(Side),
        quantity=st.decimals(D("0.001"), D(10**6), places=3),
        price=st.decimals(D("0.00001"), D(10**5), places=5),
        fee=st.decimals(D(-1), D(1), places=6),
        fee_currency=st.sampled_from([BASE, QUOTE, "XYZ"]),
    ),
    max_size=30,
)
marks = st.decimals(D("0.00001"), D(10**5), places=5)


def flows(fills: list[Fill]) -> tuple[Decimal, Decimal, Decimal]:
    """What came in of the base and quote currency, and how much moved at all."""
    base = quote = moved = ZERO
    for fill in fills:
        sign = 1 if fill.side is Side.BUY else -1
        base += sign * fill.quantity - (fill.fee if fill.fee_currency == BASE else ZERO)
        quote -= sign * fill.quantity * fill.price + (
            fill.fee if fill.fee_currency == QUOTE else ZERO
        )
        moved += fill.quantity * (fill.price + 10**5) + 1
    return base, quote, moved


@given(fill_lists, marks)
def test_profit_is_the_cash_flow_and_what_is_held(fills: list[Fill], price: Decimal) -> None:
    position = after(*fills)
    base, quote, moved = flows(fills)
    assert position.quantity == base
    profit = position.realised_profit + position.unrealised_profit(price)
    assert abs(profit - (quote + base * price)) <= moved * CLOSE


@given(fill_lists)
def test_what_is_closed_has_no_cost_and_all_of_its_profit_is_realised(fills: list[Fill]) -> None:
    position = after(*fills)
    closing = a_fill(
        side=Side.SELL if position.quantity > 0 else Side.BUY,
        quantity=abs(position.quantity),
        price=D(3),
    )
    flat = position.after(closing, RULES)
    assert (flat.quantity, flat.cost) == (ZERO, ZERO)
