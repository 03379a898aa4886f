"""Balances, reserves and fees. What is paid is received by somebody, to the last decimal."""

from collections.abc import Iterable
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal

import attrs

from trading.core.decimals import ZERO
from trading.core.identifiers import Currency
from trading.core.market import Balance, Side
from trading.simulator.core.pair import SimulatedPair
from trading.venues.valr.permissions import Permission
from trading.venues.valr.simulator.core.settings import DemoAccount, Fees
from trading.venues.valr.simulator.requests.fields import Refused

_FEE_STEP = Decimal("0.000000000001")
"""Fees are kept to twelve places, like VALR's balances; rounding favours the venue."""
_PERCENT = Decimal("0.01")


class InsufficientBalance(Exception):
    """An account has less available than an order needs."""


@attrs.frozen(kw_only=True)
class Charge:
    """
    What one side of a trade costs beyond the trade itself.

    Args:
        fee: Taken from what is received.
        reward: Paid on top, to makers where the maker fee is negative.
    """

    fee: Decimal
    fee_currency: Currency
    reward: Decimal = ZERO
    reward_currency: Currency | None = None


def charge(
    pair: SimulatedPair, fees: Fees, *, side: Side, maker: bool, quantity: Decimal, value: Decimal
) -> Charge:
    """
    The fee or reward of one side of a trade.

    Args:
        quantity: In base currency.
        value: Price times quantity, in quote currency.
    """
    received, received_currency = (quantity, pair.base) if side is Side.BUY else (value, pair.quote)
    percentage = fees.maker_percentage if maker else fees.taker_percentage
    if percentage >= ZERO:
        fee = (received * percentage * _PERCENT).quantize(_FEE_STEP, ROUND_CEILING)
        return Charge(fee=fee, fee_currency=received_currency)
    paid, paid_currency = (value, pair.quote) if side is Side.BUY else (quantity, pair.base)
    reward = (paid * -percentage * _PERCENT).quantize(_FEE_STEP, ROUND_FLOOR)
    return Charge(
        fee=ZERO, fee_currency=received_currency, reward=reward, reward_currency=paid_currency
    )


@attrs.define
class _Holding:
    available: Decimal = ZERO
    reserved: Decimal = ZERO


class Account:
    """What one key holds. Amounts are never negative."""

    def __init__(self, demo: DemoAccount) -> None:
        self.api_key = demo.api_key
        self.api_secret = demo.api_secret
        self.permissions = demo.permissions
        self.addresses = demo.addresses
        self._holdings = {
            currency: _Holding(amount) for currency, amount in sorted(demo.balances.items())
        }
        self.changed_at: dict[Currency, float] = {}

    def require(self, permission: Permission) -> None:
        """
        Let only those pass whose key may do something.

        Raises:
            Refused: It may not.
        """
        if permission not in self.permissions:
            raise Refused(-11253, f"API key does not have the permission {permission.value}", 403)

    def balance(self, currency: Currency) -> Balance:
        holding = self._holdings.get(currency) or _Holding()
        return Balance(currency=currency, available=holding.available, reserved=holding.reserved)

    def balances(self) -> list[Balance]:
        return [self.balance(currency) for currency in self._holdings]

    def reserve(self, currency: Currency, amount: Decimal) -> None:
        """
        Hold an amount for an order.

        Raises:
            InsufficientBalance: There is not so much available; nothing was held.
        """
        holding = self._holding(currency)
        if amount > holding.available:
            raise InsufficientBalance
        holding.available -= amount
        holding.reserved += amount

    def release(self, currency: Currency, amount: Decimal) -> None:
        """Free what was held."""
        holding = self._holding(currency)
        assert amount <= holding.reserved
        holding.reserved -= amount
        holding.available += amount

    def credit(self, currency: Currency, amount: Decimal) -> None:
        self._holding(currency).available += amount

    def debit(self, currency: Currency, amount: Decimal) -> None:
        holding = self._holding(currency)
        assert amount <= holding.available
        holding.available -= amount

    def _holding(self, currency: Currency) -> _Holding:
        return self._holdings.setdefault(currency, _Holding())


@attrs.frozen
class Transfer:
    """
    What came into an account or went out of it other than by trading.

    The house has no part in it, so it changes the sum of ``totals``.

    Args:
        amount: Below zero went out.
    """

    api_key: str
    currency: Currency
    amount: Decimal
    at_ms: int


class House:
    """
    The other side of everything: the crowd that accounts trade with, and the fee box.

    Its totals go below zero; accounts plus house never change.
    """

    def __init__(self) -> None:
        self.totals: dict[Currency, Decimal] = {}

    def receive(self, currency: Currency, amount: Decimal) -> None:
        self.totals[currency] = self.totals.get(currency, ZERO) + amount


@attrs.frozen(kw_only=True)
class Exchanged:
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


def settle(account: Account, house: House, pair: SimulatedPair, exchanged: Exchanged) -> None:
    """Move one side of a trade between an account and the house."""
    buying = exchanged.side is Side.BUY
    paid_currency, paid = (
        (pair.quote, exchanged.value) if buying else (pair.base, exchanged.quantity)
    )
    received_currency, received = (
        (pair.base, exchanged.quantity) if buying else (pair.quote, exchanged.value)
    )
    account.release(paid_currency, exchanged.held)
    account.debit(paid_currency, paid)
    house.receive(paid_currency, paid)
    fee = exchanged.charge.fee
    account.credit(received_currency, received - fee)
    house.receive(received_currency, fee - received)
    if exchanged.charge.reward_currency is not None:
        account.credit(exchanged.charge.reward_currency, exchanged.charge.reward)
        house.receive(exchanged.charge.reward_currency, -exchanged.charge.reward)


def totals(accounts: Iterable[Account], house: House) -> dict[Currency, Decimal]:
    """Everything there is, by currency: the sum that no trade may change."""
    sums: dict[Currency, Decimal] = {}
    for account in accounts:
        for balance in account.balances():
            sums[balance.currency] = sums.get(balance.currency, ZERO) + balance.total
    for currency, total in house.totals.items():
        sums[currency] = sums.get(currency, ZERO) + total
    return {currency: total for currency, total in sorted(sums.items()) if total != ZERO}
