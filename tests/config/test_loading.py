"""What a sound configuration becomes, and how a bad one is refused: word by word."""

from decimal import Decimal
from pathlib import Path

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from config.sections.log import LogLevel
from config.sections.simulator import Flow
from config.source.problems import ConfigurationProblems
from tests.config.loaded import INSTRUMENTS, PAPER, golden, loaded, making, refusal
from trading.core.errors import FatalReason
from trading.core.identifiers import Pair, StrategyName

DOGE = StrategyName("doge")


def test_what_is_left_out_has_its_default() -> None:
    settings = loaded(PAPER)
    assert settings.venue.simulated
    assert settings.simulator.flow is Flow.SYNTHETIC
    assert settings.log.level is LogLevel.INFO
    assert making(settings).minimum_spread is None
    assert making(settings).order_refresh_tolerance is None
    assert settings.recording_pair == Pair("DOGEUSDT")


def test_all_problems_are_reported_at_once_in_the_order_of_the_file() -> None:
    text = """\
[engine]
name = "Paper!"
sed = 1
[log]
level = "loud"
[venue]
kind = "valr"
[strategies.doge]
kind = "pure_market_makin"
pair = "XMRETH"
order_amount = "40"
bid_spread = 0.1
ask_spread = "0 %"
minimum_spraed = "0.1 %"
[strategies.btc]
kind = "pure_market_making"
pair = "USDT-DOGE"
order_amount = 4
bid_spread = "-100.0 %"
ask_spread = "0.1 %"
order_refresh_time = 0.01
[strategy.more]
"""
    problems = refusal(text, "log.level=2", instruments=INSTRUMENTS)
    assert problems.reason is FatalReason.CONFIGURATION
    assert golden(problems) == [
        'test.toml:2:1: engine.name: "Paper!" is not a name',
        "    cure: use 1 to 12 of a-z and 0-9: it becomes part of every client order id",
        "test.toml:3:1: engine.sed: is not a known key",
        "    cure: did you mean seed?",
        "test.toml:8:13: strategies.doge.order_refresh_time: is missing",
        "    cure: add a line: order_refresh_time = ...",
        'test.toml:9:1: strategies.doge.kind: "pure_market_makin" is not known',
        "    cure: did you mean pure_market_making?",
        "test.toml:10:1: strategies.doge.pair: XMRETH is not active",
        "    cure: choose a pair that is traded now",
        'test.toml:11:1: strategies.doge.order_amount: "40" is not a number',
        "    cure: write a number without quotes: 40",
        (
            "test.toml:12:1: strategies.doge.bid_spread: 0.1 is a bare number, which could be a "
            "percentage or a fraction"
        ),
        '    cure: write "0.1 %" if that many percent are meant',
        "test.toml:13:1: strategies.doge.ask_spread: 0 % is not above 0 %",
        "    cure: give a number above 0 %",
        "test.toml:14:1: strategies.doge.minimum_spraed: is not a known key",
        "    cure: did you mean minimum_spread?",
        "test.toml:17:1: strategies.btc.pair: USDTDOGE is not traded here",
        "    cure: did you mean DOGEUSDT? The base currency goes first",
        "test.toml:19:1: strategies.btc.bid_spread: -100 % is not above 0 %",
        "    cure: give a number above 0 %",
        "test.toml:22:2: strategy: is not a known section",
        "    cure: did you mean strategies?",
        "--set log.level: 2 is not known",
        "    cure: known here: debug, error, info, warning",
    ]


