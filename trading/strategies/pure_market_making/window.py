"""The trading window: whether it is the time of day to quote."""

from trading.decisions.decision import Gate
from trading.strategies.interface import View
from trading.strategies.pure_market_making.features import TradingWindow
from trading.strategies.pure_market_making.gates import gate

_DAY_S = 86_400


def window_gate(view: View, window: TradingWindow) -> Gate | None:
    """Why nothing may stand now; ``None`` within the window."""
    if view.unix_s is None:
        return gate("time_unknown", None, "the time of day is not known")
    if window.begins_at is not None and view.unix_s < window.begins_at:
        return _outside(view, view.unix_s, window.begins_at)
    if window.ends_at is not None and view.unix_s >= window.ends_at:
        return _outside(view, view.unix_s, None)
    if window.daily_from is None or window.daily_until is None:
        return None
    second = view.unix_s % _DAY_S
    start, end = window.daily_from, window.daily_until
    inside = start <= second < end if start < end else second >= start or second < end
    if inside:
        return None
    return _outside(view, view.unix_s, view.unix_s + (start - second) % _DAY_S)


def window_changes_at(view: View, window: TradingWindow) -> float | None:
    """Monotonic seconds at which time alone may open or close the window; ``None`` for never."""
    if view.unix_s is None:
        return None
    moments = [moment for moment in (window.begins_at, window.ends_at) if moment is not None]
    moments += [
        view.unix_s + ((second - view.unix_s) % _DAY_S or _DAY_S)
        for second in (window.daily_from, window.daily_until)
        if second is not None
    ]
    return min(
        (view.now + moment - view.unix_s for moment in moments if moment > view.unix_s),
        default=None,
    )


def _outside(view: View, unix_s: float, opens: float | None) -> Gate:
    if opens is None:
        return gate("outside_trading_window", None, "the trading window is over")
    return gate(
        "outside_trading_window",
        None,
        "the trading window opens in {wait} s",
        opens_at=view.now + opens - unix_s,
        wait=opens - unix_s,
    )
