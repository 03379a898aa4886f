"""Every reason for not quoting, closed alone: its code, its side, its sentence and its figures."""

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import attrs
import pytest
from msgspec.structs import replace

from tests.trading.strategies.quoting import parameters, trading
from trading.core.market import Side
from trading.decisions.decision import Gate
from trading.orders.order import OrderEvent
from trading.strategies.interface import Prices, ReferencePrice, View
from trading.strategies.pure_market_making import Parameters, State
from trading.strategies.pure_market_making.features import (
    InventorySkew,
    MovingPriceBand,
    OwnLevel,
    PriceSource,
    PriceType,
    TradingWindow,
)
from trading.strategies.pure_market_making.propose import propose
from trading.strategies.pure_market_making.state import Band
from trading.strategies.pure_market_making.strategy import PureMarketMaking
from trading.testing import FakeVenue, a_top, a_view, an_instrument, balances

D = Decimal
BUY, SELL = Side.BUY, Side.SELL


@attrs.frozen(kw_only=True)
class Case:
    """What shuts one gate, and how it explains itself."""

    code: str
    side: Side | None
    sentence: str
    inputs: dict[str, str]
    wanted: dict[str, Any] = attrs.field(factory=dict)
    seen: dict[str, Any] = attrs.field(factory=dict)
    state: dict[str, Any] = attrs.field(factory=dict)

    def decide(self) -> tuple[View, Parameters, State]:
        view = attrs.evolve(a_view(100.0), **self.seen)
        return view, parameters(**self.wanted), State(create_at=0.0, refresh_at=0.0, **self.state)


A_LEVEL = OwnLevel(side=BUY, spread=D("0.01"), amount=D(1))

CASES = [
    Case(
        code="fill_delay",
        side=None,
        sentence="new orders wait another 5.0 s since an order was filled",
        inputs={"wait": "5.0", "because": "an order was filled"},
        state={"delayed_by_fill": True},
    ),
    Case(
        code="refresh_running",
        side=None,
        sentence="new orders wait another 5.0 s since the last ones were placed",
        inputs={"wait": "5.0", "because": "the last ones were placed"},
    ),
    Case(
        code="price_unknown",
        side=None,
        sentence="the custom_api has not given a price yet",
        inputs={"source": "custom_api"},
        wanted={"price_source": PriceSource.CUSTOM_API},
    ),
    Case(
        code="price_lapsed",
        side=None,
        sentence="the price of 100 from the custom_api is 31.0 s old, 30.0 s are allowed",
        inputs={"price": "100", "source": "custom_api", "age": "31.0", "limit": "30.0"},
        wanted={"price_source": PriceSource.CUSTOM_API},
        seen={"prices": Prices(custom=ReferencePrice(D(100), 69.0))},
    ),
    Case(
        code="inventory_cost_unknown",
        side=SELL,
        sentence="what the 100 DOGE that are held have cost is not known: give an inventory_price",
        inputs={"held": "100", "base": "DOGE"},
        wanted={"price_type": PriceType.INVENTORY_COST},
    ),
    Case(
        code="no_level",
        side=SELL,
        sentence="none of the 1 orders that replace the levels is a sell",
        inputs={"count": "1", "side": "sell"},
        wanted={"order_override": (A_LEVEL,)},
    ),
    Case(
        code="price_ceiling",
        side=BUY,
        sentence="the price of 100 is at or above the ceiling of 100",
        inputs={"price": "100", "ceiling": "100"},
        wanted={"price_ceiling": D(100)},
    ),
    Case(
        code="price_floor",
        side=SELL,
        sentence="the price of 100 is at or below the floor of 100",
        inputs={"price": "100", "floor": "100"},
        wanted={"price_floor": D(100)},
    ),
    Case(
        code="moving_ceiling",
        side=BUY,
        sentence="the price of 100 is at or above the ceiling of 99.5",
        inputs={"price": "100", "ceiling": "99.5"},
        wanted={"moving_price_band": MovingPriceBand()},
        state={"band": Band(set_at=90.0, floor=D(98), ceiling=D("99.5"))},
    ),
    Case(
        code="moving_floor",
        side=SELL,
        sentence="the price of 100 is at or below the floor of 100.5",
        inputs={"price": "100", "floor": "100.5"},
        wanted={"moving_price_band": MovingPriceBand()},
        state={"band": Band(set_at=90.0, floor=D("100.5"), ceiling=D(102))},
    ),
    Case(
        code="ping_pong",
        side=BUY,
        sentence="the nearest 1 buy levels wait: 2 buy orders were filled",
        inputs={"count": "1", "side": "buy", "filled": "2"},
        wanted={"ping_pong_enabled": True},
        state={"filled_buys": 2},
    ),
    Case(
        code="inventory_skew",
        side=SELL,
        sentence="sell level 0 is skewed to nothing: 0.5 of the portfolio is in base currency,"
        " the target is 0.9",
        inputs={"quote": "sell level 0", "share": "0.5", "target": "0.9", "reach": "0.01"},
        wanted={"inventory_skew": InventorySkew(target_base=D("0.9"))},
    ),
    Case(
        code="quantity_too_small",
        side=BUY,
        sentence="buy level 0 wants 0.009 DOGE, less than a lot of 0.01",
        inputs={"quote": "buy level 0", "quantity": "0.009", "base": "DOGE", "lot": "0.01"},
        wanted={
            "order_override": (
                attrs.evolve(A_LEVEL, amount=D("0.009")),
                attrs.evolve(A_LEVEL, side=SELL),
            )
        },
    ),
    Case(
        code="budget",
        side=BUY,
        sentence="buy level 0 can pay for nothing of 1 DOGE at 99 from a budget of 0 USDT",
        inputs={
            "quote": "buy level 0",
            "affordable": "0",
            "quantity": "1",
            "base": "DOGE",
            "price": "99",
            "budget": "0",
            "short": "99.099",
            "currency": "USDT",
        },
        seen={"balances": balances(quote="0")},
    ),
    Case(
        code="budget_shrunk",
        side=SELL,
        sentence="sell level 0 can pay for 0.4 of 1 DOGE at 101 from a budget of 0.4 DOGE",
        inputs={
            "quote": "sell level 0",
            "affordable": "0.4",
            "quantity": "1",
            "base": "DOGE",
            "price": "101",
            "budget": "0.4",
            "short": "0.6",
            "currency": "DOGE",
        },
        seen={"balances": balances(base="0.4")},
    ),
    Case(
        code="would_cross",
        side=SELL,
        sentence="sell level 0 at 101 would take the best bid of 102",
        inputs={"quote": "sell level 0", "price": "101", "side": "bid", "opposite": "102"},
        wanted={"price_source": PriceSource.CUSTOM_API},
        seen={
            "top": a_top("102", "103"),
            "prices": Prices(custom=ReferencePrice(D(100), 100.0)),
        },
    ),
    Case(
        code="trading_rule",
        side=BUY,
        sentence="buy level 0: the quantity of 0.05 DOGE is below the minimum of 0.1 DOGE;"
        " the notional of 4.95 USDT is below the minimum of 5 USDT",
        inputs={
            "quote": "buy level 0",
            "objections": "the quantity of 0.05 DOGE is below the minimum of 0.1 DOGE;"
            " the notional of 4.95 USDT is below the minimum of 5 USDT",
            "price": "99",
            "quantity": "0.05",
        },
        wanted={
            "order_override": (
                attrs.evolve(A_LEVEL, amount=D("0.05")),
                attrs.evolve(A_LEVEL, side=SELL),
            )
        },
    ),
    Case(
        code="time_unknown",
        side=None,
        sentence="the time of day is not known",
        inputs={},
        wanted={"trading_window": TradingWindow(begins_at=5.0)},
    ),
    Case(
        code="outside_trading_window",
        side=None,
        sentence="the trading window opens in 60.0 s",
        inputs={"wait": "60.0"},
        wanted={"trading_window": TradingWindow(daily_from=120, daily_until=600)},
        seen={"unix_s": 86_400.0 + 60},
    ),
]


