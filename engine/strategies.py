"""From a strategy's settings to the strategy."""

from typing import Any

from config.settings import PureMarketMakingSettings
from trading.strategies.interface import Strategy
from trading.strategies.pure_market_making.parameters import Parameters
from trading.strategies.pure_market_making.strategy import PureMarketMaking


def strategy_of(settings: PureMarketMakingSettings) -> Strategy[Any]:
    """The strategy that the settings describe."""
    return PureMarketMaking(
        Parameters(
            bid_spread=settings.bid_spread,
            ask_spread=settings.ask_spread,
            minimum_spread=settings.minimum_spread,
            order_amount=settings.order_amount,
            order_levels=settings.order_levels,
            order_level_spread=settings.order_level_spread,
            order_level_amount=settings.order_level_amount,
            order_refresh_time=settings.order_refresh_time,
            order_refresh_tolerance=settings.order_refresh_tolerance,
            filled_order_delay=settings.filled_order_delay,
            max_order_age=settings.max_order_age,
        )
    )
