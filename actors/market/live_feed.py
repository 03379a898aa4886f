"""An actor that has a real venue's public market data carried into the simulated exchange."""

from collections.abc import Callable
from typing import Protocol

import attrs
import trio

from actors.ports.ports import Wakeup


class Recorder(Protocol):
    """The interface of what writes each frame of one connection."""

    async def run(
        self, *, task_status: trio.TaskStatus[None] = trio.TASK_STATUS_IGNORED
    ) -> None: ...


@attrs.frozen(kw_only=True)
class LiveFeedActor:
    """
    Hands on each frame of one connection; with its end the market is not known any more.

    Ports:
        recorder: Writes each frame's line into the market.
        lost: Told when a connection has ended, and nothing more comes before the next.

    Raises:
        Outage: The connection failed, ended, or fell silent.
        Fatal: The venue has no book of a pair, or its prices are on other ticks than listed.
    """

    recorder: Recorder
    lost: Callable[[], None]

    async def run(self, *, task_status: trio.TaskStatus[None] = trio.TASK_STATUS_IGNORED) -> None:
        try:
            await self.recorder.run(task_status=task_status)
        finally:
            self.lost()


@attrs.frozen(kw_only=True)
class LiveFeed:
    """
    What makes the simulated exchange's market live.

    Args:
        stirred: Rung when something was told: the exchange is to look.
    """

    actor: LiveFeedActor
    stirred: Wakeup
