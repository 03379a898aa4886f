"""
`engine` with one more child at the root, that misbehaves.

Run by tests as a process: ``misbehaving_engine.py shields|blocks run CONFIG ...`` does so when it
is stopped; ``stands-still`` stops the event loop as soon as there is a file ``$STAND_STILL``, and
has only 1.5 s before that ends the process.
"""

import os
import sys
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any
from unittest.mock import patch

import attrs
import trio

from actors.ports.ports import Actor
from engine.cli.app import main
from engine.process.loop_guard import LoopGuard
from engine.supervision.tree import ChildSpec
from engine.system.build import System, build

HOURS = 2 * 3600


@attrs.frozen
class Misbehaving:
    when_stopped: Callable[[], None] | None

    async def run(self, *, task_status: trio.TaskStatus[None]) -> None:
        task_status.started()
        try:
            await trio.sleep_forever()
        finally:
            if self.when_stopped is not None:
                self.when_stopped()
            with trio.CancelScope(shield=True):
                await trio.sleep(HOURS)


@attrs.frozen
class StandingStill:
    when: Path

    async def run(self, *, task_status: trio.TaskStatus[None]) -> None:
        task_status.started()
        while not self.when.exists():  # noqa: ASYNC110  # of another process
            await trio.sleep(0.05)
        time.sleep(HOURS)  # noqa: ASYNC251  # the point


def misbehave(kind: str, arguments: list[str]) -> int:
    actors: dict[str, Actor] = {
        "shields": Misbehaving(None),
        "blocks": Misbehaving(lambda: time.sleep(HOURS)),  # the point
        "stands-still": StandingStill(Path(os.environ.get("STAND_STILL", "nowhere"))),
    }
    child = ChildSpec(name="misfit", actor=actors[kind], stop_deadline_s=1)
    patience_s = 1.5 if kind == "stands-still" else 30.0

    def with_a_misfit(*parts: Any) -> System:
        system = build(*parts)
        tree = attrs.evolve(system.tree, children=(*system.tree.children, child))
        return attrs.evolve(system, tree=tree)

    with (
        patch("engine.system.running.build", with_a_misfit),
        patch("engine.system.guarded_run.LoopGuard", partial(LoopGuard, patience_s=patience_s)),
    ):
        return main(arguments)


if __name__ == "__main__":
    sys.exit(misbehave(sys.argv[1], sys.argv[2:]))
