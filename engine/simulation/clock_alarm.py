"""An alarm that the virtual clock rings."""

from actors.ports.alarm import NEVER
from actors.ports.ports import Wakeup
from engine.simulation.virtual_clock import virtual_clock


class ClockAlarm:
    """
    Does what ``DeadlineAlarm`` does, without a cancel scope for each wait.

    A moment that is moved stays among the clock's, and nothing happens then.
    """

    def __init__(self, bell: Wakeup) -> None:
        self._bell = bell
        self._clock = virtual_clock()
        self._at = NEVER
        self._known: set[float] = set()

    def set(self, at: float) -> None:
        self._at = at
        if at <= self._clock.current_time():
            self._bell.ring()
        elif at < NEVER and at not in self._known:
            self._known.add(at)
            self._clock.wake_at(at, lambda: self._come(at))

    def _come(self, at: float) -> None:
        self._known.remove(at)
        if at == self._at:
            self._bell.ring()

    async def wait(self) -> None:
        await self._bell.wait()
