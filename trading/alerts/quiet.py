"""Hours of the day, UTC, in which only what is urgent goes out."""

import math

import msgspec

_DAY_S = 86_400


class QuietHours(msgspec.Struct, frozen=True):
    """
    A part of each day.

    Args:
        start: Seconds after midnight, UTC.
        end: Seconds after midnight, UTC; not later than ``start``, it is on the next day.
    """

    start: int
    end: int

    def holds_at(self, wall: float) -> bool:
        """Whether it is quiet at a moment in seconds since the epoch."""
        time = wall % _DAY_S
        if self.start < self.end:
            return self.start <= time < self.end
        return time >= self.start or time < self.end

    def over_in(self, wall: float) -> float:
        """Seconds until it is over; 0 where it is not quiet."""
        return (self.end - wall) % _DAY_S or _DAY_S if self.holds_at(wall) else 0.0


def day_of(wall: float, begins_at: int) -> int:
    """The number of the day, where days begin so many seconds after midnight, UTC."""
    return math.floor((wall - begins_at) / _DAY_S)
