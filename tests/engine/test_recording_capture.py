"""A capture of the simulated exchange, in virtual time: whatever happens, it can be verified."""

from collections import Counter

import attrs
import pytest
import trio
from trio.testing import MockClock
from typing_extensions import override

from config.load.loading import load_market
from config.source.files import WithoutFile
from engine.environment.venue_connection import (
    MarketConnection,
    public_counterparty,
    simulated_rules,
)
from engine.process.exit_codes import ExitCode
from engine.recording.capture import Capture, CaptureSummary
from engine.system.running import StopRequest
from tests.support.links import LinkedNetwork
from tests.support.whole_engine import simulated_world
from trading.core.errors import Fatal, FatalReason, Outage
from trading.core.identifiers import Pair
from trading.recorded.audit import RecordingAudit
from trading.recorded.report import Feed, RecordingReport
from trading.venues.valr.book_rules import RULES
from trading.venues.valr.codec.market import decode_market

DOGE, BTC = Pair("DOGEUSDT"), Pair("BTCZAR")


@attrs.define
class Lines:
    """A file in memory."""

    lines: list[str] = attrs.field(factory=list)
    flushed: int = 0

    def write(self, line: str) -> None:
        self.lines.append(line)

    def flush(self) -> None:
        self.flushed = len(self.lines)

    def audited(self) -> RecordingReport:
        audit = RecordingAudit(decode_market, RULES)
        for line in self.lines:
            audit.take(line.removesuffix("\n").encode())
        return audit.report()


@attrs.define
class Rig:
    """A capture of the simulated exchange, and what it wrote."""

    capture: Capture
    network: LinkedNetwork
    file: Lines = attrs.field(factory=Lines)
    stop: StopRequest = attrs.field(factory=StopRequest)

    @property
    def party(self) -> MarketConnection:
        return self.capture.party

    async def run(self) -> CaptureSummary:
        world = attrs.evolve(simulated_world(5), network=self.network)
        return await self.capture.run(world, self.file, self.stop)


def a_rig(duration_s: float | None, *overrides: str) -> Rig:
    market = load_market(
        "none", ("venue.kind=valr", *overrides), dict(simulated_rules()), files=WithoutFile()
    )
    capture = Capture(
        party=public_counterparty(market, simulated_world(5)),
        settings=market.venue,
        pairs=(DOGE, BTC),
        duration_s=duration_s,
    )
    return Rig(capture, LinkedNetwork())


@pytest.mark.parametrize(
    ("feed", "name"),
    [
        (Feed.L1, "OB_L1_DIFF"),
        (Feed.FULL, "FULL_ORDERBOOK_UPDATE"),
        (Feed.AGGREGATED, "AGGREGATED_ORDERBOOK_UPDATE"),
    ],
)
async def test_what_was_captured_is_clean(autojump_clock: MockClock, feed: Feed, name: str) -> None:
    rig = a_rig(60, f"venue.book_feed={name}")
    summary = await rig.run()
    report = rig.file.audited()
    assert report.clean, report
    books = {one.pair: one for one in report.feeds if one.feed is feed}
    assert books.keys() == {DOGE, BTC}
    assert all(book.frames > 50 and not book.early for book in books.values())

    heard = Counter[Pair]()
    for one in report.feeds:
        heard[one.pair] += one.frames
    assert summary.by_pair == heard
    assert (summary.frames, summary.exit_code) == (report.lines, ExitCode.OK)
    assert summary.size == sum(map(len, rig.file.lines))
    assert summary.ended_by == "the end of its time"
    assert 60 <= summary.duration_s < 61
    # The time of each arrival is written down.
    assert report.first_received_ns is not None
    assert report.last_received_ns is not None
    assert 55e9 < report.last_received_ns - report.first_received_ns < 60e9


async def test_the_cut_of_sockets_without_a_key_is_survived(autojump_clock: MockClock) -> None:
    rig = a_rig(100, "simulator.rules.unauthenticated_limit_s=60")
    summary = await rig.run()
    report = rig.file.audited()
    assert report.clean, report
    assert summary.restarts == 1
    assert [one.snapshots for one in report.feeds if one.feed is Feed.L1] == [2, 2]


async def test_a_connection_that_breaks_is_made_anew_with_fresh_snapshots(
    nursery: trio.Nursery, autojump_clock: MockClock
) -> None:
    rig = a_rig(None)

    async def break_it() -> None:
        for _ in range(3):
            await trio.sleep(20)
            await rig.network.cut("/ws/trade")
        await trio.sleep(20)
        rig.stop.ask("enough")

    nursery.start_soon(break_it)
    summary = await rig.run()
    report = rig.file.audited()
    assert report.clean, report
    assert (summary.restarts, summary.ended_by) == (3, "enough")
    assert [one.snapshots for one in report.feeds if one.feed is Feed.L1] == [4, 4]


async def test_what_is_lost_or_lies_on_the_way_is_found_afterwards(
    autojump_clock: MockClock,
) -> None:
    rig = a_rig(60, 'simulator.faults.sequence_gap="1 %"')
    await rig.run()
    report = rig.file.audited()
    assert not report.clean
    assert sum(one.gaps for one in report.feeds) == report.unsafe.count > 0
    rig = a_rig(60, 'simulator.faults.wrong_checksum="1 %"')
    await rig.run()
    assert sum(one.mismatches for one in rig.file.audited().feeds) > 0


async def test_it_is_flushed_while_it_goes_on(
    nursery: trio.Nursery, autojump_clock: MockClock
) -> None:
    rig = a_rig(None)
    nursery.start_soon(rig.run)
    await trio.sleep(20)
    assert 0 < rig.file.flushed <= len(rig.file.lines)
    nursery.cancel_scope.cancel()


async def test_a_disk_that_takes_no_more_ends_it_at_once(autojump_clock: MockClock) -> None:
    @attrs.define
    class Full(Lines):
        @override
        def flush(self) -> None:
            raise Fatal("the disk is full", FatalReason.DISK)

    rig = a_rig(None)
    rig.file = Full()
    summary = await rig.run()
    assert summary.exit_code is ExitCode.IO_ERROR
    assert summary.ended_by == "the disk is full"
    assert rig.file.audited().clean


async def test_a_venue_that_is_never_reached_is_said_to_be_so(autojump_clock: MockClock) -> None:
    def nowhere() -> None:
        raise Outage("nobody knows where")

    rig = a_rig(30)
    party = attrs.evolve(rig.party, sockets=nowhere)  # type: ignore[arg-type]
    rig.capture = attrs.evolve(rig.capture, party=party)
    summary = await rig.run()
    assert (summary.frames, summary.exit_code) == (0, ExitCode.VENUE_UNAVAILABLE)
