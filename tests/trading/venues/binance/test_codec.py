"""Binance's frames one by one, as its documentation shows them; and nonsense."""

import json
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trading.core.errors import MalformedFrame
from trading.core.identifiers import Pair, TradeId
from trading.core.market import PriceLevel, Side, Trade
from trading.messages.market import (
    BookDiff,
    BookSnapshot,
    DepthShown,
    MarketEvent,
    Subscribed,
    TradeHappened,
)
from trading.messages.sockets import Unrecognised, VenueComplaint
from trading.venues.binance.codec import ALL_PAIRS, decode_market, snapshot_frame

BNB = Pair("BNBBTC")
UPDATE = {
    "e": "depthUpdate",
    "E": 1672515782136,
    "s": "BNBBTC",
    "U": 157,
    "u": 160,
    "b": [["0.0024", "10"]],
    "a": [["0.0026", "0"]],
}
TRADE = {
    "e": "trade",
    "E": 1672515782136,
    "s": "BNBBTC",
    "t": 12345,
    "p": "0.001",
    "q": "100",
    "T": 1672515782136,
    "m": True,
    "M": True,
}
TICKER = {"u": 400900217, "s": "BNBBTC", "b": "25.35", "B": "31.21", "a": "25.36", "A": "40.66"}
DEPTH = b'{"lastUpdateId":160,"bids":[["0.0024","10"]],"asks":[["0.0026","100"]]}'


def frame(stream: str, data: object) -> str:
    return json.dumps({"stream": stream, "data": data})


def one(text: str) -> MarketEvent:
    [event] = decode_market(text, 0.5)
    return event


@pytest.mark.parametrize("stream", ["bnbbtc@depth", "bnbbtc@depth@100ms"])
def test_a_change_of_the_book_holds_a_range_of_updates(stream: str) -> None:
    assert one(frame(stream, UPDATE)) == BookDiff(
        pair=BNB,
        bids=(("0.0024", "10"),),
        asks=(("0.0026", "0"),),
        first=157,
        sequence=160,
        checksum=None,
        received_at=0.5,
    )


def test_a_book_by_rest_becomes_a_frame_that_says_whose_it_is() -> None:
    assert one(snapshot_frame(BNB, DEPTH)) == BookSnapshot(
        pair=BNB,
        bids=(("0.0024", "10"),),
        asks=(("0.0026", "100"),),
        sequence=160,
        checksum=None,
        received_at=0.5,
    )
    with pytest.raises(MalformedFrame):
        snapshot_frame(BNB, b'{"code":-1121,"msg":"Invalid symbol."}')


def test_a_trade_in_which_the_buyer_rested_was_a_sale() -> None:
    trade = Trade(
        pair=BNB,
        price=Decimal("0.001"),
        quantity=Decimal(100),
        taker_side=Side.SELL,
        trade_id=TradeId("12345"),
        traded_at_ms=1672515782136,
    )
    assert one(frame("bnbbtc@trade", TRADE)) == TradeHappened(trade)
    [bought] = decode_market(frame("bnbbtc@trade", {**TRADE, "m": False}), 0.0)
    assert isinstance(bought, TradeHappened)
    assert bought.trade.taker_side is Side.BUY


def test_best_prices_are_a_depth_of_one_level_and_of_none_where_a_side_is_empty() -> None:
    shown = DepthShown(
        pair=BNB,
        bids=(PriceLevel(Decimal("25.35"), Decimal("31.21")),),
        asks=(PriceLevel(Decimal("25.36"), Decimal("40.66")),),
        changed_at_ms=None,
    )
    assert one(frame("bnbbtc@bookTicker", TICKER)) == shown
    [bare] = decode_market(frame("bnbbtc@bookTicker", {**TICKER, "b": "0.00", "B": "0.00"}), 0.0)
    assert isinstance(bare, DepthShown)
    assert (bare.bids, bare.asks) == ((), shown.asks)


@pytest.mark.parametrize(
    ("text", "event"),
    [
        ('{"result":null,"id":1}', Subscribed("streams", ALL_PAIRS)),
        ('{"code":2,"msg":"Invalid request: too many parameters"}', VenueComplaint),
        ('{"error":{"code":2,"msg":"Invalid request"},"id":1}', VenueComplaint),
        ('{"result":["bnbbtc@depth"],"id":3}', Unrecognised),
        ('{"e":"serverShutdown","E":1770123456789}', Unrecognised),
        (frame("bnbbtc@kline_1m", {}), Unrecognised("kline_1m")),
    ],
)
def test_answers_and_what_is_not_known_are_no_market_data(text: str, event: object) -> None:
    found = one(text)
    assert type(found) is event if isinstance(event, type) else found == event


@pytest.mark.parametrize(
    ("stream", "data"),
    [
        ("bnbbtc@depth", {**UPDATE, "U": 161}),
        ("bnbbtc@depth", {**UPDATE, "b": [["0", "1"]]}),
        ("bnbbtc@depth", {**UPDATE, "b": [["1e3", "1"]]}),
        ("bnbbtc@depth", {**UPDATE, "a": [["1", "-1"]]}),
        ("bnbbtc@depth", {key: value for key, value in UPDATE.items() if key != "u"}),
        ("bnbbtc@trade", {**TRADE, "p": "0"}),
        ("bnbbtc@trade", {**TRADE, "q": "NaN"}),
        ("bnbbtc@bookTicker", {**TICKER, "A": ""}),
        ("bnbbtc@snapshot", {"lastUpdateId": 1, "bids": [["1"]], "asks": []}),
    ],
)
def test_what_no_market_can_say_is_malformed_and_told_whose_it_is(
    stream: str, data: object
) -> None:
    with pytest.raises(MalformedFrame) as malformed:
        one(frame(stream, data))
    assert malformed.value.pair == BNB


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner),
    max_leaves=8,
)
streams = st.sampled_from(["depth", "depth@100ms", "trade", "bookTicker", "snapshot", "x"])
altered = st.builds(
    lambda base, changes: {**base, **changes},
    st.sampled_from([UPDATE, TRADE, TICKER]),
    st.dictionaries(st.sampled_from("sUubatpqTmBA"), json_values, max_size=3),
)


@given(st.text() | streams.flatmap(lambda kind: altered.map(lambda d: frame(f"bnbbtc@{kind}", d))))
def test_nonsense_is_never_worse_than_malformed(text: str) -> None:
    try:
        events = decode_market(text, 0.0)
    except MalformedFrame:
        return
    assert len(events) == 1
