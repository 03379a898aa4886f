"""Pure market making: quotes at fixed distances around the mid price, renewed by the clock."""

from trading.strategies.pure_market_making.parameters import Parameters
from trading.strategies.pure_market_making.state import State
from trading.strategies.pure_market_making.strategy import PureMarketMaking

__all__ = ["Parameters", "PureMarketMaking", "State"]
