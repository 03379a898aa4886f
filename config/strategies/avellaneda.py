"""Everything that can be set about Avellaneda-Stoikov, under Hummingbot's keys."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Annotated, ClassVar

import attrs
from typing_extensions import override

from config.rules.rules import Choice, Flag, Number, Seconds, Span, Whole, percent
from config.sections.limits import Quoting
from config.sections.simulator import Positive
from config.strategies.base import StrategySettings
from config.strategies.levels import SpreadAboveZero
from config.strategies.parameters import from_settings
from config.strategies.rules import DailyHours, Hours, Instant
from config.strategies.trading_window import trading_window
from trading.core.decimals import ONE, ZERO
from trading.strategies.avellaneda_stoikov.parameters import Parameters
from trading.strategies.avellaneda_stoikov.strategy import AvellanedaStoikov
from trading.strategies.pure_market_making import features
from trading.strategies.pure_market_making.parameters import Compat

Switch = Annotated[bool, Flag()]
Samples = Annotated[int, Whole(at_least=2, at_most=10_000)]

_FARTHEST_SPREAD = Decimal("0.25")
"""For limits that follow from it: the formula itself knows no farthest spread."""


@attrs.frozen(kw_only=True)
class AvellanedaStoikovSettings(StrategySettings):
    """
    One Avellaneda-Stoikov strategy; ``docs/avellaneda-stoikov.md`` has the formulas.

    Args:
        risk_factor: How strongly quotes lean against the inventory: gamma.
        order_amount_shape_factor: Eta: the side that would lead further from the target is
            smaller by exp(-eta * q), q as a share.
        min_spread: From bid to ask at least; half of it on each side of the mid price.
        inventory_target_base_pct: Share of base currency, by value, that is aimed at.
        order_levels: Orders on each side.
        level_distances: From one level to the next, in hundredths of half of the optimal
            spread.
        volatility_buffer_size: Price samples that are kept.
        volatility_sample_interval: Between two samples of the price.
        trading_intensity_buffer_size: Seconds with a trade that are kept.
        estimator_minimum_samples: Samples and trades to be ready; in compat mode the
            buffers have to be full.
        risk_horizon: How far an endless session looks ahead.
        trading_hours: A session: a part of each day, as "08:00-17:30".
        trading_begins_at, trading_ends_at: A session with a beginning and an end, as
            "2026-01-31T08:00:00Z".
        order_refresh_tolerance_pct: Beyond the refresh time a set is kept while no price
            would move by more; left out, it is always replaced.
        order_refresh_amount_tolerance_pct: ... and while the quantity of no side would
            change by more.
        reaction_interval: Replace a whole set early when the market moved away from it, at
            most so often.
        reaction_minimum_change_pct: A price must be off by more than that to be worth it.
        filled_order_delay: Pause after an order was filled whole.
        max_order_age: A set with an older order is replaced; a hanging order is renewed.
        hanging_orders_enabled: When one order of a pair is filled, the other stays.
        hanging_orders_cancel_pct: ... until it is further than this from the reference
            price.
        order_optimization_enabled: No better than one tick before the next order in the
            book.
        add_transaction_costs: Add the maker fee to both spreads.
        compat: "hummingbot" takes its form of the formulas.
    """

    stand_ins: ClassVar[Mapping[str, object]] = {"risk_factor": ONE}

    risk_factor: Positive
    order_amount_shape_factor: Annotated[Decimal, Number(at_least=ZERO, at_most=ONE)] = ZERO
    min_spread: Annotated[Decimal, percent(at_least=0, below=100)] = ZERO
    inventory_target_base: Annotated[Decimal, percent(at_least=0, at_most=100)] = attrs.field(
        default=Decimal("0.5"), metadata={"key": "inventory_target_base_pct"}
    )
    order_levels: Annotated[int, Whole(at_least=1, at_most=50)] = 1
    level_distances: Annotated[Decimal, Number(at_least=ZERO, at_most=Decimal(1000))] = ZERO

    volatility_buffer_size: Samples = 200
    volatility_sample_interval: Annotated[float, Seconds(at_least=Decimal("0.1"))] = 1.0
    trading_intensity_buffer_size: Annotated[int, Whole(at_least=1, at_most=1000)] = 200
    estimator_minimum_samples: Samples = 30

    risk_horizon: Span = 60.0
    trading_hours: Annotated[Hours, DailyHours()] | None = None
    trading_begins_at: Annotated[float, Instant()] | None = None
    trading_ends_at: Annotated[float, Instant()] | None = None

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
    hanging_orders_enabled: Switch = False
    hanging_orders_cancel: SpreadAboveZero = attrs.field(
        default=Decimal("0.1"), metadata={"key": "hanging_orders_cancel_pct"}
    )
    order_optimization_enabled: Switch = False
    add_transaction_costs: Switch = False

    compat: Annotated[Compat, Choice(Compat)] | None = None

    @property
    @override
    def quoting(self) -> Quoting:
        return Quoting(
            amounts=(self.order_amount,) * self.order_levels,
            farthest_spread=max(_FARTHEST_SPREAD, self.min_spread / 2),
            refresh_s=min(self.order_refresh_time, self.reaction_interval or float("inf")),
        )

    @override
    def strategy(self) -> AvellanedaStoikov:
        return AvellanedaStoikov(self.parameters)

    @property
    def derived(self) -> Mapping[str, object]:
        """Those parameters that are no key of their own, but follow from several keys."""
        return {
            "trading_window": self._trading_window,
            "reaction": self._reaction,
            "hanging_orders": self._hanging_orders,
            "order_optimization": self._order_optimization,
        }

    @property
    def parameters(self) -> Parameters:
        """
        What the strategy itself takes.

        Raises:
            ValueError: Settings contradict each other.
        """
        return from_settings(Parameters, self, self.derived)

    @property
    def _reaction(self) -> features.Reaction | None:
        if self.reaction_interval is None:
            return None
        return features.Reaction(
            minimum_interval=self.reaction_interval, minimum_change=self.reaction_minimum_change
        )

    @property
    def _trading_window(self) -> features.TradingWindow | None:
        return trading_window(self.trading_hours, self.trading_begins_at, self.trading_ends_at)

    @property
    def _hanging_orders(self) -> features.HangingOrders | None:
        if not self.hanging_orders_enabled:
            return None
        return features.HangingOrders(cancel_distance=self.hanging_orders_cancel)

    @property
    def _order_optimization(self) -> features.OrderOptimization | None:
        return features.OrderOptimization() if self.order_optimization_enabled else None
