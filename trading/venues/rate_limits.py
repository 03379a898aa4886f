"""A venue's rate limits: fixed windows, with a share kept back for more urgent requests."""

import enum
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

import attrs
import msgspec

_SILENCE_MAX_S = 24 * 60 * 60.0
"""The longest silence that is kept. A venue that bans an address may ask for hours; after a day it
is asked once, even if it asked for more."""


_DATE_LENGTH_MAX = 64

TURNED_AWAY = frozenset({429, 418})
"""HTTP statuses that ask for fewer requests; with 418 some venues ban an address that went on after
a 429."""


class Priority(enum.Enum):
    """
    What a request is for. Each may use so much of a window, so that the ones before it find room.

    A cancel finds room when nothing else does.
    """

    CANCEL = 1.0
    """Takes risk away: cancels, and the lists that prove an account flat."""
    REDUCE = 0.9
    """Makes an order smaller."""
    REPLACE = 0.8
    """An order in the place of another."""
    NEW = 0.7
    QUERY = 0.6

    @property
    def share(self) -> float:
        """The fraction of a window that requests of this kind may fill."""
        return self.value


@attrs.frozen(kw_only=True)
class RateLimit:
    """
    So many requests in any window of so many seconds.

    A venue counts in windows of its own, and one of those can see two of ours. So ``maximum`` is at
    most half of what the venue allows.

    Args:
        weighted: The venue counts what each request weighs; otherwise each counts as one.
    """

    lane: str
    maximum: int
    window_s: float
    weighted: bool = False


class LaneUse(msgspec.Struct, frozen=True, kw_only=True):
    """
    How full a lane is, for those who watch.

    Args:
        closed_for_s: Seconds for which the venue has asked us to be silent.
        turned_away: How often a request had to wait.
    """

    used: int
    maximum: int
    window_s: float
    closed_for_s: float
    turned_away: int


class _Lane:
    """One limit and what was used of it."""

    def __init__(self, limit: RateLimit) -> None:
        self.limit = limit
        self.used = 0
        self.window_ends = float("-inf")
        self.closed_until = float("-inf")
        self.turned_away = 0

    def wait_s(self, priority: Priority, weight: int, now: float) -> float:
        """Seconds until there may be room; 0 when there is."""
        if now >= self.window_ends:
            self.used = 0
        if now < self.closed_until:
            return self.closed_until - now
        # A share of a small lane is at least one request, or it would be shut for ever.
        allowed = max(1, int(self.limit.maximum * priority.share))
        # A request that weighs more than its share leaves while nothing else has been counted.
        fits = self.used == 0 or self.used + self._counted(weight) <= allowed
        return 0.0 if fits else self.window_ends - now

    def use(self, weight: int, now: float) -> None:
        if now >= self.window_ends:
            self.window_ends = now + self.limit.window_s
        self.used += self._counted(weight)

    def _counted(self, weight: int) -> int:
        return weight if self.limit.weighted else 1


class RateBudget:
    """
    What is left of every limit. A request counts in several lanes at once or in none.

    Args:
        limits: One for each lane; a lane without a limit has room always.
    """

    def __init__(self, limits: Iterable[RateLimit]) -> None:
        self._lanes = {limit.lane: _Lane(limit) for limit in limits}

    def take(self, lanes: Sequence[str], priority: Priority, now: float, weight: int = 1) -> float:
        """
        Count a request, if there is room for it in all of its lanes.

        Args:
            now: Monotonic seconds.
            weight: What it counts for in a lane that is weighted.

        Returns:
            0 when it was counted; otherwise the seconds after which to ask again.
        """
        known = [self._lanes[lane] for lane in lanes if lane in self._lanes]
        waits = [lane.wait_s(priority, weight, now) for lane in known]
        longest = max(waits, default=0.0)
        for lane, wait_s in zip(known, waits, strict=True):
            if longest == 0.0:
                lane.use(weight, now)
            elif wait_s:
                lane.turned_away += 1
        return longest

    def close(self, lanes: Sequence[str], for_s: float | None, now: float) -> None:
        """
        Use some lanes no more for a while: the venue complained.

        Args:
            for_s: What the venue asks for; ``None`` for the rest of a whole window.
        """
        for name in lanes:
            if (lane := self._lanes.get(name)) is not None:
                until = now + (lane.limit.window_s if for_s is None else for_s)
                lane.closed_until = max(lane.closed_until, until)

    def use_at(self, now: float) -> Mapping[str, LaneUse]:
        """How full each lane is."""
        return {
            name: LaneUse(
                used=lane.used if now < lane.window_ends else 0,
                maximum=lane.limit.maximum,
                window_s=lane.limit.window_s,
                closed_for_s=max(0.0, lane.closed_until - now),
                turned_away=lane.turned_away,
            )
            for name, lane in self._lanes.items()
        }


def retry_after_s(header: str | None, date: str | None = None) -> float | None:
    """
    The seconds of silence that a ``Retry-After`` header asks for, at most a day.

    Args:
        header: Seconds, or the moment at which they end (RFC 9110, 10.2.3).
        date: The answer's own ``Date``: a moment in ``header`` is by the same clock.

    Returns:
        ``None`` for nonsense, for a moment without a date to measure it by, or for no header.
    """
    text = (header or "").strip()
    if text.isascii() and text.isdigit():
        return min(float(text[:9]), _SILENCE_MAX_S)
    until, now = _moment(text), _moment(date or "")
    if until is None or now is None:
        return None
    return min(max(0.0, (until - now).total_seconds()), _SILENCE_MAX_S)


def _moment(text: str) -> datetime | None:
    try:
        moment = parsedate_to_datetime(text[:_DATE_LENGTH_MAX])
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
    return moment if moment.tzinfo is not None else moment.replace(tzinfo=UTC)
