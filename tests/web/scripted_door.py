"""An operator's door without an engine: it answers kills and resumes as a test says."""

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import attrs
import trio

from actors.net.lines import Lines
from engine.control.protocol import REQUEST_LENGTH_MAX, Ask, Is, Reply, read_request, reply_line
from engine.environment.state_folder import socket_name
from engine.web.server import Serving
from tests.support.memory_network import MemorySockets
from tests.support.whole_engine import paper_settings
from tests.web.rig import serving

_SAID = {
    "durable": Reply(Is.DURABLE, {"halt": "looks wrong"}),
    "flat": Reply(Is.FLAT, {"proven": True, "left": [], "trouble": ""}),
    "halt": Reply(Is.HALT, {"halt": ""}),
}


@attrs.define
class ScriptedDoor:
    """
    Serves one connection after the other.

    Attributes:
        asked: What was asked for, but for looks.
    """

    local: MemorySockets
    name: str
    asked: list[Ask] = attrs.field(factory=list)

    async def run(self, scripts: Sequence[Sequence[str]]) -> None:
        """
        Answer.

        Args:
            scripts: For each kill or resume, what it is answered before the door hangs up.
        """
        waiting = iter(scripts)

        async def serve(stream: trio.abc.Stream) -> None:
            lines = Lines(stream, length_max=REQUEST_LENGTH_MAX)
            line = await lines.receive()
            ask = Ask.STATUS if line is None else read_request(line).ask
            if ask in {Ask.KILL, Ask.RESUME}:
                self.asked.append(ask)
                for word in next(waiting, ()):
                    await lines.send(reply_line(_SAID[word]))
            await trio.aclose_forcefully(stream)

        await trio.serve_listeners(serve, [await self.local.listen(self.name)])


@contextmanager
def a_door(folder: Path) -> Iterator[tuple[Serving, ScriptedDoor]]:
    """What a page is served of, and a door where its engine's would be, which seems to run."""
    local, engine = MemorySockets(), paper_settings().engine
    with serving(folder, local, engine) as served:
        lock = served.address_file.with_name("lock")
        lock.parent.mkdir(parents=True, exist_ok=True)
        lock.write_text(f"pid {os.getpid()}")
        yield served, ScriptedDoor(local, socket_name(engine))
