"""VALR as the registry knows it."""

from trading.venues.interface import MarketVenue, Venue
from trading.venues.kind import Key, VenueKind, WallClock
from trading.venues.valr.signing import Signer
from trading.venues.valr.subscriptions import BookFeed
from trading.venues.valr.venue import Valr


def _market(feed: str) -> MarketVenue:
    return Valr(None, BookFeed(feed))


def _trading(key: Key, clock: WallClock, feed: str) -> Venue:
    return Valr(Signer(key.api_key, key.api_secret, clock, key.subaccount_id), BookFeed(feed))


VALR = VenueKind(
    name="valr",
    title="VALR",
    rest_url="https://api.valr.com",
    websocket_url="wss://api.valr.com",
    feeds={feed.name.lower(): feed.value for feed in BookFeed},
    market=_market,
    trading=_trading,
    simulated=True,
    client_order_id_length_max=50,
)
