"""Stalls: moments after which nothing that was received before is trusted."""

import trio

from actors.ports.ports import Wakeup


class Stalls:
    """
    Counts stalls, and wakes the tasks that have to ask the venue anew; any number may wait.

    Args:
        bells: Rung at each.

    Attributes:
        count: How many there were.
        reason: What happened last, in words.
    """

    def __init__(self, *bells: Wakeup) -> None:
        self._bells = bells
        self._next = trio.Event()
        self.count = 0
        self.reason = ""

    def happened(self, reason: str) -> None:
        self.count += 1
        self.reason = reason
        self._next.set()
        self._next = trio.Event()
        for bell in self._bells:
            bell.ring()

    async def after(self, count: int) -> None:
        """Wait until there have been more than ``count``; returns at once if there have."""
        if self.count <= count:
            await self._next.wait()
