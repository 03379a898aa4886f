"""What can be set about a strategy's limits, as values, and how they fit what the strategy does."""

from collections.abc import Iterator
from decimal import Decimal
from typing import Annotated

import attrs

from config.rules.rules import Number, Seconds, Whole, percent, percent_text
from config.sections.simulator import Positive
from config.source.problems import Refused
from trading.core.decimals import ZERO, decimal_text
from trading.risk.limits import RiskLimits

Holding = Annotated[Decimal, Number(at_least=ZERO, example="0")]
Collar = Annotated[Decimal, percent(above=0, at_most=1000)]
Count = Annotated[int, Whole(at_least=1, at_most=100_000)]

MONEY_LIMITS = {
    "max_order_notional": "what one order may be worth, in quote currency",
    "min_base_holding": "the base currency that is never sold",
    "max_base_holding": "the most base currency to be stuck with when its price falls",
    "min_quote_holding": "the quote currency that is never spent",
    "max_daily_loss": "the loss within one day that halts the strategy, in quote currency",
    "max_drawdown": "the fall from the best profit that halts the strategy, in quote currency",
}
"""Those that a real exchange demands: only their owner knows how much money is too much."""

_MINUTE_S = 60.0


@attrs.frozen(kw_only=True)
class Quoting:
    """
    What a strategy does at most by its own settings.

    Args:
        amounts: Of each level, in base currency, nearest to the market first.
        farthest_spread: Of the last level, as a fraction of the mid price.
        refresh_s: Between two sets of orders, at least.
    """

    amounts: tuple[Decimal, ...]
    farthest_spread: Decimal
    refresh_s: float

    @property
    def levels(self) -> int:
        return len(self.amounts)

    @property
    def placements_per_minute(self) -> int:
        """Of both sides, while every set is replaced as soon as it may be."""
        return round(2 * self.levels * max(1.0, _MINUTE_S / self.refresh_s))


