"""The process of the page: its tasks, its port, and its end."""

import contextlib
import os
import secrets
import socket
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import attrs
import trio
from hypercorn.config import Config
from hypercorn.trio import serve as serve_http

from actors.net.local_network import LocalNetwork
from config.sections.engine import EngineSettings
from config.sections.log import LogSettings
from config.sections.web import WebSettings
from engine.environment.state_folder import ledger_path, state_folder
from engine.storage.private_folder import give_to_its_owner, make_private
from engine.web.app import application
from engine.web.board import Board
from engine.web.deeds import Deeds
from engine.web.door import Door
from engine.web.feed import Feed
from engine.web.ledger_view import LedgerView
from engine.web.log_tail import LogTail
from engine.web.page import Page
from engine.web.reports import Reports

Json = dict[str, Any]

LOOPBACK = "127.0.0.1"
_TOKEN_BYTES = 24
_GRACE_S = 1.0


@attrs.frozen(kw_only=True)
class Serving:
    """
    What a page is to be served of, and where.

    Args:
        config: The file that a reload takes.
        bound: A socket on the loopback address.
        now_ms: Milliseconds since the epoch.
        ready: Told the page's address once it is served.
    """

    engine: EngineSettings
    log: LogSettings
    web: WebSettings
    config: Path
    overrides: tuple[str, ...] = ()
    bound: socket.socket
    local: LocalNetwork
    now_ms: Callable[[], int]
    reports: Path | None = None
    read_only: bool = False
    ready: Callable[[str], None] = lambda _address: None

    @property
    def port(self) -> int:
        return int(self.bound.getsockname()[1])

    @property
    def address_file(self) -> Path:
        """Where the address of the next login is kept: each page of an engine has its own."""
        return state_folder(self.engine) / f"web-{self.port}"


def bind(port: int) -> socket.socket:
    """
    A socket that only this machine reaches; port 0 is any that is free.

    Raises:
        OSError: The port is taken, or may not be had.
    """
    bound = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    try:
        bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        bound.bind((LOOPBACK, port))
    except BaseException:
        bound.close()
        raise
    return bound


@attrs.frozen(kw_only=True)
class Parts:
    """The page, and the tasks that feed it."""

    page: Page
    feed: Feed
    tail: LogTail
    fills: "_Newest"

    async def start(self, nursery: trio.Nursery) -> None:
        """Begin with the past; then each task goes on by itself."""
        page = self.page
        await page.ledger.begin()
        await nursery.start(self.tail.run)
        await nursery.start(page.ledger.run)
        await nursery.start(page.deeds.run)
        await nursery.start(self.feed.run)
        nursery.start_soon(self.fills.hand_on, page.ledger)


def assemble(serving: Serving, stop: trio.Event) -> Parts:
    """
    Everything but the HTTP server.

    Args:
        stop: Set when open streams are to end.
    """
    board = Board(serving.now_ms)
    fills = _Newest()
    page = Page(
        board=board,
        door=_door(serving),
        deeds=Deeds(board, serving.local, serving.engine, serving.config, serving.overrides),
        ledger=LedgerView(board, ledger_path(serving.engine)),
        reports=Reports(serving.reports),
        stop=stop,
        name=serving.engine.name,
        config=str(serving.config),
        port=serving.port,
        read_only=serving.read_only,
    )
    return Parts(
        page=page,
        feed=Feed(board, serving.local, serving.engine, answered=fills.answered),
        tail=LogTail(board, None if serving.log.file is None else Path(serving.log.file)),
        fills=fills,
    )


async def serve(
    serving: Serving,
    stop: trio.Event,
    *,
    task_status: trio.TaskStatus[Page] = trio.TASK_STATUS_IGNORED,
) -> None:
    """Serve the page until ``stop``; open streams do not hold it up."""
    parts = assemble(serving, stop)
    page = parts.page
    try:
        async with trio.open_nursery() as nursery:
            await parts.start(nursery)
            http = partial(serve_http, mode="asgi", shutdown_trigger=stop.wait)
            await nursery.start(http, application(page), _http_config(serving))
            task_status.started(page)
            serving.ready(address(serving.port, page.door.token))
            await stop.wait()
            with trio.move_on_after(_GRACE_S):
                while len(page.board.clients):  # noqa: ASYNC110  # in a moment or not at all
                    await trio.sleep(0.02)
            nursery.cancel_scope.cancel()
    finally:
        _take_back(serving.address_file, address(serving.port, page.door.token))


def address(port: int, token: str) -> str:
    """Where a browser is to go; the fragment never reaches a server."""
    return f"http://{LOOPBACK}:{port}/#{token}"


class _Newest:
    """Wakes the ledger's reader when a status tells of another last fill."""

    def __init__(self) -> None:
        self._fills: object = None
        self._changed = trio.Event()

    def answered(self, status: Json) -> None:
        strategies = status["strategies"].items()
        fills = [(status["session"], name, one["profit"]["last_fill"]) for name, one in strategies]
        if fills != self._fills:
            self._fills = fills
            self._changed.set()

    async def hand_on(self, ledger: LedgerView) -> None:
        while True:
            await self._changed.wait()
            self._changed = trio.Event()
            await ledger.look(self._fills)


def _door(serving: Serving) -> Door:
    port = serving.port
    hosts = (f"{LOOPBACK}:{port}", f"localhost:{port}", *serving.web.hosts)
    make_private(serving.address_file.parent)
    return Door(
        hosts,
        make=lambda: secrets.token_urlsafe(_TOKEN_BYTES),
        show=lambda token: _write_private(serving.address_file, address(port, token)),
    )


def _write_private(path: Path, text: str) -> None:
    """Replace a file by one that only this user can read; it is never there half."""
    new = path.with_name(f"{path.name}.new")
    new.unlink(missing_ok=True)
    with open(os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:  # noqa: PTH123
        file.write(f"{text}\n")
    give_to_its_owner(new)
    new.replace(path)


def _take_back(path: Path, text: str) -> None:
    """Remove the file, unless another page has this port by now, and has put its address there."""
    with contextlib.suppress(OSError, UnicodeDecodeError):
        if path.read_text().strip() == text:
            path.unlink()


def _http_config(serving: Serving) -> Config:
    config = Config()
    serving.bound.listen(config.backlog)
    config.bind = [f"fd://{os.dup(serving.bound.fileno())}"]  # it closes what it is given
    config.graceful_timeout = _GRACE_S
    config.keep_alive_timeout = 60.0
    config.include_server_header = False
    config.accesslog = None
    config.errorlog = None
    return config
