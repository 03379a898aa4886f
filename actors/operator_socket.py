"""Where commands of this machine's user reach the running engine."""

from collections.abc import Awaitable, Callable

import attrs
import structlog
import trio

from actors.lines import Lines, LineTooLong
from actors.local_network import LocalNetwork
from trading.errors import Outage

log = structlog.get_logger()

Reply = Callable[[bytes], Awaitable[None]]
"""Sends one line back; raises ``Outage`` when it is not taken."""

AnswerLine = Callable[[bytes, Reply], Awaitable[None]]
"""Answers one line with any number of lines."""


@attrs.frozen(kw_only=True)
class OperatorSocketActor:
    """
    Serves a door for local commands: lines in, lines out, all of it bounded.

    It is last in the tree, and nobody waits for it: whoever is slow is dropped, and what fails here
    harms no trading.

    Args:
        name: Of the door.
        answer: What each line means.
        clients_max: Connections at once; further ones are closed.
        line_length_max: Bytes of a line that comes in.
        idle_s: Seconds after which a silent connection is closed.
        answer_deadline_s: Seconds an answer may take.

    Raises:
        Outage: The door cannot be opened.
    """

    local: LocalNetwork
    name: str
    answer: AnswerLine
    clients_max: int = 8
    line_length_max: int = 4096
    idle_s: float = 60.0
    answer_deadline_s: float = 60.0

    async def run(self, *, task_status: trio.TaskStatus[None] = trio.TASK_STATUS_IGNORED) -> None:
        listener = await self.local.listen(self.name)
        crowd = trio.CapacityLimiter(self.clients_max)
        task_status.started()

        async def serve(stream: trio.abc.Stream) -> None:
            try:
                crowd.acquire_on_behalf_of_nowait(stream)
            except trio.WouldBlock:
                log.warning("operator_turned_away", clients_max=self.clients_max)
                await trio.aclose_forcefully(stream)
                return
            try:
                await self._converse(stream)
            finally:
                crowd.release_on_behalf_of(stream)
                await trio.aclose_forcefully(stream)

        # The listener is closed by whoever serves it.
        await trio.serve_listeners(serve, [listener])

    async def _converse(self, stream: trio.abc.Stream) -> None:
        lines = Lines(stream, length_max=self.line_length_max)
        try:
            while True:
                line = None
                with trio.move_on_after(self.idle_s):
                    line = await lines.receive()
                if line is None:
                    return
                with trio.move_on_after(self.answer_deadline_s) as patience:
                    await self.answer(line, lines.send)
                if patience.cancelled_caught:
                    return
        except (Outage, LineTooLong) as trouble:
            log.debug("operator_dropped", cause=str(trouble))
