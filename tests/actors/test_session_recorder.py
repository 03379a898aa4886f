"""The tap that never waits, and the recorder behind it."""

from collections.abc import Callable, Sequence
from typing import TypeVar

import attrs
import pytest
import trio
from structlog.testing import capture_logs
from trio.testing import MockClock

from actors.ports.ports import Latest
from actors.ports.recording_files import RecordingState
from actors.ports.stalls import Stalls
from actors.ports.tap import Tap
from actors.watch.session_recorder import SessionRecorderActor
from tests.support.lives import begin
from trading.readiness.clock_offset import ClockOffset
from trading.recorded.noted import (
    AccountFrame,
    ClockCompared,
    Ended,
    Entry,
    Gap,
    MarketFrame,
    Part,
    TimeTied,
)

T = TypeVar("T")


def frames(*numbers: int) -> list[Entry | Gap]:
    return [MarketFrame(number, "{}") for number in numbers]


def a_tap(capacity: int = 3) -> Tap:
    return Tap(capacity, lambda: 99)


def test_what_is_noted_is_taken_once_in_order() -> None:
    tap = a_tap()
    for frame in (MarketFrame(1, "{}"), MarketFrame(2, "{}")):
        tap.note(frame)
    assert tap.take() == frames(1, 2)
    assert tap.take() == []
    assert tap.dropped == 0


def test_what_finds_no_room_is_counted_and_told_before_what_comes_next() -> None:
    tap = a_tap()
    for number in range(1, 6):
        tap.note(MarketFrame(number, "{}"))
    tap.note(AccountFrame(6, "{}", sent=True))
    assert tap.take() == frames(1, 2, 3)
    tap.note(MarketFrame(7, "{}"))
    assert tap.take() == [Gap(Part.MARKET, 99, 2), Gap(Part.ACCOUNT, 99, 1), *frames(7)]
    assert tap.dropped == 3


def test_while_nobody_fetches_it_nothing_is_kept_but_the_count() -> None:
    tap = a_tap()
    tap.note(MarketFrame(1, "{}"))
    tap.shut()
    tap.note(MarketFrame(2, "{}"))
    assert tap.take() == []
    tap.open()
    tap.note(MarketFrame(3, "{}"))
    assert tap.take() == [Gap(Part.MARKET, 99, 2), *frames(3)]


def test_a_gap_that_was_not_written_is_told_again() -> None:
    tap = a_tap(capacity=1)
    for number in (1, 2):
        tap.note(MarketFrame(number, "{}"))
    tap.take()
    tap.note(MarketFrame(3, "{}"))
    for entry in tap.take():
        tap.lose(entry)
    tap.note(MarketFrame(4, "{}"))
    assert tap.take() == [Gap(Part.MARKET, 99, 2), *frames(4)]


@attrs.define
class Files:
    """Files in memory; what they are told to, they raise."""

    lines: list[Entry | Gap] = attrs.field(factory=list)
    flushes: int = 0
    begun: int = 0
    closed: int = 0
    abandoned: int = 0
    raises: list[Exception] = attrs.field(factory=list)

    def begin(self) -> None:
        self.begun += 1

    def write(self, entries: Sequence[Entry | Gap], now: float, *, flush: bool) -> int:
        if self.raises:
            raise self.raises.pop()
        self.lines += entries
        self.flushes += flush
        return len(self.lines)

    def close(self, entries: Sequence[Entry | Gap], now: float) -> int:
        self.closed += 1
        return self.write(entries, now, flush=False)

    def abandon(self) -> None:
        self.abandoned += 1


@attrs.define
class Rig:
    files: Files = attrs.field(factory=Files)
    tap: Tap = attrs.field(factory=lambda: Tap(100, lambda: 99))
    stalls: Stalls = attrs.field(factory=Stalls)
    offset: Latest[ClockOffset] = attrs.field(factory=Latest)
    state: Latest[RecordingState] = attrs.field(factory=Latest)
    delay_s: float = 0.0

    async def beside(self, work: Callable[[], T]) -> T:
        await trio.sleep(self.delay_s)
        return work()

    def actor(self) -> SessionRecorderActor:
        if self.state.peek() is None:
            self.state.put(RecordingState(folder="f"))
        return SessionRecorderActor(
            tap=self.tap,
            files=lambda: self.files,
            beside=self.beside,
            clock_offset=self.offset,
            stalls=self.stalls,
            state=self.state,
            wall_clock=lambda: round(trio.current_time() * 1e9),
        )

    def told(self) -> RecordingState:
        state = self.state.peek()
        assert state is not None
        return state


