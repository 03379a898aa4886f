"""How near a strategy is to its limits of loss."""

from collections.abc import Iterator
from decimal import Decimal

import msgspec

from trading.alerts.observed import StrategyObserved
from trading.core.decimals import ZERO, decimal_text

_PLACES = Decimal("0.01")


class LossesSeen(msgspec.Struct, frozen=True, kw_only=True):
    """
    What one strategy's losses are counted from, in quote currency.

    Args:
        day: The UTC day, counted from the epoch.
        day_began_at: The profit as that day began.
        high_water: The best profit so far.
    """

    day: int
    day_began_at: Decimal = ZERO
    high_water: Decimal = ZERO

    def after(self, profit: Decimal, day: int) -> "LossesSeen":
        """Once another profit was seen; a day never ends twice."""
        began = self.day_began_at if day <= self.day else profit
        return LossesSeen(
            day=max(day, self.day),
            day_began_at=began,
            high_water=max(self.high_water, profit),
        )


def near_limits(
    seen: LossesSeen, strategy: StrategyObserved, share: Decimal
) -> Iterator[tuple[str, str]]:
    """
    The limits of which so large a share is lost: each with its key, and a sentence.

    Args:
        share: A fraction of the limit.
    """
    if strategy.profit is None:
        return
    for key, lost, limit, words in (
        (
            "max_daily_loss",
            seen.day_began_at - strategy.profit,
            strategy.max_daily_loss,
            "lost today",
        ),
        (
            "max_drawdown",
            seen.high_water - strategy.profit,
            strategy.max_drawdown,
            "lost since the profit was at its best",
        ),
    ):
        if limit is not None and limit > ZERO and lost >= limit * share:
            amount = decimal_text(lost.quantize(_PLACES) if lost >= 1 else lost)
            yield (
                key,
                (
                    f"{amount} {words} on {strategy.pair}: {lost / limit:.0%} of {key}"
                    f" {decimal_text(limit)}, at which everything halts"
                ),
            )
