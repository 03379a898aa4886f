"""Venue events of the background flow: it withdraws, it jumps, it takes an account's orders."""

from functools import partial

from trading.core.market import Side
from trading.simulator.market.synthetic import SyntheticMarket
from trading.venues.valr.simulator.faults.venue_handle import (
    EventHandler,
    Ongoing,
    Outcome,
    VenueHandle,
)

_JUMPS = (0.8, 1.2)
_TAKES = (5, 12)
_TAKE_INTERVAL_MAX_S = 1.0


class MarketDeeds:
    """Events of synthetic markets; recorded ones only repeat their recording."""

    def __init__(self, ground: VenueHandle) -> None:
        self._ground = ground

    def thin(self, levels: int) -> EventHandler:
        """The handler by which the crowd leaves a side of a book, but for so many levels."""
        return partial(self._thin, levels)

    def _thin(self, levels: int, _now: float) -> Outcome:
        listing = self._ground.listing()
        if listing is None or not isinstance(listing.market, SyntheticMarket):
            return False
        flow = listing.market.flow
        sides = [side for side in Side if not flow.is_thin(side)]
        if not sides:
            return False
        side = self._ground.random.choice(sides)
        flow.thin_out(side, levels)
        return Ongoing(lambda _: flow.restore(side))

    def flash(self, now: float) -> Outcome:
        listing = self._ground.listing()
        if listing is None or not isinstance(listing.market, SyntheticMarket):
            return False
        executions = listing.market.jump(self._ground.random.choice(_JUMPS))
        self._ground.venue.flow.settle(listing, executions, now)
        return True

    def toxic(self, now: float) -> Outcome:
        random = self._ground.random
        sides = sorted({order.side.value for order in self._ground.resting()})
        if not sides:
            return False
        side = Side(random.choice(sides))
        over: list[float] = []
        at = now
        for _ in range(random.randint(*_TAKES)):
            at += random.uniform(0.0, _TAKE_INTERVAL_MAX_S)
            self._ground.agenda.at(at, lambda due: None if over else self._take(side, due))
        self._take(side, now)
        return Ongoing(over.append, for_s=at - now)

    def _take(self, side: Side, now: float) -> None:
        """Take the best that the account has on a side, if anything."""
        sign = 1 if side is Side.BUY else -1
        own = [order for order in self._ground.resting() if order.side is side]
        if own:
            self._ground.venue.flow.take(max(own, key=lambda order: sign * order.price), now)
