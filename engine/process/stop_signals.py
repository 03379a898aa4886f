"""Ends a command that only looks, or serves, with any signal that means a stop."""

import trio

from engine.process import early
from engine.process.signals import STOPPING


async def end_with_a_signal(
    scope: trio.CancelScope, *, task_status: trio.TaskStatus[None] = trio.TASK_STATUS_IGNORED
) -> None:
    """Cancel a scope at the first signal that means a stop, or at once if one came before."""
    with trio.open_signal_receiver(*early.taken_over() & STOPPING) as received:
        task_status.started()
        if not early.asked:
            await anext(received)
        scope.cancel()
