"""An actor that writes down what was tapped from the engine, as long as the disk takes it."""

from collections.abc import Callable
from functools import partial

import attrs
import structlog
import trio
from msgspec.structs import replace

from actors.ports.ports import Latest, WallClock
from actors.ports.recording_files import Beside, RecordingFiles, RecordingState
from actors.ports.stalls import Stalls
from actors.ports.tap import Tap
from trading.readiness.clock_offset import ClockOffset
from trading.recorded.noted import ClockCompared, Ended, Entry, Gap, TimeTied

log = structlog.get_logger()


@attrs.frozen(kw_only=True)
class SessionRecorderActor:
    """
    Records the session: nobody waits for it, and nothing depends on it.

    It fetches what waits every moment, instead of being woken by it. A full disk ends the
    recording, but not this life: there would be no use in another one.

    Ports:
        tap: What is to be written (bounded; what it cannot take is dropped and counted).
        clock_offset: Of the venue's clock (newest).
        stalls: After one the two clocks of ours are tied to each other again.
        state: How the recording is getting on (newest).

    Args:
        files: Makes the files of this session.
        beside: Has them written beside the loop.
        period_s: Seconds between two looks at the tap.
        flush_s: So many seconds are lost at most when the process is killed.
        tie_s: Seconds between two ties of the clocks.
        last_lines_s: Seconds that the end of the files may take when the engine stops.
    """

    tap: Tap
    files: Callable[[], RecordingFiles]
    beside: Beside
    clock_offset: Latest[ClockOffset]
    stalls: Stalls
    state: Latest[RecordingState]
    wall_clock: WallClock
    period_s: float = 0.5
    flush_s: float = 5.0
    tie_s: float = 60.0
    last_lines_s: float = 2.0

    async def run(self, *, task_status: trio.TaskStatus[None] = trio.TASK_STATUS_IGNORED) -> None:
        task_status.started()
        state = self.state.peek()
        assert state is not None, "the system gives it before anything starts"
        if not state.ended:
            self.tap.open()
            try:
                await _Life(self, self.files()).record()
            except OSError as error:
                self._end(error.strerror or str(error))
            finally:
                self.tap.shut()
        await trio.sleep_forever()

    def _end(self, cause: str) -> None:
        state = self.state.peek()
        assert state is not None
        self.tap.shut()
        ended = replace(state, ended=cause, dropped=self.tap.dropped)
        log.error("recording_ended", folder=ended.folder, cause=cause, bytes=ended.size)
        self.state.put(ended)


class _Life:
    """One life: what was last written about the clocks, and when."""

    def __init__(self, actor: SessionRecorderActor, files: RecordingFiles) -> None:
        self._actor = actor
        self._files = files
        self._flushed_at = self._tied_at = trio.current_time()
        self._stalls = actor.stalls.count
        self._offset: ClockOffset | None = None
        self._dropped = actor.tap.dropped

    async def record(self) -> None:
        """
        Write, until cancelled.

        Raises:
            OSError: The disk does not take it.
        """
        actor = self._actor
        entries: list[Entry | Gap] = [self._tie("begin")]
        try:
            await actor.beside(self._files.begin)
            while True:
                entries += [*actor.tap.take(), *self._about_the_clocks()]
                await self._write(entries)
                entries = []
                await trio.sleep(actor.period_s)
        except trio.Cancelled:
            with trio.move_on_after(actor.last_lines_s, shield=True):
                last = [*actor.tap.take(), Ended(trio.current_time())]
                await actor.beside(partial(self._files.close, last, trio.current_time()))
            raise
        except Exception:
            with trio.move_on_after(actor.last_lines_s, shield=True):
                await actor.beside(self._files.abandon)
            raise
        finally:
            for entry in entries:
                actor.tap.lose(entry)

    async def _write(self, entries: list[Entry | Gap]) -> None:
        actor, now = self._actor, trio.current_time()
        flush = now >= self._flushed_at + actor.flush_s
        if not (entries or flush):
            return
        size = await actor.beside(partial(self._files.write, entries, now, flush=flush))
        if flush:
            self._flushed_at = now
            self._tell(size)

    def _about_the_clocks(self) -> list[Entry]:
        actor, now = self._actor, trio.current_time()
        found: list[Entry] = []
        if self._stalls != actor.stalls.count:
            self._stalls = actor.stalls.count
            found.append(self._tie(actor.stalls.reason))
        elif now >= self._tied_at + actor.tie_s:
            found.append(self._tie("minute"))
        offset = actor.clock_offset.peek()
        if offset is not None and offset is not self._offset:
            self._offset = offset
            found.append(ClockCompared(now, offset.offset_ms, offset.uncertainty_ms))
        return found

    def _tie(self, why: str) -> TimeTied:
        self._tied_at = trio.current_time()
        return TimeTied(self._tied_at, self._actor.wall_clock(), why)

    def _tell(self, size: int) -> None:
        actor = self._actor
        if (dropped := actor.tap.dropped) > self._dropped:
            log.warning("recording_gap", entries=dropped - self._dropped)
            self._dropped = dropped
        state = actor.state.peek()
        assert state is not None
        actor.state.put(replace(state, size=size, dropped=dropped))
