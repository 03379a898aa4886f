"""Schedules the events that the settings name for mid-session."""

from collections.abc import Callable, Mapping
from functools import partial

from trading.core.identifiers import Pair
from trading.simulator.core.agenda import Agenda
from trading.venues.valr.rules import VenueRules
from trading.venues.valr.simulator.core.listing import Listing
from trading.venues.valr.simulator.orders.venue import Venue


class MidSession:
    """
    Counts from the first client, and not from the exchange's beginning.

    The exchange's crowd has been trading for minutes before a client can connect.

    Args:
        agenda: Takes the events.
        set_read_only: Has the venue take nothing but GET, or everything again.
    """

    def __init__(
        self,
        rules: VenueRules,
        venue: Venue,
        listings: Mapping[Pair, Listing],
        agenda: Agenda,
        set_read_only: Callable[[bool], None],
    ) -> None:
        self._rules = rules
        self._venue = venue
        self._listings = listings
        self._agenda = agenda
        self._set_read_only = set_read_only
        self._begun = False

    def somebody_came(self, now: float) -> None:
        """Begin to count at the first client; ``now`` in seconds of the exchange."""
        if self._begun:
            return
        self._begun = True
        for symbol, after_s in self._rules.deactivations.items():
            ends = partial(self._venue.deactivate, self._listings[symbol])
            self._agenda.at(now + after_s, ends)
        if self._rules.read_only_after_s is not None:
            closes = now + self._rules.read_only_after_s
            self._agenda.at(closes, lambda _: self._set_read_only(True))
            if self._rules.read_only_for_s is not None:
                opens = closes + self._rules.read_only_for_s
                self._agenda.at(opens, lambda _: self._set_read_only(False))
