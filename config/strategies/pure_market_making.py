"""
Everything that can be set about pure market making, under the keys that Hummingbot users know.

A feature that is not enabled may have its other keys all the same: they wait for the day it is.
"""

from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Annotated, ClassVar

import attrs
from typing_extensions import override

from config.rules.rules import (
    Choice,
    Number,
    OneOf,
    Origin,
    Seconds,
    Span,
    percent,
)
from config.sections.limits import Quoting
from config.sections.simulator import PairName, Positive
from config.source.problems import Refused
from config.strategies.base import StrategySettings
from config.strategies.levels import LevelSettings
from config.strategies.order_set import SpreadAboveZero, Switch
from config.strategies.parameters import from_settings
from config.strategies.rules import PriceUrl
from trading.core.decimals import ONE, ZERO, decimal_text
from trading.core.identifiers import Pair
from trading.decisions.decision import Quote
from trading.strategies.pure_market_making import features
from trading.strategies.pure_market_making.compat.strategy import HummingbotPureMarketMaking
from trading.strategies.pure_market_making.modifiers.levels import levels
from trading.strategies.pure_market_making.parameters import Compat, Parameters
from trading.strategies.pure_market_making.reference import Reference
from trading.strategies.pure_market_making.strategy import PureMarketMaking
from trading.venues.registry import venue_kind, venue_names

SignedPercent = Annotated[Decimal, percent(above=-100, at_most=1000)]
NotNegative = Annotated[Decimal, Number(at_least=ZERO)]

_PRICES_FROM = Origin(
    secure="https",
    plain="http",
    # No key is sent there; but what comes from there is quoted around.
    in_the_open="is refused: prices would come without encryption, so that anybody on the way"
    " could change them",
    example="api.binance.com",
)


