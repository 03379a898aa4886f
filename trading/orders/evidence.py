"""The venue's evidence about orders: what news has changed, when "no such order" is believed."""

import msgspec

from trading.core.identifiers import TradeId
from trading.orders.order import Fill, Order


class Heard(msgspec.Struct, frozen=True, kw_only=True):
    """
    What news changed.

    Args:
        changed: Orders whose status or filled quantity is new.
        fills: Fills not counted before, each with our client order id.
        renamed: Fills left out, for each seems to be one that is counted under another name.
        revived: Orders that were given up, and rest or have traded at the venue.
    """

    changed: tuple[Order, ...] = ()
    fills: tuple[Fill, ...] = ()
    renamed: tuple["Renamed", ...] = ()
    revived: tuple[Order, ...] = ()


NOTHING = Heard()
"""News that changes nothing, as most does: it repeats what is known."""


class Renamed(msgspec.Struct, frozen=True, kw_only=True):
    """A fill with our client order id, and the name under which it seems to be counted."""

    fill: Fill
    counted_as: TradeId


class NotFoundPolicy(msgspec.Struct, frozen=True, kw_only=True):
    """
    When "no such order" is believed of an order that never showed a sign of life.

    Args:
        answers: So many such answers are needed.
        seconds: The first must be at least so long after the order left, or after a life of the
            gateway that did not send it began.
    """

    answers: int = 3
    seconds: float = 5.0


class Disbelief(msgspec.Struct, frozen=True, kw_only=True):
    """
    What is missing for "no such order" to be believed of one.

    Args:
        seen_alive: It was at the venue once: then only the venue's word of its end ends it.
        denials: How often the venue has said so, of ``needed`` times.
        counts_from: Monotonic seconds; what it says before that proves nothing.
    """

    seen_alive: bool
    denials: int
    needed: int
    counts_from: float
