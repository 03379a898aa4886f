"""An HTTP server of one page, for Prometheus to fetch the engine's metrics; loopback only."""

from collections.abc import Callable

import attrs
import h11
import structlog
import trio

from actors.net.network import Network

log = structlog.get_logger()

PATH = "/metrics"
_LOOPBACK = "127.0.0.1"
_RECEIVE_BYTES = 4096

_GONE = (h11.RemoteProtocolError, trio.BrokenResourceError, trio.ClosedResourceError)


@attrs.frozen(kw_only=True)
class MetricsServerActor:
    """
    Answers GET /metrics, and closes.

    Args:
        port: On the loopback address; no other is ever listened on.
        read: The page as it is now; must not block.
        content_type: Of the page.
        clients_max: Connections at once; further ones are closed without an answer.
        deadline_s: Seconds that a question and its answer may take.

    Raises:
        Outage: The port cannot be bound; another process may have it.
    """

    network: Network
    port: int
    read: Callable[[], bytes]
    content_type: str
    clients_max: int = 8
    deadline_s: float = 5.0

    async def run(self, *, task_status: trio.TaskStatus[None] = trio.TASK_STATUS_IGNORED) -> None:
        bound = await self.network.listen(_LOOPBACK, self.port)
        crowd = trio.CapacityLimiter(self.clients_max)
        log.info("metrics_served", address=f"http://{_LOOPBACK}:{bound.port}{PATH}")
        task_status.started()

        async def serve(stream: trio.abc.Stream) -> None:
            try:
                crowd.acquire_on_behalf_of_nowait(stream)
            except trio.WouldBlock:
                await trio.aclose_forcefully(stream)
                return
            try:
                with trio.move_on_after(self.deadline_s):
                    await self._answer(stream)
            except _GONE as trouble:
                log.debug("metrics_client_gone", cause=str(trouble))
            finally:
                crowd.release_on_behalf_of(stream)
                await trio.aclose_forcefully(stream)

        # ``serve_listeners`` closes the listeners.
        await trio.serve_listeners(serve, list(bound.listeners))

    async def _answer(self, stream: trio.abc.Stream) -> None:
        connection = h11.Connection(h11.SERVER)
        request = await _request(stream, connection)
        if request is None:
            return
        status, body = self._page(request)
        headers = [
            ("Content-Type", self.content_type if status == _OK else "text/plain"),
            ("Content-Length", str(len(body))),
            ("Connection", "close"),
        ]
        parts = [
            connection.send(h11.Response(status_code=status, headers=headers)),
            connection.send(h11.Data(data=body if request.method != b"HEAD" else b"")),
        ]
        await stream.send_all(b"".join(part or b"" for part in parts))
        await stream.aclose()

    def _page(self, request: h11.Request) -> tuple[int, bytes]:
        if request.target.partition(b"?")[0] != PATH.encode():
            return _NOT_FOUND, b"the figures are at /metrics\n"
        if request.method not in {b"GET", b"HEAD"}:
            return _NOT_ALLOWED, b"GET it\n"
        return _OK, self.read()


_OK, _NOT_FOUND, _NOT_ALLOWED = 200, 404, 405


async def _request(stream: trio.abc.Stream, connection: h11.Connection) -> h11.Request | None:
    """The first request; ``None`` if the client goes without one."""
    while True:
        event = connection.next_event()
        match event:
            case h11.Request():
                return event
            case h11.NEED_DATA:
                connection.receive_data(bytes(await stream.receive_some(_RECEIVE_BYTES)))
            case _:
                return None
