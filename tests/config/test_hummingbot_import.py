"""Configurations of Hummingbot's, converted: examples whole, and each thing that is said."""

import re
from decimal import Decimal
from pathlib import Path

import attrs
import pytest

from config.hummingbot.conversion import Conversion, converted
from config.hummingbot.differences import DIFFERENCES
from config.hummingbot.fields import FIELDS
from config.hummingbot.importing import Matter, Remark
from config.settings import Settings
from config.source.problems import ConfigurationProblems
from config.strategies.pure_market_making import PureMarketMakingSettings
from engine.environment.venue_connection import simulated_rules
from tests.config.loaded import loaded
from tests.trading.strategies.golden import DEFAULT_FILES, Json, parameters_of, scenarios
from trading.core.market import Side
from trading.strategies.pure_market_making.parameters import Compat, Parameters

D = Decimal
EXAMPLES = Path(__file__).parent / "hummingbot"
DOCS = Path(__file__).parents[2] / "docs"

LEAST = """\
strategy: pure_market_making
exchange: valr
market: DOGE-USDT
bid_spread: 1
ask_spread: 1
order_refresh_time: 30
order_amount: 40
"""

# Section 3.3 of the original's description: every field that its configuration map has.
ALL_FIELDS = [
    "exchange",
    "market",
    "bid_spread",
    "ask_spread",
    "minimum_spread",
    "order_refresh_time",
    "max_order_age",
    "order_refresh_tolerance_pct",
    "order_amount",
    "price_ceiling",
    "price_floor",
    "moving_price_band_enabled",
    "price_ceiling_pct",
    "price_floor_pct",
    "price_band_refresh_time",
    "ping_pong_enabled",
    "order_levels",
    "order_level_amount",
    "order_level_spread",
    "inventory_skew_enabled",
    "inventory_target_base_pct",
    "inventory_range_multiplier",
    "inventory_price",
    "filled_order_delay",
    "hanging_orders_enabled",
    "hanging_orders_cancel_pct",
    "order_optimization_enabled",
    "ask_order_optimization_depth",
    "bid_order_optimization_depth",
    "add_transaction_costs",
    "price_source",
    "price_type",
    "price_source_exchange",
    "price_source_market",
    "take_if_crossed",
    "price_source_custom_api",
    "custom_api_update_interval",
    "order_override",
    "should_wait_order_cancel_confirmation",
    "split_order_levels_enabled",
    "bid_order_level_spreads",
    "bid_order_level_amounts",
    "ask_order_level_spreads",
    "ask_order_level_amounts",
]


def imported(text: str, *, compat: bool = False) -> Conversion:
    return converted(
        "old.yml",
        text.encode(),
        compat=compat,
        out="new.toml",
        simulated_pairs=dict(simulated_rules()),
    )


def settings(conversion: Conversion) -> PureMarketMakingSettings:
    [strategy] = loaded(conversion.toml).strategies.values()
    assert isinstance(strategy, PureMarketMakingSettings)
    return strategy


def whole(conversion: Conversion) -> Settings:
    return loaded(conversion.toml)


def about(conversion: Conversion, key: str) -> list[Remark]:
    return [remark for remark in conversion.remarks if remark.key == key]


@pytest.mark.parametrize("name", ["usual", "everything"])
def test_examples_are_converted_whole(name: str) -> None:
    data = (EXAMPLES / f"conf_pure_mm_{name}.yml").read_bytes()
    found = converted(
        f"conf_pure_mm_{name}.yml",
        data,
        compat=False,
        out="new.toml",
        simulated_pairs=dict(simulated_rules()),
    )
    golden = EXAMPLES / f"{name}.toml"
    assert found.toml == golden.read_text(encoding="utf-8")
    assert found.problems == ()
    assert found.misfits == ()
    assert whole(found).venue.simulated


def test_every_field_of_the_original_has_its_place() -> None:
    assert set(ALL_FIELDS) <= set(FIELDS)


def test_the_example_with_everything_has_every_field() -> None:
    text = (EXAMPLES / "conf_pure_mm_everything.yml").read_text()
    assert set(ALL_FIELDS) <= set(re.findall(r"^(\w+):", text, re.MULTILINE))


