"""Checks that a fill can have happened when its venue says it did."""

from trading.orders.order import Fill

AHEAD_MAX_MS = 60_000
"""Of the venue's clock as we know it: no fill happens later than now."""

AGE_MAX_MS = 366 * 86_400_000
"""VALR lists the fills of a month; a date years back is an error."""


def impossible(fill: Fill, venue_ms: int) -> str:
    """
    Why a fill's time cannot be right; empty when it can.

    Such a fill must not be booked, nor say how far the venue's list has been read: one of the year
    2100 would make all that follow look known.

    Args:
        venue_ms: The venue's wall clock now, as far as we know it.
    """
    ahead_ms = fill.traded_at_ms - venue_ms
    if ahead_ms > AHEAD_MAX_MS:
        return f"tradedAt: expected no later than now, got {ahead_ms / 1000:.0f} s from now"
    if -ahead_ms > AGE_MAX_MS:
        return f"tradedAt: expected within the last year, got {-ahead_ms / 86_400_000:.0f} days ago"
    return ""
