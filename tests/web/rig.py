"""A page's process without its HTTP server, beside a whole engine, in virtual time."""

import contextlib
import socket
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path
from typing import Any

import attrs
import httpx
import msgspec
import trio

from actors.net.local_network import LocalNetwork
from config.sections.engine import EngineSettings
from config.sections.log import LogSettings
from config.sections.web import WebSettings
from engine.web.app import application
from engine.web.events import Events, Message
from engine.web.page import Page
from engine.web.server import Serving, assemble
from tests.support.whole_engine import EPOCH_NS

Json = dict[str, Any]


@contextlib.contextmanager
def serving(
    folder: Path, local: LocalNetwork, engine: EngineSettings, **changes: Any
) -> Iterator[Serving]:
    """What a page is served of, on a port of its own; its files are in ``folder``."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as bound:
        bound.bind(("127.0.0.1", 0))
        usual = Serving(
            engine=attrs.evolve(engine, state_directory=str(folder)),
            log=LogSettings(),
            web=WebSettings(),
            config=folder / "engine.toml",
            bound=bound,
            local=_Elsewhere(local, str(folder), engine.state_directory),
            now_ms=lambda: EPOCH_NS // 10**6 + round(trio.current_time() * 1000),
        )
        yield attrs.evolve(usual, **changes)


@attrs.frozen
class _Elsewhere:
    """A local network in which an engine's door is found as if it were in a test's folder."""

    local: LocalNetwork
    ours: str
    theirs: str

    async def listen(self, name: str) -> trio.abc.Listener[trio.abc.Stream]:
        return await self.local.listen(name.replace(self.ours, self.theirs))

    async def connect(self, name: str) -> trio.abc.Stream:
        return await self.local.connect(name.replace(self.ours, self.theirs))


@attrs.define
class Visit:
    """A browser at the page, as far as its requests go."""

    page: Page
    serving: Serving
    client: httpx.AsyncClient
    csrf: str = ""

    @property
    def origin(self) -> str:
        return f"http://127.0.0.1:{self.serving.port}"

    async def login(self) -> None:
        told = await self.post("/login", {"token": self.page.door.token})
        assert told.status_code == 200, told.text
        self.csrf = told.json()["csrf"]

    async def get(self, path: str, **headers: str) -> httpx.Response:
        return await self.client.get(path, headers=headers)

    async def post(self, path: str, body: Json, **changed: str | None) -> httpx.Response:
        """As the page posts; a header that is changed to ``None`` is left out."""
        usual = {"Origin": self.origin, "X-CSRF": self.csrf, **changed}
        headers = {name: value for name, value in usual.items() if value is not None}
        return await self.client.post(path, json=body, headers=headers)

    async def part(self, name: str) -> Any:
        """A part of the state, as the page gets it."""
        return (await self.get("/state")).json()["parts"].get(name)

    def known(self, name: str) -> Any:
        """A part as it is on the board now."""
        encoded = self.page.board.parts.get(name)
        return None if encoded is None else msgspec.json.decode(encoded)


@contextlib.asynccontextmanager
async def visit(nursery: trio.Nursery, served: Serving) -> AsyncIterator[Visit]:
    """The page's tasks in a nursery, and a browser that is not logged in."""
    parts = assemble(served, trio.Event())
    await parts.start(nursery)
    app: Any = application(parts.page)
    base = f"http://127.0.0.1:{served.port}"
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url=base) as client:
        yield Visit(parts.page, served, client)


async def until(holds: Callable[[], Any], within_s: float = 60) -> Any:
    """Wait in virtual time until something holds, and return it."""
    with trio.fail_after(within_s):
        while not (found := holds()):  # noqa: ASYNC110  # virtual time: a look costs nothing
            await trio.sleep(0.25)
    return found


@attrs.define
class Stream:
    """
    One open stream of events, read from inside the process.

    Args:
        slow: Set to let it take what is sent; a stream that nobody reads takes nothing.
    """

    reads: trio.Event = attrs.field(factory=trio.Event)
    sent: list[bytes] = attrs.field(factory=list)
    status: int | None = None
    gone: trio.Event = attrs.field(factory=trio.Event)
    ended: trio.Event = attrs.field(factory=trio.Event)

    async def run(self, page: Page, last_id: int | None = None) -> None:
        headers = [] if last_id is None else [(b"last-event-id", str(last_id).encode())]
        scope = {"type": "http", "headers": headers}
        await Events(page.board, page.stop)(scope, self._receive, self._send)
        self.ended.set()

    async def _receive(self) -> Message:
        await self.gone.wait()
        return {"type": "http.disconnect"}

    async def _send(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.status = message["status"]
            return
        await self.reads.wait()
        self.sent.append(message.get("body", b""))

    def events(self) -> list[tuple[str, Any]]:
        """Kind and content of all that was taken so far."""
        found = []
        for frame in b"".join(self.sent).split(b"\n\n"):
            lines = dict(
                line.split(b": ", 1)
                for line in frame.split(b"\n")
                if not line.startswith(b":") and b": " in line
            )
            if b"event" in lines:
                found.append((lines[b"event"].decode(), msgspec.json.decode(lines[b"data"])))
        return found


def reading() -> Stream:
    """A stream that is read at once."""
    stream = Stream()
    stream.reads.set()
    return stream
