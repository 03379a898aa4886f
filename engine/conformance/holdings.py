"""What a run has changed of the holdings, in words: coins that it bought and has not sold back."""

from collections.abc import Iterable
from decimal import Decimal

import attrs

from trading.core.market import Side
from trading.orders.order import Fill, Order

LEFT = Decimal("0.99")
"""What is surely left of a purchase once its fee is paid in what was bought."""


@attrs.frozen
class Traded:
    """What orders have traded; ``fees`` is what was paid of it in the base currency."""

    bought: Decimal
    sold: Decimal
    fees: Decimal = Decimal(0)


def traded(orders: Iterable[Order], fills: Iterable[Fill], base: str) -> Traded:
    """
    What orders have traded.

    Args:
        orders: As the venue has reported them, which counts also where it lists no fill yet.
        fills: Those that are booked, for their fees.
    """
    sums = {Side.BUY: Decimal(0), Side.SELL: Decimal(0)}
    for order in orders:
        sums[order.side] += order.filled_quantity
    fees = sum((fill.fee for fill in fills if fill.fee_currency == base), Decimal(0))
    return Traded(sums[Side.BUY], sums[Side.SELL], fees)


def in_words(what: Traded, base: str, lot: Decimal) -> str:
    """What is held more or less than before, beyond what fees and lots explain; else empty."""
    net = what.bought - what.sold
    both = what.bought and what.sold
    if not net or (both and abs(net) <= max(what.bought, what.sold) * (1 - LEFT) + lot):
        return ""
    if net < 0:
        return f"sold {_shown(-net + what.fees)} {base}, not bought back"
    return f"bought {_shown(net - what.fees)} {base}, not sold back"


def _shown(amount: Decimal) -> str:
    return f"{amount.normalize():f}"
