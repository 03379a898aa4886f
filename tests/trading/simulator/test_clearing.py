"""Clearing of any exchange's trades: reserves, fees and rewards, and what may not change."""

from decimal import Decimal

import pytest

from trading.core.fees import Fees
from trading.core.identifiers import Currency
from trading.core.market import Side
from trading.simulator.clearing.balances import Balances, InsufficientBalance
from trading.simulator.clearing.fees import FeeSchedule
from trading.simulator.clearing.settlement import HouseAccount, leg_of, needed, settle, totals
from trading.simulator.core.grid import Grid
from trading.simulator.core.pair import DEFAULT_PAIRS

PAIR = next(pair for pair in DEFAULT_PAIRS if pair.symbol == "DOGEUSDT")
GRID = Grid(PAIR)
SCHEDULE = FeeSchedule(Fees(maker=Decimal("-0.0001"), taker=Decimal("0.001")), Decimal("1e-12"))
USDT, DOGE = Currency("USDT"), Currency("DOGE")


def test_a_fill_below_the_limit_frees_what_was_reserved_beyond_its_price() -> None:
    account, house = Balances({USDT: Decimal(100)}), HouseAccount()
    limit, price, lots = GRID.nearest_ticks(Decimal("0.2")), GRID.nearest_ticks(Decimal("0.1")), 100
    before = totals([account], house)
    account.reserve(*needed(PAIR, GRID, Side.BUY, limit, lots))
    leg = leg_of(
        PAIR, GRID, SCHEDULE, side=Side.BUY, maker=False, price=price, lots=lots, limit=limit
    )
    settle(account, house, PAIR, leg)
    assert account.balance(USDT).reserved == 0
    assert account.balance(USDT).available == 100 - leg.value
    assert account.balance(DOGE).available == leg.quantity - leg.charge.fee
    assert totals([account], house) == before


def test_a_maker_with_a_rebate_is_paid_in_the_currency_that_it_pays() -> None:
    account, house = Balances({DOGE: Decimal(100)}), HouseAccount()
    price, lots = GRID.nearest_ticks(Decimal("0.1")), 100
    account.reserve(*needed(PAIR, GRID, Side.SELL, price, lots))
    leg = leg_of(
        PAIR, GRID, SCHEDULE, side=Side.SELL, maker=True, price=price, lots=lots, limit=price
    )
    settle(account, house, PAIR, leg)
    assert leg.charge.fee == 0
    assert leg.charge.reward_currency == DOGE
    assert account.balance(DOGE).total == 100 - leg.quantity + leg.charge.reward
    assert account.balance(USDT).available == leg.value


def test_a_reserve_that_cannot_grow_stays_as_it_was() -> None:
    account = Balances({USDT: Decimal(10)})
    account.reserve(USDT, Decimal(6))
    with pytest.raises(InsufficientBalance):
        account.change_reserve(USDT, Decimal(6), Decimal(11))
    account.change_reserve(USDT, Decimal(6), Decimal(2))
    assert account.balance(USDT).reserved == 2
