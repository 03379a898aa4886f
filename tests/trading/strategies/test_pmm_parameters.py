"""Parameters of pure market making: what is refused, by name."""

from decimal import Decimal

import pytest

from tests.trading.strategies.fake_venue import parameters

D = Decimal


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("bid_spread", D(0)),
        ("bid_spread", D(1)),
        ("bid_spread", D("NaN")),
        ("ask_spread", D("-0.01")),
        ("ask_spread", D("Infinity")),
        ("minimum_spread", D("-0.01")),
        ("minimum_spread", D("0.01")),
        ("minimum_spread", D(2)),
        ("order_amount", D(0)),
        ("order_levels", 0),
        ("order_level_spread", D("-0.1")),
        ("order_level_amount", D("NaN")),
        ("order_refresh_time", 0.0),
        ("order_refresh_time", float("inf")),
        ("order_refresh_tolerance", D("-0.01")),
        ("order_refresh_tolerance", D(1)),
        ("filled_order_delay", -1.0),
        ("filled_order_delay", float("nan")),
        ("max_order_age", 0.0),
    ],
)
def test_a_value_out_of_range_is_refused_by_name(field: str, value: object) -> None:
    with pytest.raises(ValueError, match=f"^{field} must be"):
        parameters(**{field: value})


@pytest.mark.parametrize(
    ("changes", "named"),
    [
        ({"order_levels": 2}, "order_level_spread"),
        ({"order_levels": 100, "order_level_spread": D("0.01")}, "order_level_spread"),
        (
            {
                "order_levels": 3,
                "order_level_spread": D("0.01"),
                "order_level_amount": D("-0.5"),
            },
            "order_level_amount",
        ),
    ],
)
def test_levels_that_cannot_be_quoted_are_refused(changes: dict[str, object], named: str) -> None:
    with pytest.raises(ValueError, match=f"^{named} must"):
        parameters(**changes)


def test_the_message_shows_the_figure_as_a_person_writes_it() -> None:
    with pytest.raises(
        ValueError, match=r"^bid_spread must be a fraction between 0 and 1, not 1\.5$"
    ):
        parameters(bid_spread=D("1.50"))


def test_what_may_be_absent_may_be_absent() -> None:
    wanted = parameters(minimum_spread=None, order_refresh_tolerance=None)
    assert (wanted.minimum_spread, wanted.order_refresh_tolerance) == (None, None)
