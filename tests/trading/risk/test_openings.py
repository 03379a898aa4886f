"""What a refusal says would be enough is enough, and no less of it is."""

from decimal import Decimal
from typing import Any

import attrs
import pytest
from msgspec.structs import replace

from config.load.loading import load
from tests.trading.risk.test_check import CASES, Case
from trading.core.decimals import decimal_text
from trading.core.identifiers import StrategyName
from trading.decisions.remedy import Remedy
from trading.risk import CheckedOrder, RefusalCode, RiskLimits, check
from trading.risk.refusal import Refusal

_C = RefusalCode

NOT_OURS = {
    # Nothing that is set would change these.
    *(_C.MISDIRECTED, _C.ABSURD_NUMBER, _C.NOT_AMENDABLE, _C.PAIR_INACTIVE),
    *(_C.PRICE_NOT_POSITIVE, _C.PRICE_OFF_TICK, _C.WOULD_TAKE, _C.SELF_CROSS),
    *(_C.BOOK_UNKNOWN, _C.BOOK_CROSSED, _C.CLOCK_UNSURE),
}


def refusals(case: Case) -> tuple[Refusal, ...]:
    answer = check(case.order, case.view, case.limits)
    return () if isinstance(answer, CheckedOrder) else answer


def number(text: str) -> Decimal:
    return Decimal(text[:-2]) / 100 if text.endswith(" %") else Decimal(text)


def changed(case: Case, opening: Remedy, value: Decimal) -> Case:
    """The situation with what the opening names set to a value."""
    if opening.what == "quantity":
        return attrs.evolve(case, order=replace(case.order, quantity=value))
    name = opening.what.removeprefix("limits.")
    kind: Any = type(getattr(case.limits, name))
    return attrs.evolve(case, limits=attrs.evolve(case.limits, **{name: kind(value)}))


OURS = [code for code in CASES if code not in NOT_OURS]


@pytest.mark.parametrize("code", OURS, ids=lambda code: code.value)
def test_what_would_be_enough_lets_the_order_through_and_a_little_less_does_not(
    code: RefusalCode,
) -> None:
    case = CASES[code]
    [refusal] = [one for one in refusals(case) if one.code is code]
    opening = refusal.opening
    assert opening.value in opening.words

    enough = number(opening.value)
    opened = changed(case, opening, enough)
    assert code not in {one.code for one in refusals(opened)}
    less = number_before(case, opening, enough)
    if less is not None and code is not _C.QUANTITY_OFF_LOT:  # another lot would do as well
        assert code in {one.code for one in refusals(changed(case, opening, less))}


def number_before(case: Case, opening: Remedy, enough: Decimal) -> Decimal | None:
    """The next value towards what is set now; ``None`` where that is what is set now."""
    name = opening.what.removeprefix("limits.")
    now = case.order.quantity if name == "quantity" else Decimal(str(getattr(case.limits, name)))
    step = {"quantity": "1", "price_collar": "0.000002", "last_trade_collar": "0.000002"}.get(
        name, "0.00000002" if name in {"max_daily_loss", "max_drawdown"} else "0.01"
    )
    if name in {"max_orders_per_side", "max_fills_in_row", "max_instructions_per_minute"}:
        step = "1"
    if name == "max_book_age_s":
        step = "1"
    towards = Decimal(step) if now > enough else -Decimal(step)
    return enough + towards if now != enough else None


@pytest.mark.parametrize("code", RefusalCode, ids=lambda code: code.value)
def test_every_refusal_says_what_would_open_it(code: RefusalCode) -> None:
    assert code.refusal(_STRATEGY, "why").opening.words


def test_a_limit_is_written_as_a_configuration_writes_it() -> None:
    for code in OURS:
        [refusal] = [one for one in refusals(CASES[code]) if one.code is code]
        opening = refusal.opening
        if opening.what == "quantity":
            continue
        quoted = f'"{opening.value}"' if opening.value.endswith("%") else opening.value
        given = (f"strategies.doge.{opening.what}={quoted}", "strategies.doge.order_levels=1")
        settings = load("config/paper.toml", given, {})
        limits: RiskLimits = settings.strategies[_DOGE].risk_limits
        found = Decimal(str(getattr(limits, opening.what.removeprefix("limits."))))
        assert decimal_text(found) == decimal_text(number(opening.value))


_DOGE = StrategyName("doge")
_STRATEGY = CASES[_C.WOULD_TAKE].view.strategy
