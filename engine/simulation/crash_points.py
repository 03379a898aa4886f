"""Crash points: kills and crashes at chosen steps of the scheduler, to try every one of them."""

from collections.abc import Mapping

import trio

from engine.simulation.site import Site
from engine.simulation.swarm import CrashPoint


class Blows:
    """
    Strikes at the steps of a plan.

    Args:
        blows: By step, counted from the beginning of the simulation.
    """

    def __init__(self, site: Site, blows: Mapping[int, CrashPoint]) -> None:
        self._site = site
        self._blows = blows

    def before_step(self, step: int, task: trio.lowlevel.Task) -> None:
        """Strike, if it is time."""
        blow, process = self._blows.get(step), self._site.process
        if blow is None or process is None:
            return
        if blow is CrashPoint.KILL:
            self._site.struck_by("P01")
            process.kill()
            return
        actor = process.actors.get(actor_of(task))
        if actor is not None and actor.crash():
            self._site.crashed("P14", actor_of(task))


def actor_of(task: trio.lowlevel.Task | None) -> str:
    """The name of the actor that a task is part of; empty for those of none."""
    while task is not None:
        # Only children of the supervision tree are named by their place in it.
        if task.name.startswith("root > "):
            return task.name.rpartition(" > ")[2]
        task = None if task.parent_nursery is None else task.parent_nursery.parent_task
    return ""
