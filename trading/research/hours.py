"""Fills by hour of the UTC day."""

from collections.abc import Sequence
from decimal import Decimal

import attrs

from trading.core.decimals import ZERO
from trading.core.market import Side
from trading.research.exact import exact
from trading.research.result import RunFill

_HOUR_NS = 3_600_000_000_000
HOURS = 24


@attrs.frozen(kw_only=True)
class Hour:
    """
    One hour of the day, over all days.

    Args:
        bought: In base currency.
        sold: In base currency.
    """

    fills: int
    bought: Decimal
    sold: Decimal


def fills_by_hour(fills: Sequence[RunFill]) -> list[Hour]:
    """The 24 hours of the UTC day, from midnight."""
    counts = [0] * HOURS
    bought, sold = [ZERO] * HOURS, [ZERO] * HOURS
    with exact():
        for fill in fills:
            hour = fill.at_ns // _HOUR_NS % HOURS
            counts[hour] += 1
            if fill.side is Side.BUY:
                bought[hour] += fill.quantity
            else:
                sold[hour] += fill.quantity
    return [Hour(fills=counts[hour], bought=bought[hour], sold=sold[hour]) for hour in range(HOURS)]
