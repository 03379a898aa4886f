"""A strategy's limits: what has to be said, what follows from the rest, what makes no sense."""

from decimal import Decimal

import pytest

from config.sections.limits import MONEY_LIMITS
from tests.config.loaded import (
    KEYS,
    LIMITS,
    LIVE,
    LIVE_WITHOUT_LIMITS,
    PAPER,
    golden,
    loaded,
    refusal,
)
from trading.core.identifiers import StrategyName
from trading.risk import RiskLimits

DOGE = StrategyName("doge")
LEVELS = "order_levels = 3\n"


def limits_of(text: str) -> RiskLimits:
    return loaded(text).strategies[DOGE].risk_limits


def limited(*lines: str, strategy: str = "") -> str:
    """A paper configuration with limits, and what else is said of its strategy."""
    return "\n".join((PAPER + strategy, "[strategies.doge.limits]", *lines, ""))


def test_what_is_written_is_held_against_every_order() -> None:
    limits = limits_of(PAPER + LIMITS + 'price_collar = "1.5 %"\nmax_fills_in_row = 7\n')
    assert limits.max_order_notional == Decimal(20)
    assert (limits.min_base_holding, limits.max_base_holding) == (Decimal(0), Decimal(400))
    assert (limits.min_quote_holding, limits.max_quote_holding) == (Decimal(10), None)
    assert (limits.max_daily_loss, limits.max_drawdown) == (Decimal(2), Decimal(3))
    assert (limits.price_collar, limits.max_fills_in_row) == (Decimal("0.015"), 7)
    assert limits.last_trade_collar == Decimal("0.03")


def test_on_the_simulated_exchange_nothing_need_be_said() -> None:
    limits = limits_of(PAPER)
    assert all(getattr(limits, key) is None for key in MONEY_LIMITS)
    assert limits == RiskLimits(max_orders_per_side=2, max_instructions_per_minute=60)


def test_what_is_not_given_follows_from_what_the_strategy_does() -> None:
    text = PAPER.replace("order_refresh_time = 15", "order_refresh_time = 2") + (
        'order_levels = 5\norder_level_spread = "1 %"\n'
    )
    limits = limits_of(text)
    assert limits.price_collar == 2 * Decimal("0.042")
    assert limits.last_trade_collar == 4 * Decimal("0.042")
    assert limits.max_orders_per_side == 10
    assert limits.max_fills_in_row == 15
    assert limits.max_instructions_per_minute == 3 * 10 * 30


def test_a_real_exchange_demands_every_limit_of_money() -> None:
    said = golden(refusal(LIVE_WITHOUT_LIMITS, environment=KEYS))
    assert said[0] == (
        "test.toml:11:13: strategies.doge.limits.max_order_notional: is missing: limits of money"
        " have no default on a real exchange"
    )
    assert said[1] == (
        "    cure: add below [strategies.doge.limits]: max_order_notional = ..., what one order"
        " may be worth, in quote currency"
    )
    assert len(said) == 2 * len(MONEY_LIMITS)
    for key in MONEY_LIMITS:
        assert any(f"strategies.doge.limits.{key}: is missing" in line for line in said)


@pytest.mark.parametrize("key", MONEY_LIMITS)
def test_one_missing_limit_is_one_problem_at_its_table(key: str) -> None:
    text = "\n".join(line for line in LIVE.splitlines() if not line.startswith(key))
    [problem] = refusal(text, environment=KEYS).problems
    assert (problem.key, problem.location and problem.location.line) == (
        f"strategies.doge.limits.{key}",
        18,
    )


def test_a_broken_limit_is_not_missing_as_well() -> None:
    text = LIVE.replace("max_daily_loss = 2", 'max_daily_loss = "2"')
    [problem] = refusal(text, environment=KEYS).problems
    assert problem.message == '"2" is not a number'


def test_limits_that_are_no_table_are_one_problem() -> None:
    text = LIVE_WITHOUT_LIMITS + "limits = 5\n"
    [problem] = refusal(text, environment=KEYS).problems
    assert problem.message == "5 is not a table"


def test_a_limit_can_be_overridden() -> None:
    settings = loaded(LIVE, "strategies.doge.limits.max_daily_loss=1.5", environment=KEYS)
    assert settings.strategies[DOGE].risk_limits.max_daily_loss == Decimal("1.5")


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("max_daily_loss = 0", "0 is not above 0"),
        ("max_drawdown = -1", "-1 is not above 0"),
        ("min_base_holding = -1", "-1 is not at least 0"),
        ("price_collar = 0.05", "0.05 is a bare number, which could be a percentage or a fraction"),
        ("max_fills_in_row = 2.5", "2.5 is not a whole number"),
        ("max_loss = 3", "is not a known key"),
    ],
)
def test_a_limit_that_makes_no_sense_is_refused(line: str, message: str) -> None:
    [problem] = refusal(limited(line)).problems
    assert problem.message == message


@pytest.mark.parametrize(
    ("lines", "strategy", "complaint"),
    [
        (
            ["min_base_holding = 9", "max_base_holding = 9"],
            "",
            "min_base_holding: of 9 is not below max_base_holding of 9",
        ),
        (
            ['price_collar = "0.2 %"'],
            "",
            (
                "price_collar: of 0.2 % is not wider than the farthest spread of 0.2 %: those"
                " orders would be refused"
            ),
        ),
        (
            ['last_trade_collar = "2.1 %"'],
            LEVELS,
            (
                "last_trade_collar: of 2.1 % is not wider than the farthest spread of 2.2 %: those"
                " orders would be refused"
            ),
        ),
        (
            ["max_orders_per_side = 2"],
            LEVELS,
            "max_orders_per_side: of 2 is below order_levels of 3: the others would be refused",
        ),
        (
            ["max_fills_in_row = 3"],
            LEVELS,
            (
                "max_fills_in_row: of 3 is not above order_levels of 3: one move of the market"
                " through all levels would halt the strategy"
            ),
        ),
        (
            ["max_instructions_per_minute = 23"],
            LEVELS,
            (
                "max_instructions_per_minute: of 23 is below the 24 that order_levels and"
                " order_refresh_time need"
            ),
        ),
        (
            ["min_base_holding = 100", "max_base_holding = 339"],
            LEVELS,
            (
                "max_base_holding: leaves room for 239 above min_base_holding, but all bids and all"
                " asks together are 240"
            ),
        ),
    ],
)
def test_limits_that_forbid_what_the_strategy_is_to_do_are_refused(
    lines: list[str], strategy: str, complaint: str
) -> None:
    [problem] = refusal(limited(*lines, strategy=strategy)).problems
    assert f"{problem.key}: {problem.message}" == f"strategies.doge.limits.{complaint}"


def test_limits_that_just_leave_room_are_taken() -> None:
    limits = limits_of(
        limited(
            'price_collar = "2.21 %"',
            "max_orders_per_side = 3",
            "max_fills_in_row = 4",
            "max_instructions_per_minute = 24",
            "min_base_holding = 100",
            "max_base_holding = 340",
            strategy=LEVELS,
        )
    )
    assert limits.max_orders_per_side == 3
