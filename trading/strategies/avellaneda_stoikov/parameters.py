"""The parameters of Avellaneda-Stoikov, as the trader sets them."""

from decimal import Decimal

import attrs

from trading.core.decimals import ONE, ZERO
from trading.strategies.pure_market_making.features import (
    HangingOrders,
    OrderOptimization,
    Reaction,
    TradingWindow,
)
from trading.strategies.pure_market_making.parameters import Compat
from trading.strategies.pure_market_making.validation import (
    FRACTION_OR_ZERO,
    NOT_NEGATIVE,
    POSITIVE,
    SHARE,
    number,
    unless_absent,
)

_AT_LEAST_TWO = number(lambda value: value >= 2, "2 or more")  # noqa: PLR2004
_AT_LEAST_ONE = number(lambda value: value >= 1, "1 or more")


@attrs.frozen(kw_only=True)
class Parameters:
    """
    The strategy's parameters; fractions where the keys have percentages.

    A field that is not listed here is the key of that name: its meaning stands with the
    settings, ``config/strategies/avellaneda.py``, which fill it by its name.

    Args:
        risk_factor: Gamma. In the published form prices are measured in units of the mid price,
            so that the same figure means the same for every pair.
        order_amount: Of each order; also the unit in which the published form counts inventory.
        trading_window: A session with an end.
        compat: ``None`` for the published form.

    Raises:
        ValueError: A value is out of range; the message names the field.
    """

    risk_factor: Decimal = attrs.field(validator=POSITIVE)
    order_amount: Decimal = attrs.field(validator=POSITIVE)
    inventory_target_base: Decimal = attrs.field(default=Decimal("0.5"), validator=SHARE)
    order_amount_shape_factor: Decimal = attrs.field(default=ZERO, validator=SHARE)
    min_spread: Decimal = attrs.field(default=ZERO, validator=FRACTION_OR_ZERO)
    order_levels: int = attrs.field(default=1, validator=_AT_LEAST_ONE)
    level_distances: Decimal = attrs.field(default=ZERO, validator=NOT_NEGATIVE)
    volatility_buffer_size: int = attrs.field(default=200, validator=_AT_LEAST_TWO)
    volatility_sample_interval: float = attrs.field(default=1.0, validator=POSITIVE)
    trading_intensity_buffer_size: int = attrs.field(default=200, validator=_AT_LEAST_ONE)
    estimator_minimum_samples: int = attrs.field(default=30, validator=_AT_LEAST_TWO)
    risk_horizon: float = attrs.field(default=60.0, validator=POSITIVE)
    trading_window: TradingWindow | None = None
    order_refresh_time: float = attrs.field(validator=POSITIVE)
    order_refresh_tolerance: Decimal | None = attrs.field(
        default=None, validator=unless_absent(FRACTION_OR_ZERO)
    )
    order_refresh_amount_tolerance: Decimal | None = attrs.field(
        default=None, validator=unless_absent(NOT_NEGATIVE)
    )
    filled_order_delay: float = attrs.field(default=60.0, validator=NOT_NEGATIVE)
    max_order_age: float = attrs.field(default=1800.0, validator=POSITIVE)
    reaction: Reaction | None = None
    hanging_orders: HangingOrders | None = None
    order_optimization: OrderOptimization | None = None
    add_transaction_costs: bool = False
    compat: Compat | None = None

    @property
    def minimum_spread(self) -> None:
        """Orders are not cancelled for being close: the formula decides how close is right."""
        return

    def __attrs_post_init__(self) -> None:
        if self.compat is None and self.estimator_minimum_samples > self.volatility_buffer_size:
            raise ValueError("estimator_minimum_samples must be volatility_buffer_size or fewer")
        if self.order_levels > 1 and self.level_distances == ZERO:
            raise ValueError("level_distances must be above 0 where there are more order_levels")
        if self.order_levels * self.level_distances / 100 > 100 * ONE:
            raise ValueError("level_distances must not put the last level 100 spreads away")
        window = self.trading_window
        if (
            self.compat is not None
            and window is not None
            and window.ends_at is not None
            and window.begins_at is None
        ):
            raise ValueError("begins_at must be given with ends_at: the session's length counts")
