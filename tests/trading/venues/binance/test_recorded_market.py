"""Ten minutes of a real market through codec and book, and what comes of frames that are lost."""

from collections.abc import Iterable, Sequence
from decimal import Decimal

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.trading.venues.binance.recorded_market import BTCUSDT, recorded_frames
from trading.books.levels import OrderBook
from trading.core.errors import SequenceGap
from trading.core.market import Side
from trading.messages.market import (
    BookDiff,
    BookSnapshot,
    DepthShown,
    MarketEvent,
    TradeHappened,
)
from trading.recorded.audit import RecordingAudit
from trading.recorded.report import Feed, RecordingReport
from trading.venues.binance.book_rules import RULES
from trading.venues.binance.codec import decode_market

FEW = 800
"""Frames that are enough to lose some: the snapshot is the eighth of them."""


def audited(frames: Iterable[str]) -> RecordingReport:
    audit = RecordingAudit(decode_market, RULES)
    for frame in frames:
        audit.take(frame.encode())
    return audit.report()


def events(frames: Sequence[str]) -> list[MarketEvent]:
    return [event for frame in frames for event in decode_market(frame, 0.0)]


def is_change(frame: str) -> bool:
    return '@depth@100ms"' in frame[:40]


def test_every_frame_is_read_and_the_book_is_sound_to_its_end() -> None:
    report = audited(recorded_frames())
    assert report.clean, report
    found = {one.feed: (one.frames, one.snapshots, one.early) for one in report.feeds}
    assert found == {
        # Three changes came before the snapshot; the last of them reaches beyond it.
        Feed.L1: (6_496, 1, 3),
        Feed.DEPTH: (73_174, 0, 0),
        Feed.TRADES: (19_904, 0, 0),
    }
    assert (report.lines, report.control) == (99_574, 0)


def test_the_book_has_the_best_prices_that_binance_says_at_the_same_update() -> None:
    book, early, told, compared = OrderBook(BTCUSDT, RULES), list[BookDiff](), {}, 0
    ticker = msgspec.json.Decoder(dict[str, msgspec.Raw])
    for frame in recorded_frames():
        [event] = decode_market(frame, 0.0)
        match event:
            case BookDiff() if book.empty:
                early.append(event)
            case BookDiff():
                book.apply(event)
            case BookSnapshot():
                book.apply(event)
                for change in early:
                    book.apply(change)
            case DepthShown(bids=bids, asks=asks):
                update = int(ticker.decode(ticker.decode(frame)["data"])["u"])
                told[update] = bids[0], asks[0]
            case _:
                pass
        if book.sequence in told:
            best = book.levels(Side.BUY, 1)[0], book.levels(Side.SELL, 1)[0]
            assert best == told.pop(book.sequence), book.sequence
            compared += 1
    assert compared == 1_072


def test_the_trades_are_as_many_and_as_large_as_they_were() -> None:
    trades = [e.trade for e in events(recorded_frames()) if isinstance(e, TradeHappened)]
    ids = [int(trade.trade_id or 0) for trade in trades]
    assert ids == list(range(ids[0], ids[0] + 19_904))
    assert round(sum((trade.quantity for trade in trades), Decimal(0)), 1) == Decimal("437.9")
    assert {trade.taker_side for trade in trades} == set(Side)


@settings(deadline=None, max_examples=30)
@given(st.data())
def test_a_change_that_is_lost_is_found_at_the_next_one(data: st.DataObject) -> None:
    frames = list(recorded_frames(FEW))
    changes = [at for at, frame in enumerate(frames) if is_change(frame) and at > 8]
    lost = data.draw(st.sampled_from(changes[:-1]))
    report = audited(frames[:lost] + frames[lost + 1 :])
    book = next(one for one in report.feeds if one.feed is Feed.L1)
    assert book.gaps == report.unsafe.count == 1
    assert book.skipped == len([at for at in changes if at > lost]) - 1


@settings(deadline=None, max_examples=30)
@given(st.data())
def test_changes_that_change_places_are_never_taken_for_a_book(data: st.DataObject) -> None:
    frames = list(recorded_frames(FEW))
    changes = [at for at, frame in enumerate(frames) if is_change(frame) and at > 8]
    at = data.draw(st.integers(0, len(changes) - 2))
    one, other = changes[at], changes[at + 1]
    frames[one], frames[other] = frames[other], frames[one]
    report = audited(frames)
    book = next(found for found in report.feeds if found.feed is Feed.L1)
    assert (book.gaps, report.clean) == (1, False)


@settings(deadline=None, max_examples=30)
@given(st.integers(0, 60))
def test_however_late_the_snapshot_comes_the_book_becomes_the_same(late: int) -> None:
    frames = list(recorded_frames(FEW))
    snapshot = frames.pop(7)
    frames.insert(7 + late, snapshot)
    report = audited(frames)
    assert report.clean, report
    assert final(frames) == final(recorded_frames(FEW))


def final(frames: Sequence[str]) -> tuple[object, ...]:
    """The book after the last frame."""
    book, early = OrderBook(BTCUSDT, RULES), list[BookDiff]()
    for event in events(frames):
        if isinstance(event, BookDiff) and book.empty:
            early.append(event)
        elif isinstance(event, BookDiff | BookSnapshot):
            for change in (event, *early):
                book.apply(change)
            early.clear()
    return book.sequence, book.levels(Side.BUY), book.levels(Side.SELL)


def test_a_snapshot_that_is_older_than_the_first_change_is_no_beginning() -> None:
    frames = recorded_frames(FEW)
    later = [frame for frame in frames[8:] if is_change(frame)][1]
    book = OrderBook(BTCUSDT, RULES)
    [snapshot], [change] = decode_market(frames[7], 0.0), decode_market(later, 0.0)
    assert isinstance(snapshot, BookSnapshot)
    assert isinstance(change, BookDiff)
    book.apply(snapshot)
    with pytest.raises(SequenceGap, match="came after 50093239218"):
        book.apply(change)
