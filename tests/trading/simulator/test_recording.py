"""Recordings: read strictly, replayed without loss, traded in as one of the crowd."""

import gzip
import itertools
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.trading.simulator.rig import DOGE, Client, an_exchange, kinds
from trading.core.market import Side
from trading.datasets.record import Kind
from trading.simulator.core.flows import RecordedFlow
from trading.simulator.market.beginning import recording_of
from trading.simulator.market.raw_rows import raw_rows
from trading.simulator.market.recording import MalformedRecording
from trading.simulator.market.replay import RecordedMarket
from trading.simulator.market.two_clocks import Row
from trading.simulator.matching.matching import Incoming
from trading.venues.valr.simulator.core.settings import ExchangeSettings

_DATA = Path(__file__).parents[4] / "shared" / "market-data" / "binance-spot"
_S = 1_000_000_000


def _line(at_s: float, value: object) -> bytes:
    return b"%d %s\n" % (int(at_s * _S), msgspec.json.encode(value))


def _snapshot(at_s: float, **levels: list[tuple[str, str]]) -> bytes:
    return _line(at_s, {"lastUpdateId": 100, **levels})


def depth_line(at_s: float, first: int, last: int, **sides: list[tuple[str, str]]) -> bytes:
    data = {"U": first, "u": last, "b": [], "a": [], **sides}
    return _line(at_s, {"stream": "btcusdt@depth@100ms", "data": data})


def _trade(at_s: float, price: str, quantity: str, *, buyer_is_maker: bool) -> bytes:
    data = {"p": price, "q": quantity, "m": buyer_is_maker}
    return _line(at_s, {"stream": "btcusdt@trade", "data": data})


START = _snapshot(
    10.0,
    bids=[("61837.63000000", "0.02000000"), ("61837.00000000", "1.00000000")],
    asks=[("61837.64000000", "0.01000000"), ("61838.00000000", "1.00000000")],
)


def _market(*lines: bytes, speed: float = 1.0) -> RecordedMarket:
    flow = RecordedFlow(speed=speed)
    return RecordedMarket(recording_of(raw_rows([START, *lines], flow)), flow)


def _rows(*lines: bytes) -> list[Row]:
    return list(raw_rows(lines, RecordedFlow()))


def _buy(price: int, quantity: int, number: int = 1) -> Incoming:
    return Incoming(number=number, owner="ann", side=Side.BUY, price=price, quantity=quantity)


@given(st.binary(max_size=200))
def test_no_line_does_worse_than_malformed(junk: bytes) -> None:
    for line in (junk, b"1 " + junk, b'1 {"stream":"x@trade","data":' + junk + b"}"):
        try:
            _rows(line)
        except MalformedRecording as error:
            assert "bad recording" in str(error)  # noqa: PT017 - either outcome is right


@pytest.mark.parametrize("price", ["61837.631", "-1", "0", "NaN", "1e5", "9" * 30])
def test_a_price_off_the_tick_is_malformed(price: str) -> None:
    with pytest.raises(MalformedRecording):
        _rows(_trade(1, price, "1", buyer_is_maker=True))


def test_a_negative_quantity_is_malformed() -> None:
    with pytest.raises(MalformedRecording, match="out of bounds"):
        _rows(_trade(1, "61837.63", "-1", buyer_is_maker=True))


def test_a_step_that_does_not_fit_is_named_as_the_settings_name_it() -> None:
    with pytest.raises(
        MalformedRecording, match=r"simulator.recording_tick_size 0.01; 0.001 would"
    ):
        _rows(_trade(1, "61837.631", "1", buyer_is_maker=True))


def test_prices_keep_their_ticks_and_quantities_their_lots() -> None:
    exchange = an_exchange(recordings={DOGE: raw_rows(iter([START]), RecordedFlow())})
    book = Client(exchange).json("GET", f"/v1/public/{DOGE}/orderbook")
    best = book["Bids"][0]
    assert (best["price"], best["quantity"]) == ("61.83763", "2000")


