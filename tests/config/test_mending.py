"""A strategy that is broken in part: the rest of it is checked, and nothing that only stands in."""

import pytest

from tests.config.loaded import INSTRUMENTS, golden, refusal

SOUND = """\
[engine]
name = "paper"
[venue]
kind = "valr"
[strategies.doge]
kind = "pure_market_making"
pair = "DOGE-USDT"
order_amount = 40
bid_spread = "0.1 %"
ask_spread = "0.1 %"
order_refresh_time = 15
"""


@pytest.mark.parametrize(
    ("sound", "broken"),
    [
        ("order_amount = 40", 'order_amount = "forty"'),
        ('bid_spread = "0.1 %"', "bid_spread = 0.1"),
        ("order_refresh_time = 15", 'order_refresh_time = "15"'),
        ('kind = "pure_market_making"', 'kind = "none"'),
        ('pair = "DOGE-USDT"', "pair = 3"),
    ],
)
def test_one_broken_setting_is_one_problem(sound: str, broken: str) -> None:
    problems = refusal(SOUND.replace(sound, broken), instruments=INSTRUMENTS)
    assert len(problems.problems) == 1


def test_what_is_wrong_with_the_rest_is_said_as_well() -> None:
    text = SOUND.replace("order_amount = 40", "order_amount = 1").replace('"0.1 %"', "0.1", 1)
    said = "\n".join(golden(refusal(text, instruments=INSTRUMENTS)))
    assert "below DOGEUSDT's minimum of 4 DOGE" in said
    assert "0.1 is a bare number" in said
