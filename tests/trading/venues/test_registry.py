"""Every venue of the registry is one that can be had, whole."""

from urllib.parse import urlsplit

import pytest

from trading.core.identifiers import Pair
from trading.venues.kind import Key
from trading.venues.registry import venue_kind, venue_names

PAIR = Pair("BTCUSDT")


@pytest.mark.parametrize("name", venue_names())
def test_its_markets_can_be_looked_at_by_any_of_its_feeds(name: str) -> None:
    kind = venue_kind(name)
    assert kind.usual_feed in kind.feeds.values()
    for feed in kind.feeds.values():
        venue = kind.market(feed)
        call = venue.sign(venue.market_prices(PAIR))
        assert (call.verb, call.signed) == ("GET", False)
        assert {*venue.lanes(call)} <= {limit.lane for limit in venue.rate_limits()}
        assert venue.market_subscriptions([PAIR]).opening()


@pytest.mark.parametrize("name", venue_names())
def test_its_addresses_are_secure(name: str) -> None:
    kind = venue_kind(name)
    assert urlsplit(kind.rest_url).scheme == "https"
    assert urlsplit(kind.websocket_url).scheme == "wss"


@pytest.mark.parametrize("name", venue_names())
def test_where_it_can_be_traded_with_it_signs_and_bounds_our_ids(name: str) -> None:
    kind = venue_kind(name)
    if kind.trading is None:
        return
    venue = kind.trading(Key(api_key="a", api_secret="b"), lambda: 0, kind.usual_feed)
    assert venue.sign(venue.balances()) != venue.balances()
    assert kind.client_order_id_length_max > 0
    assert "secret" not in repr(Key(api_key="a", api_secret="secret"))
