"""Settings of a simulated market's source: simulated traders, or a recording."""

import enum
from collections.abc import Mapping
from decimal import Decimal

import attrs
from attrs import validators

from trading.core.identifiers import Pair
from trading.simulator.core.pair import positive


@attrs.frozen(kw_only=True)
class SyntheticFlow:
    """
    A crowd of traders around a slowly moving fair price. Rates are per second and pair.

    Args:
        limit_orders_per_s: New resting orders, both sides together.
        lifetime_s: How long one of them stays before it is cancelled, on average.
        market_orders_per_s: Orders that take what rests.
        half_spread: Nearest new order to the fair price, as a fraction of it.
        depth: Average distance of a new order beyond that, as a fraction.
        far_share: Share of orders placed five times deeper.
        order_sigma: Spread of the logarithm of resting order sizes.
        market_order_median: Median market order, in multiples of the pair's typical order.
        market_order_sigma: Spread of the logarithm of market order sizes.
        market_order_reach: No market order goes further from the fair price, as a fraction.
        impact: Share of a market order's reach that the fair price keeps.
        volatility: Standard deviation of the fair price over one second, as a fraction.
        reversion_s: Time over which the fair price is drawn back to the start price.
        levels_min: A side thinner than this is filled up from behind.
    """

    limit_orders_per_s: float = attrs.field(default=12.0, validator=validators.gt(0))
    lifetime_s: float = attrs.field(default=20.0, validator=validators.gt(0))
    market_orders_per_s: float = attrs.field(default=0.9, validator=validators.gt(0))
    half_spread: float = attrs.field(default=0.00015, validator=validators.gt(0))
    depth: float = attrs.field(default=0.0012, validator=validators.gt(0))
    far_share: float = 0.2
    order_sigma: float = 0.8
    market_order_median: float = 2.0
    market_order_sigma: float = 1.5
    market_order_reach: float = 0.006
    impact: float = 0.05
    volatility: float = 0.00006
    reversion_s: float = attrs.field(default=21_600.0, validator=validators.gt(0))
    levels_min: int = attrs.field(default=25, validator=validators.ge(20))


class Through(enum.Enum):
    """How much of an order a recorded trade through its price fills."""

    QUANTITY = "quantity"
    """As much as was traded."""
    WHOLE = "whole"
    """All of it, as hftbacktest does."""


@attrs.frozen(kw_only=True)
class RecordedFlow:
    """
    How a recording is replayed.

    A recorded price of n ticks becomes a price of n of the pair's ticks, a recorded quantity of n
    lots becomes n of the pair's lots: nothing is lost, but what a few old orders have beyond a lot.

    Args:
        speed: Recorded seconds per second.
        tick_size: The recording's price step.
        lot_size: The recording's quantity step.
        lot_sizes: Of recordings whose steps are others, by the pair they appear as.
        queue: The queue model: ``risk_averse``, ``power:n``, ``log``, or ``l3`` for recordings
            order by order.
        through: How much a trade through an order's price fills of it.
        level_wait_ns: How long levels wait for trades of theirs that the exchange dates later,
            nanoseconds of the recording.
    """

    speed: float = attrs.field(default=1.0, validator=validators.gt(0))
    tick_size: Decimal = attrs.field(default=Decimal("0.01"), validator=positive)
    lot_size: Decimal = attrs.field(default=Decimal("0.00001"), validator=positive)
    lot_sizes: Mapping[Pair, Decimal] = attrs.field(factory=dict)
    queue: str = "risk_averse"
    through: Through = Through.QUANTITY
    level_wait_ns: int = attrs.field(default=0, validator=validators.ge(0))
