"""Open orders added up as they change are those added up anew."""

from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from trading.core.decimals import ZERO
from trading.core.identifiers import ClientOrderId, Pair, StrategyName
from trading.core.market import Side
from trading.orders.order import Order, OrderStatus
from trading.risk import OpenOrders
from trading.risk.arithmetic import exact

STRATEGIES = (StrategyName("a"), StrategyName("b"))
PAIRS = (Pair("DOGEUSDT"), Pair("BTCUSDT"))
NAMES = [ClientOrderId(f"qw-test-{number}") for number in range(5)]

# An order's strategy, pair and side are those of its id, as they never change.
amounts = st.decimals(0, 10**6, places=8) | st.sampled_from([Decimal("Infinity"), Decimal("1e-30")])
steps = st.lists(
    st.tuples(
        st.sampled_from(range(5)),
        st.none() | st.tuples(amounts, amounts, amounts, st.sampled_from(OrderStatus)),
    ),
    max_size=30,
)


def an_order(number: int, price: Decimal, quantity: Decimal, filled: Decimal) -> Order:
    return Order(
        client_order_id=NAMES[number],
        strategy=STRATEGIES[number % 2],
        pair=PAIRS[number // 3],
        side=Side.BUY if number != 1 else Side.SELL,
        price=price,
        quantity=quantity,
        filled_quantity=filled,
        created_at=0.0,
        changed_at=0.0,
    )


def added_up(orders: list[Order], pair: Pair, side: Side) -> tuple[Decimal, Decimal]:
    with exact():
        base = sum((one.remaining_quantity for one in orders), ZERO)
        return base, sum((one.remaining_quantity * one.price for one in orders), ZERO)


@given(steps)
def test_whatever_comes_changes_and_goes_the_sums_are_those_of_what_is_there(
    steps: list[tuple[int, tuple[Decimal, Decimal, Decimal, OrderStatus] | None]],
) -> None:
    found, plain = OpenOrders(), dict[ClientOrderId, Order]()
    for number, change in steps:
        if change is None:
            found.drop(NAMES[number])
            plain.pop(NAMES[number], None)
        else:
            price, quantity, filled, status = change
            order = replace(an_order(number, price, quantity, filled), status=status)
            found.put(order)
            plain[order.client_order_id] = order

        assert dict(found) == plain
        assert list(found) == list(plain)
        sums = {(pair, side): (base, quote) for pair, side, base, quote in found.sums()}
        for pair in PAIRS:
            for side in Side:
                there = [o for o in plain.values() if (o.pair, o.side) == (pair, side)]
                assert list(found.on(pair, side)) == there
                # Of absurd numbers only that they admit nothing: NaN compares with nothing.
                expected = added_up(there, pair, side) if there else None
                assert sums.get((pair, side)) == expected or _absurd(there)
                for strategy in STRATEGIES:
                    count = sum(order.strategy == strategy for order in there)
                    assert found.number(strategy, pair, side) == count
        for strategy in STRATEGIES:
            own = tuple(order for order in plain.values() if order.strategy == strategy)
            assert found.of_strategy(strategy) == own


def _absurd(orders: list[Order]) -> bool:
    return any(not number.is_finite() for o in orders for number in (o.price, o.quantity))
