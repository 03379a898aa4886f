"""The parameters of pure market making, as the trader sets them."""

import enum
from decimal import Decimal

import attrs

from trading.core.decimals import ONE, ZERO, decimal_text
from trading.core.market import Side
from trading.strategies.pure_market_making.features import (
    HangingOrders,
    InventorySkew,
    MovingPriceBand,
    OrderOptimization,
    OwnLevel,
    PriceSource,
    PriceType,
    Reaction,
    SpreadSkew,
    TradingWindow,
    VolatilitySpread,
)
from trading.strategies.pure_market_making.validation import (
    FINITE,
    FRACTION,
    FRACTION_OR_ZERO,
    NOT_NEGATIVE,
    POSITIVE,
    SIGNED_FRACTION,
    number,
    unless_absent,
)


class Compat(enum.Enum):
    """Whose behaviour is reproduced, quirks included."""

    HUMMINGBOT = "hummingbot"


@attrs.frozen(kw_only=True)
class Parameters:
    """
    The strategy's parameters; fractions where the keys have percentages.

    A field that is not listed here is the key of that name: its meaning stands with the
    settings, ``config/strategies/pure_market_making.py``, which fill it by its name.

    Args:
        minimum_spread: Smaller than both spreads, but in compat mode.
        order_override: Orders to show instead of levels; empty for none.
        split_levels: As ``order_override``, but levels of their own: optimisation keeps their
            distances. At most one of the two.
        order_refresh_tolerance: ``None`` replaces a set in any case.
        order_refresh_amount_tolerance: ``None`` to look at prices alone.
        compat: ``None`` for what this project thinks right.

    Raises:
        ValueError: A value is out of range; the message names the field.
    """

    bid_spread: Decimal = attrs.field(validator=FRACTION)
    ask_spread: Decimal = attrs.field(validator=FRACTION)
    minimum_spread: Decimal | None = attrs.field(
        default=None, validator=unless_absent(SIGNED_FRACTION)
    )
    order_amount: Decimal = attrs.field(validator=POSITIVE)
    order_levels: int = attrs.field(default=1, validator=NOT_NEGATIVE)
    order_level_spread: Decimal = attrs.field(default=ZERO, validator=FRACTION_OR_ZERO)
    order_level_amount: Decimal = attrs.field(default=ZERO, validator=FINITE)
    order_override: tuple[OwnLevel, ...] = ()
    split_levels: tuple[OwnLevel, ...] = ()
    order_refresh_time: float = attrs.field(validator=POSITIVE)
    order_refresh_tolerance: Decimal | None = attrs.field(
        default=ZERO, validator=unless_absent(FRACTION_OR_ZERO)
    )
    order_refresh_amount_tolerance: Decimal | None = attrs.field(
        default=None, validator=unless_absent(NOT_NEGATIVE)
    )
    filled_order_delay: float = attrs.field(default=60.0, validator=NOT_NEGATIVE)
    max_order_age: float = attrs.field(default=1800.0, validator=POSITIVE)
    reaction: Reaction | None = None
    price_ceiling: Decimal | None = attrs.field(default=None, validator=unless_absent(POSITIVE))
    price_floor: Decimal | None = attrs.field(default=None, validator=unless_absent(POSITIVE))
    moving_price_band: MovingPriceBand | None = None
    ping_pong_enabled: bool = False
    inventory_skew: InventorySkew | None = None
    hanging_orders: HangingOrders | None = None
    order_optimization: OrderOptimization | None = None
    add_transaction_costs: bool = False
    volatility_spread: VolatilitySpread | None = None
    spread_skew: SpreadSkew | None = None
    trading_window: TradingWindow | None = None
    price_source: PriceSource = PriceSource.CURRENT_MARKET
    price_type: PriceType = PriceType.MID_PRICE
    price_age_max: float = attrs.field(default=30.0, validator=POSITIVE)
    inventory_price: Decimal | None = attrs.field(default=None, validator=unless_absent(POSITIVE))
    take_if_crossed: bool = False
    should_wait_order_cancel_confirmation: bool = True
    compat: Compat | None = None

    def __attrs_post_init__(self) -> None:
        if (
            self.price_ceiling is not None
            and self.price_floor is not None
            and self.price_ceiling < self.price_floor
        ):
            raise ValueError(
                f"price_ceiling must be price_floor or more, not {decimal_text(self.price_ceiling)}"
            )
        if self.order_override and self.split_levels:
            raise ValueError("split_levels must be empty where order_override is not")
        if self.compat is None:
            self._check_sense()
        else:
            self._check_compat()

    @property
    def own_levels(self) -> tuple[OwnLevel, ...]:
        """What is shown instead of levels; empty where there are levels."""
        return self.order_override or self.split_levels

    @property
    def narrowest_spread(self) -> Decimal:
        """Of what is shown nearest to the reference price on either side, as a fraction."""
        spreads = [level.spread for level in self.own_levels]
        return min(spreads, default=min(self.bid_spread, self.ask_spread))

    def _check_sense(self) -> None:
        """Refuse values that the original takes, but does nothing sensible with."""
        _ONE_OR_MORE(self, attrs.fields(Parameters).order_levels, self.order_levels)
        if self.minimum_spread is not None:
            _MINIMUM(self, attrs.fields(Parameters).minimum_spread, self.minimum_spread)
            if self.minimum_spread >= self.narrowest_spread:
                raise ValueError(
                    "minimum_spread must be below the narrowest spread, not"
                    f" {decimal_text(self.minimum_spread)}: every order would be cancelled at once"
                )
        if self.inventory_skew is not None and self.inventory_skew.range_multiplier == ZERO:
            raise ValueError("range_multiplier must be above 0, not 0: nothing would be quoted")
        band = self.moving_price_band
        if band is not None and (band.floor >= band.ceiling or band.refresh_time <= 0):
            raise ValueError(
                "moving_price_band must have its floor below its ceiling and a refresh_time above"
                " 0: nothing would be quoted"
            )
        for level in self.own_levels:
            if not 0 < level.spread < 1 or level.amount <= ZERO:
                raise ValueError(
                    "order_override and split_levels must have spreads between 0 and 1 and amounts"
                    f" above 0, not {decimal_text(level.spread)} and {decimal_text(level.amount)}"
                )
        if self.order_levels > 1 and not self.own_levels:
            self._check_levels()

    def _check_levels(self) -> None:
        last = self.order_levels - 1
        if self.order_level_spread == ZERO:
            raise ValueError("order_level_spread must be above 0 with more than one order_levels")
        if self.bid_spread + last * self.order_level_spread >= ONE:
            raise ValueError(
                "order_level_spread must leave the last bid above 0, not"
                f" {decimal_text(self.order_level_spread)} with {self.order_levels} levels"
            )
        if self.order_amount + last * self.order_level_amount <= ZERO:
            raise ValueError(
                "order_level_amount must leave the last level above 0, not"
                f" {decimal_text(self.order_level_amount)} with {self.order_levels} levels"
            )

    def _check_compat(self) -> None:
        for name in _OURS_ALONE:
            if getattr(self, name) is not None:
                raise ValueError(f"{name} must be absent in compat mode: the original has none")


_ONE_OR_MORE = number(lambda n: n >= 1, "1 or more")
_MINIMUM = FRACTION_OR_ZERO
_OURS_ALONE = (
    "order_refresh_amount_tolerance",
    "reaction",
    "volatility_spread",
    "spread_skew",
    "trading_window",
)


def levels_of(levels: tuple[OwnLevel, ...], side: Side) -> tuple[OwnLevel, ...]:
    """Those of one side, in their order."""
    return tuple(level for level in levels if level.side is side)
