"""The agenda of the exchange: actions that are due at later times."""

import heapq
from collections.abc import Callable

Action = Callable[[float], None]


class Agenda:
    """Actions by the time at which they are due; those of one moment in order of entry."""

    def __init__(self) -> None:
        self._due: list[tuple[float, int, Action]] = []
        self._count = 0

    def at(self, when: float, deed: Action) -> None:
        """Schedule an action for a time; it is passed that time."""
        self._count += 1
        heapq.heappush(self._due, (when, self._count, deed))

    def next_at(self) -> float | None:
        return self._due[0][0] if self._due else None

    def take(self) -> Action:
        """Remove and return the next action, due or not; there must be one."""
        return heapq.heappop(self._due)[2]
