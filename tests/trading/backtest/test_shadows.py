"""Shadows of orders in a recorded market."""

from random import Random

import pytest

from trading.backtest.by_chance import ByChance, power_shape
from trading.backtest.shadows import Shadow, ShadowMarket, ShadowOrder
from trading.core.market import Side
from trading.datasets.record import Flags, Kind, RecordSide
from trading.simulator.market.two_clocks import Row
from trading.simulator.matching.places import queue_model

S = 1_000_000_000
BUY, SELL, LAST = int(RecordSide.BUY), int(RecordSide.SELL), int(Flags.LAST)


def row(at_s: float, kind: Kind, side: int, price: int, lots: int, flags: int = 0) -> Row:
    ns = round(at_s * S)
    return (ns, ns, price, lots, 0, int(kind), side, flags | LAST)


BOOK = [
    (S, S, 0, 0, 0, int(Kind.CLEAR), 0, 0),
    (S, S, 99, 10, 0, int(Kind.SNAPSHOT_LEVEL), BUY, 0),
    (S, S, 101, 10, 0, int(Kind.SNAPSHOT_LEVEL), SELL, LAST),
]


def a_bid(name: str, from_s: float, to_s: float, lots: int = 5) -> ShadowOrder:
    return ShadowOrder(
        order_id=name,
        side=Side.BUY,
        price=99,
        lots=lots,
        from_ns=round(from_s * S),
        to_ns=round(to_s * S),
    )


def shadows_of(
    rows: list[Row], *orders: ShadowOrder, models: tuple[str, ...] = ("risk_averse",)
) -> dict[str, list[Shadow]]:
    market = ShadowMarket([*BOOK, *rows], [queue_model(name) for name in models])
    return {name: list(each) for name, each in market.run(orders).items()}


def test_a_shadow_is_filled_once_those_before_it_are() -> None:
    trades = [row(3, Kind.TRADE, SELL, 99, 10), row(4, Kind.TRADE, SELL, 99, 3)]
    told = shadows_of(trades, a_bid("one", 2, 9))
    assert told == {"one": [Shadow(filled=3, filled_ns=4 * S)]}


def test_a_shadow_is_there_only_as_long_as_the_real_order_was() -> None:
    trades = [row(3, Kind.TRADE, SELL, 99, 50), row(8, Kind.TRADE, SELL, 99, 50)]
    told = shadows_of(trades, a_bid("late", 4, 7), a_bid("past", 9, 10))
    assert told == {"late": [Shadow()]}


def test_each_shadow_is_alone() -> None:
    told = shadows_of([row(3, Kind.TRADE, SELL, 98, 6)], a_bid("one", 2, 9), a_bid("two", 2, 9))
    assert [told[name][0].filled for name in ("one", "two")] == [5, 5]


def test_a_trade_with_our_own_order_counts() -> None:
    own = row(3, Kind.TRADE, SELL, 98, 5, int(Flags.OWN_TRADE))
    assert shadows_of([own], a_bid("one", 2, 9))["one"][0].filled == 5


def test_a_side_that_is_crossed_is_filled_without_a_trade() -> None:
    told = shadows_of([row(3, Kind.LEVEL, SELL, 99, 4)], a_bid("one", 2, 9))
    assert told["one"] == [Shadow(filled=5, filled_ns=3 * S)]


def test_models_are_followed_side_by_side() -> None:
    # Half of the level is cancelled: the cautious model takes it from behind as far as it can.
    rows = [
        row(1.5, Kind.LEVEL, BUY, 99, 10),
        row(3, Kind.LEVEL, BUY, 99, 20),
        row(4, Kind.LEVEL, BUY, 99, 12),
        row(5, Kind.TRADE, SELL, 99, 10),
    ]
    careful, hopeful = shadows_of(rows, a_bid("one", 2, 9), models=("risk_averse", "power:1"))[
        "one"
    ]
    assert (careful.filled, hopeful.filled) == (0, 4)


@pytest.mark.parametrize("cancelled", [10, 5])
def test_cancels_that_are_drawn_leave_before_an_order_as_often_as_they_should(
    cancelled: int,
) -> None:
    rows = [
        row(3, Kind.LEVEL, BUY, 99, 20),
        row(4, Kind.LEVEL, BUY, 99, 20 - cancelled),
        row(5, Kind.TRADE, SELL, 99, 6),
    ]
    random = Random(3)
    models = [ByChance("power:1", power_shape(1), random) for _ in range(400)]
    told = ShadowMarket([*BOOK, *rows], models).run([a_bid("one", 2, 9)])
    share = sum(1 for each in told["one"] if each.filled) / 400
    # With ten ahead and ten behind a cancel is ahead with a chance of a half; only then a trade of
    # six is more than what is left before us.
    assert abs(share - 0.5) < 0.08
