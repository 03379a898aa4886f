"""
The settings of each kind of strategy, the registry of kinds, and what new settings are made of.

The names below are what the settings of another package's strategy import; they stay as they are
within a minor version. Where they lie is our own affair.
"""

from config.rules.hours import DailyHours, Hours
from config.rules.rules import (
    Choice,
    Flag,
    Number,
    Ratio,
    Rule,
    Seconds,
    Span,
    Text,
    Whole,
    percent,
)
from config.sections.limits import Quoting
from config.sections.simulator import PairName, Positive
from config.source.problems import Refused
from config.strategies.base import StrategySettings
from config.strategies.parameters import from_settings
from config.strategies.rules import Instant, Listed

__all__ = [
    "Choice",
    "DailyHours",
    "Flag",
    "Hours",
    "Instant",
    "Listed",
    "Number",
    "PairName",
    "Positive",
    "Quoting",
    "Ratio",
    "Refused",
    "Rule",
    "Seconds",
    "Span",
    "StrategySettings",
    "Text",
    "Whole",
    "from_settings",
    "percent",
]
