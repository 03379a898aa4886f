"""An order as the original tracks it."""

from decimal import Decimal

import msgspec

from trading.core.market import Side


class TrackedOrder(msgspec.Struct, frozen=True, kw_only=True):
    """
    One order, as it was submitted.

    Args:
        number: Counts up from 1 in the order of creation.
        price: Before the venue's rounding.
        quantity: The whole of it, whatever was filled (Q7).
        created_at: Seconds.
    """

    number: int
    side: Side
    price: Decimal
    quantity: Decimal
    created_at: float

    def age(self, now: float) -> int:
        """Whole seconds."""
        return int(now - self.created_at)

    @property
    def identity(self) -> tuple[Side, Decimal, Decimal]:
        """What makes two hanging orders the same one (Q14)."""
        return self.side, self.price, self.quantity
