"""A run in figures: each order and each trade once, each side's quoting by the clock."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from tests.trading.builders import D, a_fill, an_instrument, an_order
from trading.account.position import Position
from trading.core.identifiers import ClientOrderId
from trading.core.market import Side
from trading.journal.entries import FillBooked, LedgerEntry, OrderRecorded
from trading.journal.performance import Performance, PerformanceFold
from trading.orders.order import Order, OrderStatus

S = OrderStatus


def fold(*entries: LedgerEntry) -> Performance:
    folded = PerformanceFold(an_instrument())
    for entry in entries:
        folded.add(entry)
    return folded.performance


def numbered(number: int, *, side: Side = Side.BUY) -> Order:
    return an_order(ClientOrderId(f"qw-test-maker-abc-{number}"), side=side)


def life(order: Order, *statuses: tuple[float, OrderStatus]) -> list[LedgerEntry]:
    return [OrderRecorded(replace(order, status=status), at) for at, status in statuses]


def counts(performance: Performance) -> tuple[int, int, int, int]:
    return (
        performance.orders_placed,
        performance.orders_filled,
        performance.orders_cancelled,
        performance.orders_rejected,
    )


def test_nothing_happened_at_first() -> None:
    performance = fold()
    assert performance == Performance()
    assert counts(performance) == (0, 0, 0, 0)


@pytest.mark.parametrize(
    ("statuses", "expected"),
    [
        ([S.PENDING], (1, 0, 0, 0)),
        ([S.PENDING, S.OPEN, S.PARTIALLY_FILLED, S.FILLED], (1, 1, 0, 0)),
        ([S.PENDING, S.OPEN, S.CANCEL_PENDING, S.CANCELLED], (1, 0, 1, 0)),
        ([S.PENDING, S.REJECTED], (1, 0, 0, 1)),
        ([S.PENDING, S.UNKNOWN, S.OPEN, S.UNKNOWN], (1, 0, 0, 0)),
        ([S.PENDING, S.OPEN, S.EXPIRED], (1, 0, 0, 0)),
    ],
)
def test_an_order_is_placed_once_and_ends_once(
    statuses: list[OrderStatus], expected: tuple[int, int, int, int]
) -> None:
    performance = fold(*life(numbered(1), *enumerate(statuses)))
    assert counts(performance) == expected


@pytest.mark.parametrize(
    ("ending", "expected"),
    [
        pytest.param([S.CANCELLED, S.CANCELLED], (1, 0, 1, 0), id="a late partial fill"),
        pytest.param([S.CANCELLED, S.CANCELLED, S.FILLED], (1, 1, 0, 0), id="a late last fill"),
        pytest.param([S.FILLED, S.FILLED], (1, 1, 0, 0), id="more than was ordered"),
        pytest.param([S.REJECTED, S.REJECTED], (1, 0, 0, 1), id="a fill of a rejected order"),
    ],
)
def test_an_ended_order_that_is_recorded_again_still_counts_once(
    ending: list[OrderStatus], expected: tuple[int, int, int, int]
) -> None:
    performance = fold(*life(numbered(1), *enumerate([S.PENDING, S.OPEN, *ending])))
    assert counts(performance) == expected


# Fills.


def test_a_trade_counts_once_however_often_it_is_booked() -> None:
    fill = a_fill(quantity=D(10), price=D(2), fee=D("0.5"), fee_currency="USDT")
    once = fold(FillBooked(fill, 1.0))
    assert fold(FillBooked(fill, 1.0), FillBooked(fill, 2.0)) == once
    assert once.fills == 1
    assert once.bought == 10
    assert once.sold == 0
    assert once.fees == {"USDT": D("0.5")}
    assert once.position == Position(quantity=D(10), cost=D("20.5"))
    assert once.last_fill_price == 2


def test_fees_add_up_by_currency_and_a_rebate_is_negative() -> None:
    fills = [
        a_fill("t-1", fee=D("0.5"), fee_currency="USDT"),
        a_fill("t-2", fee=D("-0.2"), fee_currency="USDT"),
        a_fill("t-3", fee=D(1), fee_currency="DOGE"),
        a_fill("t-4"),
    ]
    performance = fold(*(FillBooked(fill, 1.0) for fill in fills))
    assert performance.fees == {"USDT": D("0.3"), "DOGE": D(1)}


@given(
    st.lists(
        st.tuples(st.integers(1, 6), st.sampled_from(Side), st.decimals(1, 9, places=2)),
        max_size=20,
    )
)
def test_bought_and_sold_are_the_sums_of_distinct_trades(
    trades: list[tuple[int, Side, Decimal]],
) -> None:
    distinct: dict[int, tuple[Side, Decimal]] = {}
    for number, side, quantity in trades:
        distinct.setdefault(number, (side, quantity))
    performance = fold(
        *(
            FillBooked(a_fill(f"t-{number}", quantity, side=side), 1.0)
            for number, side, quantity in trades
        )
    )
    assert performance.fills == len(distinct)
    assert performance.bought == sum(q for side, q in distinct.values() if side is Side.BUY)
    assert performance.sold == sum(q for side, q in distinct.values() if side is Side.SELL)
    assert performance.position.quantity == performance.bought - performance.sold
