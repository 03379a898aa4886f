"""Actors that can be crashed on request; in simulations and demonstrations only."""

from collections.abc import Callable, Coroutine, Generator
from contextlib import suppress
from typing import Any

import attrs
import outcome
import trio

from actors.ports.ports import Actor
from engine.supervision.tree import ChildSpec, SupervisorSpec


class Crash(Exception):
    """An error that no actor handles: a defect."""


@attrs.frozen
class _UntilCrashed:
    """
    A coroutine, which a crash strikes as an error of its own instead of as a cancellation.

    Who only waits to be stopped can tell the two apart, and must: what it does at its end is not
    to be done in the middle of a run. Who waits in a nursery is struck as ever, by the
    cancellation of its tasks.
    """

    coroutine: Coroutine[Any, Any, None]
    crashed: Callable[[], bool]

    def __await__(self) -> Generator[Any, Any, None]:
        given: Any = None
        struck = False
        while True:
            try:
                asked = self.coroutine.send(given)
            except StopIteration:
                return
            # Trio hands a task what its waiting came to as a value, an error included.
            given = yield asked
            if not struck and self.crashed() and _is_a_cancellation(given):
                given, struck = outcome.Error(Crash(_WHY)), True


def _is_a_cancellation(given: Any) -> bool:
    return isinstance(given, outcome.Error) and isinstance(given.error, trio.Cancelled)


_WHY = "a script crashed it"


@attrs.define
class Crashable:
    """An actor as it is, until it is crashed; its next life is as it was."""

    actor: Actor
    _crash: trio.Event = attrs.field(factory=trio.Event, init=False)
    _lives: bool = attrs.field(default=False, init=False)

    @property
    def lives(self) -> bool:
        """Whether it is between its beginning and its end."""
        return self._lives

    def crash(self) -> bool:
        """End its life; whether it had one: between two lives there is nothing to crash."""
        if self._lives:
            self._crash.set()
        return self._lives

    async def run(self, *, task_status: trio.TaskStatus[None] = trio.TASK_STATUS_IGNORED) -> None:
        self._crash, self._lives = trio.Event(), True
        async with trio.open_nursery() as nursery:
            nursery.start_soon(self._crash_when_told)
            with suppress(Crash):  # told once, by the task that brought it
                await _UntilCrashed(self.actor.run(task_status=task_status), self._crash.is_set)
            nursery.cancel_scope.cancel()

    async def _crash_when_told(self) -> None:
        try:
            await self._crash.wait()
        finally:
            # An actor that was told to stop is not crashed any more either.
            self._lives = False
        raise Crash(_WHY)


def crashable(spec: SupervisorSpec) -> tuple[SupervisorSpec, dict[str, Crashable]]:
    """The same tree with actors that can be crashed, and those by name."""
    found: dict[str, Crashable] = {}
    children: list[ChildSpec | SupervisorSpec] = []
    for child in spec.children:
        if isinstance(child, SupervisorSpec):
            below, inside = crashable(child)
            children.append(below)
            found |= inside
        else:
            found[child.name] = Crashable(child.actor)
            children.append(attrs.evolve(child, actor=found[child.name]))
    return attrs.evolve(spec, children=tuple(children)), found
