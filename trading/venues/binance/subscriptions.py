"""
A connection's subscriptions: changes of the book, the best prices, and trades of each pair.

Everything is asked for in one message, for Binance takes five a second, pings and pongs among them.
Once it has been confirmed, each pair's snapshot is asked for by REST: one from before that could be
older than the first change.
"""

from collections.abc import Sequence

import msgspec

from trading.core.errors import Outage
from trading.core.identifiers import Pair
from trading.messages.market import BookSnapshot, MarketEvent, Subscribed, SubscriptionRefused
from trading.venues.binance import requests
from trading.venues.binance.codec import stream_of
from trading.venues.interface import Asked, Fetch

_ALWAYS = ("bookTicker", "trade")


class Subscriptions:
    """
    One connection's subscriptions. Each method returns what to ask for.

    Args:
        pairs: All that are looked at; up to 341, for a connection has 1,024 streams.
        book: The stream of a book's changes.
    """

    def __init__(self, pairs: Sequence[Pair], book: str) -> None:
        self._pairs, self._book = tuple(pairs), book
        self._awaited: set[Pair] = set()
        self._without: set[Pair] = set()

    def has_book(self, pair: Pair) -> bool:
        """Whether a pair's book may be waited for; not of a symbol that Binance does not know."""
        return pair not in self._without

    def opening(self) -> Sequence[str]:
        """Subscribe to everything."""
        kinds = (self._book, *_ALWAYS)
        streams = [stream_of(pair, kind) for pair in self._pairs for kind in kinds]
        request = {"method": "SUBSCRIBE", "params": streams, "id": 1}
        return (msgspec.json.encode(request).decode(),)

    def renew(self, pair: Pair) -> Sequence[Asked]:
        """Ask for a fresh snapshot of a pair's book; its changes go on meanwhile."""
        if pair in self._awaited:
            return ()
        self._awaited.add(pair)
        refused = SubscriptionRefused(self._book, pair)
        return (Fetch(call=requests.snapshot(pair), refused=refused),)

    def heard(self, event: MarketEvent) -> Sequence[Asked]:
        """
        What follows from an answer.

        Raises:
            Outage: Binance knows none of the pairs.
        """
        match event:
            case Subscribed():
                return [asked for pair in self._pairs for asked in self.renew(pair)]
            case BookSnapshot(pair=pair):
                self._awaited.discard(pair)
                self._without.discard(pair)
            case SubscriptionRefused(_, pair):
                self._awaited.discard(pair)
                self._without.add(pair)
                if self._without.issuperset(self._pairs):
                    raise Outage(f"Binance has no order book of {', '.join(sorted(self._pairs))}")
            case _:
                pass
        return ()