async def test_it_writes_what_was_noted_and_flushes_now_and_then(
    nursery: trio.Nursery, autojump_clock: MockClock
) -> None:
    rig = Rig()
    rig.tap.note(MarketFrame(1, "{}"))
    await nursery.start(rig.actor().run)
    await trio.sleep(0.1)
    began, *written = rig.files.lines
    assert isinstance(began, TimeTied)
    assert began.why == "begin"
    assert written == frames(1)
    assert rig.files.flushes == 0
    await trio.sleep(11)
    assert rig.files.flushes == 2
    assert rig.told().size == 2
    nursery.cancel_scope.cancel()


async def test_clocks_are_tied_each_minute_and_after_a_stall_and_comparisons_are_noted(
    nursery: trio.Nursery, autojump_clock: MockClock
) -> None:
    rig = Rig()
    await nursery.start(rig.actor().run)
    await trio.sleep(10)
    rig.stalls.happened("the time of day jumped")
    await trio.sleep(1)
    offset = ClockOffset(offset_ms=3.0, uncertainty_ms=1.0, samples=5)
    rig.offset.put(offset)
    await trio.sleep(130)
    ties = [line.why for line in rig.files.lines if isinstance(line, TimeTied)]
    assert ties == ["begin", "the time of day jumped", "minute", "minute"]
    [compared] = [line for line in rig.files.lines if isinstance(line, ClockCompared)]
    assert compared.offset_ms == 3.0
    nursery.cancel_scope.cancel()


async def test_when_it_is_stopped_it_writes_what_is_left_and_the_end(
    autojump_clock: MockClock,
) -> None:
    rig = Rig()
    async with trio.open_nursery() as nursery:
        await nursery.start(rig.actor().run)
        await trio.sleep(0.1)
        rig.tap.note(MarketFrame(5, "{}"))
        nursery.cancel_scope.cancel()
    *_, last, end = rig.files.lines
    assert [last] == frames(5)
    assert isinstance(end, Ended)
    assert rig.files.closed == 1


async def test_a_disk_that_hangs_holds_up_a_stop_for_two_seconds_at_most(
    autojump_clock: MockClock,
) -> None:
    rig = Rig(delay_s=1e6)
    async with trio.open_nursery() as nursery:
        await nursery.start(rig.actor().run)
        await trio.sleep(1)
        nursery.cancel_scope.cancel()
    assert trio.current_time() <= 3.1


async def test_a_full_disk_ends_the_recording_for_good_but_no_life(
    nursery: trio.Nursery, autojump_clock: MockClock
) -> None:
    rig = Rig()
    life = await begin(nursery, rig.actor())
    await trio.sleep(1)
    rig.files.raises = [OSError(28, "No space left on device")]
    rig.tap.note(MarketFrame(1, "{}"))
    with capture_logs() as logs:
        await trio.sleep(1)
    assert [entry["event"] for entry in logs] == ["recording_ended"]
    assert rig.told().ended == "No space left on device"
    rig.tap.note(MarketFrame(2, "{}"))
    assert rig.tap.take() == []
    assert rig.files.abandoned == 1
    await life.end()
    begun = rig.files.begun
    await nursery.start(rig.actor().run)
    await trio.sleep(10)
    assert rig.files.begun == begun
    nursery.cancel_scope.cancel()


async def test_what_a_defect_has_lost_is_counted(autojump_clock: MockClock) -> None:
    rig = Rig()
    rig.tap.note(MarketFrame(1, "{}"))
    rig.files.raises = [ZeroDivisionError("a defect")]
    with pytest.RaisesGroup(ZeroDivisionError):
        async with trio.open_nursery() as nursery:
            await nursery.start(rig.actor().run)
    rig.tap.open()
    rig.tap.note(MarketFrame(2, "{}"))
    told = rig.tap.take()
    assert Gap(Part.MARKET, 99, 1) in told
    assert told[-1:] == frames(2)
