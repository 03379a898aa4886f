"""Where the change of worth came from: to the last decimal."""

from decimal import Decimal

import pytest
from hypothesis import given, settings

from tests.support.runs import D, S, a_path, a_run, a_run_fill, mids, some_runs
from trading.core.market import Side
from trading.research.figures import mid_path
from trading.research.mid_path import MidPath
from trading.research.result import Holdings, Run
from trading.research.stated import NotStated, stated
from trading.research.worth import (
    NO_MIDS,
    ONLY_AT_DECISIONS,
    captured,
    change_of_worth,
    fees_paid,
    identity,
)


@settings(max_examples=50)
@given(some_runs())
def test_captured_and_inventory_less_fees_are_the_change_of_worth_to_the_last_decimal(
    run: Run,
) -> None:
    found = identity(run, mid_path(run))
    if not isinstance(found, NotStated):
        assert found.holds
        assert found.total == found.change.worth


@settings(max_examples=50)
@given(some_runs())
def test_the_captured_of_the_identity_is_that_of_the_fills(run: Run) -> None:
    path = mid_path(run)
    parts, spread = identity(run, path), captured(run.fills, path)
    if not isinstance(parts, NotStated):
        assert parts.captured == stated(spread).money
        assert parts.undivided_fills == stated(spread).left_out


def test_a_bid_that_is_filled_and_sold_again_captures_both_halves_of_the_spread() -> None:
    run = a_run(a_run_fill(1, Side.BUY, "99", "2"), a_run_fill(2, Side.SELL, "101", "2"))
    found = stated(identity(run, a_path((0, "100"), until=100)))
    assert (found.captured, found.inventory, found.change.traded) == (D(4), D(0), D(4))


def test_what_is_held_while_the_price_falls_is_lost_to_inventory() -> None:
    run = a_run(a_run_fill(1, Side.BUY, "99", "2"))
    found = stated(identity(run, a_path((0, "100"), (50, "97"), until=100)))
    assert (found.captured, found.inventory, found.total) == (D(2), D(-6), D(-4))


def test_a_mid_price_of_the_moment_of_a_fill_comes_after_it() -> None:
    path = a_path((0, "100"), (1, "98"), until=100)
    assert stated(captured([a_run_fill(1, Side.BUY, "99", "1")], path)).money == D(1)


def test_a_fee_in_base_currency_is_worth_what_the_mid_price_was_and_then_moves_with_it() -> None:
    fill = a_run_fill(1, Side.BUY, "100", "10", fee=D("0.1"), fee_currency="DOGE")
    found = stated(identity(a_run(fill), a_path((0, "100"), (50, "110"), until=100)))
    assert (found.fees, found.inventory, found.total) == (D(10), D(99), D(89))


def test_a_fee_in_a_third_currency_is_told_and_part_of_no_profit() -> None:
    run = a_run(a_run_fill(1, Side.BUY, "100", "1", fee=D(3), fee_currency="VALR"))
    assert stated(identity(run, a_path((0, "100"), until=100))).total == 0
    assert fees_paid(run) == {"VALR": Decimal(3)}


def test_what_the_first_holdings_gained_is_told_apart_from_what_trading_made() -> None:
    run = a_run(a_run_fill(1, Side.BUY, "99", "1"), start=Holdings(D(1000), D(5)))
    found = stated(identity(run, a_path((0, "100"), (50, "101"), until=100)))
    assert (found.held, found.inventory, found.change.traded) == (D(1000), D(1), D(2))
    assert found.change.worth == D(1002)


def test_a_fill_in_a_gap_is_divided_between_nothing() -> None:
    run = a_run(a_run_fill(10, Side.BUY, "99", "1"))
    found = stated(identity(run, a_path((0, "100"), (5, None), (20, "98"), until=100)))
    assert (found.captured, found.inventory, found.undivided) == (D(0), D(0), D(-1))
    assert found.undivided_fills == 1
    assert found.holds


def test_amounts_that_28_digits_could_not_hold_are_added_exactly() -> None:
    fills = [a_run_fill(1, Side.BUY, "0." + "0" * 39 + "1", "9" * 40)]
    fills.append(a_run_fill(2, Side.SELL, "9" * 40 + ".5", "0." + "7" * 40))
    found = stated(identity(a_run(*fills), a_path((0, "1." + "3" * 40), until=100)))
    assert found.holds


@pytest.mark.parametrize("path", [None, a_path((0, None))])
def test_nothing_is_said_of_worth_without_a_mid_price(path: MidPath | None) -> None:
    run = a_run(a_run_fill(1, Side.BUY, "99", "1"))
    assert identity(run, path) == change_of_worth(run, path) == NO_MIDS
    assert captured(run.fills, path) == NO_MIDS


def test_with_mid_prices_of_decisions_alone_only_the_change_of_worth_is_told() -> None:
    run = a_run(a_run_fill(1, Side.BUY, "99", "1"))
    path = MidPath(mids((0, "100"), (50, "103"), continuous=False))
    assert identity(run, path) == captured(run.fills, path) == ONLY_AT_DECISIONS
    change = stated(change_of_worth(run, path))
    assert (change.traded, change.last_ns) == (D(4), 50 * S)
