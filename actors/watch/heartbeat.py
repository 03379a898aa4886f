"""An actor that shows a watcher elsewhere that this engine is alive: a dead man's switch."""

from http import HTTPStatus

import attrs
import msgspec
import structlog
import trio

from actors.net.http_client import HttpClient, HttpRequest
from actors.net.network import Address
from actors.ports.alert_book import AlertBook
from actors.ports.ports import Latest
from trading.core.errors import Outage, VenueFault

log = structlog.get_logger()


@attrs.frozen(kw_only=True)
class HeartbeatActor:
    """
    Fetches a URL again and again; when that ends, the watcher there sounds the alarm.

    Nobody else can tell that a machine is gone, or that messages do not leave it.

    Ports:
        book: Shows whether it works.

    Args:
        path: With its query; it may hold a token, so it is in no message.
        every_s: Seconds between two.
    """

    http: HttpClient
    address: Address
    path: str
    book: Latest[AlertBook]
    every_s: float

    async def run(self, *, task_status: trio.TaskStatus[None] = trio.TASK_STATUS_IGNORED) -> None:
        task_status.started()
        while True:
            trouble = await self.beat()
            book = self.book.peek() or AlertBook()
            if trouble and not book.heartbeat:
                log.warning("heartbeat_failed", host=self.address.host, cause=trouble)
            elif book.heartbeat and not trouble:
                log.info("heartbeat_again", host=self.address.host)
            if trouble != book.heartbeat:
                self.book.put(msgspec.structs.replace(book, heartbeat=trouble))
            await trio.sleep(self.every_s)

    async def beat(self) -> str:
        """Fetch it once; why that failed, if it did."""
        try:
            answer = await self.http.request(
                self.address, lambda: HttpRequest(verb="GET", path=self.path)
            )
        except (Outage, VenueFault) as error:
            return str(error)
        if answer.status >= HTTPStatus.MULTIPLE_CHOICES:
            return f"{self.address.host} answers with status {answer.status}"
        return ""
