"""Limits of repeated failures: how many are forgiven, and the pause before trying again."""

from collections import deque


class Patience:
    """
    Counts failures, and forgives a few within a span of time.

    Args:
        forgiven_max: So many within ``within_s`` seconds are forgiven.
    """

    def __init__(self, forgiven_max: int, within_s: float) -> None:
        self._forgiven_max = forgiven_max
        self._within_s = within_s
        self._at: deque[float] = deque()

    @property
    def lately(self) -> int:
        """The failures within the window, as of the last one."""
        return len(self._at)

    def lost(self, now: float) -> bool:
        """Count a failure at ``now`` monotonic seconds; whether that is more than is forgiven."""
        while self._at and self._at[0] <= now - self._within_s:
            self._at.popleft()
        self._at.append(now)
        return len(self._at) > self._forgiven_max


def doubled_s(first_s: float, in_a_row: int, longest_s: float) -> float:
    """The pause after so many failures in a row, in seconds: doubled with each after the first."""
    # The exponent is bounded: an outage may last for ever, and 2.0 ** 1024 overflows.
    return min(longest_s, first_s * 2.0 ** min(in_a_row - 1, 64))
