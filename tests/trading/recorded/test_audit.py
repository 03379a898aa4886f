"""What an audit finds in a recording: nothing, or each thing that can be wrong with it."""

import zlib
from collections.abc import Sequence
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.recorded import recorded_json, recorded_names
from tests.trading.venues.valr import valid
from trading.core.identifiers import Pair
from trading.recorded.audit import RecordingAudit
from trading.recorded.report import Feed, FeedReport, RecordingReport
from trading.venues.valr.book_rules import RULES
from trading.venues.valr.codec.market import decode_market

PAIR = Pair("DOGEUSDT")
BIDS, ASKS = [["100", "1.5"], ["99", "2"]], [["101", "0.25"]]
CHECKSUM = zlib.crc32(b"100:1.5:101:0.25:99:2")


def text(value: object) -> str:
    return msgspec.json.encode(value).decode()


def audited(*lines: str | bytes) -> RecordingReport:
    audit = RecordingAudit(decode_market, RULES)
    for line in lines:
        audit.take(line if isinstance(line, bytes) else line.encode())
    return audit.report()


def levels(kind: str, sequence: int, checksum: int, bids: Any = (), asks: Any = ()) -> str:
    data = {"lc": 1, "a": asks, "b": bids, "sq": sequence, "cs": checksum}
    return text({"type": kind, "ps": PAIR, "d": data})


def snapshot(sequence: int = 10, checksum: int = CHECKSUM) -> str:
    return levels("OB_L1_SNAPSHOT", sequence, checksum, BIDS, ASKS)


def unchanged(sequence: int, checksum: int = CHECKSUM) -> str:
    return levels("OB_L1_DIFF", sequence, checksum)


def of(report: RecordingReport, feed: Feed = Feed.L1) -> FeedReport:
    [found] = [one for one in report.feeds if one.feed is feed]
    return found


def counts(**expected: int) -> FeedReport:
    return FeedReport(pair=PAIR, feed=Feed.L1, name="", **expected)


def test_a_sound_book_is_clean() -> None:
    report = audited(snapshot(), unchanged(11), unchanged(12))
    assert report.clean
    assert report.feeds == (counts(frames=3, snapshots=1),)


def test_changes_before_the_first_snapshot_are_no_trouble() -> None:
    report = audited(unchanged(8), unchanged(9, checksum=1), snapshot(), unchanged(11))
    assert report.clean
    assert of(report) == counts(frames=4, snapshots=1, early=2)


def test_after_a_gap_a_book_waits_for_the_next_snapshot() -> None:
    report = audited(
        snapshot(), unchanged(12), unchanged(13), unchanged(15), snapshot(20), unchanged(21)
    )
    assert not report.clean
    assert of(report) == counts(frames=6, snapshots=2, gaps=1, skipped=2)
    [finding] = report.unsafe.first
    assert finding.line == 2
    assert finding.what == "L1: DOGEUSDT: change 12 came after 10"


def test_a_wrong_checksum_is_a_mismatch_and_ends_the_book() -> None:
    report = audited(snapshot(), unchanged(11, checksum=7), unchanged(12))
    assert of(report) == counts(frames=3, snapshots=1, mismatches=1, skipped=1)
    assert not report.clean


def test_a_snapshot_with_a_wrong_checksum_begins_no_book() -> None:
    report = audited(snapshot(checksum=7), unchanged(11), snapshot(12))
    assert of(report) == counts(frames=3, snapshots=2, mismatches=1, skipped=1)


@pytest.mark.parametrize("bid", ["101", "102"])
def test_a_crossed_or_locked_book_is_counted_for_as_long_as_it_is(bid: str) -> None:
    hashed = zlib.crc32(f"{bid}:1:101:0.25:100:1.5:99:2".encode())
    crossing = levels("OB_L1_DIFF", 11, hashed, bids=[[bid, "1"]])
    mended = levels("OB_L1_DIFF", 13, CHECKSUM, bids=[[bid, "0"]])
    report = audited(snapshot(), crossing, unchanged(12, hashed), mended)
    assert of(report) == counts(frames=4, snapshots=1, crossed=2)
    assert not report.clean


def test_a_depth_that_is_crossed_is_counted() -> None:
    data = {"lc": 1, "a": [["1", "1"]], "b": [["2", "1"]]}
    report = audited(text({"type": "OB_L1_D1_SNAPSHOT", "ps": PAIR, "d": data}))
    assert of(report, Feed.DEPTH).crossed == 1
    assert not report.clean


