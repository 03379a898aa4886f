"""Cancels by REST become probes while nothing is answered."""

from trading.core.identifiers import StrategyName
from trading.gateway.rest_silence import RestSilence

ONE, OTHER = StrategyName("one"), StrategyName("other")
AT_ONCE = float("-inf")


def test_while_requests_are_answered_nothing_waits() -> None:
    silence = RestSilence()
    silence.probed(ONE, 1.0)
    assert silence.next_probe_at(ONE) == AT_ONCE


def test_in_silence_each_strategy_asks_once_a_second() -> None:
    silence = RestSilence()
    silence.unheard(0.0)
    silence.probed(ONE, 2.0)
    assert silence.next_probe_at(ONE) == 3.0
    assert silence.next_probe_at(OTHER) == AT_ONCE


def test_an_answer_ends_the_silence_and_what_was_held_back_is_due() -> None:
    silence = RestSilence()
    silence.unheard(0.0)
    silence.probed(ONE, 2.0)
    assert silence.heard(2.5)
    assert silence.next_probe_at(ONE) == AT_ONCE
    assert not silence.heard(2.6)


def test_a_request_that_left_before_the_last_answer_shows_no_silence() -> None:
    silence = RestSilence()
    silence.heard(2.0)
    silence.probed(ONE, 2.0)
    silence.unheard(1.0)
    assert silence.next_probe_at(ONE) == AT_ONCE
    silence.unheard(2.1)
    assert silence.next_probe_at(ONE) == 3.0
