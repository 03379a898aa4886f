"""Every key of pure market making: what it becomes, and what is refused with which words."""

from decimal import Decimal

import pytest

from config.source.problems import ConfigurationProblems
from tests.config.loaded import PAPER, instrument, loaded, making
from trading.core.identifiers import StrategyName
from trading.core.market import Side
from trading.strategies.pure_market_making.features import (
    HangingOrders,
    InventorySkew,
    MovingPriceBand,
    OrderOptimization,
    OwnLevel,
    PriceSource,
    PriceType,
    Reaction,
    SpreadSkew,
    TradingWindow,
    VolatilitySpread,
)
from trading.strategies.pure_market_making.parameters import Compat, Parameters

D = Decimal
DOGE = StrategyName("doge")

EVERYTHING = """\
minimum_spread = "0.05 %"
order_levels = 3
order_level_spread = "0.5 %"
order_level_amount = -10
order_refresh_tolerance_pct = "0.1 %"
order_refresh_amount_tolerance_pct = "20 %"
reaction_interval = 2
reaction_minimum_change_pct = "0.2 %"
filled_order_delay = 5
max_order_age = 600
should_wait_order_cancel_confirmation = false
trading_hours = "22:00-06:30"
trading_begins_at = "2026-01-31T08:00:00Z"
trading_ends_at = "2026-02-28T08:00:00+02:00"
price_ceiling = 0.3
price_floor = 0.1
moving_price_band_enabled = true
price_ceiling_pct = "2 %"
price_floor_pct = "-3 %"
price_band_refresh_time = 3600
ping_pong_enabled = true
inventory_skew_enabled = true
inventory_target_base_pct = "40 %"
inventory_range_multiplier = 2.5
spread_skew_strength = 1.5
inventory_price = 0.2
hanging_orders_enabled = true
hanging_orders_cancel_pct = "5 %"
order_optimization_enabled = true
bid_order_optimization_depth = 100
ask_order_optimization_depth = 200
add_transaction_costs = true
volatility_spread_multiplier = 2
volatility_spread_halflife = 60
volatility_spread_max_pct = "1 %"
price_source = "external_market"
price_type = "best_bid"
price_source_exchange = "valr"
price_source_market = "DOGE-ZAR"
price_source_custom_api = "https://prices.example.com/doge?in=usdt"
custom_api_update_interval = 0.5
price_age_max = 10
take_if_crossed = true
"""


def parameters(text: str, *overrides: str) -> Parameters:
    return making(loaded(PAPER + text, *overrides)).parameters


def complaints(text: str) -> list[str]:
    with pytest.raises(ConfigurationProblems) as caught:
        loaded(PAPER + text, instruments={"DOGEUSDT": instrument("DOGE", "USDT")})
    return [f"{problem.key}: {problem.message}" for problem in caught.value.problems]


def test_every_key_reaches_the_strategy() -> None:
    assert parameters(EVERYTHING) == Parameters(
        order_amount=D(40),
        bid_spread=D("0.001"),
        ask_spread=D("0.002"),
        order_refresh_time=15.0,
        minimum_spread=D("0.0005"),
        order_levels=3,
        order_level_spread=D("0.005"),
        order_level_amount=D(-10),
        order_refresh_tolerance=D("0.001"),
        order_refresh_amount_tolerance=D("0.2"),
        reaction=Reaction(minimum_interval=2.0, minimum_change=D("0.002")),
        filled_order_delay=5.0,
        max_order_age=600.0,
        should_wait_order_cancel_confirmation=False,
        trading_window=TradingWindow(
            daily_from=79_200,
            daily_until=23_400,
            begins_at=1_769_846_400.0,
            ends_at=1_772_258_400.0,
        ),
        price_ceiling=D("0.3"),
        price_floor=D("0.1"),
        moving_price_band=MovingPriceBand(ceiling=D("0.02"), floor=D("-0.03"), refresh_time=3600.0),
        ping_pong_enabled=True,
        inventory_skew=InventorySkew(target_base=D("0.4"), range_multiplier=D("2.5")),
        spread_skew=SpreadSkew(target_base=D("0.4"), strength=D("1.5")),
        inventory_price=D("0.2"),
        hanging_orders=HangingOrders(cancel_distance=D("0.05")),
        order_optimization=OrderOptimization(bid_depth=D(100), ask_depth=D(200)),
        add_transaction_costs=True,
        volatility_spread=VolatilitySpread(
            multiplier=D(2), halflife=60.0, horizon=15.0, maximum=D("0.01")
        ),
        price_source=PriceSource.EXTERNAL_MARKET,
        price_type=PriceType.BEST_BID,
        price_age_max=10.0,
        take_if_crossed=True,
    )


def test_what_is_not_enabled_stays_off_whatever_its_other_keys_say() -> None:
    text = EVERYTHING.replace("_enabled = true", "_enabled = false")
    wanted = parameters(text)
    switched = (
        wanted.moving_price_band,
        wanted.inventory_skew,
        wanted.hanging_orders,
        wanted.order_optimization,
    )
    assert switched == (None, None, None, None)
    assert not wanted.ping_pong_enabled


