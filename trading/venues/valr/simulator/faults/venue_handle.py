"""The venue as event handlers see it: what they act on, and how they choose it."""

from collections.abc import Callable, Mapping
from random import Random

import attrs

from trading.simulator.core.agenda import Agenda
from trading.venues.valr.simulator.accounts.accounts import Account
from trading.venues.valr.simulator.accounts.orders import Status, VenueOrder
from trading.venues.valr.simulator.core.listing import Listing
from trading.venues.valr.simulator.orders.venue import Venue
from trading.venues.valr.simulator.rest.faults import RestFaults
from trading.venues.valr.simulator.sockets.sessions import Session


@attrs.frozen
class Ongoing:
    """
    A lasting event.

    Args:
        end: Undoes it, at a time.
        for_s: How long it lasts by its own nature; ``None`` for as long as asked for.
        about_s: How long it lasts by default: between these two.
    """

    end: Callable[[float], None]
    for_s: float | None = None
    about_s: tuple[float, float] = (5.0, 60.0)


Outcome = bool | Ongoing
"""Whether anything was done at all, or the event that lasts since."""
EventHandler = Callable[[float], Outcome]
"""Carries out an event at a time."""


@attrs.frozen(kw_only=True)
class VenueHandle:
    """
    The exchange, as far as event handlers change it.

    Args:
        random: The faults' own, so that choosing an event does not change the market.
        rest: The REST interface, parts of which can be withheld.
    """

    venue: Venue
    sessions: Mapping[Session, None]
    agenda: Agenda
    random: Random
    rest: RestFaults

    def account(self) -> Account:
        """The account with an open account socket; otherwise the first account."""
        accounts = self.venue.accounts
        present = {s.api_key for s in self.open_sessions() if s.is_account and s.api_key}
        return next((accounts[key] for key in accounts if key in present), self._first())

    def open_sessions(self) -> list[Session]:
        return [session for session in self.sessions if session.close_reason is None]

    def resting(self) -> list[VenueOrder]:
        """The account's orders in the book, oldest first."""
        found = self.venue.orders.open_of(self.account().api_key)
        return [order for order in found if order.status is not Status.ACTIVE]

    def listing(self) -> Listing | None:
        """A pair in which a client is involved; if there is none, any that is traded."""
        active = [listing for listing in self.venue.listings.values() if listing.active]
        cared = {order.pair for order in self.resting()}
        for session in self.open_sessions():
            for pairs in session.subscriptions.values():
                cared.update(pairs)
        wanted = [listing for listing in active if listing.rules.symbol in cared] or active
        return self.random.choice(wanted) if wanted else None

    def _first(self) -> Account:
        return next(iter(self.venue.accounts.values()))
