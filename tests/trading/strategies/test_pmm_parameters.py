"""Parameters of pure market making: what is refused, by name."""

from decimal import Decimal

import pytest

from tests.trading.strategies.quoting import parameters
from trading.core.market import Side
from trading.strategies.pure_market_making.features import (
    InventorySkew,
    MovingPriceBand,
    OwnLevel,
    Reaction,
)
from trading.strategies.pure_market_making.parameters import Compat

D = Decimal
A_LEVEL = OwnLevel(side=Side.BUY, spread=D("0.01"), amount=D(1))


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


@pytest.mark.parametrize(("spread", "amount"), [("0", "1"), ("1", "1"), ("0.1", "0")])
def test_own_levels_must_make_sense_but_for_the_original(spread: str, amount: str) -> None:
    levels = (OwnLevel(side=Side.BUY, spread=D(spread), amount=D(amount)),)
    with pytest.raises(ValueError, match=r"^order_override and split_levels must have"):
        parameters(order_override=levels)
    assert parameters(order_override=levels, compat=Compat.HUMMINGBOT).own_levels == levels


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"price_ceiling": D(1), "price_floor": D(2)}, "price_ceiling must be"),
        (
            {"order_override": (A_LEVEL,), "split_levels": (A_LEVEL,)},
            "split_levels must be empty",
        ),
        (
            {"moving_price_band": MovingPriceBand(floor=D("0.1"), ceiling=D("0.1"))},
            "moving_price_band must have its floor below",
        ),
        ({"compat": Compat.HUMMINGBOT, "reaction": Reaction()}, "reaction must be absent"),
    ],
)
def test_what_contradicts_itself_is_refused(changes: dict[str, object], message: str) -> None:
    with pytest.raises(ValueError, match=f"^{message}"):
        parameters(**changes)


def test_the_original_takes_what_makes_no_sense() -> None:
    wanted = parameters(
        compat=Compat.HUMMINGBOT,
        order_levels=0,
        minimum_spread=D("-0.5"),
        inventory_skew=InventorySkew(range_multiplier=D(0)),
    )
    assert wanted.order_levels == 0


def test_the_message_shows_the_figure_as_a_person_writes_it() -> None:
    with pytest.raises(
        ValueError, match=r"^bid_spread must be a fraction between 0 and 1, not 1\.5$"
    ):
        parameters(bid_spread=D("1.50"))


def test_what_may_be_absent_may_be_absent() -> None:
    wanted = parameters(minimum_spread=None, order_refresh_tolerance=None)
    assert (wanted.minimum_spread, wanted.order_refresh_tolerance) == (None, None)
