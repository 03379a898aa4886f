"""``--set dotted.key=value``: laid over the file, checked like the file, blamed by its own name."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from config.sections.simulator import Flow
from config.source.problems import ConfigurationProblems
from tests.config.loaded import INSTRUMENTS, KEYS, LIVE, PAPER, golden, loaded, making, refusal
from trading.core.identifiers import StrategyName

DOGE = StrategyName("doge")


@pytest.mark.parametrize(
    ("override", "fraction"),
    [
        ("strategies.doge.bid_spread=0.5 %", Decimal("0.005")),
        ('strategies.doge.bid_spread="0.5 %"', Decimal("0.005")),
        ("strategies.doge.bid_spread = 0.5%", Decimal("0.005")),
    ],
)
def test_a_value_is_toml_or_else_text(override: str, fraction: Decimal) -> None:
    assert making(loaded(PAPER, override)).bid_spread == fraction


def test_a_later_override_goes_before_an_earlier_one() -> None:
    settings = loaded(PAPER, "engine.seed=2", "engine.seed=3")
    assert settings.engine.seed == 3


def test_a_whole_table_may_be_set() -> None:
    other = '{kind="pure_market_making",pair="BTCUSDT",order_amount=1,bid_spread="1%",'
    settings = loaded(
        PAPER, f'strategies.btc={other}ask_spread="1%",order_refresh_time=9}}', "log={}"
    )
    assert list(settings.strategies) == ["doge", "btc"]


def test_a_number_stays_exact() -> None:
    settings = loaded(PAPER, "strategies.doge.order_amount=40.10000000000001")
    assert settings.strategies[DOGE].order_amount == Decimal("40.10000000000001")


@pytest.mark.parametrize(
    ("override", "said"),
    [
        ("strategies.doge.order_amount=0", "--set strategies.doge.order_amount: 0 is not above 0"),
        (
            "strategies.doge.order_amuont=4",
            "--set strategies.doge.order_amuont: is not a known key",
        ),
        ("engine.seed", "--set engine.seed: has no value"),
        ("=1", "--set : is not a dotted key"),
        ("engine..seed=1", "--set engine..seed: is not a dotted key"),
        ("engine.seed.deep=1", "--set engine.seed.deep: engine.seed: a table is not a number"),
        ("engine.name.deep=1", "--set engine.name.deep: name is not a table"),
        ("strategies.x.pair=BTCUSDT", "--set strategies.x.pair: strategies.x.kind: is missing"),
        ("engine=1", "--set engine: 1 is not a table"),
        ("strategies=[]", "--set strategies: a list is not a table"),
        ("strategies={}", "--set strategies: there is no strategy"),
        ("simulator.balances=3", "--set simulator.balances: 3 is not a table"),
        ("simulator.speed=0", "--set simulator.speed: 0 is not above 0"),
        (
            "simulator.queue=power:0",
            (
                "--set simulator.queue: is not understood: 'power:0': "
                "after power: comes a number above zero, as in power:2"
            ),
        ),
        ("engine.seed=1\nname = 2", '--set engine.seed: "1\\nname = 2" is not a number'),
    ],
)
def test_a_bad_override_is_named_itself(override: str, said: str) -> None:
    assert golden(refusal(PAPER, override))[0] == said


def test_a_name_in_an_override_that_is_nearly_one_of_the_file_is_one_problem_with_a_hint() -> None:
    [said, cure] = golden(refusal(PAPER, "strategies.dog.order_amount=4"))
    assert said.endswith(
        "strategies.dog: is not in test.toml, and lacks keys to be a table of its own"
    )
    assert cure == "    cure: did you mean strategies.doge?"


def test_play_money_of_a_currency_that_no_simulated_pair_has_is_a_mistake() -> None:
    problems = refusal(PAPER, "simulator.balances.DOGGE=1", instruments=INSTRUMENTS)
    assert golden(problems) == [
        "--set simulator.balances.DOGGE: is the currency of no simulated pair",
        "    cure: did you mean DOGE?",
    ]


def test_an_override_that_cannot_matter_is_refused_and_the_same_in_the_file_is_not() -> None:
    live = LIVE + '[simulator]\nflow = "synthetic"\n'
    assert not loaded(live, environment=KEYS).venue.simulated
    assert golden(refusal(live, "simulator.flow=synthetic", environment=KEYS)) == [
        "--set simulator.flow: has no effect: the venue's URLs name a real exchange",
        "    cure: leave the URLs out to trade with the simulated exchange",
    ]


def test_only_the_simulated_exchange_may_be_refreshed_faster() -> None:
    fast = ("engine.minimum_order_refresh_time=0.1", "strategies.doge.order_refresh_time=0.2")
    assert loaded(PAPER, *fast).simulator.flow is Flow.SYNTHETIC
    assert golden(refusal(LIVE, *fast, environment=KEYS)) == [
        "--set engine.minimum_order_refresh_time: 0.1 s is only for the simulated exchange",
        "    cure: give at least 1, or leave the venue's URLs out",
    ]


@given(st.text(), st.text())
def test_any_override_is_taken_or_refused_but_never_worse(key: str, value: str) -> None:
    problems = ""
    try:
        loaded(PAPER, f"{key}={value}")
    except ConfigurationProblems as refused:
        problems = str(refused)
    assert all(line.isprintable() for line in problems.split("\n"))