def test_every_number_of_a_difference_is_one_of_the_list() -> None:
    listed = (DOCS / "pure-market-making.md").read_text(encoding="utf-8")
    numbers = {int(number) for number in re.findall(r"^\| (\d+) \|", listed, re.MULTILINE)}
    assert {each.quirk for each in DIFFERENCES} <= numbers


def test_a_field_that_is_left_out_means_what_it_means_there() -> None:
    assert settings(imported(LEAST)).order_refresh_tolerance == 0


@pytest.mark.parametrize(
    ("line", "says", "cure"),
    [
        ("minimum_spread: -100.0", "-100 means off", ""),
        ("minimum_spread: -3", "only ever cancels orders on the wrong side", "keeps it"),
        ("order_refresh_time: 0.01", "replace at every tick", "reaction_interval"),
        ("order_refresh_tolerance_pct: -1.0", "means off", ""),
        ("price_ceiling: -1", "-1 means off", ""),
        ("price_floor: -1.0", "-1 means off", ""),
        ("price_floor: NaN", "NaN means none", ""),
        ("exchange: kucoin", "kucoin becomes VALR", ""),
        ("exchange: valr_paper_trade", "the simulated VALR", ""),
        ("inventory_price: 2", "had no effect", ""),
        ("should_wait_order_cancel_confirmation: false", "was always true", ""),
        ("price_source_custom_api: https://x.example", "with custom_api only: left out", ""),
        ("price_source_market: BTC-ZAR", "with external_market only: left out", ""),
        ("take_if_crossed: true", "with external_market only: left out", ""),
        ("volatility_interval: 60", "is not known; it says 60", "nothing here is like it"),
        ("bid_spreads: 3", "is not known; it says 3", "did you mean bid_spread?"),
    ],
)
def test_what_is_said_of_a_line_names_it_and_the_result_loads(
    line: str, says: str, cure: str
) -> None:
    key = line.partition(":")[0]
    text = "".join(
        kept for kept in LEAST.splitlines(keepends=True) if not kept.startswith(f"{key}:")
    )
    found = imported(f"{text}{line}\n")
    [remark] = about(found, key)
    assert says in remark.text
    assert cure in remark.cure
    assert remark.line == len(text.splitlines()) + 1
    assert says.split(maxsplit=1)[0] in found.toml
    assert found.problems == ()
    assert settings(found).order_amount == 40


@pytest.mark.parametrize(
    ("text", "refused", "problem"),
    [
        ("order_levels: 0", "0 levels mean no orders", "order_levels: 0 is not at least 1"),
        ("bid_spread: abc", "abc is not a number", "bid_spread: is missing"),
        ("ping_pong_enabled: perhaps", "neither true nor false", ""),
        ("order_override: '[1'", "neither a table nor JSON", ""),
        ("order_override: {a: [hold, 1, 2]}", "hold is neither buy nor sell", ""),
        ("order_override: {a: [buy, 1]}", "is not [side, spread, amount]", ""),
        ("bid_order_level_spreads: 1,x", "x is not a number", ""),
        (
            (
                "price_source: external_market\nprice_source_exchange: kucoin\n"
                "price_source_market: DOGE-BTC"
            ),
            "kucoin's markets cannot be looked at",
            'price_source_exchange: "kucoin" is not known',
        ),
    ],
)
def test_what_cannot_be_as_it_is_is_refused_with_line_and_cure(
    text: str, refused: str, problem: str
) -> None:
    key = text.partition(":")[0]
    least = "".join(
        kept for kept in LEAST.splitlines(keepends=True) if not kept.startswith(f"{key}:")
    )
    found = imported(f"{least}{text}\n")
    [remark] = [remark for remark in found.remarks if remark.matter is Matter.REFUSED]
    assert refused in remark.text
    assert remark.cure
    assert remark.line is not None
    assert "TO CHANGE: " in found.toml
    assert problem in "\n".join(map(str, found.problems))
    assert bool(found.problems) == bool(problem)


def test_contradictions_are_left_for_the_person_and_named() -> None:
    found = imported(LEAST + "minimum_spread: 5\n")
    [problem] = found.problems
    assert problem.origin == "new.toml"
    assert "every order would be cancelled at once" in problem.message


