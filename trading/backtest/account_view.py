"""The account as it is known: balances from the exchange's news, and fees."""

from collections.abc import Iterable, Mapping

from trading.account.account import AccountView, newer_balances
from trading.core.fees import Fees
from trading.core.identifiers import Currency, Pair
from trading.core.market import Balance

_NEVER = float("-inf")


class Account:
    """
    Folds balances as they come.

    Attributes:
        view: The newest; as no list is read again, nothing is ever confirmed by one.
    """

    def __init__(self, balances: Iterable[Balance], fees: Mapping[Pair, Fees]) -> None:
        self._balances = newer_balances({}, balances)
        self._fees = fees
        self.view = self._shown()

    def hear(self, changes: Iterable[Balance]) -> bool:
        """Take changed balances; whether a total changed, and not only what is free of it."""
        heard = list(changes)
        before: Mapping[Currency, Balance] = self._balances
        self._balances = newer_balances(before, heard)
        self.view = self._shown()
        return not all(
            (known := before.get(balance.currency)) is not None and known.total == balance.total
            for balance in heard
        )

    def _shown(self) -> AccountView:
        return AccountView(balances=self._balances, fees=self._fees, confirmed_at=_NEVER)
