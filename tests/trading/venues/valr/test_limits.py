"""VALR's rate limits: every call of ours counts where VALR counts it."""

import pytest

from tests.support.simulated_venue import valr
from trading.venues.valr.limits import LIMITS, lanes_of
from trading.venues.valr.rules import RateLimits


@pytest.mark.parametrize(
    ("verb", "path", "lanes"),
    [
        ("GET", "/v1/public/time", ["time"]),
        ("GET", "/v1/public/status", ["status"]),
        ("GET", "/v1/public/BTCZAR/buckets?periodSeconds=60", ["buckets"]),
        ("GET", "/v1/public/BTCUSDTPERP/markprice/buckets", ["buckets"]),
        ("GET", "/v1/public/pairs", ["public", "address"]),
        ("POST", "/v1/orders/limit", ["place"]),
        ("POST", "/v2/orders/market", ["place"]),
        ("POST", "/v1/batch/orders", ["batch"]),
        ("PUT", "/v1/orders/modify", ["modify"]),
        ("DELETE", "/v1/orders/order", ["cancel"]),
        ("DELETE", "/v1/orders", ["cancel"]),
    ],
)
def test_calls_with_a_limit_of_their_own(verb: str, path: str, lanes: list[str]) -> None:
    assert list(lanes_of(verb, path, signed=verb != "GET")) == lanes


def test_other_private_calls_count_for_the_key_and_for_the_address() -> None:
    venue = valr()
    lanes = [
        venue.lanes(venue.balances()),
        venue.lanes(venue.open_orders()),
        venue.lanes(venue.fees()),
        *[venue.lanes(fills(0, None)) for fills in venue.fill_lists([])],
    ]
    assert lanes == [("address", "key")] * 4


def test_we_use_at_most_half_of_what_valr_allows() -> None:
    published = RateLimits()
    allowed = {
        "connection": published.connections_per_minute,
        "place": published.places_per_s,
        "modify": published.modifies_per_s,
        "batch": published.batches_per_s,
        "cancel": published.cancels_per_s,
        "public": published.public_per_minute,
        "time": published.fast_public_per_s,
        "status": published.fast_public_per_s,
        "buckets": published.fast_public_per_s,
        "address": published.per_address_per_minute,
        "key": published.per_key_per_minute,
    }
    assert {limit.lane for limit in LIMITS} == set(allowed)
    for limit in LIMITS:
        assert 2 * limit.maximum <= allowed[limit.lane], limit.lane
