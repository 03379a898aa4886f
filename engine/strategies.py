"""From a strategy's settings to the strategy."""

from typing import Any

from config.strategy_settings import PureMarketMakingSettings
from trading.strategies.interface import Strategy
from trading.strategies.pure_market_making.compat.strategy import HummingbotPureMarketMaking
from trading.strategies.pure_market_making.parameters import Compat
from trading.strategies.pure_market_making.strategy import PureMarketMaking


def strategy_of(settings: PureMarketMakingSettings) -> Strategy[Any]:
    """The strategy that the settings describe."""
    if settings.compat is Compat.HUMMINGBOT:
        return HummingbotPureMarketMaking(settings.parameters)
    return PureMarketMaking(settings.parameters)
