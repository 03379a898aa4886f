"""From the keys about when to trade to the window that a strategy takes."""

from config.strategies.rules import Hours
from trading.strategies.pure_market_making.features import TradingWindow


def trading_window(
    hours: Hours | None, begins_at: float | None, ends_at: float | None
) -> TradingWindow | None:
    """
    The window; ``None`` where none of the keys is given.

    Raises:
        ValueError: It would be empty.
    """
    if hours is None and begins_at is None and ends_at is None:
        return None
    return TradingWindow(
        daily_from=None if hours is None else hours.start,
        daily_until=None if hours is None else hours.end,
        begins_at=begins_at,
        ends_at=ends_at,
    )
