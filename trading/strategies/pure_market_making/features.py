"""The optional features beyond plain levels: one group of parameters for each."""

import enum
from decimal import Decimal

import attrs

from trading.core.market import Side
from trading.strategies.pure_market_making.validation import (
    FINITE,
    FRACTION,
    FRACTION_OR_ZERO,
    NOT_NEGATIVE,
    POSITIVE,
    SHARE,
    number,
    unless_absent,
)

_DAY_S = 86_400


class PriceType(enum.Enum):
    """What is quoted around."""

    MID_PRICE = "mid_price"
    LAST_PRICE = "last_price"
    """Of anyone's last trade."""
    LAST_OWN_TRADE_PRICE = "last_own_trade_price"
    """Of our last order that was filled whole."""
    BEST_BID = "best_bid"
    BEST_ASK = "best_ask"
    INVENTORY_COST = "inventory_cost"
    """The mid price; but nothing is sold below what the inventory cost."""


class PriceSource(enum.Enum):
    """Whose price it is."""

    CURRENT_MARKET = "current_market"
    EXTERNAL_MARKET = "external_market"
    """Another market's book and trades."""
    CUSTOM_API = "custom_api"
    """A number that some address answers with."""


@attrs.frozen(kw_only=True)
class OwnLevel:
    """
    An order with a distance and a quantity of its own.

    Args:
        spread: Distance from the reference price, as a fraction.
        amount: In base currency.

    The original looks at neither; what makes no sense is refused where it is to make some.
    """

    side: Side
    spread: Decimal = attrs.field(validator=FINITE)
    amount: Decimal = attrs.field(validator=FINITE)


@attrs.frozen(kw_only=True)
class MovingPriceBand:
    """
    A floor and a ceiling that follow the price now and then.

    Args:
        ceiling: Distance of the ceiling from the price at the last refresh, as a fraction.
        floor: Distance of the floor; below the price it is negative.
        refresh_time: Seconds between two refreshes.
    """

    ceiling: Decimal = attrs.field(default=Decimal("0.01"), validator=FINITE)
    floor: Decimal = attrs.field(default=Decimal("-0.01"), validator=FINITE)
    refresh_time: float = attrs.field(default=float(_DAY_S), validator=FINITE)


@attrs.frozen(kw_only=True)
class InventorySkew:
    """
    Quantities that lean towards a target share of base currency.

    Args:
        target_base: Share of the portfolio's value that is to be in base currency.
        range_multiplier: At this multiple of all orders' quantity away from the target, one side
            has vanished and the other is doubled.
    """

    target_base: Decimal = attrs.field(default=Decimal("0.5"), validator=SHARE)
    range_multiplier: Decimal = attrs.field(default=Decimal(1), validator=NOT_NEGATIVE)


@attrs.frozen(kw_only=True)
class HangingOrders:
    """
    Where one order of a pair was filled, the other stays.

    Args:
        cancel_distance: Fraction of the reference price beyond which a hanging order is cancelled.
    """

    cancel_distance: Decimal = attrs.field(default=Decimal("0.1"), validator=FRACTION)


@attrs.frozen(kw_only=True)
class OrderOptimization:
    """
    Quotes no better than needed to be the next in the book.

    Args:
        bid_depth: Quantity at the top of the bids that is not looked at, in base currency.
        ask_depth: The same of the asks.
    """

    bid_depth: Decimal = attrs.field(default=Decimal(0), validator=NOT_NEGATIVE)
    ask_depth: Decimal = attrs.field(default=Decimal(0), validator=NOT_NEGATIVE)


@attrs.frozen(kw_only=True)
class VolatilitySpread:
    """
    Spreads that widen when the price moves much.

    Args:
        multiplier: Added to each spread: so many standard deviations.
        halflife: Seconds after which a move counts half.
        horizon: Seconds that the standard deviation is meant for: as long as a set stands.
        maximum: No spread grows by more than this fraction.
    """

    multiplier: Decimal = attrs.field(default=Decimal(1), validator=NOT_NEGATIVE)
    halflife: float = attrs.field(default=300.0, validator=POSITIVE)
    horizon: float = attrs.field(default=30.0, validator=POSITIVE)
    maximum: Decimal = attrs.field(default=Decimal("0.01"), validator=FRACTION)


@attrs.frozen(kw_only=True)
class SpreadSkew:
    """
    Spreads, rather than quantities, that lean towards a target share of base currency.

    The side that would lead further away from the target is quoted further out; the other side
    stays where it is, so nothing ever moves towards the market.

    Args:
        target_base: Share of the portfolio's value that is to be in base currency.
        strength: What the spread grows by, as a multiple of itself, when all value is on the
            wrong side.
    """

    target_base: Decimal = attrs.field(default=Decimal("0.5"), validator=SHARE)
    strength: Decimal = attrs.field(default=Decimal(1), validator=NOT_NEGATIVE)


@attrs.frozen(kw_only=True)
class TradingWindow:
    """
    When to quote; outside, everything is withdrawn.

    Args:
        daily_from: Seconds after midnight, UTC.
        daily_until: Seconds after midnight, UTC; earlier than ``daily_from`` goes past midnight.
        begins_at: Seconds since the epoch; ``None`` for no beginning.
        ends_at: Seconds since the epoch; ``None`` for no end.
    """

    daily_from: int | None = attrs.field(
        default=None,
        validator=unless_absent(number(lambda s: 0 <= s < _DAY_S, "a second of the day")),
    )
    daily_until: int | None = attrs.field(
        default=None,
        validator=unless_absent(number(lambda s: 0 <= s <= _DAY_S, "a second of the day")),
    )
    begins_at: float | None = attrs.field(default=None, validator=unless_absent(FINITE))
    ends_at: float | None = attrs.field(default=None, validator=unless_absent(FINITE))

    def __attrs_post_init__(self) -> None:
        if (self.daily_from is None) != (self.daily_until is None):
            raise ValueError("daily_from and daily_until must be given together")
        if self.daily_from is not None and self.daily_from == self.daily_until:
            raise ValueError("daily_until must differ from daily_from: the window would be empty")
        if (
            self.begins_at is not None
            and self.ends_at is not None
            and self.begins_at >= self.ends_at
        ):
            raise ValueError("ends_at must be later than begins_at")


@attrs.frozen(kw_only=True)
class Reaction:
    """
    When a set is replaced before its time, because the market moved away from it.

    Args:
        minimum_interval: Seconds between two such replacements at least.
        minimum_change: Fraction that a price must be off to be worth it.
    """

    minimum_interval: float = attrs.field(default=1.0, validator=POSITIVE)
    minimum_change: Decimal = attrs.field(default=Decimal("0.001"), validator=FRACTION_OR_ZERO)
