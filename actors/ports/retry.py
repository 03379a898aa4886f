"""Actors whose life can be ended from outside, so that their supervisor begins another one."""

import contextlib
from collections.abc import Iterator

import attrs
import trio

from actors.ports.ports import Actor
from trading.core.errors import Outage


class Retry:
    """A request to an actor to begin anew; belongs to the system and outlives the actor's lives."""

    def __init__(self) -> None:
        self._scope: trio.CancelScope | None = None
        self._reason = ""

    def ask(self, reason: str) -> bool:
        """End the present life; whether there was one. If not, its supervisor begins one."""
        if self._scope is None:
            return False
        self._reason = reason
        self._scope.cancel()
        return True

    @contextlib.contextmanager
    def life(self) -> Iterator[None]:
        """
        A life that may be ended.

        Raises:
            Outage: It was ended. Nothing is broken, so this is no defect.
        """
        with trio.CancelScope() as scope:
            self._scope = scope
            try:
                yield
            finally:
                self._scope = None
        if scope.cancelled_caught:
            raise Outage(self._reason)


@attrs.frozen
class Retried:
    """
    Wraps an actor, so that it begins anew when it is asked to.

    Raises:
        Outage: It was asked to. All else is the actor's own.
    """

    actor: Actor
    retry: Retry

    async def run(self, *, task_status: trio.TaskStatus[None] = trio.TASK_STATUS_IGNORED) -> None:
        with self.retry.life():
            await self.actor.run(task_status=task_status)
