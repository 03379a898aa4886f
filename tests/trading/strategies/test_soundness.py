"""What is no decision goes no further than the strategy that made it."""

from decimal import Decimal
from typing import Any

import msgspec
import pytest

from tests.support.builders import a_quote
from trading.core.identifiers import ClientOrderId, StrategyName
from trading.decisions.decision import Amend, Decision, Gate
from trading.strategies.soundness import QUOTES_MAX, UnsoundDecision, answer_of, sound

DOGE = StrategyName("doge")
OURS, THEIRS = ClientOrderId("qw-paper-doge-1-1"), ClientOrderId("qw-paper-btc-1-1")
GATE = Gate(code="shut", side=None, sentence="for a reason")
D = Decimal


def test_a_sound_decision_is_handed_on_as_it_is() -> None:
    decision = Decision(
        cancels=(OURS,),
        places=(a_quote(),),
        amends=(Amend(OURS, D(5)),),
        wanted=(a_quote(),),
        gates=(GATE,),
        look_again_at=5,
    )
    assert sound(decision, DOGE) is decision
    assert sound(Decision(), DOGE) == Decision()


def quoting(**changes: Any) -> dict[str, Any]:
    return {"places": (msgspec.structs.replace(a_quote(), **changes),)}


@pytest.mark.parametrize(
    ("parts", "said"),
    [
        ({"cancels": [OURS]}, "cancels is no tuple"),
        ({"gates": None}, "gates is no tuple"),
        ({"places": ("buy",)}, "'buy' is no Quote"),
        ({"wanted": (None,)}, "None is no Quote"),
        (quoting(side="buy"), "'buy' is no Side"),
        (quoting(price=0.1), "finite Decimals above zero"),
        (quoting(price=D("NaN")), "finite Decimals above zero"),
        (quoting(quantity=D("Infinity")), "finite Decimals above zero"),
        (quoting(quantity=D(0)), "finite Decimals above zero"),
        (quoting(quantity=40), "finite Decimals above zero"),
        ({"places": (a_quote(),) * (QUOTES_MAX + 1)}, "more than 200 quotes"),
        ({"amends": (OURS,)}, "is no Amend"),
        ({"amends": (Amend(OURS, D(-1)),)}, "a finite Decimal above zero"),
        ({"amends": (Amend(THEIRS, D(1)),)}, "is no order of doge, but of btc"),
        ({"cancels": (THEIRS,)}, "is no order of doge, but of btc"),
        ({"cancels": ("mine",)}, "'mine' is no order's id"),
        ({"cancels": (7,)}, "7 is no order's id"),
        ({"gates": ("shut",)}, "'shut' is no Gate"),
        ({"look_again_at": float("nan")}, "nan, which is no moment"),
        ({"look_again_at": "soon"}, "'soon', which is no moment"),
    ],
)
def test_what_is_wrong_with_one_is_said(parts: dict[str, Any], said: str) -> None:
    with pytest.raises(UnsoundDecision, match=said):
        sound(Decision(**parts), DOGE)


def test_something_else_altogether_is_none() -> None:
    with pytest.raises(UnsoundDecision, match="a str is no Decision"):
        sound("buy low", DOGE)


@pytest.mark.parametrize(
    ("returned", "said"),
    [
        (None, "not NoneType"),
        (Decision(), "not Decision"),
        ((Decision(), None, None), "not 3 values"),
        ([Decision(), None], "not list"),
    ],
)
def test_what_is_no_decision_with_a_state_is_said_as_that(returned: object, said: str) -> None:
    with pytest.raises(UnsoundDecision, match=rf"has to return \(decision, state\), {said}"):
        answer_of(returned)
