"""What ends a strategy: losses, and being filled on one side over and over."""

from collections.abc import Sequence

import attrs
import pytest
from msgspec.structs import replace

from tests.trading.builders import D
from tests.trading.risk.situations import LIMITS, NOW, VIEW, fills, profit
from trading.core.identifiers import Pair, VenueOrderId
from trading.core.market import Side
from trading.risk import Profit, RefusalCode, RiskLimits, breaches

_C = RefusalCode
BUY, SELL = Side.BUY, Side.SELL


def codes(**changes: object) -> list[RefusalCode]:
    view = attrs.evolve(VIEW, **changes)  # type: ignore[arg-type]  # any of the view's fields
    return [breach.code for breach in breaches(view, LIMITS)]


def test_a_quiet_day_breaches_nothing() -> None:
    assert codes() == []


@pytest.mark.parametrize(
    ("figures", "expected"),
    [
        (profit(today="-4.99"), []),
        (profit(today="-5"), [_C.DAILY_LOSS]),
        (profit(today="-5.01"), [_C.DAILY_LOSS]),
        (profit(total="2.01", high_water="10"), []),
        (profit(total="2", high_water="10"), [_C.DRAWDOWN]),
        (profit(today="-9", total="-9"), [_C.DAILY_LOSS, _C.DRAWDOWN]),
        (profit(today="1000", total="1000", high_water="1000"), []),
        (Profit(today=D("NaN")), [_C.DAILY_LOSS]),
    ],
)
def test_a_loss_that_reaches_its_limit_is_a_breach(
    figures: Profit, expected: list[RefusalCode]
) -> None:
    assert codes(profit=figures) == expected


@pytest.mark.parametrize(
    ("sides", "expected"),
    [
        ([BUY] * 3, []),
        ([BUY] * 4, [_C.FILLS_IN_ROW]),
        ([SELL] * 4, [_C.FILLS_IN_ROW]),
        ([BUY, BUY, SELL, BUY, BUY], []),
        ([BUY] * 4 + [SELL], []),
        ([SELL] + [BUY] * 4, [_C.FILLS_IN_ROW]),
    ],
)
def test_orders_filled_on_one_side_in_a_row_are_a_breach(
    sides: Sequence[Side], expected: list[RefusalCode]
) -> None:
    assert codes(recent_fills=fills(*sides)) == expected


def test_many_trades_against_one_order_are_one_execution() -> None:
    same = tuple(
        replace(booked, fill=attrs.evolve(booked.fill, venue_order_id=VenueOrderId("v-0")))
        for booked in fills(*[BUY] * 9)
    )
    assert codes(recent_fills=same) == []


def test_another_pairs_fills_neither_make_a_row_nor_break_one() -> None:
    four = fills(*[BUY] * 4)
    others = [
        replace(booked, fill=attrs.evolve(booked.fill, pair=Pair("BTCUSDT"), side=SELL))
        for booked in four
    ]
    assert codes(recent_fills=tuple(others)) == []
    mixed = tuple(booked for both in zip(four, others, strict=True) for booked in both)
    assert codes(recent_fills=mixed) == [_C.FILLS_IN_ROW]


def test_what_is_older_than_the_window_is_no_row() -> None:
    old, new = fills(BUY, BUY, at=NOW - 60.5), fills(BUY, BUY, BUY, at=NOW - 60.0)
    assert codes(recent_fills=(*old, *new)) == []
    [breach] = breaches(attrs.evolve(VIEW, recent_fills=fills(*[SELL] * 4, at=NOW - 60.0)), LIMITS)
    assert breach.sentence == "4 asks were filled in a row within 60 s, the limit is 4"
    assert breach.setting == "strategies.maker.limits.max_fills_in_row"


def test_limits_of_money_that_are_off_breach_nothing() -> None:
    ruined = attrs.evolve(VIEW, profit=profit(today="-1e9", total="-1e9"))
    assert breaches(ruined, RiskLimits()) == ()


def test_every_breach_is_of_a_code_that_halts() -> None:
    ruined = attrs.evolve(
        VIEW, profit=profit(today="-1e9", total="-1e9"), recent_fills=fills(*[BUY] * 4)
    )
    found = {breach.code for breach in breaches(ruined, LIMITS)}
    assert found == {code for code in RefusalCode if code.halts}
