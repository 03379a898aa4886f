"""The feeds beyond price levels: order by order, aggregated, depth, and what is said of a pair."""

from decimal import Decimal

import msgspec
import pytest

from tests.support.recorded import recorded_json
from trading.books.queues import QueueBook
from trading.core.errors import MalformedFrame
from trading.core.identifiers import Pair, VenueOrderId
from trading.core.market import PriceLevel
from trading.messages.market import (
    BookSnapshot,
    CandleChanged,
    DepthShown,
    MarketEvent,
    MarkPriceChanged,
    OrderTypesChanged,
    QueueDiff,
    QueueSnapshot,
    SummaryChanged,
)
from trading.venues.valr.book_rules import RULES
from trading.venues.valr.codec.market import decode_market

BTCZAR = Pair("BTCZAR")


def one(frame: str) -> MarketEvent:
    [event] = decode_market(frame, 0.5)
    return event


def test_a_full_update_keeps_the_order_of_entries_and_the_wires_text() -> None:
    event = one(
        '{"type":"FULL_ORDERBOOK_UPDATE","currencyPairSymbol":"BTCZAR","data":{"LastChange":1,'
        '"Asks":[],"Bids":[{"Price":"494556","Orders":[{"orderId":"a","quantity":"0.31"},'
        '{"orderId":"b","quantity":"0"}]}],"SequenceNumber":7,"Checksum":9}}'
    )
    assert event == QueueDiff(
        pair=BTCZAR,
        bids=(("494556", ((VenueOrderId("a"), "0.31"), (VenueOrderId("b"), "0"))),),
        asks=(),
        sequence=7,
        checksum=9,
        received_at=0.5,
    )
    assert isinstance(event, QueueDiff)
    assert event.entries == 2


def test_an_aggregated_book_is_a_whole_snapshot_without_checksum() -> None:
    event = one(
        '{"type":"AGGREGATED_ORDERBOOK_UPDATE","currencyPairSymbol":"BTCZAR","data":{"Asks":'
        '[{"side":"sell","quantity":"0.25","price":"1950100","currencyPair":"BTCZAR",'
        '"orderCount":2}],"Bids":[],"LastChange":"2026-03-08T15:55:18.385Z",'
        '"SequenceNumber":1652084266}}'
    )
    assert event == BookSnapshot(
        pair=BTCZAR,
        bids=(),
        asks=(("1950100", "0.25"),),
        sequence=1652084266,
        checksum=None,
        received_at=0.5,
        stands_alone=True,
    )


@pytest.mark.parametrize("depth", [1, 5, 10, 20, 40, 80])
def test_depth_snapshots_of_every_size_are_known(depth: int) -> None:
    frame = (
        '{"type":"OB_L1_D5_SNAPSHOT","ps":"BTCZAR","d":{"lc":3,"a":[["11","1"]],"b":[["10","2"]]}}'
    )
    frame = frame.replace("D5", f"D{depth}")
    assert one(frame) == DepthShown(
        pair=BTCZAR,
        bids=(PriceLevel(Decimal(10), Decimal(2)),),
        asks=(PriceLevel(Decimal(11), Decimal(1)),),
        changed_at_ms=3,
    )


def test_what_is_said_about_a_pair_becomes_values() -> None:
    mark = one('{"type":"MARK_PRICE_UPDATE","currencyPairSymbol":"BTCZAR","data":{"price":"86"}}')
    types = one(
        '{"type":"ALLOWED_ORDER_TYPES_UPDATED","currencyPairSymbol":"BTCZAR","data":["LIMIT"]}'
    )
    bucket = one(
        '{"type":"NEW_TRADE_BUCKET","currencyPairSymbol":"BTCZAR","data":{"currencyPairSymbol":'
        '"BTCZAR","bucketPeriodInSeconds":60,"startTime":"2024-04-05T09:03:00Z","open":"1",'
        '"high":"4","low":"1","close":"3","volume":"0.5","quoteVolume":"1.5"}}'
    )
    summary = one(
        '{"type":"MARKET_SUMMARY_UPDATE","currencyPairSymbol":"BTCZAR","data":{"askPrice":"2",'
        '"bidPrice":"1","lastTradedPrice":"1.5","previousClosePrice":"1","baseVolume":"3",'
        '"highPrice":"2","lowPrice":"0","created":"2024-04-05T09:03:00Z",'
        '"changeFromPrevious":"-0.1"}}'
    )

    assert mark == MarkPriceChanged(BTCZAR, Decimal(86))
    assert types == OrderTypesChanged(BTCZAR, frozenset({"LIMIT"}))
    assert bucket == CandleChanged(
        pair=BTCZAR,
        period_s=60,
        start_ms=1712307780000,
        open_price=Decimal(1),
        high_price=Decimal(4),
        low_price=Decimal(1),
        close_price=Decimal(3),
        volume=Decimal("0.5"),
    )
    assert summary == SummaryChanged(
        pair=BTCZAR,
        best_bid=Decimal(1),
        best_ask=Decimal(2),
        last_price=Decimal("1.5"),
        created_at_ms=1712307780000,
    )


def test_a_price_that_is_no_number_is_malformed_in_every_feed() -> None:
    for frame in (
        '{"type":"MARK_PRICE_UPDATE","currencyPairSymbol":"BTCZAR","data":{"price":"NaN"}}',
        '{"type":"OB_L1_D1_SNAPSHOT","ps":"BTCZAR","d":{"lc":3,"a":[["1,1","1"]],"b":[]}}',
    ):
        with pytest.raises(MalformedFrame):
            one(frame)


def test_recorded_full_frames_build_a_book_with_the_recorded_checksums() -> None:
    frames = recorded_json("valr/l3-fixture.json")["frames"]
    book = QueueBook(BTCZAR, RULES)
    for frame in frames:
        event = one(msgspec.json.encode(frame).decode())
        assert isinstance(event, QueueSnapshot | QueueDiff)
        book.apply(event)  # raises when a sequence or checksum does not fit
    assert book.sequence == frames[-1]["data"]["SequenceNumber"]
    assert book.trouble() is None
