"""Timers of the trade socket's feeds: one at most for each feed of a pair."""

from collections.abc import Callable

from trading.core.identifiers import Pair
from trading.simulator.core.agenda import Agenda
from trading.venues.valr.simulator.core.listing import Listing
from trading.venues.valr.simulator.sockets.feeds import Feed
from trading.venues.valr.simulator.sockets.subscribers import Subscribers


class FeedTimers:
    """Timers of frames to be sent later."""

    def __init__(self, agenda: Agenda, subscribers: Subscribers) -> None:
        self._agenda = agenda
        self._subscribers = subscribers
        self._running: dict[tuple[Feed, Pair], None] = {}

    def is_running(self, feed: Feed, pair: Pair) -> bool:
        return (feed, pair) in self._running

    def at(
        self, at: float, feed: Feed, listing: Listing, do: Callable[[Listing, float], None]
    ) -> None:
        key = feed, listing.rules.symbol
        self._running[key] = None

        def due(now: float) -> None:
            self._running.pop(key, None)
            do(listing, now)

        self._agenda.at(at, due)

    def every(
        self,
        feed: Feed,
        listing: Listing,
        now: float,
        interval_s: float,
        send: Callable[[Feed, Listing, float], None],
    ) -> None:
        """Call something at an interval, for as long as the feed has subscribers."""
        if (feed, listing.rules.symbol) in self._running:
            return

        def again(listing: Listing, at: float) -> None:
            if self._subscribers.of(feed, listing):
                send(feed, listing, at)
                self.at(at + interval_s, feed, listing, again)

        self.at(now + interval_s, feed, listing, again)
