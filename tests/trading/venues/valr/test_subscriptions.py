"""What the trade socket subscribes to, and how it asks anew."""

import json
from collections.abc import Sequence

import pytest

from trading.core.errors import Outage
from trading.core.identifiers import Pair
from trading.messages.market import BookSnapshot, SubscriptionRefused, Unsubscribed
from trading.messages.sockets import Heartbeat
from trading.venues.valr.subscriptions import FALLBACKS, BookFeed, Subscriptions

BTC, ETH = Pair("BTCZAR"), Pair("ETHZAR")


def asked(frames: Sequence[str]) -> list[dict[str, list[str]]]:
    """Each frame's events and their pairs."""
    return [
        {wanted["event"]: wanted["pairs"] for wanted in json.loads(frame)["subscriptions"]}
        for frame in frames
    ]


def test_everything_is_subscribed_in_one_frame_for_a_later_one_would_replace_it() -> None:
    assert asked(Subscriptions([BTC, ETH]).opening()) == [
        {
            "OB_L1_DIFF": [BTC, ETH],
            "NEW_TRADE": [BTC, ETH],
            "ALLOWED_ORDER_TYPES_UPDATED": [BTC, ETH],
        }
    ]


def test_a_fresh_snapshot_is_had_by_unsubscribing_all_and_subscribing_all_again() -> None:
    subscriptions = Subscriptions([BTC, ETH])

    assert asked(subscriptions.renew(BTC)) == [{"OB_L1_DIFF": []}]
    assert not subscriptions.renew(ETH), "it is under way already"
    assert not subscriptions.heard(Unsubscribed("OB_L1_DIFF", BTC))
    assert asked(subscriptions.heard(Unsubscribed("OB_L1_DIFF", ETH))) == [
        {"OB_L1_DIFF": [BTC, ETH]}
    ]
    assert asked(subscriptions.renew(ETH)) == [{"OB_L1_DIFF": []}]


def test_a_pair_without_the_feed_falls_back_alone() -> None:
    subscriptions = Subscriptions([BTC, ETH])

    first = subscriptions.heard(SubscriptionRefused("OB_L1_DIFF", ETH))
    second = subscriptions.heard(SubscriptionRefused("FULL_ORDERBOOK_UPDATE", ETH))

    assert asked(first) == [{"FULL_ORDERBOOK_UPDATE": [ETH]}]
    assert asked(second) == [{"AGGREGATED_ORDERBOOK_UPDATE": [ETH]}]
    assert subscriptions.feed_of(BTC) is BookFeed.L1
    assert subscriptions.feed_of(ETH) is BookFeed.AGGREGATED
    assert asked(subscriptions.renew(BTC)) == [{"OB_L1_DIFF": []}]


def test_a_pair_without_any_feed_is_an_outage() -> None:
    subscriptions = Subscriptions([BTC], BookFeed.AGGREGATED)
    with pytest.raises(Outage, match="BTCZAR"):
        subscriptions.heard(SubscriptionRefused("AGGREGATED_ORDERBOOK_UPDATE", BTC))


def test_a_pair_without_any_feed_leaves_the_others_alone_until_it_has_one_again() -> None:
    subscriptions = Subscriptions([BTC, ETH])
    answers = [subscriptions.heard(SubscriptionRefused(feed.value, ETH)) for feed in FALLBACKS]
    assert answers[-1] == ()
    assert subscriptions.has_book(BTC)
    assert not subscriptions.has_book(ETH)

    # Asked for again it is the one that is subscribed to, and nobody is unsubscribed.
    assert asked(subscriptions.renew(ETH)) == [{"OB_L1_DIFF": [BTC, ETH]}]
    assert not subscriptions.has_book(ETH)
    subscriptions.heard(
        BookSnapshot(pair=ETH, bids=(), asks=(), sequence=1, checksum=0, received_at=0.0)
    )
    assert subscriptions.has_book(ETH)


def test_other_news_and_other_events_change_nothing() -> None:
    subscriptions = Subscriptions([BTC])
    for event in (
        Heartbeat(),
        Unsubscribed("OB_L1_DIFF", BTC),
        SubscriptionRefused("NEW_TRADE", BTC),
        SubscriptionRefused("OB_L1_DIFF", ETH),
    ):
        assert not subscriptions.heard(event)
    assert subscriptions.feed_of(BTC) is BookFeed.L1
