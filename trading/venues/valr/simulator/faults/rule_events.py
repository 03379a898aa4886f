"""Venue events of its rules, its fees, its clock, and of withheld answers."""

from decimal import Decimal
from functools import partial
from typing import Any

import attrs

from trading.venues.valr.simulator.core.listing import ORDER_TYPES, Listing
from trading.venues.valr.simulator.core.settings import Fees
from trading.venues.valr.simulator.faults.venue_handle import (
    EventHandler,
    Ongoing,
    Outcome,
    VenueHandle,
)
from trading.venues.valr.simulator.rest.faults import Part

_RAISED = (2, 5, 20, 100)
_COARSER = (10, 5, 2)
_FEES = (("0.02", "0.35"), ("0.1", "0.2"), ("-0.005", "0.18"))
"""Maker's and taker's, in percent."""
_POST_ONLY = "LIMIT_POST_ONLY"
_CLOCK_WRONG_MAX_MS = 30_000
_WITHHELD_S = (60.0, 240.0)
_OK, _NOT_FOUND = 200, 404


class RuleDeeds:
    """Events that change rules; each end restores its own fields only."""

    def __init__(self, ground: VenueHandle) -> None:
        self._ground = ground

    def suspend(self, now: float) -> Outcome:
        listing = self._ground.listing()
        if listing is None:
            return False
        venue = self._ground.venue
        venue.deactivate(listing, now)
        return Ongoing(lambda _: venue.activate(listing))

    def restrict(self, _now: float) -> Outcome:
        listing = self._ground.listing()
        if listing is None:
            return False
        before = listing.allowed
        others = tuple(kind for kind in ORDER_TYPES if kind != _POST_ONLY)
        self._allow(listing, self._ground.random.choice((others, (_POST_ONLY,))), 0.0)
        return Ongoing(partial(self._allow, listing, before))

    def _allow(self, listing: Listing, kinds: tuple[str, ...], _now: float) -> None:
        listing.allow(kinds)
        self._ground.venue.settlement.tell_rules(listing)

    def raise_minimums(self, _now: float) -> Outcome:
        listing = self._ground.listing()
        if listing is None:
            return False
        factor, rules = self._ground.random.choice(_RAISED), listing.rules
        return _changed(
            listing,
            min_base=min(rules.max_base, rules.min_base * factor),
            min_quote=min(rules.max_quote, rules.min_quote * factor),
        )

    def coarsen_tick(self, _now: float) -> Outcome:
        listing = self._ground.listing()
        if listing is None or listing.tick_step > 1:
            return False
        for factor in _COARSER:
            try:
                return _changed(listing, tick_size=listing.rules.tick_size * factor)
            except ValueError:  # its prices are too low for so coarse a tick
                continue
        return False

    def change_fees(self, _now: float) -> Outcome:
        settlement = self._ground.venue.settlement
        before = settlement.fees
        maker, taker = self._ground.random.choice(_FEES)
        settlement.fees = Fees(maker_percentage=Decimal(maker), taker_percentage=Decimal(taker))

        def put_back(_: float) -> None:
            settlement.fees = before

        return Ongoing(put_back)

    def read_only(self, _now: float) -> Outcome:
        venue = self._ground.venue
        if venue.read_only:
            return False
        venue.read_only = True

        def reopen(_: float) -> None:
            venue.read_only = False

        return Ongoing(reopen)

    def set_clock_wrong(self, _now: float) -> Outcome:
        ids, limit = self._ground.venue.ids, _CLOCK_WRONG_MAX_MS
        by_ms = self._ground.random.choice((-1, 1)) * self._ground.random.randint(1, limit)
        ids.set_wrong(by_ms)
        return Ongoing(lambda _: ids.set_wrong(0))

    def withhold(self, part: Part) -> EventHandler:
        """The handler by which one part of the answers is withheld."""
        return partial(self._withhold, part)

    def _withhold(self, part: Part, _now: float) -> Outcome:
        withheld = self._ground.rest.withheld
        withheld[part] = self._ground.random.choice((_OK, _NOT_FOUND))

        def tell(_: float) -> None:
            withheld.pop(part, None)

        return Ongoing(tell, about_s=_WITHHELD_S)


def _changed(listing: Listing, **fields: Any) -> Ongoing:
    """Rules that differ in some fields, until these are restored."""
    before = {name: getattr(listing.rules, name) for name in fields}
    listing.change(attrs.evolve(listing.rules, **fields))
    return Ongoing(lambda _: listing.change(attrs.evolve(listing.rules, **before)))
