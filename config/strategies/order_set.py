"""What can be set about a whole set of orders: how long it stands, and when it is replaced."""

from decimal import Decimal
from typing import Annotated

import attrs

from config.rules.hours import DailyHours, Hours
from config.rules.rules import Flag, Seconds, Span, percent
from config.strategies.base import StrategySettings
from config.strategies.rules import Instant
from trading.core.decimals import ZERO
from trading.strategies.pure_market_making import features

Switch = Annotated[bool, Flag()]
SpreadAboveZero = Annotated[Decimal, percent(above=0, below=100)]


@attrs.frozen(kw_only=True)
class OrderSetSettings(StrategySettings):
    """
    What both built-in strategies have: each shows a set of orders, and replaces it as a whole.

    Args:
        order_refresh_tolerance_pct: Beyond the refresh time a set is kept while no price
            would move by more; left out, it is always replaced.
        order_refresh_amount_tolerance_pct: ... and while the quantity of no side would
            change by more.
        reaction_interval: Replace a whole set early when the market moved away from it, at
            most so often.
        reaction_minimum_change_pct: A price must be off by more than that to be worth it.
        filled_order_delay: Pause after an order was filled whole.
        max_order_age: A set with an older order is replaced; a hanging order is renewed.
        trading_hours: Outside of this part of each day everything is withdrawn, as
            "08:00-17:30"; "22:00-06:00" goes past midnight.
        trading_begins_at, trading_ends_at: Before and after it everything is withdrawn, as
            "2026-01-31T08:00:00Z".
        hanging_orders_enabled: When one order of a pair is filled, the other stays.
        hanging_orders_cancel_pct: ... until it is further than this from the reference
            price.
        order_optimization_enabled: No better than one tick before the next order in the
            book.
        add_transaction_costs: Add the maker fee to both spreads; a rebate narrows them.
    """

    order_refresh_tolerance: Annotated[Decimal, percent(at_least=0, at_most=10)] | None = (
        attrs.field(default=None, metadata={"key": "order_refresh_tolerance_pct"})
    )
    order_refresh_amount_tolerance: Annotated[Decimal, percent(at_least=0, at_most=100)] | None = (
        attrs.field(default=None, metadata={"key": "order_refresh_amount_tolerance_pct"})
    )
    reaction_interval: Span | None = None
    reaction_minimum_change: Annotated[Decimal, percent(at_least=0, below=100)] = attrs.field(
        default=Decimal("0.001"), metadata={"key": "reaction_minimum_change_pct"}
    )
    filled_order_delay: Annotated[float, Seconds(above=None, at_least=ZERO)] = 60.0
    max_order_age: Span = 1800.0
    trading_hours: Annotated[Hours, DailyHours()] | None = None
    trading_begins_at: Annotated[float, Instant()] | None = None
    trading_ends_at: Annotated[float, Instant()] | None = None
    hanging_orders_enabled: Switch = False
    hanging_orders_cancel: SpreadAboveZero = attrs.field(
        default=Decimal("0.1"), metadata={"key": "hanging_orders_cancel_pct"}
    )
    order_optimization_enabled: Switch = False
    add_transaction_costs: Switch = False

    @property
    def soonest_refresh_s(self) -> float:
        """How soon a set may be replaced by the next, because of its age or of the market."""
        return min(self.order_refresh_time, self.reaction_interval or float("inf"))

    @property
    def reaction(self) -> features.Reaction | None:
        if self.reaction_interval is None:
            return None
        return features.Reaction(
            minimum_interval=self.reaction_interval, minimum_change=self.reaction_minimum_change
        )

    @property
    def trading_window(self) -> features.TradingWindow | None:
        """
        When to quote; ``None`` where none of its keys is given.

        Raises:
            ValueError: It would be empty.
        """
        hours = self.trading_hours
        begins_at, ends_at = self.trading_begins_at, self.trading_ends_at
        if hours is None and begins_at is None and ends_at is None:
            return None
        return features.TradingWindow(
            daily_from=None if hours is None else hours.start,
            daily_until=None if hours is None else hours.end,
            begins_at=begins_at,
            ends_at=ends_at,
        )

    @property
    def hanging_orders(self) -> features.HangingOrders | None:
        if not self.hanging_orders_enabled:
            return None
        return features.HangingOrders(cancel_distance=self.hanging_orders_cancel)

    @property
    def order_optimization(self) -> features.OrderOptimization | None:
        return features.OrderOptimization() if self.order_optimization_enabled else None
