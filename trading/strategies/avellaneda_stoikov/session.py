"""The time that is left of a session."""

from trading.strategies.interface import View
from trading.strategies.pure_market_making.features import TradingWindow

_DAY_S = 86_400


def seconds_left(view: View, window: TradingWindow | None) -> float | None:
    """Until the end of the session, within it; ``None`` where it has none."""
    left = [left for left, _ in _sessions(view, window)]
    return min(left, default=None)


def share_left(view: View, window: TradingWindow | None) -> float:
    """Of the session that ends first, from 0 to 1; 1 for an endless one."""
    sessions = _sessions(view, window)
    if not sessions:
        return 1.0
    left, length = min(sessions)
    return max(0.0, min(1.0, left / length)) if length > 0 else 1.0


def _sessions(view: View, window: TradingWindow | None) -> list[tuple[float, float]]:
    """What is left of each that has an end, and its length; both in seconds."""
    if window is None or view.unix_s is None:
        return []
    sessions = []
    if window.ends_at is not None:
        began = view.unix_s if window.begins_at is None else window.begins_at
        sessions.append((max(0.0, window.ends_at - view.unix_s), window.ends_at - began))
    if window.daily_from is not None and window.daily_until is not None:
        left = (window.daily_until - view.unix_s) % _DAY_S
        length = (window.daily_until - window.daily_from) % _DAY_S or _DAY_S
        sessions.append((left, float(length)))
    return sessions
