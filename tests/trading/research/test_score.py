"""Fill models against real fills: honest where there is little to say."""

import math
from random import Random
from typing import Any

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.runs import D, S
from trading.core.market import Side
from trading.research.power_fit import Outcome, PowerFit, TooFewToFit, fit_power
from trading.research.score import (
    FILLS_MIN,
    NotEnough,
    Score,
    Trial,
    log_loss,
    probability_of,
    score,
    scores,
)
from trading.research.stated import NotStated, stated


def a_trial(number: int = 1, *, real: bool = True, shadow: bool = True, **changes: Any) -> Trial:
    trial = Trial(
        model="risk_averse",
        order_id=f"o-{number}",
        side=Side.BUY,
        placed_ns=number * S,
        quantity=D(10),
        filled=D(10) if real else D(0),
        filled_ns=number * S + S if real else None,
        shadow_filled=D(10) if shadow else D(0),
        shadow_filled_ns=number * S + 3 * S if shadow else None,
    )
    return attrs.evolve(trial, **changes)


def score_of(trials: list[Trial]) -> Score:
    found = score("m", "both", trials, Random(1))
    assert isinstance(found, Score)
    return found


def test_below_thirty_fills_it_is_said_so_and_nothing_else() -> None:
    trials = [a_trial(number) for number in range(29)] + [a_trial(99, real=False)] * 500
    found = score("risk_averse", "both", trials, Random(1))
    assert found == NotEnough(model="risk_averse", side="both", fills=29)
    assert {field.name for field in attrs.fields(NotEnough)} == {"model", "side", "fills", "needed"}


def test_the_table_counts_who_was_filled() -> None:
    found = score_of(
        [a_trial()] * 30
        + [a_trial(shadow=False)] * 4
        + [a_trial(real=False)] * 3
        + [a_trial(real=False, shadow=False)] * 13
    )
    assert (found.both_filled, found.real_only, found.shadow_only, found.neither) == (30, 4, 3, 13)
    assert (found.orders, found.fills) == (50, 34)
    assert found.agreement.value == pytest.approx(43 / 50)
    assert found.agreement.low <= found.agreement.value <= found.agreement.high


def test_the_error_of_a_fills_time_is_told_where_both_were_filled() -> None:
    late = [
        a_trial(number, shadow_filled_ns=number * S + S + S * number) for number in range(1, 41)
    ]
    found = score_of(late)
    assert stated(found.error_median_s).value == 20.0
    assert stated(found.error_p90_s).value == 36.0
    assert stated(found.error_p90_s).samples == 40
    assert isinstance(score_of([a_trial(shadow=False)] * 30).error_median_s, NotStated)


def test_filled_quantities_are_compared_by_their_sums() -> None:
    found = score_of([a_trial(shadow_filled=D(5))] * 40)
    assert found.quantity_ratio.value == pytest.approx(0.5)
    assert (found.quantity_ratio.low, found.quantity_ratio.high) == (0.5, 0.5)


def test_log_loss_is_told_of_models_that_give_probabilities() -> None:
    trials = [a_trial(probability=0.8)] * 30 + [a_trial(real=False, probability=0.2)] * 10
    found = score_of(trials)
    assert stated(found.log_loss).value == pytest.approx(-math.log(0.8))
    share = 30 / 40
    base = -(30 * math.log(share) + 10 * math.log(1 - share)) / 40
    assert found.base_log_loss == pytest.approx(base)
    assert isinstance(score_of([a_trial()] * 30).log_loss, NotStated)


def test_what_was_thought_impossible_costs_much_but_not_everything() -> None:
    assert log_loss(0.0, filled=True) == pytest.approx(13.8155, abs=1e-3)
    assert log_loss(1.0, filled=True) == 0.0
    assert probability_of(0, 10) == pytest.approx(1 / 12)


def test_with_the_same_seed_the_intervals_are_the_same() -> None:
    trials = [a_trial(number, shadow=number % 3 > 0) for number in range(60)]
    assert score("m", "both", trials, Random(7)) == score("m", "both", trials, Random(7))


def test_each_model_is_told_on_both_sides_and_on_each() -> None:
    trials = [a_trial(model=model) for model in ("risk_averse", "log") for _ in range(30)]
    found = scores(trials, Random(1))
    assert [(one.model, one.side) for one in found] == [
        (model, side) for model in ("risk_averse", "log") for side in ("both", "buy", "sell")
    ]
    assert [isinstance(one, Score) for one in found] == [True, True, False] * 2


@given(st.lists(st.tuples(st.booleans(), st.booleans()), min_size=1, max_size=80))
def test_the_table_adds_up(outcomes: list[tuple[bool, bool]]) -> None:
    trials = [a_trial(real=real, shadow=shadow) for real, shadow in outcomes]
    found = score("m", "both", trials, Random(1))
    if isinstance(found, NotEnough):
        assert found.fills < FILLS_MIN
        return
    assert found.both_filled + found.real_only == found.fills
    assert found.fills + found.shadow_only + found.neither == found.orders == len(trials)
    for estimate in (found.agreement, found.quantity_ratio):
        assert estimate.low <= estimate.value <= estimate.high or estimate.samples < 60


def outcomes_of(true: float, count: int, seed: int) -> list[Outcome]:
    """Orders that are filled as one exponent says, and what two others say of them."""
    random = Random(seed)
    found = []
    for number in range(count):
        chance = random.random()
        probabilities = {n: chance ** (n / true) for n in (1.0, 2.0, 3.0)}
        found.append(
            Outcome(
                placed_ns=number,
                filled=random.random() < probabilities[true],
                probabilities=probabilities,
            )
        )
    return found


@pytest.mark.parametrize("true", [1.0, 3.0])
def test_the_exponent_that_made_the_fills_is_found_and_judged_on_the_other_half(
    true: float,
) -> None:
    found = fit_power(outcomes_of(true, 4000, 5), [1.0, 2.0, 3.0])
    assert isinstance(found, PowerFit)
    assert found.exponent == found.best_of_second == true
    assert found.judged < found.base
    assert (found.first, found.second) == (2000, 2000)


def test_halves_with_few_fills_are_not_fitted() -> None:
    outcomes = [Outcome(placed_ns=n, filled=n < 40, probabilities={1.0: 0.5}) for n in range(80)]
    assert fit_power(outcomes, [1.0]) == TooFewToFit(fills=(40, 0))
