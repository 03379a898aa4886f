"""What news about orders amounts to, and how much absence must be shown to be believed."""

import attrs

from trading.orders import Fill, Order


@attrs.frozen(kw_only=True)
class Heard:
    """
    What news changed.

    Args:
        changed: Orders whose status or filled quantity is new.
        fills: Fills not counted before, each with our client order id.
    """

    changed: tuple[Order, ...] = ()
    fills: tuple[Fill, ...] = ()


@attrs.frozen(kw_only=True)
class Settling:
    """
    When "no such order" is believed of an order that never showed a sign of life.

    Args:
        answers: So many such answers are needed.
        seconds: The first must be at least so long after the order was decided.
    """

    answers: int = 3
    seconds: float = 5.0
