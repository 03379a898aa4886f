"""The volatility: a mean of squared price moves in which old ones count ever less."""

import math
from decimal import Decimal

import msgspec

from trading.strategies.pure_market_making.features import VolatilitySpread

_PLACES = 8


class Volatility(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """
    What is known of the moves so far.

    Args:
        price: The last one seen.
        at: Monotonic seconds at which it was seen.
        variance_per_s: Of the logarithm of the price.
    """

    price: Decimal
    at: float
    variance_per_s: float = 0.0

    def after(self, price: Decimal, at: float, halflife: float) -> "Volatility":
        """With one more price; looks that come faster than the clock moves are one look."""
        elapsed = at - self.at
        if elapsed <= 0:
            return self
        move = math.log(price / self.price)
        weight = 1 - math.exp2(-elapsed / halflife)
        variance = self.variance_per_s + weight * (move * move / elapsed - self.variance_per_s)
        return Volatility(price=price, at=at, variance_per_s=variance)

    def extra_spread(self, wanted: VolatilitySpread) -> Decimal:
        """What is added to each spread, as a fraction."""
        deviation = math.sqrt(self.variance_per_s * wanted.horizon)
        extra = Decimal(f"{deviation:.{_PLACES}f}") * wanted.multiplier
        return min(extra, wanted.maximum)
