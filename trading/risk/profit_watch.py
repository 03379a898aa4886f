"""A strategy's running profit: in total, of today, and its drawdown."""

from decimal import Decimal

import msgspec

from trading.account.position import flows
from trading.core.decimals import ZERO
from trading.core.forgetting import forget_oldest
from trading.core.identifiers import TradeId
from trading.core.instrument import Instrument
from trading.orders.order import Fill

_REMEMBERED_MAX = 20_000
"""Trades (and orders) that may be told of again; hours of them at a busy pair."""


class Profit(msgspec.Struct, frozen=True, kw_only=True):
    """
    Realised and unrealised together, in quote currency.

    Args:
        total: Since the watch began.
        today: Since the UTC day began; negative is a loss.
        high_water: The best that ``total`` ever was, never below zero.
    """

    total: Decimal = ZERO
    today: Decimal = ZERO
    high_water: Decimal = ZERO

    @property
    def drawdown(self) -> Decimal:
        """How far the total is below its best; never negative."""
        return self.high_water - self.total


class ProfitWatch:
    """
    Adds fills and prices to a profit; the same fills and prices in the same order give the same.

    What is held is worth the last mid price; until there is one, the last fill's price. The profit
    at which one day ends is where the next begins, so what is carried overnight counts in both. A
    day never ends twice: what is late belongs to the day that has begun. A trade counts once.
    Fees in the base or quote currency count, those in any third currency do not.

    Args:
        instrument: Of the pair that the strategy trades.
        high_water: The best total of a former watch of the same fills, in quote currency.
    """

    def __init__(self, instrument: Instrument, high_water: Decimal = ZERO) -> None:
        self._instrument = instrument
        self._base = ZERO
        self._quote = ZERO
        self._trades: dict[TradeId, None] = {}
        self._day: int | None = None
        self._day_began_at = ZERO
        self._mid_price: Decimal | None = None
        self._fill_price = ZERO
        self._high_water = max(ZERO, high_water)

    def add_fill(self, fill: Fill, day: int) -> None:
        """
        Count a fill.

        Args:
            day: The UTC day on which it is counted, in days since the epoch.
        """
        if fill.trade_id in self._trades:
            return
        self._trades[fill.trade_id] = None
        forget_oldest(self._trades, _REMEMBERED_MAX)
        self._begin(day)
        gained, spent = flows(fill, self._instrument)
        self._base += gained
        self._quote -= spent
        self._fill_price = fill.price
        self._high_water = max(self._high_water, self._total())

    def add_mid_price(self, mid_price: Decimal, day: int) -> None:
        """
        Value what is held at another price, in quote currency.

        Args:
            day: The UTC day on which the price was seen, in days since the epoch.
        """
        if day == self._day and mid_price == self._mid_price:
            return  # nothing has changed since
        self._begin(day)
        self._mid_price = mid_price
        self._high_water = max(self._high_water, self._total())

    @property
    def profit(self) -> Profit:
        total = self._total()
        return Profit(total=total, today=total - self._day_began_at, high_water=self._high_water)

    def _begin(self, day: int) -> None:
        if self._day is None or day > self._day:
            self._day, self._day_began_at = day, self._total()

    def _total(self) -> Decimal:
        # Realised and unrealised profit add up to this, without the division of an average cost.
        price = self._fill_price if self._mid_price is None else self._mid_price
        return self._quote + self._base * price
