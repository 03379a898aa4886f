"""Avellaneda-Stoikov: quotes by inventory, volatility and how far out orders still get filled."""

from trading.strategies.avellaneda_stoikov.parameters import Parameters
from trading.strategies.avellaneda_stoikov.state import State
from trading.strategies.avellaneda_stoikov.strategy import AvellanedaStoikov

__all__ = ["AvellanedaStoikov", "Parameters", "State"]
