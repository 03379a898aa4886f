"""What is to happen at the exchange later, by itself."""

import heapq
from collections.abc import Callable

Action = Callable[[float], None]


class Agenda:
    """Deeds by the time at which they are due; those of one moment in the order of their entry."""

    def __init__(self) -> None:
        self._due: list[tuple[float, int, Action]] = []
        self._count = 0

    def at(self, when: float, deed: Action) -> None:
        """Do something at a time; it is handed that time."""
        self._count += 1
        heapq.heappush(self._due, (when, self._count, deed))

    def next_at(self) -> float | None:
        return self._due[0][0] if self._due else None

    def take(self) -> Action:
        """The next deed, whatever the time is; there must be one."""
        return heapq.heappop(self._due)[2]