DROPPING = {
    *("price_ceiling", "price_floor", "moving_ceiling", "moving_floor", "ping_pong"),
    *("inventory_skew", "quantity_too_small", "budget", "would_cross", "trading_rule"),
}


@pytest.mark.parametrize("case", CASES, ids=[case.code for case in CASES])
def test_each_gate_shuts_alone_and_explains_itself(case: Case) -> None:
    view, wanted, state = case.decide()
    if case.code in {"fill_delay", "refresh_running"}:
        state = replace(state, create_at=105.0)
    decision, _ = PureMarketMaking(wanted).decide(view, state)
    [gate] = decision.gates
    assert (gate.code, gate.side, gate.sentence) == (case.code, case.side, case.sentence)
    assert dict(gate.inputs) == case.inputs
    shown = {quote.side for quote in decision.places}
    # Whatever a gate drops is told, so that it can be shown what would be quoted otherwise.
    dropped = {quote.side for quote in decision.ungated}
    assert dropped <= {case.side}
    if case.code in DROPPING:
        assert dropped == {case.side}
    if case.code != "budget_shrunk":
        assert shown == ({case.side.opposite} if case.side is not None else set())
    opened, _ = PureMarketMaking(parameters()).decide(a_view(100.0), State())
    assert opened.gates == ()
    assert {quote.side for quote in opened.places} == {BUY, SELL}


def of_orders(change: Callable[[FakeVenue], None]) -> tuple[Gate, ...]:
    venue = trading(parameters(order_refresh_tolerance=None))
    venue.run_until(1)
    change(venue)
    venue.view = attrs.evolve(venue.view, now=31.0)
    venue.state = replace(venue.state, refresh_at=1e9)
    decision = venue.look()
    assert decision.places == ()
    return decision.gates


EVENTS = {
    "cancel_pending": (
        OrderEvent.CANCEL_SENT,
        "2 of our orders wait for the venue to confirm a cancel",
    ),
    "order_unknown": (
        OrderEvent.ANSWER_OVERDUE,
        "2 of our orders may be working: the venue's answer is overdue",
    ),
    "orders_working": (OrderEvent.RESTING, "2 of our orders are working"),
}


@pytest.mark.parametrize("code", EVENTS)
def test_orders_that_may_still_stand_shut_a_gate_of_their_own(code: str) -> None:
    event, sentence = EVENTS[code]
    [gate] = of_orders(lambda venue: venue.happens(lambda order: order.after(event, 1.0)))
    assert (gate.code, gate.side, gate.sentence) == (code, None, sentence)
    assert dict(gate.inputs) == {"count": "2"}


def test_gates_are_values_that_can_be_counted() -> None:
    view = attrs.evolve(a_view(), instrument=an_instrument(active=False))
    gates = propose(view, parameters()).gates
    assert len(set(gates)) == 2
    assert {gate.code for gate in gates} == {"trading_rule"}
