"""News about orders known only by a venue order id: kept until that id is known to be ours."""

from trading.core.identifiers import VenueOrderId
from trading.messages.account import OrderNews


class Orphans:
    """
    News about orders whose venue order id we do not know yet, or never will as they are not ours.

    To keep one and to claim an order's costs the same whatever else waits. The same news twice,
    as a list that is read again and again has it, is kept once.

    Args:
        most: How many are kept; then those of the order that waits longest go.
    """

    def __init__(self, most: int) -> None:
        self._most = most
        self._kept = 0
        self._of: dict[VenueOrderId, dict[OrderNews, None]] = {}

    def __len__(self) -> int:
        return self._kept

    def keep(self, venue_order_id: VenueOrderId, news: OrderNews) -> None:
        """Keep news until its order's name is known."""
        of_order = self._of.setdefault(venue_order_id, {})
        if news in of_order:
            return
        of_order[news] = None
        self._kept += 1
        if self._kept > self._most:
            self._forget_oldest()

    def claim(self, venue_order_id: VenueOrderId) -> tuple[OrderNews, ...]:
        """Remove and return the news kept for this name, oldest first."""
        claimed = tuple(self._of.pop(venue_order_id, ()))
        self._kept -= len(claimed)
        return claimed

    def _forget_oldest(self) -> None:
        name = next(iter(self._of))
        of_order = self._of[name]
        del of_order[next(iter(of_order))]
        self._kept -= 1
        if not of_order:
            del self._of[name]
