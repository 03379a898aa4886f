"""Sees to it that orders end: a cancel leaves at once, and again by another way if one fails."""

from collections.abc import Awaitable, Callable, Collection, Iterable

import attrs
import trio

from actors.orders.dispatch import OrderDispatch
from actors.ports.ports import Receipt
from trading.core.identifiers import ClientOrderId
from trading.gateway.tracker import OrderTracker
from trading.orders.evidence import Heard
from trading.orders.order import Order, OrderStatus

_ANOTHER_WAY_S, _AGAIN_S = 0.5, 1.0
"""
An order that has to go and of which nothing is heard for so long after the first cancel is asked
for by another way, and then again and again: nobody tells us when a way opens.
"""

_IN_DOUBT = frozenset({OrderStatus.UNKNOWN, OrderStatus.CANCEL_PENDING})


@attrs.define
class _Asked:
    """
    What was asked for of one order.

    Args:
        session: The session of the account's stream that took a cancel last.
        at: Monotonic seconds of the last one that left, by whichever way.
        times: How many have left.
        last_by_rest: Which way the last one took.
        by_stream: Whether one is just leaving by that way.
    """

    session: int | None = None
    at: float = float("-inf")
    times: int = 0
    last_by_rest: bool = False
    by_stream: bool = False

    @property
    def again_at(self) -> float:
        """When another one is due if nothing was heard."""
        return self.at + (_AGAIN_S if self.times > 1 else _ANOTHER_WAY_S)

    def left(self, *, by_rest: bool) -> None:
        self.at, self.last_by_rest = trio.current_time(), by_rest
        self.times += 1


_Way = Callable[[ClientOrderId, _Asked, Receipt], Awaitable[None]]


class OrderCancels:
    """
    Cancels on their way out.

    A strategy's own cancel leaves once, by whichever way takes it. An order that may not stay is
    asked for until it has ended: by each session of the stream as soon as that is open, and by the
    other way while nothing is heard.

    Args:
        stream: The number of the account's session; ``None`` while there is none.
        take_back: Drops an order that has not left yet; whether it did.
        tell: Takes what became of an order by our own doing.
        spared: Orders that an earlier run has left and that may be taken up: what is not known of
            them is looked up before anything is cancelled.
        patience_s: For the answer to a cancel by REST; then it is tried again.
    """

    def __init__(
        self,
        *,
        tracker: OrderTracker,
        dispatch: OrderDispatch,
        stream: Callable[[], int | None],
        take_back: Callable[[ClientOrderId], bool],
        tell: Callable[[Heard], None],
        spared: Collection[ClientOrderId],
        patience_s: float,
    ) -> None:
        self._tracker = tracker
        self._dispatch = dispatch
        self._stream = stream
        self._take_back = take_back
        self._tell = tell
        self._spared = set(spared)
        self._patience_s = patience_s
        self._asked: dict[ClientOrderId, _Asked] = {}

    def cancel(self, order_ids: Iterable[ClientOrderId], nursery: trio.Nursery) -> list[Receipt]:
        """
        Have each order end that nobody has asked to end yet.

        One that has not left yet never leaves; there is nothing to be cancelled then.

        Returns:
            A receipt for each cancel, given once it has left.
        """
        receipts = []
        self._forget()
        for order_id in order_ids:
            order = self._tracker.working.get(order_id)
            if order is None or self._take_back(order_id):
                continue
            if order.status is OrderStatus.CANCEL_PENDING:
                continue
            self._tell(self._tracker.cancel_sent(order_id, trio.current_time()))
            receipt = Receipt()
            receipts.append(receipt)
            self._start(self._by_any_way, order_id, receipt, nursery)
        return receipts

    def insist(self, orders: Iterable[Order], nursery: trio.Nursery) -> float:
        """
        Ask once more for the end of orders that may not stay, where that is due.

        What is in doubt stays so: it is looked up meanwhile.

        Returns:
            Monotonic seconds at which to insist again.
        """
        now, due = trio.current_time(), float("inf")
        self._forget()
        for order in orders:
            order_id = order.client_order_id
            if order.status not in _IN_DOUBT or order_id in self._spared:
                continue
            asked = self._about(order_id)
            session = self._stream()
            if session is not None and asked.session != session and not asked.by_stream:
                # Whatever another session took may be lost, and this one is open.
                self._start(self._by_any_way, order_id, Receipt(), nursery)
            elif now < asked.again_at:
                due = min(due, asked.again_at)
            elif not asked.by_stream:
                # However long the last one by REST may still take to be answered.
                by_stream = asked.last_by_rest and session is not None
                way = self._by_any_way if by_stream else self._by_rest_only
                self._start(way, order_id, Receipt(), nursery)
        return due

    def _start(
        self, way: _Way, order_id: ClientOrderId, left: Receipt, nursery: trio.Nursery
    ) -> None:
        asked = self._about(order_id)
        # Marked before the task has its turn: until then nobody else may start another.
        asked.by_stream = way == self._by_any_way and self._stream() is not None
        if not asked.by_stream:
            asked.at = trio.current_time()
        nursery.start_soon(way, order_id, asked, left)

    def _about(self, order_id: ClientOrderId) -> _Asked:
        # Once it is asked to end nobody takes it up any more.
        self._spared.discard(order_id)
        return self._asked.setdefault(order_id, _Asked())

    def _forget(self) -> None:
        ended = self._asked.keys() - self._tracker.working.keys()
        for order_id in ended:
            del self._asked[order_id]

    async def _by_any_way(self, order_id: ClientOrderId, asked: _Asked, left: Receipt) -> None:
        """By the stream where there is one that takes it, else by REST."""
        if not await self._by_stream(order_id, asked):
            await self._by_rest(order_id, asked)
        left.give()

    async def _by_rest_only(self, order_id: ClientOrderId, asked: _Asked, left: Receipt) -> None:
        await self._by_rest(order_id, asked)
        left.give()

    async def _by_stream(self, order_id: ClientOrderId, asked: _Asked) -> bool:
        """Whether nothing more has to be done: the stream took it, or the order has ended."""
        asked.by_stream = True
        try:
            if (session := self._stream()) is None:
                return False
            asked.session = session
            order = self._tracker.working.get(order_id)
            if order is not None and not await self._dispatch.cancel_by_stream(order):
                return False
        finally:
            asked.by_stream = False
        asked.left(by_rest=False)
        return True

    async def _by_rest(self, order_id: ClientOrderId, asked: _Asked) -> None:
        """By REST, and by the stream if that fails and one is open that has not taken it yet."""
        order = self._tracker.working.get(order_id)
        if order is None:  # it ended, or turned out never to have left
            return
        asked.left(by_rest=True)
        answered = False
        with trio.move_on_after(self._patience_s):
            answered = await self._dispatch.cancel_by_rest(order, first=asked.times == 1)
        if not answered and self._stream() != asked.session:
            await self._by_stream(order_id, asked)
