"""The gateway's deadlines, and the rules of routing: by socket or REST, and leftover orders."""

import msgspec

from trading.orders.leftovers import LeftoverPolicy


class Deadlines(msgspec.Struct, frozen=True, kw_only=True):
    """
    The gateway's deadlines and pauses, in seconds.

    Args:
        handover: For the account socket to take a frame.
        outcome: For the venue's answer to a placement, an amendment or a cancel; then the order
            is UNKNOWN.
        lookup_pause: Between two questions about an UNKNOWN order.
        booking: For the ledger to make an intent durable; an order that waits longer never leaves.
        reconciliation: Between two comparisons with the venue's lists.
        last_will: To cancel what is left when the gateway itself ends; where the run goes on, so
            much more as the number of orders takes.
        sweep_pause: Between two looks at the venue's list while that is done.
    """

    handover: float = 0.5
    outcome: float = 2.0
    lookup_pause: float = 0.5
    booking: float = 5.0
    reconciliation: float = 60.0
    last_will: float = 3.0
    sweep_pause: float = 0.25


class RoutingPolicy(msgspec.Struct, frozen=True, kw_only=True):
    """
    The rules of routing: which way new orders take, and what is done with leftover orders.

    Args:
        leftovers: The policy for orders of an earlier run.
        orders_by_rest: New orders go by REST though the socket would take them.
    """

    leftovers: LeftoverPolicy = LeftoverPolicy.CANCEL
    orders_by_rest: bool = False
