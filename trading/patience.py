"""How often something may go wrong before it is no accident."""

from collections import deque


class Patience:
    """
    Forgives what happens now and then.

    Args:
        forgiven_max: So many within ``within_s`` seconds are forgiven.
    """

    def __init__(self, forgiven_max: int, within_s: float) -> None:
        self._forgiven_max = forgiven_max
        self._within_s = within_s
        self._at: deque[float] = deque()

    @property
    def lately(self) -> int:
        """How often it happened within the window, as of the last time."""
        return len(self._at)

    def lost(self, now: float) -> bool:
        """It has happened again, at ``now`` monotonic seconds; whether that was once too often."""
        while self._at and self._at[0] <= now - self._within_s:
            self._at.popleft()
        self._at.append(now)
        return len(self._at) > self._forgiven_max
