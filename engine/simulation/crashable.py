"""Actors that can be crashed on request; in simulations and demonstrations only."""

import attrs
import trio

from actors.ports.ports import Actor
from engine.supervision.tree import ChildSpec, SupervisorSpec


class Crash(Exception):
    """An error that no actor handles: a defect."""


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
            await self.actor.run(task_status=task_status)
            nursery.cancel_scope.cancel()

    async def _crash_when_told(self) -> None:
        try:
            await self._crash.wait()
        finally:
            # An actor that was told to stop is not crashed any more either.
            self._lives = False
        raise Crash("a script crashed it")


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