def test_a_pair_that_no_exchange_could_have_is_named() -> None:
    found = imported(LEAST.replace("DOGE-USDT", "shib_inu-USDT"))
    assert found.problems != ()
    assert not found.runs


def test_override_levels_are_tables_whose_names_fit() -> None:
    found = imported(
        LEAST + 'order_override: {"order_1": [buy, 0.5, 40], "Order-1": ["SELL", 0.25, 50]}\n'
    )
    levels = settings(found).order_override
    assert list(levels) == ["order1", "order12"]
    assert [(each.side, each.spread, each.amount) for each in levels.values()] == [
        (Side.BUY, D("0.005"), D(40)),
        (Side.SELL, D("0.0025"), D(50)),
    ]


def test_split_levels_are_lists_of_percentages_and_of_amounts() -> None:
    found = imported(
        LEAST
        + "split_order_levels_enabled: true\nbid_order_level_spreads: 1,2\n"
        + "bid_order_level_amounts: [40, 120]\nask_order_level_spreads: '0.5'\n"
        + "ask_order_level_amounts: 60\n"
    )
    strategy = settings(found)
    assert strategy.bid_order_level_spreads == (D("0.01"), D("0.02"))
    assert strategy.bid_order_level_amounts == (D(40), D(120))
    assert strategy.ask_order_level_spreads == (D("0.005"),)
    assert [remark.quirk for remark in about(found, "bid_order_level_amounts")] == [16]


def test_another_market_of_the_venue_may_be_quoted_around_and_crossed() -> None:
    found = imported(
        LEAST
        + "price_source: external_market\nprice_source_exchange: valr\n"
        + "price_source_market: BTC-ZAR\nprice_type: last_price\ntake_if_crossed: true\n"
    )
    strategy = settings(found)
    assert strategy.price_source_market == "BTCZAR"
    assert strategy.take_if_crossed


def test_a_custom_price_keeps_its_address_and_interval() -> None:
    found = imported(
        LEAST
        + "price_source: custom_api\nprice_type: custom\ncustom_api_update_interval: 2.5\n"
        + "price_source_custom_api: https://prices.example.com/doge?in=usdt\n"
    )
    strategy = settings(found)
    assert strategy.price_source_custom_api == "https://prices.example.com/doge?in=usdt"
    assert strategy.custom_api_update_interval == 2.5
    assert [remark.quirk for remark in about(found, "price_source")] == [8]


@pytest.mark.parametrize(
    ("text", "key", "value"),
    [
        (
            (
                "execution_timeframe: from_date_to_date\nstart_time: '2026-01-31 08:00:00'\n"
                "end_time: 2026-02-28 20:30:00\n"
            ),
            "trading_begins_at",
            1_769_846_400.0,
        ),
        (
            (
                "execution_timeframe_mode:\n  start_datetime: 2026-01-31 08:00:00\n"
                "  end_datetime: 2026-02-28 20:30:00\n"
            ),
            "trading_ends_at",
            1_772_310_600.0,
        ),
    ],
)
def test_time_windows_are_kept_in_utc(text: str, key: str, value: float) -> None:
    found = imported(LEAST + text)
    assert getattr(settings(found), key) == value
    assert "are UTC here" in about(found, text.partition(":")[0])[0].text


def test_daily_hours_are_kept_and_an_endless_window_is_none() -> None:
    daily = "execution_timeframe_mode:\n  start_time: '22:00:00'\n  end_time: '6:30:00'\n"
    hours = settings(imported(LEAST + daily)).trading_hours
    assert hours is not None
    assert (hours.start, hours.end) == (79_200, 23_400)
    assert settings(imported(LEAST + "execution_timeframe: infinite\n")).trading_hours is None
    compat = imported(LEAST + daily, compat=True)
    assert settings(compat).trading_hours is None
    assert "compat mode knows no hours" in about(compat, "execution_timeframe_mode")[0].text


def test_compat_mode_is_a_word_and_leaves_one_difference() -> None:
    found = imported(LEAST + "hanging_orders_enabled: true\n", compat=True)
    assert settings(found).compat is Compat.HUMMINGBOT
    assert [r.quirk for r in found.remarks if r.matter is Matter.DIFFERENT] == [20]
    usual = imported(LEAST + "hanging_orders_enabled: true\n")
    assert {1, 13, 14, 18, 27} < {r.quirk for r in usual.remarks if r.matter is Matter.DIFFERENT}


