"""Answers the requests of local commands to the running engine."""

import attrs
import msgspec
import trio

from actors.ports.operator_orders import KillOrder, OperatorOrder, ResumeOrder
from actors.ports.ports import Latest, WallClock
from actors.watch import operator_socket
from engine.control.protocol import (
    DEFAULT_REASON,
    Ask,
    Is,
    Json,
    NotUnderstood,
    Reply,
    Request,
    read_request,
    reply_line,
)
from engine.control.reloading import Reloader
from engine.views.explain import explain
from engine.views.snapshot import snapshots_of_wires
from engine.views.status import ReadTree, Watched, status
from engine.wiring.wires import Wires


@attrs.frozen(kw_only=True)
class OperatorDesk:
    """
    Reads requests, hands orders to the kill switch, reads wires for all else.

    Args:
        supervision: Reads the supervision tree, once there is one.
    """

    watched: Watched
    supervision: Latest[ReadTree]
    wall_clock: WallClock
    reloader: Reloader

    @property
    def wires(self) -> Wires:
        """Every wire of the engine."""
        return self.watched.wires

    async def answer(self, line: bytes, send: operator_socket.Reply) -> None:
        """Answer one line."""
        try:
            request = read_request(line)
        except NotUnderstood as error:
            await send(_refusal(str(error)))
            return
        match request.ask:
            case Ask.KILL:
                await self._kill(request, send)
            case Ask.RESUME:
                await self._resume(send)
            case Ask.RELOAD:
                await send(self._reload(request))
            case asked:
                await send(self._seen(asked))

    def _seen(self, asked: Ask) -> bytes:
        """Answer a request that only reads."""
        match asked:
            case Ask.STATUS:
                return reply_line(Reply(Is.STATUS, {"status": self._status()}))
            case Ask.EXPLAIN:
                return reply_line(Reply(Is.EXPLAIN, {"explain": explain(self._status())}))
            case Ask.VIEWS:
                return reply_line(Reply(Is.VIEWS, {"views": self._views()}))
            case _:
                return self._halt()

    async def _kill(self, request: Request, send: operator_socket.Reply) -> None:
        order = KillOrder(request.reason.strip() or DEFAULT_REASON)
        if not self._given(order):
            await send(_refusal("the kill switch has more orders than it can take"))
            return
        await order.durable.wait()
        halt = self.wires.halt.read() or order.reason
        await send(reply_line(Reply(Is.DURABLE, {"halt": halt})))
        flat = await order.flat.wait()
        content = {"proven": flat.proven, "left": list(flat.left), "trouble": flat.trouble}
        await send(reply_line(Reply(Is.FLAT, content)))

    async def _resume(self, send: operator_socket.Reply) -> None:
        order = ResumeOrder()
        if not self._given(order):
            await send(_refusal("the kill switch has more orders than it can take"))
            return
        await send(reply_line(Reply(Is.HALT, {"halt": await order.answered.wait()})))

    def _given(self, order: OperatorOrder) -> bool:
        try:
            self.wires.operator.send.send_nowait(order)
        except trio.WouldBlock:
            return False
        return True

    def _status(self) -> Json:
        watched = msgspec.structs.replace(self.watched, tree=self.supervision.peek())
        return status(watched, trio.current_time())

    def _reload(self, request: Request) -> bytes:
        document = request.document
        if document is None:
            return _refusal("a reload needs a document")
        if stopping := self.wires.stopping.read():
            return _refusal(stopping)
        answer = self.reloader.reload(
            document.name, document.text, document.overrides, dry_run=document.dry_run
        )
        return reply_line(Reply(Is.RELOAD, answer))

    def _views(self) -> list[Json]:
        unix_s = self.wall_clock() / 1e9
        found = snapshots_of_wires(self.wires, trio.current_time(), unix_s)
        return [snapshot.as_json() for snapshot in found]

    def _halt(self) -> bytes:
        return reply_line(Reply(Is.HALT, {"halt": self.wires.halt.read() or ""}))


def _refusal(why: str) -> bytes:
    return reply_line(Reply(Is.REFUSED, {"why": why}))