@attrs.frozen(kw_only=True)
class RiskLimitSettings:
    """
    A strategy's limits; what is ``None`` is off, or follows from the strategy's other settings.

    Their meaning is that of ``trading.risk.RiskLimits``.

    Args:
        max_order_notional: What one order may be worth, in quote currency.
        min_base_holding: The base currency that is never sold, were every ask to fill.
        max_base_holding: The most base currency that is held, were every bid to fill.
        min_quote_holding: The quote currency that is never spent, were every bid to fill.
        max_quote_holding: The most quote currency that is held, were every ask to fill.
        max_daily_loss: The loss within one UTC day that halts the strategy, in quote
            currency.
        max_drawdown: The fall from the best profit that halts the strategy, in quote
            currency.
        price_collar: No order is further from the mid price; absent, twice the farthest
            spread, and no less than 5 %.
        last_trade_collar: No order is further from the last trade's price; absent, twice
            the price collar.
        max_orders_per_side: Absent, twice the levels: one may hang behind for each.
        max_fills_in_row: Orders filled on one side with none on the other between; more
            halt the strategy. Absent, three whole sides, and no less than 10.
        fills_window_s: ... within so many seconds.
        max_book_age_s: No order leaves while the book was not confirmed for so long.
        max_instructions_per_minute: Absent, three times what the strategy needs when it
            replaces every set as soon as it may, and no less than 60.
    """

    max_order_notional: Positive | None = None
    min_base_holding: Holding | None = None
    max_base_holding: Positive | None = None
    min_quote_holding: Holding | None = None
    max_quote_holding: Positive | None = None
    max_daily_loss: Positive | None = None
    max_drawdown: Positive | None = None
    price_collar: Collar | None = None
    last_trade_collar: Collar | None = None
    max_orders_per_side: Count | None = None
    max_fills_in_row: Count | None = None
    fills_window_s: Annotated[float, Seconds()] = 60.0
    max_book_age_s: Annotated[float, Seconds()] = 30.0
    max_instructions_per_minute: Count | None = None

    def contradictions(self) -> Iterator[Refused]:
        for currency in ("base", "quote"):
            low: Decimal | None = getattr(self, f"min_{currency}_holding")
            high: Decimal | None = getattr(self, f"max_{currency}_holding")
            if low is not None and high is not None and low >= high:
                yield Refused(
                    f"of {decimal_text(low)} is not below max_{currency}_holding of"
                    f" {decimal_text(high)}",
                    "swap them or widen",
                    key=(f"min_{currency}_holding",),
                )

    def missing(self, table: str) -> Iterator[tuple[str, Refused]]:
        """
        The money limits that are not given, each with what to write.

        Args:
            table: Where they belong, dotted.
        """
        for key, meaning in MONEY_LIMITS.items():
            if getattr(self, key) is None:
                yield (
                    key,
                    Refused(
                        "is missing: limits of money have no default on a real exchange",
                        f"add below [{table}]: {key} = ..., {meaning}",
                    ),
                )

    def limits(self, quoting: Quoting) -> RiskLimits:
        """The limits as they are held against every order."""
        collar = self.price_collar or max(Decimal("0.05"), 2 * quoting.farthest_spread)
        return RiskLimits(
            max_order_notional=self.max_order_notional,
            min_base_holding=self.min_base_holding,
            max_base_holding=self.max_base_holding,
            min_quote_holding=self.min_quote_holding,
            max_quote_holding=self.max_quote_holding,
            max_daily_loss=self.max_daily_loss,
            max_drawdown=self.max_drawdown,
            price_collar=collar,
            last_trade_collar=self.last_trade_collar or 2 * collar,
            max_orders_per_side=self.max_orders_per_side or 2 * quoting.levels,
            max_fills_in_row=self.max_fills_in_row or max(10, 3 * quoting.levels),
            fills_window_s=self.fills_window_s,
            max_book_age_s=self.max_book_age_s,
            max_instructions_per_minute=self.max_instructions_per_minute
            or max(60, 3 * quoting.placements_per_minute),
        )

    def hindrances(self, quoting: Quoting) -> Iterator[Refused]:
        """Limits within which the strategy could never do what its own settings ask for."""
        for key in ("price_collar", "last_trade_collar"):
            collar: Decimal | None = getattr(self, key)
            if collar is not None and collar <= quoting.farthest_spread:
                yield _hindrance(
                    key,
                    f"of {percent_text(collar)} is not wider than the farthest spread of"
                    f" {percent_text(quoting.farthest_spread)}: those orders would be refused",
                    "widen it, or keep the orders closer to the mid price",
                )
        yield from self._counts(quoting)
        yield from self._room(quoting)

    def _counts(self, quoting: Quoting) -> Iterator[Refused]:
        orders, fills = self.max_orders_per_side, self.max_fills_in_row
        if orders is not None and orders < quoting.levels:
            yield _hindrance(
                "max_orders_per_side",
                f"of {orders} is below order_levels of {quoting.levels}: the others would be"
                " refused",
                f"give at least {quoting.levels}, or use fewer levels",
            )
        if fills is not None and fills <= quoting.levels:
            yield _hindrance(
                "max_fills_in_row",
                f"of {fills} is not above order_levels of {quoting.levels}: one move of the market"
                " through all levels would halt the strategy",
                f"give at least {quoting.levels + 1}, or use fewer levels",
            )
        rate, needed = self.max_instructions_per_minute, quoting.placements_per_minute
        if rate is not None and rate < needed:
            yield _hindrance(
                "max_instructions_per_minute",
                f"of {rate} is below the {needed} that order_levels and order_refresh_time need",
                f"give at least {needed}, use fewer levels or refresh more slowly",
            )

    def _room(self, quoting: Quoting) -> Iterator[Refused]:
        if self.max_base_holding is None:
            return
        room = self.max_base_holding - (self.min_base_holding or ZERO)
        needed = 2 * sum(quoting.amounts, ZERO)
        if room < needed:
            yield _hindrance(
                "max_base_holding",
                f"leaves room for {decimal_text(room)} above min_base_holding, but all bids and"
                f" all asks together are {decimal_text(needed)}",
                "widen the two, use fewer levels or smaller amounts",
            )


def _hindrance(key: str, message: str, cure: str) -> Refused:
    return Refused(message, cure, key=("limits", key))
