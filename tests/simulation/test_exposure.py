"""What the check of exposure holds against an order that departs."""

from decimal import Decimal

from engine.simulation.checks.limits import beyond
from trading.core.market import Side
from trading.risk import RiskLimits

LIMITS = RiskLimits(
    price_collar=Decimal(1),
    last_trade_collar=Decimal(1),
    min_base_holding=Decimal(5),
    max_base_holding=Decimal(15),
    min_quote_holding=Decimal(100),
)


def found(side: Side, least: int, most: int, quote: int = 500) -> list[Decimal]:
    return beyond(side, LIMITS, base=(Decimal(least), Decimal(most)), quote=Decimal(quote))


def test_a_bid_counts_for_the_most_that_could_be_held_and_for_what_is_paid() -> None:
    assert found(Side.BUY, 3, 16, 99) == [16, 99]
    assert found(Side.BUY, 3, 15, 100) == []


def test_an_ask_counts_for_the_least_that_could_be_held() -> None:
    assert found(Side.SELL, 4, 15) == [4]


def test_an_ask_is_not_blamed_for_what_a_deposit_brought_beyond_a_limit() -> None:
    assert found(Side.SELL, 14, 16, 99) == []
