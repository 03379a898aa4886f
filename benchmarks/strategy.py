"""
Microseconds per decision of pure market making with every modifier on, and what they are spent on.

    python benchmarks/strategy.py [DECISIONS]

The book moves a little before each decision, orders rest, and every sixth decision replaces the
set. The share of Decimal arithmetic is the number of its operations in the same decisions, counted
with a subclass that counts, times what each kind of operation takes by itself.
"""

import statistics
import sys
import time
import timeit
from collections import Counter
from collections.abc import Callable
from decimal import ROUND_FLOOR, Decimal
from typing import Any, ClassVar

import attrs

from benchmarks.machine import reference_us
from trading.core.fees import Fees
from trading.core.identifiers import ClientOrderId, Currency, Pair, StrategyName
from trading.core.instrument import Instrument
from trading.core.market import Balance, PriceLevel, Side, TopOfBook
from trading.orders.completed import CompletedOrders
from trading.orders.order import Order, OrderStatus
from trading.strategies.interface import View
from trading.strategies.pure_market_making import Parameters, PureMarketMaking, State
from trading.strategies.pure_market_making.features import (
    HangingOrders,
    InventorySkew,
    MovingPriceBand,
    OrderOptimization,
    Reaction,
    SpreadSkew,
    VolatilitySpread,
)

Number = Callable[[str], Decimal]

PAIR = Pair("DOGEUSDT")
BASE, QUOTE = Currency("DOGE"), Currency("USDT")
ROUNDS = 15
DEPTH = 10
AIM_US = 60.0

OPERATIONS: dict[str, Callable[[Decimal, Decimal], object]] = {
    "add": lambda a, b: a + b,
    "sub": lambda a, b: a - b,
    "mul": lambda a, b: a * b,
    "truediv": lambda a, b: a / b,
    "compare": lambda a, b: a < b,
    "round": lambda a, _: a.to_integral_value(ROUND_FLOOR),
    "unary": lambda a, _: -a,
}

KINDS = {
    **dict.fromkeys(("__add__", "__radd__"), "add"),
    **dict.fromkeys(("__sub__", "__rsub__"), "sub"),
    **dict.fromkeys(("__mul__", "__rmul__"), "mul"),
    **dict.fromkeys(("__truediv__", "__rtruediv__"), "truediv"),
    **dict.fromkeys(("__lt__", "__le__", "__gt__", "__ge__", "__eq__", "__ne__"), "compare"),
    **dict.fromkeys(("to_integral_value", "__round__"), "round"),
    **dict.fromkeys(("__neg__", "__abs__"), "unary"),
}


class Counted(Decimal):
    """A Decimal that counts what is done with it and with what comes of it."""

    tally: ClassVar[Counter[str]] = Counter()
    __hash__ = Decimal.__hash__


def _counting(name: str, kind: str) -> Callable[..., object]:
    plain = getattr(Decimal, name)

    def operation(self: Counted, *others: Any) -> object:
        Counted.tally[kind] += 1
        result = plain(self, *others)
        return Counted(result) if type(result) is Decimal else result

    return operation


for _name, _kind in KINDS.items():
    setattr(Counted, _name, _counting(_name, _kind))


def every_modifier(levels: int, number: Number) -> Parameters:
    return Parameters(
        bid_spread=number("0.001"),
        ask_spread=number("0.001"),
        minimum_spread=number("0.0001"),
        order_amount=number("40"),
        order_levels=levels,
        order_level_spread=number("0.002"),
        order_level_amount=number("10"),
        order_refresh_time=15.0,
        order_refresh_tolerance=number("0.0002"),
        order_refresh_amount_tolerance=number("0.5"),
        reaction=Reaction(minimum_change=number("0.001")),
        price_ceiling=number("1"),
        price_floor=number("0.01"),
        moving_price_band=MovingPriceBand(ceiling=number("0.1"), floor=number("-0.1")),
        ping_pong_enabled=True,
        inventory_skew=InventorySkew(target_base=number("0.5"), range_multiplier=number("9")),
        spread_skew=SpreadSkew(target_base=number("0.5"), strength=number("1")),
        hanging_orders=HangingOrders(cancel_distance=number("0.1")),
        order_optimization=OrderOptimization(bid_depth=number("900"), ask_depth=number("900")),
        add_transaction_costs=True,
        volatility_spread=VolatilitySpread(multiplier=number("1"), maximum=number("0.05")),
    )


def the_view(number: Number) -> View:
    return View(
        now=0.0,
        instrument=Instrument(
            pair=PAIR,
            base=BASE,
            quote=QUOTE,
            tick_size=number("0.00001"),
            lot_size=number("1"),
            quantity_min=number("4"),
            quantity_max=number("1000000"),
            notional_min=number("0.5"),
            notional_max=number("1000000"),
        ),
        top=a_top(0, number),
        balances={
            BASE: Balance(currency=BASE, available=number("19000"), reserved=number("1000")),
            QUOTE: Balance(currency=QUOTE, available=number("2900"), reserved=number("100")),
        },
        fees=Fees(maker=number("0.0001"), taker=number("0.001")),
        orders=(),
        completed=CompletedOrders(),
    )


