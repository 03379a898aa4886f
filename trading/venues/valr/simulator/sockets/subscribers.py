"""Subscribers of the trade socket's feeds; faults may spoil the frames sent to them."""

from collections.abc import Container, Iterable, Mapping

from trading.venues.valr.simulator.core.listing import Listing
from trading.venues.valr.simulator.sockets.feeds import Feed
from trading.venues.valr.simulator.sockets.sessions import Session
from trading.venues.valr.simulator.wire.book_faults import BookFaults
from trading.venues.valr.simulator.wire.frames import Json

_ALL = tuple(Feed)


class Subscribers:
    """
    Sessions by the feed and the pair that they have subscribed to.

    Args:
        sessions: Those that are connected now; the exchange's own.
    """

    def __init__(self, sessions: Mapping[Session, None], faults: BookFaults) -> None:
        self._sessions = sessions
        self._faults = faults

    def is_heard(self, listing: Listing, feeds: Container[Feed] = _ALL) -> bool:
        """Whether any session is subscribed to one of these feeds of a pair."""
        symbol = listing.rules.symbol
        # Like ``of`` without a generator: it runs as often.
        for session in self._sessions:
            for feed, pairs in session.subscriptions.items():
                if symbol in pairs and feed in feeds:
                    return True
        return False

    def of(self, feed: Feed, listing: Listing) -> list[Session]:
        symbol = listing.rules.symbol
        # Runs at every step of every market, so without a call for each session.
        return [s for s in self._sessions if symbol in s.subscriptions.get(feed, ())]

    def send_change(self, listeners: list[Session], text: str) -> None:
        """Send a change of a book, unless a fault drops it."""
        for session in listeners:
            self.send_all(session, self._faults.changes(text))

    def send_each(self, listeners: list[Session], frame: Json | str) -> None:
        """Send each of some sessions the same frame."""
        for session in listeners:
            self.send_all(session, [frame])

    def send_all(self, session: Session, told: Iterable[Json | str]) -> None:
        """Send one session several frames."""
        for frame in told:
            session.send(self._faults.spoilt(frame))
