"""What is asked of Binance, what its answers mean, and what they weigh."""

import json
from decimal import Decimal

import pytest

from trading.core.errors import MalformedFrame, Outage, OutcomeUnknown, RateLimited, Rejected
from trading.core.identifiers import Pair
from trading.core.market import MarketPrices
from trading.messages.market import BookSnapshot, Subscribed, SubscriptionRefused
from trading.venues.binance import requests
from trading.venues.binance.codec import ALL_PAIRS
from trading.venues.binance.venue import Binance
from trading.venues.interface import Asked, Fetch
from trading.venues.rate_limits import Priority, RateBudget

BTC, ETH = Pair("BTCUSDT"), Pair("ETHUSDT")
VENUE = Binance("depth@100ms")
CONFIRMED = Subscribed("streams", ALL_PAIRS)
INVALID_SYMBOL = b'{"code":-1121,"msg":"Invalid symbol."}'


def fetched(asked: Asked) -> Pair:
    assert isinstance(asked, Fetch)
    assert asked.call.path.endswith("&limit=1000")
    return asked.refused.pair


def a_snapshot(pair: Pair) -> BookSnapshot:
    return BookSnapshot(pair=pair, bids=(), asks=(), sequence=1, checksum=None, received_at=0.0)


def test_everything_is_subscribed_in_one_message_for_five_a_second_are_taken() -> None:
    [request] = VENUE.market_subscriptions([BTC, ETH]).opening()
    assert json.loads(request) == {
        "method": "SUBSCRIBE",
        "params": [
            "btcusdt@depth@100ms",
            "btcusdt@bookTicker",
            "btcusdt@trade",
            "ethusdt@depth@100ms",
            "ethusdt@bookTicker",
            "ethusdt@trade",
        ],
        "id": 1,
    }
    assert "btcusdt@depth@" not in Binance("depth").market_subscriptions([BTC]).opening()[0]


def test_snapshots_are_asked_for_once_the_subscription_is_confirmed() -> None:
    subscriptions = VENUE.market_subscriptions([BTC, ETH])
    assert [fetched(each) for each in subscriptions.heard(CONFIRMED)] == [BTC, ETH]
    assert not subscriptions.renew(BTC), "one is under way"
    assert not subscriptions.heard(a_snapshot(BTC))
    assert [fetched(each) for each in subscriptions.renew(BTC)] == [BTC]
    assert not subscriptions.renew(ETH)


def test_a_symbol_that_is_not_known_is_left_alone_until_it_is_asked_for_again() -> None:
    subscriptions = VENUE.market_subscriptions([BTC, ETH])
    subscriptions.heard(CONFIRMED)
    subscriptions.heard(SubscriptionRefused("depth@100ms", BTC))
    assert [subscriptions.has_book(pair) for pair in (BTC, ETH)] == [False, True]
    assert [fetched(each) for each in subscriptions.renew(BTC)] == [BTC]
    subscriptions.heard(a_snapshot(BTC))
    assert subscriptions.has_book(BTC)


def test_a_connection_on_which_no_symbol_is_known_is_of_no_use() -> None:
    subscriptions = VENUE.market_subscriptions([BTC])
    subscriptions.heard(CONFIRMED)
    with pytest.raises(Outage, match="no order book of BTCUSDT"):
        subscriptions.heard(SubscriptionRefused("depth@100ms", BTC))


@pytest.mark.parametrize(
    ("status", "body", "error", "said"),
    [
        (400, INVALID_SYMBOL, Rejected, r"Invalid symbol. \(code -1121\)"),
        (400, b"<html>", OutcomeUnknown, "tells nothing"),
        (403, b"<html>", RateLimited, "403"),
        (418, b"", RateLimited, "418"),
        (429, b'{"code":-1003,"msg":"Too many requests."}', RateLimited, "429"),
        (451, b'{"code":0,"msg":"restricted location"}', Outage, "place of this machine: restr"),
        (503, b"", OutcomeUnknown, "503"),
        (302, b"", OutcomeUnknown, "302"),
    ],
)
def test_what_is_no_success_is_one_of_the_known_endings(
    status: int, body: bytes, error: type[Exception], said: str
) -> None:
    with pytest.raises(error, match=said):
        VENUE.verdict(status, body)


def test_a_ban_says_how_long_it_is() -> None:
    with pytest.raises(RateLimited) as limited:
        VENUE.verdict(418, b"", {"retry-after": "120"})
    assert limited.value.retry_after_s == 120


def test_prices_are_those_of_the_last_day_and_zero_is_none() -> None:
    call = VENUE.market_prices(BTC)
    assert (call.path, call.weight) == ("/api/v3/ticker/24hr?symbol=BTCUSDT", 2)
    body = {"symbol": "BTCUSDT", "bidPrice": "4.00", "askPrice": "4.002", "lastPrice": "0.00"}
    answered = VENUE.verdict(200, json.dumps(body).encode())
    assert call.decode(answered) == MarketPrices(
        best_bid=Decimal(4), best_ask=Decimal("4.002"), last_trade=None
    )
    with pytest.raises(MalformedFrame):
        call.decode(b"[]")
    with pytest.raises(MalformedFrame, match="expected the prices of BTCUSDT, got those of 'LTC"):
        call.decode(json.dumps({**body, "symbol": "LTCUSDT"}).encode())


def test_the_clock_is_told_in_milliseconds() -> None:
    assert VENUE.server_time().decode(b'{"serverTime":1499827319559}') == 1499827319559 * 10**6


def test_snapshots_weigh_so_much_that_only_so_many_leave_in_a_minute() -> None:
    budget, call = RateBudget(VENUE.rate_limits()), requests.snapshot(BTC)
    left = 0
    while budget.take(VENUE.lanes(call), Priority.QUERY, 0.0, call.weight) == 0:
        left += 1
    # Half of Binance's 6,000 a minute, of which questions may use 60 %.
    assert left == 3_000 * 0.6 // 50
