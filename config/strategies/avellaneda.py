"""Everything that can be set about Avellaneda-Stoikov, under Hummingbot's keys."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Annotated, ClassVar

import attrs
from typing_extensions import override

from config.rules.rules import Choice, Number, Seconds, Span, Whole, percent
from config.sections.limits import Quoting
from config.sections.simulator import Positive
from config.strategies.order_set import OrderSetSettings
from config.strategies.parameters import from_settings
from trading.core.decimals import ONE, ZERO
from trading.strategies.avellaneda_stoikov.parameters import Parameters
from trading.strategies.avellaneda_stoikov.strategy import AvellanedaStoikov
from trading.strategies.pure_market_making.parameters import Compat

Samples = Annotated[int, Whole(at_least=2, at_most=10_000)]

_FARTHEST_SPREAD = Decimal("0.25")
"""For limits that follow from it: the formula itself knows no farthest spread."""


@attrs.frozen(kw_only=True)
class AvellanedaStoikovSettings(OrderSetSettings):
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

    compat: Annotated[Compat, Choice(Compat)] | None = None

    @property
    @override
    def quoting(self) -> Quoting:
        return Quoting(
            amounts=(self.order_amount,) * self.order_levels,
            farthest_spread=max(_FARTHEST_SPREAD, self.min_spread / 2),
            refresh_s=self.soonest_refresh_s,
        )

    @override
    def strategy(self) -> AvellanedaStoikov:
        return AvellanedaStoikov(self.parameters)

    @property
    def derived(self) -> Mapping[str, object]:
        """Those parameters that are no key of their own, but follow from several keys."""
        return {
            "trading_window": self.trading_window,
            "reaction": self.reaction,
            "hanging_orders": self.hanging_orders,
            "order_optimization": self.order_optimization,
        }

    @property
    def parameters(self) -> Parameters:
        """
        What the strategy itself takes.

        Raises:
            ValueError: Settings contradict each other.
        """
        return from_settings(Parameters, self, self.derived)
