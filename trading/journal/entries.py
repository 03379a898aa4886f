"""The ledger's entries: what happened to our orders, and our fills."""

import attrs

from trading.orders import Fill, Order


@attrs.frozen
class OrderRecorded:
    """An order as it is from ``at`` (monotonic seconds) on."""

    order: Order
    at: float


@attrs.frozen
class FillBooked:
    """A fill that was heard of at ``at`` (monotonic seconds); its client order id is set."""

    fill: Fill
    at: float


LedgerEntry = OrderRecorded | FillBooked
