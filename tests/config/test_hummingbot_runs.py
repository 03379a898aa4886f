"""What is converted runs on paper as it stands: pairs, play money, old templates, Avellaneda."""

import tomllib
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import event, given, settings
from hypothesis import strategies as st

from config.hummingbot.conversion import Conversion, converted
from config.hummingbot.importing import Matter
from config.strategies.avellaneda import AvellanedaStoikovSettings
from config.strategies.base import StrategySettings
from config.strategies.pure_market_making import PureMarketMakingSettings
from engine.environment.venue_connection import simulated_rules
from tests.config.hummingbot_files import WHOLE_FILES, hummingbot_files
from tests.config.loaded import loaded
from trading.strategies.pure_market_making.features import PriceSource
from trading.strategies.pure_market_making.parameters import Compat

D = Decimal
RULES = dict(simulated_rules())

LEAST = """\
strategy: pure_market_making
exchange: valr
market: DOGE-USDT
bid_spread: 1
ask_spread: 1
order_refresh_time: 30
order_amount: 40
"""
CUSTOM = "price_source: custom_api\nprice_source_custom_api: https://x.example/\n"
AVELLANEDA = """\
strategy: avellaneda_market_making
exchange: binance
market: ETH-USDT
order_amount: 0.05
order_refresh_time: 15
"""


def imported(text: str, *, compat: bool = False) -> Conversion:
    return converted("old.yml", text.encode(), compat=compat, out="new.toml", simulated_pairs=RULES)


def strategy(found: Conversion) -> StrategySettings:
    [only] = loaded(found.toml, instruments=RULES).strategies.values()
    return only


def pure(found: Conversion) -> PureMarketMakingSettings:
    only = strategy(found)
    assert isinstance(only, PureMarketMakingSettings)
    return only


def avellaneda(found: Conversion) -> AvellanedaStoikovSettings:
    only = strategy(found)
    assert isinstance(only, AvellanedaStoikovSettings)
    return only


def said(found: Conversion, matter: Matter) -> str:
    return "\n".join(
        f"{remark.line}: {remark.key}: {remark.text} {remark.cure}"
        for remark in found.remarks
        if remark.matter is matter
    )


def without(key: str) -> str:
    return "".join(
        line for line in LEAST.splitlines(keepends=True) if not line.startswith(f"{key}:")
    )


@pytest.mark.parametrize("file", WHOLE_FILES, ids=lambda file: file.stem)
@pytest.mark.parametrize("compat", [False, True])
def test_a_whole_file_of_any_template_runs_as_it_is_converted(file: Path, *, compat: bool) -> None:
    found = imported(file.read_text(), compat=compat)
    assert found.runs, (said(found, Matter.REFUSED), found.problems, found.misfits)
    assert strategy(found).pair


@settings(max_examples=150, deadline=None)
@given(text=hummingbot_files, compat=st.booleans())
def test_a_conversion_that_says_it_runs_loads_and_one_that_does_not_says_why(
    text: str, *, compat: bool
) -> None:
    found = imported(text, compat=compat)
    event("runs" if found.runs else "has to be decided")
    tomllib.loads(found.toml)
    if found.runs:
        assert strategy(found).pair
    else:
        assert found.problems or found.misfits or said(found, Matter.REFUSED)
    for remark in found.remarks:
        assert remark.line is None or remark.line <= len(text.splitlines())


@pytest.mark.parametrize("market", ["SHIB-USDT", "XCAD-USDT", "XMR-ETH", "LINK-ZAR", "ETHUSDT"])
def test_a_pair_that_the_simulated_exchange_has_not_is_written_for_it(market: str) -> None:
    found = imported(LEAST.replace("DOGE-USDT", market))
    assert found.runs
    simulator = loaded(found.toml, instruments=RULES).simulator
    [written] = simulator.pairs.values()
    assert written.lot_size <= 40
    assert simulator.balances[written.base] >= 2 * 40
    assert simulator.balances[written.quote] >= 2 * 40 * written.start_price


def test_a_pair_that_it_has_keeps_its_own_rules() -> None:
    simulator = loaded(imported(LEAST).toml, instruments=RULES).simulator
    assert simulator.pairs == {}
    assert simulator.balances == {"DOGE": D(800), "USDT": D(80)}


def test_play_money_lies_as_the_inventory_is_to_lie() -> None:
    skew = "inventory_skew_enabled: true\ninventory_target_base_pct: 25\n"
    balances = loaded(imported(LEAST + skew).toml, instruments=RULES).simulator.balances
    assert balances == {"DOGE": D(400), "USDT": D(120)}


