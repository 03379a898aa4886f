"""Trades of the background flow, those with orders of accounts among them."""

from collections.abc import Mapping, Sequence

from trading.core.identifiers import Pair
from trading.simulator.matching.matching import Execution
from trading.venues.valr.simulator.accounts.orders import Status, VenueOrder
from trading.venues.valr.simulator.core.fault_plan import Fault, Faults
from trading.venues.valr.simulator.core.listing import Listing
from trading.venues.valr.simulator.orders.arrivals import sweep_of
from trading.venues.valr.simulator.orders.entry import OrderEntry
from trading.venues.valr.simulator.orders.settlement import Settlement


class BackgroundTrades:
    """
    Trades of the background flow, by itself or because a fault has it take an order.

    Its orders belong to no account; the orders that they match may.
    """

    def __init__(
        self,
        *,
        listings: Mapping[Pair, Listing],
        settlement: Settlement,
        entry: OrderEntry,
        faults: Faults,
    ) -> None:
        self._listings = listings
        self._settlement = settlement
        self._orders = settlement.orders
        self._entry = entry
        self._faults = faults

    def step(self, listing: Listing, now: float) -> None:
        """Carry out a market's next change."""
        self.settle(listing, listing.market.step(), now)

    def settle(self, listing: Listing, executions: Sequence[Execution], now: float) -> None:
        """Settle the trades that the background flow made by itself."""
        self._settlement.settle(listing, executions, None, now)
        self._entry.finish(now)

    def take(self, order: VenueOrder, now: float, part: int | None = None) -> None:
        """
        Have the flow take a resting order, and all with priority over it.

        Args:
            part: So many lots of it.
        """
        listing = self._listings[order.pair]
        sweep = sweep_of(order, listing, part)
        self.settle(listing, listing.market.place(sweep).executions, now)

    def overfill(self, order: VenueOrder, lots: int, now: float) -> bool:
        """Have the flow take a resting order and more; ``False`` when that is impossible."""
        self.take(order, now)
        beyond = not self._orders.is_open(order) and self._settlement.fill_beyond(order, lots, now)
        self._entry.finish(now)
        return beyond

    def race(self, order: VenueOrder | None, fault: Fault, now: float) -> bool:
        """Perhaps have the flow take an order just before its owner's request; whether it did."""
        resting = order is not None and self._orders.is_open(order)
        if order is None or not resting or order.status is Status.ACTIVE:
            return False
        partly = fault is Fault.PARTIAL_FILL_RACES_CANCEL
        if (partly and order.remaining == 1) or not self._faults.strikes(fault):
            return False
        part = self._faults.random.randrange(1, order.remaining) if partly else None
        self.take(order, now, part)
        return True
