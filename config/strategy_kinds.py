"""The kinds of strategy that come with the engine; others are registered by other packages."""

from collections.abc import Mapping

from config.avellaneda_settings import AvellanedaStoikovSettings
from config.strategy_base import StrategySettings
from config.strategy_settings import PureMarketMakingSettings

StrategyKinds = Mapping[str, type[StrategySettings]]
"""Settings classes by the name of their kind."""

BUILT_IN: StrategyKinds = {
    "pure_market_making": PureMarketMakingSettings,
    "avellaneda_stoikov": AvellanedaStoikovSettings,
}
