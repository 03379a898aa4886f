"""The stream of events to one open page, which ends with the page or with the server."""

from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

import attrs
import msgspec
import trio

from engine.web.board import Board
from engine.web.clients import CLIENTS_MAX, Slot

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
Scope = MutableMapping[str, Any]

_COMMENT_S = 10.0
_PAUSE_S = 0.2
"""Between two writes: what comes meanwhile is sent together."""

_READS_NOTHING_S = 60.0
_RETOLD_MS = 10 * 60 * 1000


@attrs.frozen
class Events:
    """
    An ASGI application: server-sent events.

    Args:
        stop: Set when the server is to end: a stream would hold it up otherwise.
    """

    board: Board
    stop: trio.Event

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        with self.board.clients.joined() as slot:
            if slot is None:
                await _answer(
                    send,
                    503,
                    f"{CLIENTS_MAX} pages are open, and more are not served: close one of them",
                )
                return
            self._begin(slot, _last_id(scope))
            headers = [(b"content-type", b"text/event-stream"), (b"x-accel-buffering", b"no")]
            await send({"type": "http.response.start", "status": 200, "headers": headers})
            async with trio.open_nursery() as nursery:
                nursery.start_soon(_until_gone, receive, nursery.cancel_scope)
                nursery.start_soon(self._until_stopped, nursery.cancel_scope)
                await self._write(slot, send)
                nursery.cancel_scope.cancel()
            if self.stop.is_set():
                with trio.move_on_after(_PAUSE_S):
                    await send({"type": "http.response.body", "body": b"", "more_body": False})

    def _begin(self, slot: Slot, last_ms: int | None) -> None:
        """Hand over all parts, and what came since the page's last event, if that is not long."""
        board = self.board
        for name, encoded in board.parts.items():
            slot.part(name, encoded)
        if last_ms is None:
            return
        if board.now_ms() - last_ms > _RETOLD_MS:
            slot.item("missed", "all")
            return
        for kind, item in board.since(last_ms):
            slot.item(kind, item)

    async def _write(self, slot: Slot, send: Send) -> None:
        while True:
            with trio.move_on_after(_COMMENT_S):
                await slot.bell.wait()
            body = slot.take(self.board.now_ms()) or b": nothing new\n\n"
            with trio.move_on_after(_READS_NOTHING_S) as patience:
                await send({"type": "http.response.body", "body": body, "more_body": True})
            if patience.cancelled_caught:
                return
            await trio.sleep(_PAUSE_S)

    async def _until_stopped(self, scope: trio.CancelScope) -> None:
        await self.stop.wait()
        scope.cancel()


async def _until_gone(receive: Receive, scope: trio.CancelScope) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
    scope.cancel()


async def _answer(send: Send, status: int, why: str) -> None:
    body = msgspec.json.encode({"why": why})
    headers = [(b"content-type", b"application/json"), (b"retry-after", b"5")]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})


def _last_id(scope: Scope) -> int | None:
    found = dict(scope["headers"]).get(b"last-event-id", b"")
    return int(found) if found.isdigit() and len(found) < 16 else None  # noqa: PLR2004