@pytest.mark.parametrize(
    ("line", "instead", "said"),
    [
        (
            "order_amount = 40",
            "order_amount = 3",
            [
                (
                    "test.toml:10:1: strategies.doge.order_amount: "
                    "3 DOGE is below DOGEUSDT's minimum of 4 DOGE"
                ),
                "    cure: give at least 4 DOGE",
            ],
        ),
        (
            "order_amount = 40",
            "order_amount = 600000",
            [
                (
                    "test.toml:10:1: strategies.doge.order_amount: "
                    "600000 DOGE is above DOGEUSDT's maximum of 500000 DOGE"
                ),
                "    cure: give at most 500000 DOGE",
            ],
        ),
        (
            "order_amount = 40",
            "order_amount = 40.5",
            [
                (
                    "test.toml:10:1: strategies.doge.order_amount: "
                    "40.5 DOGE is not a multiple of DOGEUSDT's lot of 1 DOGE"
                ),
                "    cure: give 40 or 41",
            ],
        ),
        (
            "order_amount = 40",
            "order_amount = 40\norder_levels = 3\norder_level_amount = -19",
            [
                (
                    "test.toml:12:1: strategies.doge.order_level_amount: "
                    "makes level 3 2: 2 DOGE is below DOGEUSDT's minimum of 4 DOGE"
                ),
                "    cure: give at least 4 DOGE",
            ],
        ),
        (
            "order_amount = 40",
            "order_amount = 40\norder_levels = 3\norder_level_amount = -20",
            [
                "test.toml:12:1: strategies.doge.order_level_amount: leaves the last level 0",
                "    cure: use fewer levels or shrink the amounts more slowly",
            ],
        ),
        (
            "order_amount = 40",
            'order_amount = 40\norder_levels = 3\norder_level_spread = "50 %"',
            [
                (
                    "test.toml:12:1: strategies.doge.order_level_spread: "
                    "puts the last bid 100.1 % below the mid price"
                ),
                "    cure: use fewer levels or a smaller order_level_spread",
            ],
        ),
        (
            "order_amount = 40",
            'order_amount = 40\nminimum_spread = "0.15 %"',
            [
                (
                    "test.toml:11:1: strategies.doge.minimum_spread: of 0.15 % is not below "
                    "the spread of 0.1 %: every order would be cancelled at once"
                ),
                "    cure: keep it below bid_spread and ask_spread, or leave it out",
            ],
        ),
        (
            "DOGE-USDT",
            "DOGE-USD",
            [
                "test.toml:9:1: strategies.doge.pair: DOGEUSD is not traded here",
                "    cure: did you mean DOGEUSDT?",
            ],
        ),
        (
            "DOGE-USDT",
            "usdt-doge",
            [
                "test.toml:9:1: strategies.doge.pair: USDTDOGE is not traded here",
                "    cure: did you mean DOGEUSDT? The base currency goes first",
            ],
        ),
        (
            "DOGE-USDT",
            "XMR-ETH",
            [
                "test.toml:9:1: strategies.doge.pair: XMRETH is not active",
                "    cure: choose a pair that is traded now",
            ],
        ),
        (
            "order_refresh_time = 15",
            "order_refresh_time = 0.01",
            [
                (
                    "test.toml:13:1: strategies.doge.order_refresh_time: "
                    "0.01 s is below the minimum of 1 s"
                ),
                (
                    "    cure: give at least 1; with the simulated exchange "
                    "engine.minimum_order_refresh_time may be lowered"
                ),
            ],
        ),
        (
            "[strategies.doge]",
            "[strategies.Doge-1]",
            [
                'test.toml:7:13: strategies.Doge-1: "Doge-1" is not a name',
                "    cure: use 1 to 12 of a-z and 0-9: it becomes part of every client order id",
            ],
        ),
        (
            'kind = "valr"',
            'kind = "valr"\n[simulator]\nflow = "recording"',
            [
                "test.toml:7:1: simulator.flow: is recording, but no recording is named",
                '    cure: name its file: simulator.recording = "PATH"',
            ],
        ),
        (
            'kind = "valr"',
            'kind = "valr"\nbalance_age_max_s = 20',
            [
                (
                    "test.toml:6:1: venue.balance_age_max_s: "
                    "is not longer than balance_refresh_s (30 s)"
                ),
                "    cure: give it at least twice that, or quotes would stop between two looks",
            ],
        ),
        (
            'kind = "valr"',
            'kind = "valr"\nrest_url = "https://api.valr.com"',
            [
                "test.toml:6:1: venue.rest_url: is given, but websocket_url is not",
                "    cure: give both for a real exchange, none for the simulated one",
            ],
        ),
    ],
)
def test_each_mistake_is_named_with_its_place_and_cure(
    line: str, instead: str, said: list[str]
) -> None:
    problems = refusal(PAPER.replace(line, instead), instruments=INSTRUMENTS)
    assert golden(problems) == said
    assert problems.reason is FatalReason.CONFIGURATION


def test_two_strategies_may_trade_one_pair() -> None:
    second = PAPER[PAPER.index("[strategies.doge]") :].replace("doge", "second", 1)
    settings = loaded(PAPER + second.replace("DOGE-USDT", "doge/usdt"))
    assert {strategy.pair for strategy in settings.strategies.values()} == {"DOGEUSDT"}


def test_the_same_table_twice_is_refused() -> None:
    assert golden(refusal(PAPER + "[strategies.doge]\n"))[0].startswith(
        "test.toml:14:17: not TOML: Cannot declare"
    )


def test_bad_toml_is_shown_with_a_caret() -> None:
    assert golden(refusal('[engine]\nname = "paper"\nseed 1\n')) == [
        "test.toml:3:6: not TOML: Expected '=' after a key in a key/value pair",
        "    seed 1",
        "         ^",
        "    cure: correct the text at the caret",
    ]


def test_a_syntax_error_shows_no_line_that_may_hold_a_key() -> None:
    problems = refusal("[venue.credentials]\napi_secret = hunter2hunter2\n")
    assert "hunter2" not in str(problems)
    assert "(the line is not shown: it may hold a key)" in str(problems)


