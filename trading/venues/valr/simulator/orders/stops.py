"""Orders that wait for a price to be traded."""

from trading.core.identifiers import Pair
from trading.venues.valr.simulator.accounts.orders import VenueOrder


class WaitingStops:
    """Those that were not triggered yet, oldest first."""

    def __init__(self) -> None:
        self._waiting: dict[Pair, dict[str, VenueOrder]] = {}

    def add(self, order: VenueOrder) -> None:
        self._waiting.setdefault(order.pair, {})[order.order_id] = order

    def forget(self, order: VenueOrder) -> None:
        """It was triggered or ended, or never was a stop."""
        self._waiting.get(order.pair, {}).pop(order.order_id, None)

    def triggered(self, pair: Pair, last: int) -> VenueOrder | None:
        """The first that a price triggers, in ticks."""
        waiting = self._waiting.get(pair, {}).values()
        return next((o for o in waiting if o.stop is not None and o.stop.triggered_by(last)), None)
