"""The trade socket's frames, as the protocol shows them, into exact messages."""

from decimal import Decimal

import pytest

from trading.core.identifiers import Pair, TradeId
from trading.core.market import Side, Trade
from trading.messages.market import (
    BookDiff,
    BookSnapshot,
    MarketEvent,
    Subscribed,
    SubscriptionRefused,
    TradeHappened,
    Unsubscribed,
)
from trading.messages.sockets import Authenticated, Heartbeat, Unrecognised, VenueComplaint
from trading.venues.valr.codec.market import decode_market

SNAPSHOT = (
    '{"type":"OB_L1_SNAPSHOT","ps":"BTCUSDTPERP","d":{"lc":1790133277857,'
    '"a":[["86491","0.0598"],["86503","0.04"]],"b":[["86476","0.0115"],["86453","0.04"]],'
    '"sq":907135,"cs":915468303}}'
)
DIFF = (
    '{"type":"OB_L1_DIFF","ps":"BTCUSDTPERP","d":{"lc":1790133283064,'
    '"a":[["86503","0"],["86516","0.04"]],"b":[],"sq":907136,"cs":4082567684}}'
)
NEW_TRADE = (
    '{"type":"NEW_TRADE","currencyPairSymbol":"BTCZAR","data":{"price":"1360468",'
    '"quantity":"0.0004402","currencyPair":"BTCZAR","tradedAt":"2024-03-27T12:33:19.918Z",'
    '"takerSide":"buy","id":"31934cc3-ec36-11ee-92bb-8f9d774e71b6"}}'
)


def test_a_book_snapshot_keeps_the_wires_own_text() -> None:
    assert decode_market(SNAPSHOT, 12.5) == (
        BookSnapshot(
            pair=Pair("BTCUSDTPERP"),
            bids=(("86476", "0.0115"), ("86453", "0.04")),
            asks=(("86491", "0.0598"), ("86503", "0.04")),
            sequence=907135,
            checksum=915468303,
            received_at=12.5,
        ),
    )


def test_a_book_difference_is_told_from_a_snapshot() -> None:
    assert decode_market(DIFF, 0.25) == (
        BookDiff(
            pair=Pair("BTCUSDTPERP"),
            bids=(),
            asks=(("86503", "0"), ("86516", "0.04")),
            sequence=907136,
            checksum=4082567684,
            received_at=0.25,
        ),
    )


def test_a_trade_is_anyones() -> None:
    assert decode_market(NEW_TRADE, 0.0) == (
        TradeHappened(
            Trade(
                pair=Pair("BTCZAR"),
                price=Decimal(1360468),
                quantity=Decimal("0.0004402"),
                taker_side=Side.BUY,
                trade_id=TradeId("31934cc3-ec36-11ee-92bb-8f9d774e71b6"),
                traded_at_ms=1711542799918,
            )
        ),
    )


def test_a_trade_may_have_no_id() -> None:
    (event,) = decode_market(
        NEW_TRADE.replace(',"id":"31934cc3-ec36-11ee-92bb-8f9d774e71b6"', ""), 0.0
    )
    assert isinstance(event, TradeHappened)
    assert event.trade.trade_id is None


@pytest.mark.parametrize(
    ("frame", "event"),
    [
        ('{"type":"AUTHENTICATED"}', Authenticated()),
        ('{"type":"PONG"}', Heartbeat()),
        ('{"type":"PONG","message":"NO_SUBSCRIPTIONS"}', Heartbeat()),
        (
            '{"type":"SUBSCRIBED","message":"OB_L1_DIFF:BTCZAR"}',
            Subscribed("OB_L1_DIFF", Pair("BTCZAR")),
        ),
        (
            '{"type":"UNSUBSCRIBED","message":"OB_L1_DIFF:BTCZAR"}',
            Unsubscribed("OB_L1_DIFF", Pair("BTCZAR")),
        ),
        (
            '{"type":"ERROR","message":"Channel OB_L1_DIFF, pair NOPEZAR combination invalid"}',
            SubscriptionRefused("OB_L1_DIFF", Pair("NOPEZAR")),
        ),
        (
            '{"type":"ERROR","message":"Invalid message - Invalid JSON"}',
            VenueComplaint("Invalid message - Invalid JSON"),
        ),
    ],
)
def test_a_control_frame_becomes_one_message(frame: str, event: MarketEvent) -> None:
    assert decode_market(frame, 0.0) == (event,)


def test_an_unknown_type_is_recognised_as_such() -> None:
    frame = '{"type":"OB_L1_D7_SNAPSHOT","ps":"BTCZAR","d":{"lc":1,"a":[],"b":[]}}'
    assert decode_market(frame, 0.0) == (Unrecognised("OB_L1_D7_SNAPSHOT"),)


def test_an_endless_type_is_not_carried_about() -> None:
    (event,) = decode_market('{"type":"' + "X" * 10_000 + '"}', 0.0)
    assert isinstance(event, Unrecognised)
    assert len(event.kind) <= 100


def test_fields_that_are_new_to_us_are_tolerated() -> None:
    assert decode_market(DIFF.replace('"lc":', '"novelty":[{"deep":{}}],"lc":'), 0.0)


def test_integers_above_2_to_the_53_stay_exact() -> None:
    (event,) = decode_market(DIFF.replace("907136", str(2**63 - 25)), 0.0)
    assert isinstance(event, BookDiff)
    assert event.sequence == 2**63 - 25
