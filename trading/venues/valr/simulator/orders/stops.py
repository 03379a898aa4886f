"""Stop orders that wait for a price to be traded."""

from trading.core.identifiers import Pair
from trading.venues.valr.simulator.accounts.orders import VenueOrder


class WaitingStops:
    """The stop orders not triggered yet, oldest first."""

    def __init__(self) -> None:
        self._waiting: dict[Pair, dict[str, VenueOrder]] = {}

    def add(self, order: VenueOrder) -> None:
        self._waiting.setdefault(order.pair, {})[order.order_id] = order

    def forget(self, order: VenueOrder) -> None:
        """Remove an order that was triggered or ended; one that never was a stop is ignored."""
        self._waiting.get(order.pair, {}).pop(order.order_id, None)

    def triggered(self, pair: Pair, last: int) -> VenueOrder | None:
        """The first stop that a price, in ticks, triggers."""
        waiting = self._waiting.get(pair, {}).values()
        return next((o for o in waiting if o.stop is not None and o.stop.triggered_by(last)), None)
