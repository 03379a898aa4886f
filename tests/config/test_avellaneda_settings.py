"""Avellaneda-Stoikov in a configuration."""

from decimal import Decimal

import attrs

from tests.config.loaded import INSTRUMENTS, PAPER, golden, loaded, refusal
from trading.core.identifiers import StrategyName
from trading.strategies.avellaneda_stoikov import AvellanedaStoikov, Parameters

D = Decimal
HEAD = PAPER.split("[strategies.doge]", maxsplit=1)[0]
USUAL = """\
[strategies.doge]
kind = "avellaneda_stoikov"
pair = "DOGE-USDT"
order_amount = 40
order_refresh_time = 15
risk_factor = 100
"""
EVERYTHING = """\
order_amount_shape_factor = 0.5
min_spread = "0.1 %"
inventory_target_base_pct = "40 %"
order_levels = 3
level_distances = 50
volatility_buffer_size = 100
volatility_sample_interval = 2
trading_intensity_buffer_size = 60
estimator_minimum_samples = 10
risk_horizon = 120
trading_hours = "08:00-17:00"
order_refresh_tolerance_pct = "0.2 %"
reaction_interval = 3
hanging_orders_enabled = true
order_optimization_enabled = true
add_transaction_costs = true
"""


def test_every_key_arrives_at_the_strategy() -> None:
    settings = loaded(HEAD + USUAL + EVERYTHING, instruments=INSTRUMENTS)
    strategy = settings.strategies[StrategyName("doge")].strategy()
    assert isinstance(strategy, AvellanedaStoikov)
    wanted = strategy.parameters
    plain = Parameters(risk_factor=D(100), order_amount=D(40), order_refresh_time=15.0)
    different = {
        field.name
        for field in attrs.fields(Parameters)
        if getattr(wanted, field.name) != getattr(plain, field.name)
    }
    assert different == {
        *(
            "inventory_target_base",
            "order_amount_shape_factor",
            "min_spread",
            "order_levels",
            "level_distances",
        ),
        *(
            "volatility_buffer_size",
            "volatility_sample_interval",
            "trading_intensity_buffer_size",
            "estimator_minimum_samples",
        ),
        *("risk_horizon", "trading_window", "order_refresh_tolerance", "reaction"),
        *("hanging_orders", "order_optimization", "add_transaction_costs"),
    }
    assert (
        wanted.order_amount_shape_factor,
        wanted.inventory_target_base,
        wanted.level_distances,
    ) == (D("0.5"), D("0.4"), D(50))


def test_what_is_left_out_is_the_parameters_own_default() -> None:
    strategy = loaded(HEAD + USUAL).strategies[StrategyName("doge")].strategy()
    assert isinstance(strategy, AvellanedaStoikov)
    assert strategy.parameters == Parameters(
        risk_factor=D(100), order_amount=D(40), order_refresh_time=15.0
    )


def test_problems_are_named_with_their_place() -> None:
    text = HEAD + USUAL.replace("order_amount = 40", "order_amount = 0.5") + "bid_spread = 1\n"
    assert golden(refusal(text, instruments=INSTRUMENTS)) == [
        (
            "test.toml:10:1: strategies.doge.order_amount: 0.5 DOGE is below DOGEUSDT's minimum of"
            " 4 DOGE"
        ),
        "    cure: give at least 4 DOGE",
        "test.toml:13:1: strategies.doge.bid_spread: is not a known key",
        "    cure: did you mean min_spread?",
    ]
    contradicting = refusal(HEAD + USUAL + "order_levels = 2\n")
    assert golden(contradicting)[0].endswith(
        "strategies.doge: do not fit together: level_distances must be above 0 where there are"
        " more order_levels"
    )


def test_an_unknown_kind_is_named_and_so_are_the_known_ones() -> None:
    said = golden(refusal(PAPER.replace("pure_market_making", "arbitrage")))
    assert said[0].endswith('strategies.doge.kind: "arbitrage" is not known')
    assert said[1] == "    cure: known here: avellaneda_stoikov, pure_market_making"