@pytest.mark.parametrize(
    ("band", "low", "high"),
    [
        ("price_floor: 0.2\n", "0.2", "1"),
        ("price_ceiling: 0.05\n", "0", "0.05"),
        ("price_ceiling: 2\nprice_floor: 1.5\n", "1.5", "2"),
    ],
)
def test_the_market_begins_where_no_price_limit_shuts_a_side(
    band: str, low: str, high: str
) -> None:
    simulator = loaded(imported(LEAST + band).toml, instruments=RULES).simulator
    assert D(low) < simulator.pairs["DOGEUSDT"].start_price < D(high)  # type: ignore[index]


def test_amounts_of_a_pair_whose_lots_are_known_are_rounded_as_hummingbot_does() -> None:
    found = imported(LEAST.replace("40", "40.75") + "order_levels: 2\norder_level_amount: 1.5\n")
    assert pure(found).amounts == (D(40), D(41))
    assert "7: order_amount: 40.75 is no multiple of DOGEUSDT's lot of 1" in said(
        found, Matter.CHANGED
    )


def test_another_market_to_look_at_is_written_too() -> None:
    found = imported(
        LEAST
        + "price_source: external_market\nprice_source_exchange: valr\n"
        + "price_source_market: DOGE-USDC\n"
    )
    assert found.runs
    assert "DOGEUSDC" in loaded(found.toml, instruments=RULES).simulator.pairs


def test_a_value_of_a_feature_that_is_off_is_left_out_where_it_would_be_refused() -> None:
    waiting = "order_level_spread: 0\ninventory_range_multiplier: 0\nhanging_orders_cancel_pct: 0\n"
    found = imported(LEAST + waiting)
    assert found.runs
    assert said(found, Matter.CHANGED).count("had no effect, and would be refused here") == 3
    assert not imported(LEAST + waiting + "inventory_skew_enabled: true\n").runs


@pytest.mark.parametrize("key", ["order_refresh_time", "max_order_age", "filled_order_delay"])
def test_a_time_of_more_than_a_day_becomes_a_day(key: str) -> None:
    found = imported(f"{without(key)}{key}: 604800\n")
    assert getattr(pure(found), key) == 86_400
    assert "is more than a day" in said(found, Matter.CHANGED)


@pytest.mark.parametrize(
    ("line", "meant"),
    [
        ("bid_spread: 0.001", "0.1 %"),
        ("ask_spread: 0.01", "1 %"),
        ("order_level_spread: 0.002", "0.2 %"),
        ("minimum_spread: 0.001", "0.1 %"),
        ("order_refresh_tolerance_pct: 0.002", "0.2 %"),
        ("hanging_orders_enabled: true\nhanging_orders_cancel_pct: 0.1", "10 %"),
        ("inventory_target_base_pct: 0.5", "50 %"),
        ("bid_order_level_spreads: '0.002,0.004'", "0.2 %"),
        ("order_override: {a: [buy, 0.005, 40]}", "0.5 %"),
    ],
)
def test_a_fraction_where_a_percentage_belongs_is_remarked_with_what_was_meant(
    line: str, meant: str
) -> None:
    text = f"{without(line.partition(':')[0])}{line}\n"
    found = imported(text)
    assert f"{len(text.splitlines())}: " in said(found, Matter.DOUBTED)
    assert f'if a fraction was meant, write "{meant}"' in said(found, Matter.DOUBTED)
    assert found.runs, "it is converted as it stands"
    assert "if a fraction was meant" in " ".join(found.toml.replace("\n# ", " ").split())


def test_usual_percentages_are_not_doubted() -> None:
    assert said(imported(LEAST), Matter.DOUBTED) == ""


def test_fractions_of_the_first_templates_become_percentages() -> None:
    found = imported(
        "strategy: pure_market_making\nmaker_market: binance\nmaker_market_symbol: DOGEUSDT\n"
        "bid_place_threshold: 0.005\nask_place_threshold: 0.01\ncancel_order_wait_time: 60\n"
        "mode: multiple\nnumber_of_orders: 3\norder_start_size: 40\norder_step_size: 5\n"
        "order_interval_percent: 0.002\norder_amount: 1\ninventory_target_base_percent: 0.4\n"
        "filled_order_replenish_wait_time: 20\nenable_order_filled_stop_cancellation: true\n"
        "best_bid_ask_jump_mode: true\nbest_bid_ask_jump_orders_depth: 7\n"
        "external_pricing_source: true\nexternal_price_source_type: custom_api\n"
        "external_price_source_custom_api: https://prices.example.com/doge\n"
        "include_matching_orders: false\nexpiration_seconds: 130\n"
    )
    assert found.runs
    settings_ = pure(found)
    assert (settings_.bid_spread, settings_.ask_spread) == (D("0.005"), D("0.01"))
    assert settings_.amounts == (D(40), D(45), D(50))
    assert settings_.order_level_spread == D("0.002")
    assert settings_.inventory_target_base == D("0.4")
    assert (settings_.order_refresh_time, settings_.filled_order_delay) == (60, 20)
    assert settings_.hanging_orders_enabled
    assert settings_.order_optimization_enabled
    assert settings_.bid_order_optimization_depth == settings_.ask_order_optimization_depth == 7
    assert settings_.price_source is PriceSource.CUSTOM_API
    assert settings_.price_source_custom_api == "https://prices.example.com/doge"
    changed = said(found, Matter.CHANGED)
    assert (
        "4: bid_place_threshold: is called bid_spread now; the fraction 0.005 is 0.5 %" in changed
    )
    assert said(found, Matter.UNKNOWN) == ""


