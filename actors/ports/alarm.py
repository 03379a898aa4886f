"""Waiting for a bell or for a moment, whichever comes first, where the moment may be moved."""

from typing import Protocol

import trio

from actors.ports.ports import Wakeup

NEVER = float("inf")


class Alarm(Protocol):
    """The interface of a wait that ends at a moment too; a simulated clock has one of its own."""

    def set(self, at: float) -> None:
        """Move the moment, in monotonic seconds; infinity for none."""
        ...

    async def wait(self) -> None:
        """Wait until the bell is rung, or the moment has come."""
        ...


class DeadlineAlarm:
    """An alarm by a deadline of trio's."""

    def __init__(self, bell: Wakeup) -> None:
        self._bell = bell
        self._at = NEVER
        self._scope = trio.CancelScope()

    def set(self, at: float) -> None:
        self._at = self._scope.deadline = at

    async def wait(self) -> None:
        with trio.CancelScope(deadline=self._at) as self._scope:
            await self._bell.wait()
