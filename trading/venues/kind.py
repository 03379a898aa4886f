"""A venue as it is known without a connection: its names, addresses and abilities."""

from collections.abc import Callable, Mapping
from types import MappingProxyType

import attrs

from trading.venues.interface import MarketVenue, Venue


@attrs.frozen(kw_only=True)
class Key:
    """Our key at a venue; ``subaccount_id`` is empty for the key's own account."""

    api_key: str = attrs.field(repr=False)
    api_secret: str = attrs.field(repr=False)
    subaccount_id: str = ""


WallClock = Callable[[], int]
"""Nanoseconds since the epoch, by the venue's clock as far as it is known."""


@attrs.frozen(kw_only=True)
class VenueKind:
    """
    A venue that there is code for.

    Args:
        name: As ``venue.kind`` says it.
        title: As people say it.
        rest_url: Where it is: scheme and host, and port where it is not the scheme's own.
        websocket_url: Likewise.
        feeds: Where its books may come from, the usual one first: a word for the command line, and
            the venue's own name for it.
        recorded_feeds: What it calls the feeds of a recording, by our name, where that differs.
        market: Makes the venue for public market data, given a feed by the venue's name.
        trading: Makes it for trading with a key; ``None`` where there is market data only.
        simulated: Whether the simulated exchange speaks its protocol.
        client_order_id_length_max: Characters that a client order id may have.
    """

    name: str
    title: str
    rest_url: str
    websocket_url: str
    feeds: Mapping[str, str]
    market: Callable[[str], MarketVenue]
    trading: Callable[[Key, WallClock, str], Venue] | None = None
    recorded_feeds: Mapping[str, str] = MappingProxyType({})
    simulated: bool = False
    client_order_id_length_max: int = 0

    @property
    def usual_feed(self) -> str:
        return next(iter(self.feeds.values()))
