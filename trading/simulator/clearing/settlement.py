"""Settlement of trades between accounts and the house account: nothing is made or lost."""

from collections.abc import Iterable
from decimal import Decimal

import attrs

from trading.core.decimals import ZERO
from trading.core.identifiers import Currency
from trading.core.market import Side
from trading.simulator.clearing.balances import Balances
from trading.simulator.clearing.fees import Charge, FeeSchedule
from trading.simulator.core.grid import Grid
from trading.simulator.core.pair import SimulatedPair


class HouseAccount:
    """
    The other side of every trade: the background flow that accounts trade with, and the fees.

    Its totals go below zero; accounts plus house never change.
    """

    def __init__(self) -> None:
        self.totals: dict[Currency, Decimal] = {}

    def receive(self, currency: Currency, amount: Decimal) -> None:
        self.totals[currency] = self.totals.get(currency, ZERO) + amount


@attrs.frozen(kw_only=True)
class TradeLeg:
    """
    One side of a trade as it moves balances.

    Args:
        quantity: In base currency.
        value: Price times quantity, in quote currency.
        held: What the order had reserved for this much of it, in the currency it pays.
    """

    side: Side
    quantity: Decimal
    value: Decimal
    held: Decimal
    charge: Charge


def needed(
    pair: SimulatedPair, grid: Grid, side: Side, price: int, lots: int
) -> tuple[Currency, Decimal]:
    """What a resting order reserves."""
    if side is Side.BUY:
        return pair.quote, grid.notional(price * lots)
    return pair.base, grid.quantity(lots)


def leg_of(
    pair: SimulatedPair,
    grid: Grid,
    schedule: FeeSchedule,
    *,
    side: Side,
    maker: bool,
    price: int,
    lots: int,
    limit: int,
) -> TradeLeg:
    """
    One side of a trade at a price.

    Args:
        price: The trade's, in ticks.
        limit: The order's own, in ticks, at which it has reserved; zero for a market order.
    """
    quantity, value = grid.quantity(lots), grid.notional(price * lots)
    cost = schedule.charge(pair, side=side, maker=maker, quantity=quantity, value=value)
    held = grid.notional((limit or price) * lots) if side is Side.BUY else quantity
    return TradeLeg(side=side, quantity=quantity, value=value, held=held, charge=cost)


def settle(account: Balances, house: HouseAccount, pair: SimulatedPair, leg: TradeLeg) -> None:
    """Move one side of a trade between an account and the house."""
    before = _sums(account, house, pair)
    buying = leg.side is Side.BUY
    paid_currency, paid = (pair.quote, leg.value) if buying else (pair.base, leg.quantity)
    received_currency, received = (pair.base, leg.quantity) if buying else (pair.quote, leg.value)
    account.release(paid_currency, leg.held)
    account.debit(paid_currency, paid)
    house.receive(paid_currency, paid)
    fee = leg.charge.fee
    account.credit(received_currency, received - fee)
    house.receive(received_currency, fee - received)
    if leg.charge.reward_currency is not None:
        account.credit(leg.charge.reward_currency, leg.charge.reward)
        house.receive(leg.charge.reward_currency, -leg.charge.reward)
    assert _sums(account, house, pair) == before, "a trade makes or loses nothing"


def totals(accounts: Iterable[Balances], house: HouseAccount) -> dict[Currency, Decimal]:
    """Everything there is, by currency: the sum that no trade may change."""
    sums: dict[Currency, Decimal] = {}
    for account in accounts:
        for balance in account.balances():
            sums[balance.currency] = sums.get(balance.currency, ZERO) + balance.total
    for currency, total in house.totals.items():
        sums[currency] = sums.get(currency, ZERO) + total
    return {currency: total for currency, total in sorted(sums.items()) if total != ZERO}


def _sums(account: Balances, house: HouseAccount, pair: SimulatedPair) -> tuple[Decimal, Decimal]:
    """What an account and the house have together of a pair's currencies."""
    return (
        account.balance(pair.base).total + house.totals.get(pair.base, ZERO),
        account.balance(pair.quote).total + house.totals.get(pair.quote, ZERO),
    )
