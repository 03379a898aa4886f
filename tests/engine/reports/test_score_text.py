"""Scores as text."""

from decimal import Decimal
from random import Random

from engine.reports.score_text import fit_line, score_lines
from trading.core.market import Side
from trading.research.power_fit import PowerFit, TooFewToFit
from trading.research.score import Trial, scores


def trials(count: int) -> list[Trial]:
    return [
        Trial(
            model="risk_averse",
            order_id=f"o-{number}",
            side=Side.BUY,
            placed_ns=number,
            quantity=Decimal(10),
            filled=Decimal(10),
            filled_ns=10**9,
            shadow_filled=Decimal(5),
            shadow_filled_ns=3 * 10**9,
        )
        for number in range(count)
    ]


def test_a_side_with_too_few_fills_is_one_line() -> None:
    lines = list(score_lines(scores(trials(29), Random(1))))
    assert lines[0] == "risk_averse, both: not enough: 29 fills, below 30"
    assert len(lines) == 3


def test_a_score_is_told_with_its_intervals() -> None:
    text = "\n".join(score_lines(scores(trials(30), Random(1))))
    assert "risk_averse, both: 30 orders, 30 of them filled" in text
    assert "time error, median  2 s (2 to 2)" in text
    assert "filled quantity     0.5 (0.5 to 0.5) of the real" in text
    assert "log loss            not stated: the model gives no probabilities" in text


def test_a_fit_is_told_with_what_the_other_half_says() -> None:
    fit = PowerFit(
        exponent=3.0, fitted=0.5, judged=0.52, base=0.6, best_of_second=2.0, first=99, second=98
    )
    assert fit_line(fit) == (
        "power:3 is best on the first 99 orders; on the other 98 it loses 0.52 an order, saying the"
        " share each time 0.6 (there power:2 would be best)"
    )
    assert "31 and 4 fills in the halves" in fit_line(TooFewToFit(fills=(31, 4)))
