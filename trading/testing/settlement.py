"""Updates balances when orders change: reserved, released, bought and sold."""

from collections.abc import Iterable, Mapping
from decimal import Decimal

from trading.core.decimals import ZERO
from trading.core.identifiers import Currency
from trading.core.market import Balance, Side
from trading.orders.order import Order
from trading.strategies.interface import View


def settled(view: View, orders: Iterable[Order]) -> Mapping[Currency, Balance]:
    """
    The balances once the orders of a view have become others; no fee is charged.

    An order that is gone from the list had nothing more filled than the view shows of it.
    """
    shown = tuple(orders)
    base, quote = view.instrument.base, view.instrument.quote
    bought, paid = _traded(view.orders, shown)
    before, after = _held(view.orders), _held(shown)
    changes = {
        base: (bought, after[Side.SELL] - before[Side.SELL]),
        quote: (-paid, after[Side.BUY] - before[Side.BUY]),
    }
    return {**view.balances, **{name: _changed(view, name, *by) for name, by in changes.items()}}


def _changed(view: View, currency: Currency, gained: Decimal, reserved: Decimal) -> Balance:
    old = view.balances.get(currency)
    available = ZERO if old is None else old.available
    held = ZERO if old is None else old.reserved
    return Balance(
        currency=currency,
        available=available + gained - reserved,
        reserved=held + reserved,
    )


def _held(orders: Iterable[Order]) -> dict[Side, Decimal]:
    """What the working orders of each side hold, in the currency that they would give."""
    held = dict.fromkeys(Side, ZERO)
    for order in orders:
        buys = order.side is Side.BUY
        held[order.side] += order.remaining_quantity * (order.price if buys else Decimal(1))
    return held


def _traded(before: Iterable[Order], after: Iterable[Order]) -> tuple[Decimal, Decimal]:
    """Base currency that was bought, and quote currency that was paid; negative for sales."""
    filled = {order.client_order_id: order.filled_quantity for order in before}
    bought = paid = ZERO
    for order in after:
        gone = order.filled_quantity - filled.get(order.client_order_id, order.filled_quantity)
        signed = gone if order.side is Side.BUY else -gone
        bought += signed
        paid += signed * order.price
    return bought, paid
