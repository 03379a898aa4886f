"""Books whose quantities are written with zeros at the end."""

from typing import Any

import msgspec
import pytest

from tests.trading.simulator.rig import DOGE, Client, an_exchange, watch
from trading.simulator.core.pair import DEFAULT_PAIRS
from trading.venues.valr.conformance.books import level_facts, order_facts
from trading.venues.valr.rules import VenueRules
from trading.venues.valr.simulator.core.settings import ExchangeSettings

LEVELS, ORDERS = "OB_L1_DIFF", "FULL_ORDERBOOK_UPDATE"
_TYPES = {
    LEVELS: ("OB_L1_SNAPSHOT", LEVELS),
    ORDERS: ("FULL_ORDERBOOK_SNAPSHOT", ORDERS),
}
_FACTS = {LEVELS: level_facts, ORDERS: order_facts}


def _client(**rules: Any) -> Client:
    settings = ExchangeSettings(pairs=DEFAULT_PAIRS[:2], rules=VenueRules(**rules))
    return Client(an_exchange(settings=settings))


def _book(client: Client, feed: str) -> list[Any]:
    """A snapshot and the changes of a while."""
    frames = watch(client, feed)
    client.exchange.advance(client.exchange.now + 20)
    return [one for one in (*frames, *client.frames()) if one["type"] in _TYPES[feed]]


@pytest.mark.parametrize("feed", [LEVELS, ORDERS])
@pytest.mark.parametrize("takes", ["written", "shortest"])
def test_what_a_checksum_takes_of_padded_quantities_is_seen_in_the_frames(
    feed: str, takes: str
) -> None:
    facts = _FACTS[feed](_book(_client(quantity_decimals=8, checksum_quantities=takes), feed))
    assert facts["rules/quantity_decimals"] == 8
    assert facts["rules/checksum_quantities"] == takes
    assert facts["rules/checksum_depth"] == 25


def test_a_level_that_ends_is_a_padded_nothing() -> None:
    frames = _book(_client(quantity_decimals=2), LEVELS)
    ended = [q for one in frames for side in "ab" for _, q in one["d"][side] if not q.strip("0.")]
    assert set(ended) == {"0.00"}


@pytest.mark.parametrize("path", ["orderbook", "orderbook/full"])
def test_books_by_rest_are_padded_as_well(path: str) -> None:
    client = _client(quantity_decimals=8)
    book = msgspec.json.decode(client.request("GET", f"/v1/public/{DOGE}/{path}").body)
    quantities = [row["quantity"] for side in ("Asks", "Bids") for row in book[side]]
    assert quantities
    assert {len(quantity.partition(".")[2]) for quantity in quantities} == {8}
