"""Counts what a recording holds so far."""

from collections import Counter
from collections.abc import Sequence

from trading.core.identifiers import Pair
from trading.messages.market import MarketEvent, Subscribed, SubscriptionRefused, Unsubscribed

_ABOUT_SUBSCRIPTIONS = (Subscribed, Unsubscribed, SubscriptionRefused)


def pair_of(event: MarketEvent) -> Pair | None:
    """Whose market data an event is; ``None`` for one about the connection or subscriptions."""
    if isinstance(event, _ABOUT_SUBSCRIPTIONS):
        return None
    trade = getattr(event, "trade", event)
    pair: Pair | None = getattr(trade, "pair", None)
    return pair


class Tally:
    """
    Counts what is written.

    ``size`` is in bytes, before any compression; ``by_pair`` are frames of market data.
    """

    def __init__(self) -> None:
        self.frames = 0
        self.size = 0
        self.malformed = 0
        self.by_pair: Counter[Pair] = Counter()

    def count(self, line: str, events: Sequence[MarketEvent]) -> None:
        self.frames += 1
        self.size += len(line.encode())
        self.by_pair.update(pair for event in events if (pair := pair_of(event)) is not None)
