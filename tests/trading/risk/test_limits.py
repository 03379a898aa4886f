"""Limits that make no sense are not taken."""

from typing import Any

import attrs
import pytest

from tests.trading.builders import D
from trading.risk import RiskLimits

HOLDINGS = {"min_base_holding", "min_quote_holding"}
FIELDS = [field.name for field in attrs.fields(RiskLimits)]


def with_limit(name: str, value: Any) -> RiskLimits:
    return RiskLimits(**{name: value})


@pytest.mark.parametrize("name", FIELDS)
@pytest.mark.parametrize("value", ["NaN", "Infinity", "-1"])
def test_a_limit_that_limits_nothing_is_refused(name: str, value: str) -> None:
    kind = type(getattr(RiskLimits(), name))
    wrong = float(value) if kind is float else D(value)
    with pytest.raises(ValueError, match=name):
        with_limit(name, wrong)


@pytest.mark.parametrize("name", FIELDS)
def test_zero_is_a_holding_and_no_other_limit(name: str) -> None:
    if name in HOLDINGS:
        assert getattr(with_limit(name, D(0)), name) == 0
    else:
        with pytest.raises(ValueError, match=f"{name} must be above 0, not 0"):
            with_limit(name, D(0))


def test_money_limits_are_off_unless_given() -> None:
    off = {name for name in FIELDS if getattr(RiskLimits(), name) is None}
    assert off == {
        *("max_order_notional", "max_daily_loss", "max_drawdown"),
        *("min_base_holding", "max_base_holding", "min_quote_holding", "max_quote_holding"),
    }


@pytest.mark.parametrize("currency", ["base", "quote"])
def test_a_holding_has_room_between_its_bounds(currency: str) -> None:
    bounds: dict[str, Any] = {
        f"min_{currency}_holding": D(5),
        f"max_{currency}_holding": D(5),
    }
    with pytest.raises(ValueError, match=f"min_{currency}_holding must be below .* not 5"):
        RiskLimits(**bounds)