def test_a_hostile_file_cannot_reach_the_terminal() -> None:
    problems = refusal('[engine]\nname = \x1b[31m"x"\n"\\u001b[2J" = 1\n')
    assert "\x1b" not in str(problems)
    problems = refusal('[engine]\nname = "\\u001b[31m\\nfake"\n"\\u001b[2J" = 1\n')
    assert "\x1b" not in str(problems)
    assert '"\\x1b[31m\\nfake" is not a name' in str(problems)


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (PAPER.encode("utf-16"), "test.toml:1:1: is not UTF-8 text"),
        (b"[engine]\nname = '\xff'\n", "test.toml:2:9: is not UTF-8 text"),
        (b"x = " + b"9" * 5000, "test.toml:1:5: holds a number or a nesting beyond reason"),
        (b"x = " + b"[" * 5000, "test.toml:1:1: holds a number or a nesting beyond reason"),
        (b"[engine]\nname = 'a", 'test.toml:2:10: not TOML: Expected "\'"'),
        (b"", "test.toml:1:1: engine.name: is missing"),
    ],
)
def test_a_file_that_is_no_configuration_is_refused(data: bytes, said: str) -> None:
    assert golden(refusal(data))[0] == said


@pytest.mark.parametrize("start", [b"", b"\xef\xbb\xbf"])
def test_line_ends_of_windows_and_a_byte_order_mark_change_nothing(start: bytes) -> None:
    data = start + PAPER.replace("\n", "\r\n").encode()
    assert attrs.asdict(loaded(data), recurse=False) == attrs.asdict(loaded(PAPER), recurse=False)
    bad = data.replace(b"order_amount = 40", b"order_amount = 0")
    assert golden(refusal(bad))[0].startswith("test.toml:10:1: strategies.doge.order_amount: 0 is")


@pytest.mark.parametrize(
    "number",
    ["nan", "inf", "-inf", "1e309", "1e99999999999999999999", "0xffffffffffffffffffff", "-4"],
)
def test_no_absurd_number_is_taken_for_money(number: str) -> None:
    text = PAPER.replace("order_amount = 40", f"order_amount = {number}")
    assert golden(refusal(text))[0].startswith("test.toml:10:1: strategies.doge.order_amount: ")


@pytest.mark.parametrize("key", ["order_amount", "bid_spread", "ask_spread", "pair", "kind"])
def test_money_has_no_default(key: str) -> None:
    head, doge = PAPER.split("[strategies.doge]\n")
    kept = [line for line in doge.splitlines() if not line.startswith(key)]
    text = head + "[strategies.doge]\n" + "\n".join(kept)
    assert golden(refusal(text)) == [
        f"test.toml:7:13: strategies.doge.{key}: is missing",
        f"    cure: add a line: {key} = ...",
    ]


def test_a_recording_that_is_not_there_is_missed_before_anything_connects() -> None:
    overrides = ("simulator.flow=recording", "simulator.recording=../data/btc.gz")
    there = f'"{Path.cwd().parent}/data/btc.gz"'
    assert golden(refusal(PAPER, *overrides)) == [
        f"--set simulator.recording: there is no file {there}, and no dataset",
        "    cure: name the file of a recording, or the folder of a dataset",
    ]
    settings = loaded(PAPER, *overrides, other_files={"../data/btc.gz": b""})
    assert settings.simulator.recording == (f"{Path.cwd().parent}/data/btc.gz",)


def test_a_pair_may_be_added_to_the_simulated_exchange() -> None:
    text = """\
[simulator.pairs.DOGE-ZAR]
base = "DOGE"
quote = "ZAR"
tick_size = 0.0001
base_decimal_places = 0
min_base = 4
max_base = 1000000
min_quote = 10
max_quote = 1000000
start_price = 1.8
"""
    settings = loaded(PAPER.replace("DOGE-USDT", "DOGEZAR") + text, instruments=INSTRUMENTS)
    assert settings.simulator.pairs[Pair("DOGEZAR")].lot_size == 1
    problems = refusal(PAPER + text.replace("min_base = 4", "min_base = 4e6"))
    assert golden(problems)[0] == (
        "test.toml:19:1: simulator.pairs.DOGE-ZAR.min_base: is above max_base"
    )


def test_problems_know_their_parts() -> None:
    [problem] = refusal(PAPER.replace("= 40", "= -1")).problems
    assert (problem.key, problem.origin) == ("strategies.doge.order_amount", "test.toml")
    with pytest.raises(ConfigurationProblems):
        loaded("")


@given(
    spread=st.decimals("-1", 100, places=2),
    minimum=st.decimals("-1", 50, places=2),
    levels=st.integers(0, 9),
    level_spread=st.decimals("-1", 20, places=2),
    level_amount=st.integers(-45, 5),
    delay=st.integers(-1, 1),
)
def test_what_is_taken_here_the_strategy_takes_too(
    spread: Decimal,
    minimum: Decimal,
    levels: int,
    level_spread: Decimal,
    level_amount: int,
    delay: int,
) -> None:
    doge = "strategies.doge"
    try:
        settings = loaded(
            PAPER,
            f"{doge}.bid_spread={spread} %",
            f"{doge}.ask_spread={spread} %",
            f"{doge}.minimum_spread={minimum} %",
            f"{doge}.order_levels={levels}",
            f"{doge}.order_level_spread={level_spread} %",
            f"{doge}.order_level_amount={level_amount}",
            f"{doge}.filled_order_delay={delay}",
        )
    except ConfigurationProblems:
        return
    assert making(settings).parameters.order_levels == levels
