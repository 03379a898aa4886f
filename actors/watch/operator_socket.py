"""A local socket on which commands of this machine's user reach the running engine."""

from collections.abc import Awaitable, Callable

import attrs
import structlog
import trio

from actors.net.lines import Lines, LineTooLong
from actors.net.local_network import LocalNetwork
from trading.core.errors import Outage

log = structlog.get_logger()

Reply = Callable[[bytes], Awaitable[None]]
"""Sends one line back; raises ``Outage`` when it is not taken."""

AnswerLine = Callable[[bytes, Reply], Awaitable[None]]
"""Answers one line with any number of lines."""


@attrs.frozen(kw_only=True)
class OperatorSocketActor:
    """
    Serves a door for local commands: lines in, lines out, all of it bounded.

    The actor is last in the tree and no other waits for it, so a failure here harms no trading. A
    slow client is dropped. Every new client is let in: with too many, the one that has been silent
    for longest is closed, so that idle clients never keep out a kill.

    Args:
        name: Of the door.
        answer: What each line means.
        clients_max: Connections at once; for each further one another is closed.
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
        crowd: list[_Client] = []
        task_status.started()

        async def serve(stream: trio.abc.Stream) -> None:
            while len(crowd) >= self.clients_max:
                log.warning("operator_sent_away", clients_max=self.clients_max)
                crowd.remove(gone := min(crowd, key=_Client.precedence))
                gone.scope.cancel()
            crowd.append(client := _Client(trio.current_time()))
            try:
                with client.scope:
                    await self._converse(stream, client)
            finally:
                if client in crowd:
                    crowd.remove(client)
                await trio.aclose_forcefully(stream)

        # ``serve_listeners`` closes the listener.
        await trio.serve_listeners(serve, [listener])

    async def _converse(self, stream: trio.abc.Stream, client: "_Client") -> None:
        lines = Lines(stream, length_max=self.line_length_max)
        try:
            while True:
                line = None
                with trio.move_on_after(self.idle_s):
                    line = await lines.receive()
                if line is None:
                    return
                client.spoke_at, client.waits = trio.current_time(), True
                with trio.move_on_after(self.answer_deadline_s) as patience:
                    await self.answer(line, lines.send)
                client.waits = False
                if patience.cancelled_caught:
                    return
        except (Outage, LineTooLong) as trouble:
            log.debug("operator_dropped", cause=str(trouble))


@attrs.define(eq=False)
class _Client:
    """
    One connection.

    Args:
        spoke_at: When it came, or asked for something last, in monotonic seconds.
        waits: Whether it is being answered.
        scope: What serves it.
    """

    spoke_at: float
    waits: bool = False
    scope: trio.CancelScope = attrs.field(factory=trio.CancelScope)

    def precedence(self) -> tuple[bool, float]:
        """The least is closed first: idle before served, then the longest silent."""
        return self.waits, self.spoke_at