@pytest.mark.parametrize(
    ("lines", "source"),
    [
        ("price_source_enabled: false\nprice_source_type: exchange\n", "current_market"),
        (
            (
                "price_source_enabled: True\nprice_source_type: exchange\n"
                "price_source_exchange: valr\nprice_source_market: BTC-ZAR\n"
            ),
            "external_market",
        ),
        (
            (
                "price_source_enabled: yes\nprice_source_type: custom_api\n"
                "price_source_custom: https://prices.example.com/doge\n"
            ),
            "custom_api",
        ),
    ],
)
def test_price_sources_of_templates_16_and_17_are_known(lines: str, source: str) -> None:
    found = imported(LEAST + lines)
    assert found.runs
    assert pure(found).price_source.value == source
    assert said(found, Matter.UNKNOWN) == ""


@pytest.mark.parametrize(
    "lines",
    [
        "price_source_enabled: true\nprice_source_type: feed\n",
        "price_source_enabled: true\n",
        f"{CUSTOM}invert_custom_api_price: true\n",
        f"{CUSTOM}header_custom_api: {{Authorization: geheimes-wort}}\n",
    ],
)
def test_prices_that_cannot_be_had_are_to_be_decided(lines: str) -> None:
    found = imported(LEAST + lines)
    assert said(found, Matter.REFUSED)
    assert not found.runs
    assert "geheimes-wort" not in f"{found.toml}{found.remarks}"


def test_avellaneda_comes_over_in_the_form_that_its_numbers_belong_to() -> None:
    found = imported(AVELLANEDA)
    settings_ = avellaneda(found)
    assert settings_.compat is Compat.HUMMINGBOT
    assert settings_.risk_factor == 1
    assert settings_.order_optimization_enabled, "its default there"
    assert found.toml.count("its default there") == 3
    assert "64 bits" in said(found, Matter.DIFFERENT)


@pytest.mark.parametrize(
    "modes",
    [
        (
            "order_levels: 3\nlevel_distances: 2\nhanging_orders_enabled: true\n"
            "hanging_orders_cancel_pct: 7\nexecution_timeframe: daily_between_times\n"
            "start_time: 08:00:00\nend_time: 17:30:00\n"
        ),
        (
            "order_levels_mode: {order_levels: 3, level_distances: 2}\n"
            "hanging_orders_mode: {hanging_orders_cancel_pct: 7}\n"
            "execution_timeframe_mode: {start_time: '08:00:00', end_time: '17:30:00'}\n"
        ),
    ],
)
def test_both_forms_of_an_avellaneda_file_say_the_same(modes: str) -> None:
    found = imported(AVELLANEDA + modes)
    assert found.runs
    settings_ = avellaneda(found)
    assert (settings_.order_levels, settings_.level_distances) == (3, D(2))
    assert (settings_.hanging_orders_enabled, settings_.hanging_orders_cancel) == (True, D("0.07"))
    assert settings_.trading_hours is not None
    assert settings_.trading_hours.start == 8 * 3600


@pytest.mark.parametrize(
    ("lines", "refused"),
    [
        ("order_override: {a: [buy, 1, 2]}\n", "not known to this strategy"),
        ("order_levels: 2\nlevel_distances: 0\n", "the same price"),
        ("order_levels_mode: several\n", "is no table"),
        ("hanging_orders_mode: perhaps\n", "is no table"),
    ],
)
def test_what_avellaneda_has_not_here_is_to_be_decided(lines: str, refused: str) -> None:
    found = imported(AVELLANEDA + lines)
    assert refused in said(found, Matter.REFUSED)
    assert not found.runs


def test_buffers_beyond_what_is_kept_are_cut() -> None:
    found = imported(
        AVELLANEDA + "trading_intensity_buffer_size: 2000\nvolatility_buffer_size: 1\n"
    )
    settings_ = avellaneda(found)
    assert settings_.trading_intensity_buffer_size == 1000
    assert settings_.volatility_buffer_size == 2