def test_what_is_still_to_be_filled_in_is_said() -> None:
    [remark] = [r for r in imported(LEAST).remarks if r.matter is Matter.TO_DO]
    assert "max_daily_loss" in remark.text


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("strategy: [", "old.yml:1:12: not YAML"),
        ("- a\n- b", "old.yml:1:1: holds no table"),
        ("", "old.yml:1:1: holds no table"),
        ("a: 1\nb: 2\na: 3", "old.yml:3:1: has a twice"),
        ("a: {b: {c: {d: {e: {f: {g: 1}}}}}}", "nested beyond reason"),
        (
            "a: !!python/object/apply:os.system ['x']\nstrategy: twap",
            "strategy",
        ),
        ("market: DOGE-USDT", "strategy: is missing"),
        ("a: &a [*a]\nstrategy: x", "old.yml"),
        ("\x00", "not YAML"),
    ],
)
def test_what_is_no_such_file_is_refused_at_its_place(text: str, says: str) -> None:
    with pytest.raises(ConfigurationProblems) as caught:
        imported(text)
    assert says in str(caught.value)


def written(cfg: Json) -> str:
    """A recorded configuration as the file that it was read from."""
    lists = {
        f"{side}_order_level_{what}": ",".join(
            str(level[index])
            for level in cfg["override"].values()
            if cfg["split"] and level[0] == word
        )
        for side, word in (("bid", "buy"), ("ask", "sell"))
        for what, index in (("spreads", 1), ("amounts", 2))
    }
    override = "" if cfg["split"] else str(cfg["override"] or "").replace("'", '"')
    times_100 = {
        name: D(cfg[short]) * 100
        for name, short in (
            *((key, key) for key in ("bid_spread", "ask_spread", "minimum_spread")),
            *((key, key) for key in ("order_level_spread", "order_refresh_tolerance_pct")),
            ("inventory_target_base_pct", "target"),
            ("hanging_orders_cancel_pct", "hang_pct"),
        )
    }
    as_they_are = {
        name: cfg[short]
        for name, short in (
            *((key, key) for key in ("order_amount", "order_levels", "order_level_amount")),
            *((key, key) for key in ("order_refresh_time", "max_order_age", "filled_order_delay")),
            *((key, key) for key in ("price_ceiling", "price_floor", "price_type")),
            ("moving_price_band_enabled", "moving_band"),
            ("price_ceiling_pct", "ceiling_pct"),
            ("price_floor_pct", "floor_pct"),
            ("price_band_refresh_time", "band_refresh"),
            ("ping_pong_enabled", "ping_pong"),
            ("inventory_skew_enabled", "skew"),
            ("inventory_range_multiplier", "range_mult"),
            ("order_optimization_enabled", "optimize"),
            ("bid_order_optimization_depth", "bid_depth"),
            ("ask_order_optimization_depth", "ask_depth"),
            ("add_transaction_costs", "add_costs"),
            ("hanging_orders_enabled", "hanging"),
            ("split_order_levels_enabled", "split"),
        )
    }
    fields = {
        "strategy": "pure_market_making",
        "market": "ABCDE-USDT",  # of whose lots nothing is known, so that no amount is rounded
        "order_override": override,
        **times_100,
        **as_they_are,
        **{name: f"'{text}'" for name, text in lists.items()},
    }
    return "".join(f"{name}: {value}\n" for name, value in fields.items())


def without_use(parameters: Parameters) -> Parameters:
    """Without what the original reads in special cases only."""
    return attrs.evolve(parameters, take_if_crossed=False)


def recorded() -> list[Json]:
    files = [path for path in DEFAULT_FILES if path.exists()]
    return [scenario.recorded["cfg"] for path in files for scenario in scenarios(path)]


def test_every_recorded_configuration_comes_over_exactly() -> None:
    cfgs = recorded()
    if not cfgs:
        pytest.skip("no recorded scenarios")
    for cfg in cfgs:
        found = imported(written(cfg), compat=True)
        wanted = without_use(parameters_of(cfg, wait=True))
        least = max(1.0, wanted.order_refresh_time)
        assert without_use(settings(found).parameters) == attrs.evolve(
            wanted, order_refresh_time=least
        )
