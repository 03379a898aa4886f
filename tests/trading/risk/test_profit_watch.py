"""Profit as it goes, exactly, and the same from the same fills."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.trading.builders import BASE, D, a_fill, an_instrument
from trading.account.position import Position
from trading.core.decimals import ZERO
from trading.core.market import Side
from trading.orders.order import Fill
from trading.risk import Profit, ProfitWatch

BUY, SELL = Side.BUY, Side.SELL
TODAY = 20_000


def a_watch() -> ProfitWatch:
    return ProfitWatch(an_instrument())


def bought(quantity: int, price: str, trade: str = "t-1") -> Fill:
    return a_fill(trade, D(quantity), side=BUY, price=D(price))


def sold(quantity: int, price: str, trade: str = "t-2") -> Fill:
    return a_fill(trade, D(quantity), side=SELL, price=D(price))


def test_nothing_done_is_nothing_gained() -> None:
    watch = a_watch()
    watch.add_mid_price(D("0.1"), TODAY)
    assert watch.profit == Profit()


def test_what_is_closed_is_realised() -> None:
    watch = a_watch()
    watch.add_fill(bought(100, "0.10"), TODAY)
    watch.add_fill(sold(100, "0.11"), TODAY)
    assert watch.profit == Profit(total=D(1), today=D(1), high_water=D(1))


def test_what_is_held_is_worth_the_mid_price() -> None:
    watch = a_watch()
    watch.add_fill(bought(100, "0.10"), TODAY)
    for mid_price in ("0.13", "0.08"):
        watch.add_mid_price(D(mid_price), TODAY)
    assert watch.profit == Profit(total=D(-2), today=D(-2), high_water=D(3))
    assert watch.profit.drawdown == D(5)


def test_a_short_position_loses_when_the_price_rises() -> None:
    watch = a_watch()
    watch.add_fill(sold(100, "0.10"), TODAY)
    watch.add_mid_price(D("0.12"), TODAY)
    assert watch.profit.today == D(-2)


@pytest.mark.parametrize(
    ("currency", "fee", "lost"), [("USDT", "0.5", "0.5"), (BASE, "10", "1.2"), ("XYZ", "9", "0")]
)
def test_fees_count_in_the_pairs_currencies(currency: str, fee: str, lost: str) -> None:
    """A fee in the base currency is worth the mid price."""
    watch = a_watch()
    fill = a_fill(quantity=D(100), price=D("0.12"), fee=D(fee), fee_currency=currency)
    watch.add_fill(fill, TODAY)
    watch.add_mid_price(D("0.12"), TODAY)
    assert watch.profit.today == -D(lost)


def test_a_day_begins_with_what_the_last_one_ended_with() -> None:
    watch = a_watch()
    watch.add_fill(bought(100, "0.10"), TODAY)
    watch.add_mid_price(D("0.15"), TODAY)
    watch.add_mid_price(D("0.14"), TODAY + 1)
    assert watch.profit == Profit(total=D(4), today=D(-1), high_water=D(5))


def test_a_late_fill_belongs_to_the_day_that_has_begun() -> None:
    watch = a_watch()
    watch.add_fill(bought(100, "0.10"), TODAY)
    watch.add_mid_price(D("0.10"), TODAY + 1)
    watch.add_fill(sold(100, "0.09"), TODAY)
    assert watch.profit.today == D(-1)


def test_a_trade_counts_once() -> None:
    watch = a_watch()
    watch.add_fill(bought(100, "0.10"), TODAY)
    watch.add_fill(sold(100, "0.09"), TODAY)
    watch.add_fill(sold(100, "0.09"), TODAY)
    assert watch.profit.today == D(-1)


def test_the_best_of_a_former_watch_is_not_forgotten() -> None:
    watch = ProfitWatch(an_instrument(), high_water=D(7))
    assert watch.profit.drawdown == D(7)
    assert ProfitWatch(an_instrument(), high_water=D(-7)).profit.drawdown == 0


events = st.lists(
    st.one_of(
        st.tuples(
            st.sampled_from(Side), st.integers(1, 1000), st.integers(1, 10_000), st.integers(0, 3)
        ),
        st.tuples(st.integers(1, 10_000), st.integers(0, 3)),
    ),
    max_size=30,
)


@given(events)
def test_it_is_the_positions_profit_without_its_rounding(events: list[tuple[object, ...]]) -> None:
    watch, position = a_watch(), Position()
    price, best, priced = ZERO, ZERO, False
    for number, event in enumerate(events):
        match event:
            case (Side() as side, int() as quantity, int() as ticks, int() as day):
                fill = a_fill(f"t-{number}", D(quantity), side=side, price=ticks * D("0.00001"))
                position = position.after(fill, an_instrument())
                price = price if priced else fill.price
                watch.add_fill(fill, day)
            case (int() as ticks, int() as day):
                price, priced = ticks * D("0.00001"), True
                watch.add_mid_price(price, day)
            case _:
                raise AssertionError
        best = max(best, position.realised_profit + position.unrealised_profit(price))
    total = position.realised_profit + position.unrealised_profit(price)
    assert abs(watch.profit.total - total) < D("1e-18")
    assert abs(watch.profit.high_water - best) < D("1e-18")
    assert watch.profit.drawdown >= 0
    exponent = watch.profit.total.normalize().as_tuple().exponent
    assert isinstance(exponent, int)
    assert exponent >= -5, "it is exact: no finer than a tick times a lot"


@given(events)
def test_the_days_add_up_to_the_total(events: list[tuple[object, ...]]) -> None:
    watch, last_of_day, day_of_watch = a_watch(), ZERO, 0
    ended = ZERO
    for number, (*what, day) in enumerate(events):
        assert isinstance(day, int)
        if day > day_of_watch:
            day_of_watch, ended = day, ended + last_of_day
        match what:
            case [Side() as side, int() as quantity, int() as ticks]:
                fill = a_fill(f"t-{number}", D(quantity), side=side, price=ticks * D("0.00001"))
                watch.add_fill(fill, day)
            case [int() as ticks]:
                watch.add_mid_price(ticks * D("0.00001"), day)
            case _:
                raise AssertionError
        last_of_day = watch.profit.today
    assert ended + last_of_day == watch.profit.total
