"""Lives of actors that a test begins and ends."""

from collections.abc import Callable

import attrs
import trio

from actors.ports.ports import Actor
from trading.core.errors import Outage


@attrs.frozen
class Life:
    """A running actor."""

    scope: trio.CancelScope
    over: trio.Event

    async def end(self) -> None:
        self.scope.cancel()
        await self.over.wait()


async def begin(nursery: trio.Nursery, actor: Actor) -> Life:
    """Begin an actor's life; it goes on until it is ended, or fails and the test with it."""
    life = Life(trio.CancelScope(), trio.Event())

    async def run(*, task_status: trio.TaskStatus[None]) -> None:
        try:
            with life.scope:
                await actor.run(task_status=task_status)
        finally:
            life.over.set()

    await nursery.start(run)
    return life


async def begin_again_and_again(nursery: trio.Nursery, actor: Actor, pause_s: float) -> Life:
    """Begin an actor's life, and another one some time after each Outage."""
    life = Life(trio.CancelScope(), trio.Event())

    async def run(*, task_status: trio.TaskStatus[None]) -> None:
        try:
            with life.scope:
                await _live_on(actor, pause_s, task_status)
        finally:
            life.over.set()

    await nursery.start(run)
    return life


async def _live_on(actor: Actor, pause_s: float, status: trio.TaskStatus[None]) -> None:
    while True:
        try:
            await actor.run(task_status=status)
        except* Outage:
            status = trio.TASK_STATUS_IGNORED
        await trio.sleep(pause_s)


async def until(holds: Callable[[], object], within_s: float = 30) -> float:
    """Wait until something holds; how many seconds that took."""
    began = trio.current_time()
    with trio.fail_after(within_s):
        # Virtual time: a look each simulated 10 ms costs nothing and needs no event of its own.
        while not holds():  # noqa: ASYNC110
            await trio.sleep(0.01)
    return trio.current_time() - began
