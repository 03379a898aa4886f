"""Pure market making, plain unless a test says otherwise."""

from decimal import Decimal
from typing import Any

import attrs

from trading.strategies.pure_market_making import Parameters, PureMarketMaking
from trading.testing import FakeVenue

D = Decimal


def parameters(**changes: Any) -> Parameters:
    """One level of 1 DOGE at 1 %, refreshed every 30 s; pass ``name=value`` to differ."""
    usual = Parameters(
        bid_spread=D("0.01"),
        ask_spread=D("0.01"),
        order_amount=D(1),
        order_refresh_time=30.0,
    )
    return attrs.evolve(usual, **changes)


def trading(wanted: Parameters) -> FakeVenue:
    """A venue at which pure market making begins."""
    return FakeVenue.running(PureMarketMaking(wanted))