@attrs.frozen(kw_only=True)
class PureMarketMakingSettings(LevelSettings):
    """
    One pure-market-making strategy; ``docs/pure-market-making.md`` says how it decides.

    Fractions where the keys have percentages; time spans in seconds; amounts in base currency.

    Args:
        price_ceiling: At or above it nothing is bought, in quote currency.
        price_floor: At or below it nothing is sold, in quote currency.
        moving_price_band_enabled: A floor and a ceiling that follow the price.
        price_ceiling_pct, price_floor_pct: Of the moving band: the distance from the price.
        price_band_refresh_time: How often the moving band is set anew.
        ping_pong_enabled: After a fill, that level of that side waits until the other side
            was filled as often.
        inventory_skew_enabled: Quantities lean towards the target.
        inventory_target_base_pct: Share of base currency, by value, that is aimed at.
        inventory_range_multiplier: A side vanishes at this multiple of all orders' quantity
            away from the target.
        spread_skew_strength: Spreads lean instead of quantities: by how many times itself
            the unwanted side's spread grows when all value is on the wrong side.
        inventory_price: What a unit has cost while no fill tells, in quote currency; with
            price_type = "inventory_cost".
        bid_order_optimization_depth, ask_order_optimization_depth: Quantity at the top of
            the book to look past, in base currency.
        volatility_spread_multiplier: Add so many standard deviations of the price within
            order_refresh_time to the spreads.
        volatility_spread_halflife: Age at which a move of the price counts half.
        volatility_spread_max_pct: No spread grows by more for volatility.
        price_source: Where the reference price comes from.
        price_type: Which price of the source is quoted around; inventory_cost is the mid
            price, but no ask stands below what the inventory has cost.
        price_source_exchange: Whose other market; the venue that is traded on, or one that is only
            looked at.
        price_source_exchange_url: Where that one's REST interface is, if not at its own address.
        price_source_market: Another market.
        price_source_custom_api: An address that answers with a bare number.
        custom_api_update_interval: Between two looks at another market or address.
        price_age_max: A price from elsewhere that is older has lapsed: quotes are
            withdrawn.
        take_if_crossed: Send what would take, as an order that may; its budget counts the
            taker fee.
        should_wait_order_cancel_confirmation: Matters in compat mode only; here two sets
            never overlap.
        compat: "hummingbot" decides once a second exactly as Hummingbot 2.16 does, quirks
            included.
    """

    stand_ins: ClassVar[Mapping[str, object]] = {"bid_spread": "1 %", "ask_spread": "1 %"}

    needs_restart: ClassVar[frozenset[str]] = StrategySettings.needs_restart | {
        # Whoever fetches these prices is started with the engine.
        "price_source",
        "price_source_exchange",
        "price_source_exchange_url",
        "price_source_market",
        "price_source_custom_api",
        "custom_api_update_interval",
    }

    price_ceiling: Positive | None = None
    price_floor: Positive | None = None
    moving_price_band_enabled: Switch = False
    price_ceiling_pct: SignedPercent = Decimal("0.01")
    price_floor_pct: SignedPercent = Decimal("-0.01")
    price_band_refresh_time: Span = 86_400.0
    ping_pong_enabled: Switch = False

    inventory_skew_enabled: Switch = False
    inventory_target_base: Annotated[Decimal, percent(at_least=0, at_most=100)] = attrs.field(
        default=Decimal("0.5"), metadata={"key": "inventory_target_base_pct"}
    )
    inventory_range_multiplier: Positive = ONE
    spread_skew_strength: NotNegative | None = None
    inventory_price: Positive | None = None

    bid_order_optimization_depth: NotNegative = ZERO
    ask_order_optimization_depth: NotNegative = ZERO
    volatility_spread_multiplier: NotNegative | None = None
    volatility_spread_halflife: Span = 300.0
    volatility_spread_max: SpreadAboveZero = attrs.field(
        default=Decimal("0.01"), metadata={"key": "volatility_spread_max_pct"}
    )

    price_source: Annotated[features.PriceSource, Choice(features.PriceSource)] = (
        features.PriceSource.CURRENT_MARKET
    )
    price_type: Annotated[features.PriceType, Choice(features.PriceType)] = (
        features.PriceType.MID_PRICE
    )
    price_source_exchange: Annotated[str, OneOf(venue_names)] | None = None
    price_source_exchange_url: Annotated[str, _PRICES_FROM] | None = None
    price_source_market: PairName | None = None
    price_source_custom_api: Annotated[str, PriceUrl()] | None = None
    custom_api_update_interval: Annotated[float, Seconds(at_least=Decimal("0.5"))] = 5.0
    price_age_max: Span = 30.0
    take_if_crossed: Switch = False

    should_wait_order_cancel_confirmation: Switch = True
    compat: Annotated[Compat, Choice(Compat)] | None = None

    @override
    def strategy(self) -> PureMarketMaking | HummingbotPureMarketMaking:
        if self.compat is Compat.HUMMINGBOT:
            return HummingbotPureMarketMaking(self.parameters)
        return PureMarketMaking(self.parameters)

    @property
    @override
    def other_pairs(self) -> Mapping[str, Pair]:
        other = self.price_source_market
        return {} if other is None or self._looks_elsewhere else {"price_source_market": other}

    @property
    def _looks_elsewhere(self) -> bool:
        """Whether the other market is of a venue that nobody trades on, with rules of its own."""
        exchange = self.price_source_exchange
        return exchange is not None and venue_kind(exchange).trading is None

    @override
    def target_quotes(self, price: Decimal) -> tuple[Quote, ...]:
        return levels(Reference(price=price, sell_price=price), self.parameters).quotes

    @property
    def derived(self) -> Mapping[str, object]:
        """Those parameters that are no key of their own, but follow from several keys."""
        return {
            "order_override": self.override_levels,
            "split_levels": self.split_levels,
            "reaction": self.reaction,
            "trading_window": self.trading_window,
            "moving_price_band": self._moving_price_band,
            "inventory_skew": self._inventory_skew,
            "spread_skew": self._spread_skew,
            "hanging_orders": self.hanging_orders,
            "order_optimization": self.order_optimization,
            "volatility_spread": self._volatility_spread,
        }

    @property
    def parameters(self) -> Parameters:
        """
        What the strategy itself takes.

        Raises:
            ValueError: Settings contradict each other.
        """
        return from_settings(Parameters, self, self.derived)

    @override
    def contradictions(self) -> Iterator[Refused]:
        found = [*self.contradicting_levels(), *self._contradicting_rest()]
        yield from found
        if not found:
            yield from self._what_the_strategy_refuses()
        yield from self.limits.hindrances(self.quoting)

    @property
    @override
    def quoting(self) -> Quoting:
        farthest = max(self.bid_spread, self.ask_spread)
        farthest += (self.order_levels - 1) * self.order_level_spread
        if self.own_levels:
            farthest = max(level.spread for level in self.own_levels)
        if self.volatility_spread_multiplier is not None:
            farthest += self.volatility_spread_max
        return Quoting(
            amounts=self.amounts,
            farthest_spread=farthest,
            refresh_s=self.soonest_refresh_s,
        )

    def _contradicting_rest(self) -> Iterator[Refused]:
        if self.minimum_spread is not None and self.compat is None:
            yield from self.contradicting_minimum_spread(self.minimum_spread)
        if (
            self.price_ceiling is not None
            and self.price_floor is not None
            and self.price_ceiling < self.price_floor
        ):
            yield Refused(
                f"of {decimal_text(self.price_ceiling)} is below price_floor of"
                f" {decimal_text(self.price_floor)}",
                "swap them",
                key=("price_ceiling",),
            )
        needs = {
            features.PriceSource.EXTERNAL_MARKET: "price_source_market",
            features.PriceSource.CUSTOM_API: "price_source_custom_api",
        }
        needed = needs.get(self.price_source)
        if needed is not None and getattr(self, needed) is None:
            yield Refused(
                f"is {self.price_source.value}, but there is no {needed}",
                f"add a line: {needed} = ...",
                key=("price_source",),
            )
        if self.price_source_exchange_url is not None and not self._looks_elsewhere:
            yield Refused(
                "has an effect with the price_source_exchange of another venue only",
                "delete the line: the venue's own address is venue.rest_url",
                key=("price_source_exchange_url",),
            )
        if self.price_source_market == self.pair and not self._looks_elsewhere:
            yield Refused(
                f"{self.pair} is the pair that is traded",
                "name another, or use price_source = current_market",
                key=("price_source_market",),
            )

    def _what_the_strategy_refuses(self) -> Iterator[Refused]:
        try:
            _ = self.parameters
        except ValueError as error:
            yield Refused(f"do not fit together: {error}", "change one of them", key=())

    @property
    def _moving_price_band(self) -> features.MovingPriceBand | None:
        if not self.moving_price_band_enabled:
            return None
        return features.MovingPriceBand(
            ceiling=self.price_ceiling_pct,
            floor=self.price_floor_pct,
            refresh_time=self.price_band_refresh_time,
        )

    @property
    def _inventory_skew(self) -> features.InventorySkew | None:
        if not self.inventory_skew_enabled:
            return None
        return features.InventorySkew(
            target_base=self.inventory_target_base,
            range_multiplier=self.inventory_range_multiplier,
        )

    @property
    def _spread_skew(self) -> features.SpreadSkew | None:
        if self.spread_skew_strength is None:
            return None
        return features.SpreadSkew(
            target_base=self.inventory_target_base, strength=self.spread_skew_strength
        )

    @property
    @override
    def order_optimization(self) -> features.OrderOptimization | None:
        if not self.order_optimization_enabled:
            return None
        return features.OrderOptimization(
            bid_depth=self.bid_order_optimization_depth,
            ask_depth=self.ask_order_optimization_depth,
        )

    @property
    def _volatility_spread(self) -> features.VolatilitySpread | None:
        if self.volatility_spread_multiplier is None:
            return None
        return features.VolatilitySpread(
            multiplier=self.volatility_spread_multiplier,
            halflife=self.volatility_spread_halflife,
            horizon=self.order_refresh_time,
            maximum=self.volatility_spread_max,
        )
