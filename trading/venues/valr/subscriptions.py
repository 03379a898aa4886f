"""
The trade socket's subscriptions, and how to change them safely.

VALR replaces an event's whole list of pairs with each SUBSCRIBE, so every frame here names all the
pairs of an event. Whether the same list again yields new snapshots is unknown; the safe way is to
unsubscribe, wait until VALR says so for every pair, and subscribe anew.
"""

import enum
from collections.abc import Sequence

import msgspec

from trading.core.errors import Outage
from trading.core.identifiers import Pair
from trading.messages.market import (
    BookSnapshot,
    MarketEvent,
    QueueSnapshot,
    SubscriptionRefused,
    Unsubscribed,
)


class BookFeed(enum.Enum):
    """Where a pair's book comes from; the value is the event to subscribe to."""

    L1 = "OB_L1_DIFF"
    """Price levels, checksum; VALR's lightest and fastest, called alpha."""
    FULL = "FULL_ORDERBOOK_UPDATE"
    """Every order, checksum."""
    AGGREGATED = "AGGREGATED_ORDERBOOK_UPDATE"
    """The best 40 levels whole each time, without checksum."""


FALLBACKS = (BookFeed.L1, BookFeed.FULL, BookFeed.AGGREGATED)
"""A pair that has no such feed gets the next."""

_ALWAYS = ("NEW_TRADE", "ALLOWED_ORDER_TYPES_UPDATED")


class Subscriptions:
    """
    One connection's subscriptions. Each method returns the frames to send.

    Args:
        pairs: All that are traded.
        first: The feed to begin with.
    """

    def __init__(self, pairs: Sequence[Pair], first: BookFeed = BookFeed.L1) -> None:
        self._feeds = dict.fromkeys(pairs, first)
        self._first = first
        self._awaited: dict[BookFeed, set[Pair]] = {}
        self._without: set[Pair] = set()

    def feed_of(self, pair: Pair) -> BookFeed:
        return self._feeds[pair]

    def has_book(self, pair: Pair) -> bool:
        """Whether a book may be waited for; not of a suspended pair, which has no feed now."""
        return pair not in self._without

    def opening(self) -> Sequence[str]:
        """Subscribe to everything."""
        subscriptions = [
            *((feed.value, self._pairs(feed)) for feed in BookFeed if self._pairs(feed)),
            *((event, list(self._feeds)) for event in _ALWAYS),
        ]
        return (_subscribe(*subscriptions),)

    def renew(self, pair: Pair) -> Sequence[str]:
        """Ask for a fresh snapshot of a pair's book; all pairs of its feed get one."""
        feed = self._feeds[pair]
        if pair in self._without:
            # Maybe it has a feed again; the books of the others are left as they are.
            self._feeds[pair] = self._first
            return (_subscribe((self._first.value, self._pairs(self._first))),)
        if feed in self._awaited:
            return ()
        self._awaited[feed] = set(self._pairs(feed))
        return (_subscribe((feed.value, [])),)

    def heard(self, event: MarketEvent) -> Sequence[str]:
        """
        What follows from an answer.

        Raises:
            Outage: No pair has a book feed at all.
        """
        match event:
            case Unsubscribed(name, pair):
                return self._unsubscribed(name, pair)
            case SubscriptionRefused(name, pair):
                return self._refused(name, pair)
            case BookSnapshot(pair=pair) | QueueSnapshot(pair=pair):
                self._without.discard(pair)
                return ()
            case _:
                return ()

    def _unsubscribed(self, name: str, pair: Pair) -> Sequence[str]:
        for feed, awaited in self._awaited.items():
            if feed.value == name:
                awaited.discard(pair)
                if awaited:
                    return ()
                del self._awaited[feed]
                return (_subscribe((name, self._pairs(feed))),)
        return ()

    def _refused(self, name: str, pair: Pair) -> Sequence[str]:
        feed = self._feeds.get(pair)
        if feed is None or feed.value != name:
            return ()
        position = FALLBACKS.index(feed) + 1
        if position == len(FALLBACKS):
            self._without.add(pair)
            if len(self._without) == len(self._feeds):
                raise Outage(f"VALR has no order book feed for {', '.join(sorted(self._feeds))}")
            return ()
        self._feeds[pair] = FALLBACKS[position]
        fallback = self._feeds[pair]
        return (_subscribe((fallback.value, self._pairs(fallback))),)

    def _pairs(self, feed: BookFeed) -> list[Pair]:
        return [pair for pair, own in self._feeds.items() if own is feed]


def _subscribe(*subscriptions: tuple[str, list[Pair]]) -> str:
    wanted = [{"event": event, "pairs": pairs} for event, pairs in subscriptions]
    return msgspec.json.encode({"type": "SUBSCRIBE", "subscriptions": wanted}).decode()
