"""What the trader asks for."""

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
    What the trader asks for; Hummingbot's names where it has them.

    Args:
        risk_factor: Gamma. In the published form prices are measured in units of the mid price,
            so that the same figure means the same for every pair.
        order_amount: Of each order, in base currency; also the unit in which the published form
            counts inventory.
        target_base: Share of the portfolio's value that is to be in base currency.
        shape: Eta: the side that would lead further from the target is smaller by
            ``exp(-eta * q)``, where q is the share of the portfolio beyond the target.
        min_spread: From bid to ask at least, as a fraction of the mid price.
        order_levels: How many orders on each side.
        level_distances: From one level to the next, as a multiple of a hundredth of half of the
            optimal spread.
        volatility_samples: How many samples of the mid price are kept.
        sample_interval: Seconds between two of them.
        intensity_seconds: How many seconds with a trade are kept.
        minimum_samples: Price samples, and trades, with which the estimators are ready; in compat
            mode they have to be full.
        risk_horizon: Seconds that an endless session looks ahead.
        trading_window: A session with an end.
        order_refresh_time: As in pure market making, and so are those below.
        compat: ``None`` for the published form.

    Raises:
        ValueError: A value is out of range; the message names the field.
    """

    risk_factor: Decimal = attrs.field(validator=POSITIVE)
    order_amount: Decimal = attrs.field(validator=POSITIVE)
    target_base: Decimal = attrs.field(default=Decimal("0.5"), validator=SHARE)
    shape: Decimal = attrs.field(default=ZERO, validator=SHARE)
    min_spread: Decimal = attrs.field(default=ZERO, validator=FRACTION_OR_ZERO)
    order_levels: int = attrs.field(default=1, validator=_AT_LEAST_ONE)
    level_distances: Decimal = attrs.field(default=ZERO, validator=NOT_NEGATIVE)
    volatility_samples: int = attrs.field(default=200, validator=_AT_LEAST_TWO)
    sample_interval: float = attrs.field(default=1.0, validator=POSITIVE)
    intensity_seconds: int = attrs.field(default=200, validator=_AT_LEAST_ONE)
    minimum_samples: int = attrs.field(default=30, validator=_AT_LEAST_TWO)
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
        if self.compat is None and self.minimum_samples > self.volatility_samples:
            raise ValueError("minimum_samples must be volatility_samples or fewer")
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
