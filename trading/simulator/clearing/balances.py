"""The balances of an account: available, or reserved by its orders."""

from collections.abc import Mapping
from decimal import Decimal

import attrs

from trading.core.decimals import ZERO
from trading.core.identifiers import Currency
from trading.core.market import Balance


class InsufficientBalance(Exception):
    """An account has less available than an order needs."""


@attrs.define
class _Holding:
    available: Decimal = ZERO
    reserved: Decimal = ZERO


class Balances:
    """
    The balances of one account. Amounts are never negative.

    Args:
        available: The balances at the beginning, by currency.
    """

    def __init__(self, available: Mapping[Currency, Decimal]) -> None:
        self._holdings = {
            currency: _Holding(amount) for currency, amount in sorted(available.items())
        }

    def balance(self, currency: Currency) -> Balance:
        holding = self._holdings.get(currency) or _Holding()
        return Balance(currency=currency, available=holding.available, reserved=holding.reserved)

    def balances(self) -> list[Balance]:
        return [self.balance(currency) for currency in self._holdings]

    def reserve(self, currency: Currency, amount: Decimal) -> None:
        """
        Reserve an amount for an order.

        Raises:
            InsufficientBalance: Less is available; nothing was reserved.
        """
        holding = self._holding(currency)
        if amount > holding.available:
            raise InsufficientBalance
        holding.available -= amount
        holding.reserved += amount

    def release(self, currency: Currency, amount: Decimal) -> None:
        """Release a reserved amount."""
        holding = self._holding(currency)
        assert amount <= holding.reserved
        holding.reserved -= amount
        holding.available += amount

    def change_reserve(self, currency: Currency, held: Decimal, needed: Decimal) -> None:
        """
        Reserve for an order what it needs now in place of what it held.

        Raises:
            InsufficientBalance: So much more is not available; the order holds what it held.
        """
        if needed > held:
            self.reserve(currency, needed - held)
        else:
            self.release(currency, held - needed)

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
    A deposit or withdrawal, the only change of balances other than by trading.

    The house account has no part in it, so it changes the sum of ``totals``.

    Args:
        amount: Below zero for a withdrawal.
    """

    owner: str
    currency: Currency
    amount: Decimal
    at_ms: int
