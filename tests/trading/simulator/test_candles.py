"""Trades, candles and the day's summary: three ways to write down the same matches."""

from collections.abc import Iterable
from decimal import Decimal
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.trading.simulator.rig import DOGE, EPOCH_NS, Client, an_exchange
from trading.simulator.core.candles import Candle, Candles
from trading.simulator.core.pair import DEFAULT_PAIRS
from trading.venues.valr.simulator.core.settings import ExchangeSettings

_S = 1000
_BEGAN_MS = 1_790_133_300_000
_TRADES = st.lists(
    st.tuples(st.integers(0, 20 * 60 * _S), st.integers(1, 50), st.integers(1, 9)), max_size=40
).map(sorted)


def _recorded(trades: Iterable[tuple[int, int, int]]) -> Candles:
    candles = Candles(10, _BEGAN_MS)
    for at, price, lots in trades:
        candles.record(_BEGAN_MS + at, price, lots)
    return candles


def _naive(trades: list[tuple[int, int, int]], start: int, end: int) -> Candle:
    inside = [(price, lots) for at, price, lots in trades if start <= at < end]
    before = [price for at, price, _ in trades if at < start]
    last = before[-1] if before else 10
    prices = [price for price, _ in inside] or [last]
    return Candle(
        start_ms=_BEGAN_MS + start,
        open=prices[0],
        high=max(prices),
        low=min(prices),
        close=prices[-1],
        lots=sum(lots for _, lots in inside),
        tick_lots=sum(price * lots for price, lots in inside),
    )


@settings(max_examples=60, deadline=None)
@given(_TRADES, st.sampled_from([60, 300, 900]))
def test_candles_of_every_length_are_what_was_traded(
    trades: list[tuple[int, int, int]], period_s: int
) -> None:
    candles, end = _recorded(trades), 20 * 60 * _S
    step = period_s * _S
    expected = [_naive(trades, start, start + step) for start in range(0, end + 1, step)]
    shown = candles.newest_first(period_s, 0, _BEGAN_MS + end, empty=True)
    assert list(shown) == expected[::-1]
    traded = [candle for candle in expected if candle.lots]
    shown = candles.newest_first(period_s, 0, _BEGAN_MS + end, empty=False)
    assert list(shown) == traded[::-1]
    for candle in expected:
        assert candles.candle(period_s, candle.start_ms) == candle


def test_the_day_forgets_what_was_before_it() -> None:
    day = 24 * 60 * 60 * _S
    candles = _recorded([(0, 90, 1), (60 * _S, 20, 2), (day, 30, 3)])
    summary = candles.day(_BEGAN_MS + day)
    assert (summary.high, summary.low, summary.close, summary.lots) == (30, 20, 30, 5)
    assert summary.open == 90


def _exchange_after(seconds: float) -> Client:
    client = Client(an_exchange(settings=ExchangeSettings(pairs=DEFAULT_PAIRS[:1])))
    client.exchange.advance(seconds)
    return client


def test_trades_candles_and_summary_are_consistent_on_the_wire() -> None:
    client = _exchange_after(400.0)
    trades: list[Any] = []
    while page := client.json("GET", f"/v1/public/{DOGE}/trades?limit=100&skip={len(trades)}"):
        trades += page
    buckets = client.json("GET", f"/v1/public/{DOGE}/buckets?periodSeconds=60")
    summary = client.json("GET", f"/v1/public/{DOGE}/marketsummary")
    volume = sum(Decimal(trade["quantity"]) for trade in trades)
    assert volume == sum(Decimal(bucket["volume"]) for bucket in buckets)
    assert volume == Decimal(summary["baseVolume"])
    value = sum(Decimal(trade["quoteVolume"]) for trade in trades)
    assert value == sum(Decimal(bucket["quoteVolume"]) for bucket in buckets)
    assert value == Decimal(summary["quoteVolume"])
    prices = [Decimal(trade["price"]) for trade in trades]
    assert max(prices) == Decimal(summary["highPrice"])
    assert min(prices) == min(Decimal(bucket["low"]) for bucket in buckets)
    assert trades[0]["price"] == summary["lastTradedPrice"] == buckets[0]["close"]
    assert buckets[0]["startTime"].endswith(":00Z")


def test_trades_are_paged_by_time_and_by_id() -> None:
    client = _exchange_after(120.0)
    trades = client.json("GET", f"/v1/public/{DOGE}/trades")
    middle = trades[len(trades) // 2]
    base = f"/v1/public/{DOGE}/trades"
    before = client.json("GET", f"{base}?beforeId={middle['id']}")
    assert before[0] == trades[len(trades) // 2 + 1]
    since = client.json("GET", f"{base}?startTime={middle['tradedAt']}")
    assert since[-1]["tradedAt"] >= middle["tradedAt"]
    until = client.json("GET", f"{base}?endTime={middle['tradedAt']}")
    assert len(since) + len(until) >= len(trades)
    assert client.request("GET", f"{base}?startTime=soon").status == 400


def test_candles_are_asked_for_in_seconds_and_mark_prices_in_words() -> None:
    client = _exchange_after(400.0)
    now_s = EPOCH_NS // 1_000_000_000 + 400
    base = f"/v1/public/{DOGE}"
    rows = client.json("GET", f"{base}/buckets?periodSeconds=60&startTime={now_s - 120}")
    assert 1 <= len(rows) <= 2
    empty = client.json("GET", f"{base}/buckets?includeEmpty=true&limit=3")
    assert len(empty) == 3
    marks = client.json("GET", f"{base}/markprice/buckets?periodSeconds=300")
    assert "volume" not in marks[0]
    assert marks[0]["bucketPeriodInSeconds"] == 300
    assert client.request("GET", f"{base}/buckets?periodSeconds=61").status == 400
    assert client.request("GET", f"{base}/markprice/buckets?endTime=x").status == 400


@pytest.mark.parametrize("event", ["MARKET_SUMMARY_UPDATE", "MARK_PRICE_UPDATE"])
def test_what_comes_by_the_clock_comes_while_somebody_listens(event: str) -> None:
    client = _exchange_after(1.0)
    client.open("/ws/trade")
    subscription = {"event": event, "pairs": [DOGE]}
    frames = client.say({"type": "SUBSCRIBE", "subscriptions": [subscription]})
    assert [frame["type"] for frame in frames] == ["SUBSCRIBED", event]
    client.exchange.advance(31.0)
    assert 10 <= len(client.frames()) <= 30
    client.say({"type": "SUBSCRIBE", "subscriptions": [{"event": event, "pairs": []}]})
    client.exchange.advance(61.0)
    assert client.frames() == []


def test_candles_are_told_when_they_are_complete() -> None:
    client = _exchange_after(1.0)
    client.open("/ws/trade")
    subscription = {"event": "NEW_TRADE_BUCKET", "pairs": [DOGE]}
    frames = client.say({"type": "SUBSCRIBE", "subscriptions": [subscription]})
    assert [f["data"]["bucketPeriodInSeconds"] for f in frames[1:]] == [60, 300]
    client.exchange.advance(401.0)
    told = [frame["data"] for frame in client.frames()]
    minutes = [row for row in told if row["bucketPeriodInSeconds"] == 60]
    assert len(minutes) in (6, 7)
    shown = client.json("GET", f"/v1/public/{DOGE}/buckets?includeEmpty=true")
    rows = {row["startTime"]: row for row in shown}
    for row in minutes[1:]:
        assert rows[row["startTime"]] == row
    assert len([row for row in told if row["bucketPeriodInSeconds"] == 300]) in (1, 2)
    assert msgspec.json.encode(told)
