"""
`engine` with one more child at the root, that misbehaves when it is stopped.

Run by tests as a process: ``misbehaving_engine.py shields|blocks run CONFIG ...``.
"""

import sys
import time
from collections.abc import Callable
from typing import Any
from unittest.mock import patch

import attrs
import trio

from engine.cli import main
from engine.system import System, build
from engine.tree import ChildSpec

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


def misbehave(kind: str, arguments: list[str]) -> int:
    block = {"shields": None, "blocks": lambda: time.sleep(HOURS)}[kind]  # the point
    child = ChildSpec(name="misfit", actor=Misbehaving(block), stop_deadline_s=1)

    def with_a_misfit(*parts: Any) -> System:
        system = build(*parts)
        tree = attrs.evolve(system.tree, children=(*system.tree.children, child))
        return attrs.evolve(system, tree=tree)

    with patch("engine.running.build", with_a_misfit):
        return main(arguments)


if __name__ == "__main__":
    sys.exit(misbehave(sys.argv[1], sys.argv[2:]))
