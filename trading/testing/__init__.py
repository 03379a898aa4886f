"""
Helpers for tests of strategies: views to decide on, and a small venue that fills orders.

For tests only, those of other packages included: the engine imports nothing from here. The names
below stay as they are within a minor version.
"""

from trading.testing.venue import Event, FakeVenue
from trading.testing.views import BASE, PAIR, QUOTE, a_top, a_view, an_instrument, balances

__all__ = [
    "BASE",
    "PAIR",
    "QUOTE",
    "Event",
    "FakeVenue",
    "a_top",
    "a_view",
    "an_instrument",
    "balances",
]
