"""Writes the gateway's orders and fills to the log and to the ledger, as effects."""

from collections.abc import Callable, Sequence
from decimal import Decimal

from trading.gateway.effects import Ticket
from trading.gateway.scripts import Flag
from trading.gateway.turn import Turn
from trading.journal.entries import FillBooked, OrderRecorded, OrdersIntended
from trading.orders.evidence import Heard
from trading.orders.order import Fill, Order


class OrderRecords:
    """
    Keeps the order of entries. New orders wait until they are durable, cancels never do.

    Args:
        ticket: A new number for a receipt.
    """

    def __init__(self, turn: Turn, ticket: Callable[[], Ticket]) -> None:
        self._turn = turn
        self._ticket = ticket
        self._due: dict[Ticket, Flag] = {}

    def durable(self, ticket: Ticket) -> None:
        """Note that the ledger has made durable what was posted with this receipt."""
        if (flag := self._due.pop(ticket, None)) is not None:
            flag.set()

    def intended(self, orders: Sequence[Order], mid_price: Decimal | None) -> Flag:
        """Record a decision's new orders; the flag is set once they are durable."""
        for order in orders:
            self._log_order("order_placed", order)
        receipt, flag = self._ticket(), Flag()
        self._due[receipt] = flag
        entry = OrdersIntended(tuple(orders), self._turn.now, mid_price)
        self._turn.journal(entry, receipt)
        return flag

    def withdrawn(self, order: Order, reason: str) -> None:
        """Record an order that the gateway takes back by itself."""
        self._log_order("order_withdrawn", order, reason=reason)

    def write(self, heard: Heard) -> None:
        """What news changed."""
        now = self._turn.now
        for order in heard.changed:
            self._log_order("order_" + order.status.value.replace(" ", "_"), order)
            self._turn.journal(OrderRecorded(order, now))
        for fill in heard.fills:
            self._turn.info(
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
            self._turn.journal(FillBooked(fill, now))
        for renamed in heard.renamed:
            self._turn.warning(
                "fill_named_twice",
                order=renamed.fill.client_order_id,
                trade=renamed.fill.trade_id,
                counted_as=renamed.counted_as,
                price=renamed.fill.price,
                quantity=renamed.fill.quantity,
            )

    def stray(self, fill: Fill) -> None:
        """Record a fill of this run, of an order that only a former life of the gateway knew."""
        self._turn.warning("stray_fill", order=fill.client_order_id, trade=fill.trade_id)
        self._turn.journal(FillBooked(fill, self._turn.now))

    def _log_order(self, event: str, order: Order, *, reason: str = "") -> None:
        self._turn.info(
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