def test_changes_before_the_snapshot_follow_it_where_they_are_news() -> None:
    news = {"b": [("61837.63", "0.01")]}
    lines = [
        *(depth_line(1, 90, 99, **news), depth_line(2, 100, 101, **news)),
        *(START, depth_line(11, 102, 103, **news)),
    ]
    rows = _rows(*lines)
    assert rows[0][5] == Kind.CLEAR
    seen = [row[1] // _S for row in rows if row[5] == Kind.LEVEL]
    assert seen == [10, 11]


def test_a_book_of_our_own_capture_begins_a_recording_too() -> None:
    book = {"lastUpdateId": 100, "bids": [("61837.63", "0.02")], "asks": [("61837.64", "0.01")]}
    began = _line(10.0, {"stream": "BTCUSDT@snapshot", "data": book})
    rows = _rows(began, depth_line(11, 101, 101, b=[("61837.63", "0.03")]))
    assert [Kind(row[5]).name for row in rows] == [
        *("CLEAR", "SNAPSHOT_LEVEL", "SNAPSHOT_LEVEL", "LEVEL")
    ]


def test_changes_of_futures_follow_by_the_one_before() -> None:
    def change(at_s: float, first: int, last: int, before: int) -> bytes:
        data = {"U": first, "u": last, "pu": before, "E": 0, "T": 9_000, "b": [("61837", "2")]}
        return _line(at_s, {"stream": "btcusdt@depth@0ms", "data": {**data, "a": []}})

    rows = _rows(START, change(11, 98, 105, 97), change(12, 109, 112, 105))
    assert [row[0] for row in rows if row[5] == Kind.LEVEL] == [9 * _S, 9 * _S]
    with pytest.raises(MalformedRecording, match="109 follows 105"):
        _rows(START, change(11, 98, 105, 97), change(12, 109, 112, 106))


def test_a_missing_change_is_malformed() -> None:
    with pytest.raises(MalformedRecording, match="follows"):
        _rows(START, depth_line(11, 103, 104))


def test_a_recording_without_a_snapshot_is_malformed() -> None:
    with pytest.raises(MalformedRecording, match="no snapshot"):
        recording_of(raw_rows([depth_line(1, 1, 2)], RecordedFlow()))


def test_time_differences_are_kept_and_scaled() -> None:
    market = _market(depth_line(12, 101, 101, b=[("61837.00", "2")]), speed=4.0)
    assert market.next_event_at() == 0.5
    market.step()
    assert market.next_event_at() is None
    assert market.ended


def test_an_own_order_waits_behind_the_recording_and_is_filled_after_it() -> None:
    market = _market(
        _trade(11, "61837.63", "0.01", buyer_is_maker=True),
        depth_line(12, 101, 101, b=[("61837.63", "0.005")]),
        _trade(13, "61837.63", "0.006", buyer_is_maker=True),
    )
    market.place(_buy(6_183_763, 400))
    assert market.bids.quantity(6_183_763) == 2400
    market.step()
    market.step()
    assert market.bids.quantity(6_183_763) == 900
    executions = market.step()
    assert [(e.maker_owner, e.quantity) for e in executions] == [("ann", 100), (None, 500)]


def test_depth_that_crosses_our_price_fills_us_and_leaves_no_crossed_book() -> None:
    market = _market(depth_line(11, 101, 101, a=[("61837.00", "0.001")], b=[("61837.63", "0")]))
    market.place(_buy(6_183_763, 400))
    assert [(e.maker_owner, e.quantity) for e in market.step()] == [("ann", 400)]
    assert market.bids.quantity(6_183_763) == 0


def test_a_marketable_order_takes_the_recorded_depth_and_rests_with_what_is_left() -> None:
    market = _market()
    placement = market.place(_buy(6_183_764, 1500))
    assert [(e.price, e.quantity) for e in placement.executions] == [(6_183_764, 1000)]
    assert market.bids.best() == 6_183_764
    assert market.asks.best() == 6_183_800


def test_own_orders_do_not_trade_with_each_other() -> None:
    market = _market()
    market.place(_buy(6_183_763, 10))
    sell = Incoming(number=2, owner="ann", side=Side.SELL, price=6_183_763, quantity=2001)
    assert market.place(sell).refusal is not None


def test_two_accounts_trade_with_each_other_after_the_recording() -> None:
    market = _market()
    market.place(_buy(6_183_763, 10))
    sell = Incoming(number=2, owner="bob", side=Side.SELL, price=6_183_763, quantity=2004)
    executions = market.place(sell).executions
    assert [(e.maker_owner, e.quantity) for e in executions] == [(None, 2000), ("ann", 4)]
    assert market.bids.quantity(6_183_763) == 6
    assert market.order_count(Side.BUY, 6_183_763) == 1
    market.cancel(1)
    assert market.bids.best() == 6_183_700


def test_a_second_snapshot_replaces_the_book() -> None:
    again = _snapshot(11, bids=[("61837.00", "2")], asks=[("61839.00", "3")])
    market = _market(again)
    market.step()
    assert list(market.bids.levels()) == [(6_183_700, 200_000)]
    assert list(market.asks.levels()) == [(6_183_900, 300_000)]


def test_the_exchange_says_when_the_recording_is_over() -> None:
    lines = [START, _trade(11, "61837.64", "0.5", buyer_is_maker=False)]
    exchange = an_exchange(recordings={DOGE: raw_rows(iter(lines), RecordedFlow())})
    client = Client(exchange)
    client.open("/ws/trade")
    client.say({"type": "SUBSCRIBE", "subscriptions": [{"event": "NEW_TRADE", "pairs": [DOGE]}]})
    ended = []
    for now in (0.5, 1.5):
        exchange.advance(now)
        ended.append(exchange.ended)
    assert ended == [False, True]
    assert [frame["data"]["quantity"] for frame in client.frames()] == ["50000"]


def _real_lines() -> Iterator[bytes]:
    files = sorted(_DATA.glob("btcusdt_*.gz"))
    return itertools.chain.from_iterable(gzip.open(file) for file in files[:1])


@pytest.mark.skipif(
    not _DATA.exists(), reason="optional: recorded market data is not beside the repository"
)
def test_a_minute_of_a_real_market_is_never_crossed_and_fills_us() -> None:
    settings = ExchangeSettings(recorded=RecordedFlow(speed=10.0))
    exchange = an_exchange(
        settings=settings, recordings={DOGE: raw_rows(_real_lines(), RecordedFlow())}
    )
    client = Client(exchange)
    client.open()
    fills: list[Any] = []
    for second in range(1, 60):
        exchange.advance(second / 10)
        book = client.json("GET", f"/v1/public/{DOGE}/orderbook")
        assert Decimal(book["Bids"][0]["price"]) < Decimal(book["Asks"][0]["price"])
        frames = client.place(quantity="4", price=book["Bids"][0]["price"], postOnly=True)
        assert "PLACE_LIMIT_WS_RESPONSE" in kinds(frames)
        fills += [frame for frame in frames if frame["type"] == "NEW_ACCOUNT_TRADE"]
    exchange.advance(8.0)
    fills += [frame for frame in client.frames() if frame["type"] == "NEW_ACCOUNT_TRADE"]
    assert fills