def test_pairs_and_feeds_are_kept_apart() -> None:
    other = snapshot(500).replace(PAIR, "BTCZAR")
    orders = [{"Price": "5", "Orders": [{"orderId": "a", "quantity": "1"}]}]
    queue = {"LastChange": 1, "Asks": [], "Bids": orders, "SequenceNumber": 77}
    full = {
        "type": "FULL_ORDERBOOK_SNAPSHOT",
        "currencyPairSymbol": PAIR,
        "data": {**queue, "Checksum": zlib.crc32(b"a:1")},
    }
    report = audited(snapshot(), other, text(full), unchanged(11))
    assert report.clean
    assert [(one.pair, one.feed, one.frames) for one in report.feeds] == [
        ("BTCZAR", Feed.L1, 1),
        (PAIR, Feed.FULL, 1),
        (PAIR, Feed.L1, 2),
    ]


def test_malformed_lines_are_named_by_their_numbers_and_change_no_book() -> None:
    nonsense = unchanged(11).replace('"sq":11', '"sq":"eleven"')
    report = audited(snapshot(), b"\xff", "hello", "", nonsense, unchanged(11))
    assert of(report) == counts(frames=2, snapshots=1)
    assert (report.malformed.count, report.lines) == (4, 6)
    assert [finding.line for finding in report.malformed.first] == [2, 3, 4, 5]
    assert not report.clean


def test_a_change_that_no_book_can_have_is_malformed_and_leaves_a_gap() -> None:
    report = audited(snapshot(), levels("OB_L1_DIFF", 11, 1, bids=[["0", "1"]]), unchanged(12))
    # It is no change of any book, so the next one does not follow upon the last.
    assert of(report) == counts(frames=2, snapshots=1, gaps=1)
    assert report.malformed.count == 1
    assert "no level of a book" in report.malformed.first[0].what
    assert not report.clean


def test_only_the_first_few_are_kept() -> None:
    report = audited(*["x" * 10_000] * 100)
    assert report.malformed.count == 100
    assert 0 < len(report.malformed.first) < 10
    assert all(len(finding.what) < 1_000 for finding in report.malformed.first)


def test_unrecognised_frames_are_named_but_no_trouble() -> None:
    report = audited(snapshot(), '{"type":"NOVELTY"}')
    assert report.clean
    assert [(one.line, one.what) for one in report.unrecognised.first] == [(2, "NOVELTY")]


def test_frames_about_the_connection_are_counted_apart() -> None:
    report = audited(
        snapshot(), '{"type":"PONG"}', '{"type":"SUBSCRIBED","message":"OB_L1_DIFF:DOGEUSDT"}'
    )
    assert report.control == 2
    assert len(report.feeds) == 1


def test_nothing_is_not_clean() -> None:
    assert not audited().clean


def test_times_of_arrival_tell_how_long_it_took() -> None:
    report = audited(f"17 {snapshot()}", unchanged(11), f"42 {unchanged(12)}")
    assert report.clean
    assert (report.first_received_ns, report.last_received_ns) == (17, 42)


@given(st.lists(st.binary(max_size=60) | st.sampled_from(valid.MARKET).map(str.encode)))
def test_no_line_does_worse_than_being_counted(lines: Sequence[bytes]) -> None:
    report = audited(*lines)
    heard = sum(feed.frames for feed in report.feeds) + report.control
    heard += report.malformed.count + report.unrecognised.count
    # A change that no book can have is counted twice: with its feed, and as malformed.
    assert report.lines <= heard <= report.lines + report.malformed.count


def test_every_recorded_change_of_a_real_book_order_by_order_is_sound() -> None:
    frames = recorded_json("valr/l3-fixture.json")["frames"]
    report = audited(*map(text, frames))
    assert report.clean
    full = of(report, Feed.FULL)
    assert (full.frames, full.snapshots) == (len(frames), 1)

    report = audited(*map(text, [*frames[:4], *frames[5:]]))
    full = of(report, Feed.FULL)
    assert (full.gaps, full.skipped) == (1, len(frames) - 6)


def test_every_other_recorded_frame_is_known() -> None:
    frames: list[str] = []
    for name in recorded_names("valr/frames/ws-trade"):
        if "trimmed" not in name:  # its checksum is of what was trimmed away
            recorded = recorded_json(f"valr/frames/ws-trade/{name}")
            exchange = isinstance(recorded, list)
            frames += (
                [text(one["frame"]) for one in recorded if one["dir"] == "in"]
                if exchange
                else [text(recorded)]
            )
    if not frames:
        pytest.skip("recorded data is optional, and it is not here")
    report = audited(*frames)
    # Single frames: of some feeds there is a change, and no beginning to apply it to.
    assert all(feed.sound or feed.never_begun for feed in report.feeds)
    assert not any(feed.gaps or feed.mismatches or feed.crossed for feed in report.feeds)
    assert (report.unsafe.count, report.malformed.count, report.damage) == (0, 0, "")
    assert report.unrecognised.count == 0
    assert {feed.feed for feed in report.feeds} >= {Feed.L1, Feed.AGGREGATED, Feed.TRADES}