def a_top(step: int, number: Number) -> TopOfBook:
    """A book that goes a tick up and down."""
    middle = 15_000 + step % 5
    return TopOfBook(
        pair=PAIR,
        bids=tuple(
            PriceLevel(number(f"0.{middle - 1 - i:05}"), number("412")) for i in range(DEPTH)
        ),
        asks=tuple(
            PriceLevel(number(f"0.{middle + 1 + i:05}"), number("412")) for i in range(DEPTH)
        ),
        sequence=step,
        received_at=float(step),
    )


def the_views(decisions: int, levels: int, number: Number) -> list[tuple[View, State]]:
    """What the strategy is shown and remembers at each decision, played once beforehand."""
    strategy = PureMarketMaking(every_modifier(levels, number))
    state, view = strategy.begin(0.0), the_view(number)
    played: list[tuple[View, State]] = []
    for step in range(decisions):
        view = attrs.evolve(view, now=step * 3.0, top=a_top(step, number))
        played.append((view, state))
        decision, state = strategy.decide(view, state)
        kept = [o for o in view.orders if o.client_order_id not in decision.cancels]
        placed = [
            Order(
                client_order_id=ClientOrderId(f"order-{step}-{index}"),
                strategy=StrategyName("pmm"),
                pair=PAIR,
                side=quote.side,
                price=quote.price,
                quantity=quote.quantity,
                created_at=view.now,
                changed_at=view.now,
                status=OrderStatus.OPEN,
            )
            for index, quote in enumerate(decision.places)
        ]
        view = attrs.evolve(view, orders=(*kept, *placed))
    assert any(view.orders for view, _ in played), "nothing was ever quoted"
    for side in Side:
        assert any(order.side is side for view, _ in played for order in view.orders)
    return played


def microseconds(strategy: PureMarketMaking, played: list[tuple[View, State]]) -> float:
    rounds: list[float] = []
    for _ in range(ROUNDS):
        began = time.thread_time()
        for view, state in played:
            strategy.decide(view, state)
        rounds.append((time.thread_time() - began) / len(played) * 1e6)
    return min(rounds)


def decimal_microseconds(levels: int, decisions: int) -> tuple[float, float]:
    """Decimal operations per decision, and the microseconds that they take by themselves."""
    strategy = PureMarketMaking(every_modifier(levels, Counted))
    played = the_views(decisions, levels, Counted)
    Counted.tally.clear()
    for view, state in played:
        strategy.decide(view, state)
    counted = {kind: count / decisions for kind, count in Counted.tally.items()}
    return sum(counted.values()), sum(
        count * operation_microseconds(OPERATIONS[kind]) for kind, count in counted.items()
    )


def operation_microseconds(operation: Callable[[Decimal, Decimal], object]) -> float:
    """Of one operation on figures as long as ours, without the call around it."""
    figures = {"f": operation, "a": Decimal("0.15003998"), "b": Decimal("1.0021")}
    empty = {**figures, "f": lambda _a, _b: None}
    count = 20_000
    costs = [
        timeit.timeit("f(a, b)", globals=figures, number=count)
        - timeit.timeit("f(a, b)", globals=empty, number=count)
        for _ in range(ROUNDS)
    ]
    return max(0.0, statistics.median(costs)) / count * 1e6


def main() -> None:
    decisions = int(sys.argv[1]) if len(sys.argv) > 1 else 3_000
    print(f"{decisions} decisions with every modifier on, best of {ROUNDS} rounds")
    reference = reference_us()
    print(f"reference: {reference:.1f} us for a fixed computation of this machine, now")
    head = f"{'levels':>6}  {'us/decision':>11}  {'references':>10}"
    print(f"{head}  {'Decimal operations':>18}  {'share of time':>13}")
    for levels in (1, 3, 10):
        strategy = PureMarketMaking(every_modifier(levels, Decimal))
        whole = microseconds(strategy, the_views(decisions, levels, Decimal))
        operations, arithmetic = decimal_microseconds(levels, min(decisions, 1_000))
        row = f"{levels:>6}  {whole:>11.1f}  {whole / reference:>10.1f}"
        print(f"{row}  {operations:>18.0f}  {arithmetic / whole:>12.0%}")
        if levels == 1:
            verdict = "reached" if whole < AIM_US else "missed"
            print(f"{'':>6}  the aim of {AIM_US:.0f} us at one level is {verdict}")


if __name__ == "__main__":
    main()