def test_the_defaults_are_the_originals() -> None:
    wanted = parameters("")
    assert (wanted.filled_order_delay, wanted.max_order_age) == (60.0, 1800.0)
    settings = making(loaded(PAPER))
    assert settings.hanging_orders_cancel == D("0.1")
    assert settings.inventory_target_base == D("0.5")
    assert (settings.price_ceiling_pct, settings.price_floor_pct) == (D("0.01"), D("-0.01"))
    assert settings.custom_api_update_interval == 5.0


OVERRIDE = """\
[strategies.doge.order_override.near]
side = "buy"
spread = "0.5 %"
amount = 120
[strategies.doge.order_override.far]
side = "sell"
spread = "2 %"
amount = 250
"""

BUY_AND_SELL = (
    OwnLevel(side=Side.BUY, spread=D("0.005"), amount=D(120)),
    OwnLevel(side=Side.SELL, spread=D("0.02"), amount=D(250)),
)


def test_orders_may_replace_the_levels() -> None:
    assert parameters(OVERRIDE).order_override == BUY_AND_SELL
    assert complaints(OVERRIDE.replace("120", "2")) == [
        "strategies.doge.order_override.near.amount: 2 DOGE is below DOGEUSDT's minimum of 4 DOGE"
    ]


SPLIT = """\
split_order_levels_enabled = true
bid_order_level_spreads = ["0.5 %"]
bid_order_level_amounts = [120]
ask_order_level_spreads = ["2 %"]
ask_order_level_amounts = [250]
"""


def test_q16_a_level_of_its_own_may_have_any_amount() -> None:
    assert parameters(SPLIT).split_levels == BUY_AND_SELL
    off = parameters(SPLIT.replace("= true", "= false"))
    assert off.split_levels == ()


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        (
            SPLIT.replace("[120]", "[120, 130]"),
            (
                "strategies.doge.bid_order_level_amounts: has 2 amounts for the 1 of"
                " bid_order_level_spreads"
            ),
        ),
        (
            SPLIT.replace('["0.5 %"]', '["0.5 %", 1]').replace("[120]", "[120, 130]"),
            (
                "strategies.doge.bid_order_level_spreads: its element 2: 1 is a bare number, which"
                " could be a percentage or a fraction"
            ),
        ),
        (
            SPLIT.replace("[120]", "[3]"),
            "strategies.doge.bid_order_level_amounts: 3 DOGE is below DOGEUSDT's minimum of 4 DOGE",
        ),
        (
            SPLIT.replace("[120]", "120"),
            "strategies.doge.bid_order_level_amounts: 120 is not a list",
        ),
        (
            "split_order_levels_enabled = true\n",
            (
                "strategies.doge.split_order_levels_enabled: is true, but there are no levels in"
                " the lists"
            ),
        ),
        (
            SPLIT + OVERRIDE,
            "strategies.doge.order_override: and split_order_levels_enabled exclude each other",
        ),
        (
            "price_ceiling = 1\nprice_floor = 2\n",
            "strategies.doge.price_ceiling: of 1 is below price_floor of 2",
        ),
        (
            'price_source = "custom_api"\n',
            "strategies.doge.price_source: is custom_api, but there is no price_source_custom_api",
        ),
        (
            'price_source = "external_market"\n',
            "strategies.doge.price_source: is external_market, but there is no price_source_market",
        ),
        (
            'price_source_market = "DOGE-USDT"\n',
            "strategies.doge.price_source_market: DOGEUSDT is the pair that is traded",
        ),
        (
            'price_source_custom_api = "https://me:secret@prices.example.com"\n',
            "strategies.doge.price_source_custom_api: holds a user name or password",
        ),
        (
            'price_source_custom_api = "ftp://prices.example.com"\n',
            (
                'strategies.doge.price_source_custom_api: "ftp://prices.example.com" is not an'
                " https URL"
            ),
        ),
        (
            'minimum_spread = "-1 %"\n',
            "strategies.doge.minimum_spread: -1 % is not at least 0 %",
        ),
        (
            'trading_hours = "8-17"\n',
            'strategies.doge.trading_hours: "8-17" is not a part of the day',
        ),
        (
            'trading_hours = "08:60-17:00"\n',
            'strategies.doge.trading_hours: "08:60-17:00" holds a time that no day has',
        ),
        (
            'trading_hours = "08:00-08:00"\n',
            'strategies.doge.trading_hours: "08:00-08:00" is empty',
        ),
        (
            'trading_ends_at = "tomorrow"\n',
            'strategies.doge.trading_ends_at: "tomorrow" is not a date and time',
        ),
        (
            'trading_ends_at = "2026-01-31T08:00:00"\n',
            'strategies.doge.trading_ends_at: "2026-01-31T08:00:00" has no time zone',
        ),
        (
            'compat = "hummingbot"\nreaction_interval = 5\n',
            (
                "strategies.doge: do not fit together: reaction must be absent in compat mode: the"
                " original has none"
            ),
        ),
    ],
)
def test_a_mistake_is_named_with_its_place(text: str, complaint: str) -> None:
    assert complaints(text) == [complaint]


def test_compat_mode_may_ask_for_a_minimum_spread_beyond_the_price() -> None:
    wanted = parameters('compat = "hummingbot"\nminimum_spread = "-0.5 %"\n')
    assert (wanted.compat, wanted.minimum_spread) == (Compat.HUMMINGBOT, D("-0.005"))
