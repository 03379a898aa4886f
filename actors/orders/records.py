"""Writes the gateway's orders and fills to the log and to the ledger."""

from collections import deque
from collections.abc import Sequence
from decimal import Decimal

import structlog
import trio

from actors.ports.lossless import SendPort, deliver
from actors.ports.ports import JournalBatch, Receipt, Wakeup
from trading.journal.entries import FillBooked, LedgerEntry, OrderRecorded, OrdersIntended
from trading.orders.evidence import Heard
from trading.orders.order import Fill, Order

log = structlog.get_logger()


class OrderRecords:
    """
    Keeps the order of entries. New orders wait until they are durable, cancels never do.

    Args:
        ledger: Every change of an order and every fill (lossless).
        deadline_s: For the ledger to take an entry once its wire is full.
    """

    def __init__(self, ledger: SendPort[JournalBatch], deadline_s: float) -> None:
        self._ledger = ledger
        self._deadline_s = deadline_s
        self._waiting: deque[JournalBatch] = deque()
        self._bell = Wakeup()

    async def run(self) -> None:
        """
        Hand over the entries that the ledger could not take at once.

        Raises:
            Outage: The ledger takes nothing any more.
        """
        while True:
            await self.hand_over()
            await self._bell.wait()

    async def hand_over(self) -> None:
        """
        Hand over the entries that wait now.

        Raises:
            Outage: The ledger takes nothing any more.
        """
        while self._waiting:
            await deliver(self._ledger, self._waiting[0], self._deadline_s)
            self._waiting.popleft()

    def intended(self, orders: Sequence[Order], now: float, mid_price: Decimal | None) -> Receipt:
        """Record a decision's new orders; the receipt is given once they are durable."""
        receipt = Receipt()
        for order in orders:
            _log_order("order_placed", order)
        self._post(JournalBatch((OrdersIntended(tuple(orders), now, mid_price),), receipt))
        return receipt

    def withdrawn(self, order: Order, reason: str) -> None:
        """Record an order that the gateway takes back by itself."""
        _log_order("order_withdrawn", order, reason=reason)

    def write(self, heard: Heard, now: float) -> None:
        """What news changed."""
        for order in heard.changed:
            _log_order("order_" + order.status.value.replace(" ", "_"), order)
            self._record(OrderRecorded(order, now))
        for fill in heard.fills:
            log.info(
                "fill",
                order=fill.client_order_id,
                trade=fill.trade_id,
                pair=fill.pair,
                side=fill.side.value,
                price=fill.price,
                quantity=fill.quantity,
                fee=fill.fee,
                fee_currency=fill.fee_currency,
            )
            self._record(FillBooked(fill, now))
        for renamed in heard.renamed:
            log.warning(
                "fill_named_twice",
                order=renamed.fill.client_order_id,
                trade=renamed.fill.trade_id,
                counted_as=renamed.counted_as,
                price=renamed.fill.price,
                quantity=renamed.fill.quantity,
            )

    def stray(self, fill: Fill, now: float) -> None:
        """Record a fill of this run, of an order that only a former life of the gateway knew."""
        log.warning("stray_fill", order=fill.client_order_id, trade=fill.trade_id)
        self._record(FillBooked(fill, now))

    def _record(self, entry: LedgerEntry) -> None:
        self._post(JournalBatch((entry,)))

    def _post(self, posting: JournalBatch) -> None:
        if not self._waiting:
            try:
                self._ledger.send_nowait(posting)
            except trio.WouldBlock:
                pass
            else:
                return
        self._waiting.append(posting)
        self._bell.ring()


def _log_order(event: str, order: Order, *, reason: str = "") -> None:
    log.info(
        event,
        order=order.client_order_id,
        strategy=order.strategy,
        pair=order.pair,
        side=order.side.value,
        price=order.price,
        quantity=order.quantity,
        filled=order.filled_quantity,
        reason=reason or order.reason or None,
    )
