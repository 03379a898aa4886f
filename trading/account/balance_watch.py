"""Compares the account's balances with what our own fills explain."""

from collections.abc import Mapping
from decimal import Decimal

import msgspec

from trading.account.position import flows
from trading.core.decimals import ZERO
from trading.core.identifiers import Currency
from trading.core.instrument import Currencies, Instrument
from trading.core.market import Balance, Side
from trading.orders.order import Fill

_RELATIVE = Decimal("1e-6")
_ABSOLUTE = Decimal("1e-8")
"""Below both, a difference is the venue's rounding of fees."""


class Drift(msgspec.Struct, frozen=True):
    """
    A balance that our fills do not explain.

    Args:
        amount: What there is beyond what there should be; negative where something is missing.
    """

    currency: Currency
    amount: Decimal

    def side(self, instrument: Instrument | Currencies) -> Side | None:
        """On which side of a pair more has happened than we know; ``None`` for neither."""
        if self.currency == instrument.base:
            return Side.BUY if self.amount > ZERO else Side.SELL
        if self.currency == instrument.quote:
            return Side.SELL if self.amount > ZERO else Side.BUY
        return None


class BalanceWatch:
    """The expected balances: those of the last comparison plus our fills since."""

    def __init__(self) -> None:
        self._expected: dict[Currency, Decimal] = {}

    def filled(self, fill: Fill, instrument: Instrument | Currencies) -> None:
        """Take a fill into account."""
        gained, spent = flows(fill, instrument)
        self._move(instrument.base, gained)
        self._move(instrument.quote, -spent)
        if fill.fee_currency not in {instrument.base, instrument.quote}:
            self._move(Currency(fill.fee_currency), -fill.fee)

    def _move(self, currency: Currency, amount: Decimal) -> None:
        if currency in self._expected:
            self._expected[currency] += amount

    def compare(self, balances: Mapping[Currency, Balance]) -> tuple[Drift, ...]:
        """
        The drifts since the last comparison; the next one starts from these balances.

        Args:
            balances: At a moment at which every fill is known and every balance shows it.
        """
        drifts = self.drifts(balances)
        for currency, balance in balances.items():
            self._expected[currency] = balance.total
        return drifts

    def drifts(self, balances: Mapping[Currency, Balance]) -> tuple[Drift, ...]:
        """The drifts so far; the next comparison still starts from the same balances."""
        found: list[Drift] = []
        for currency, balance in balances.items():
            expected = self._expected.get(currency, balance.total)
            amount = balance.total - expected
            if abs(amount) > max(_ABSOLUTE, _RELATIVE * abs(expected)):
                found.append(Drift(currency, amount))
        return tuple(found)
