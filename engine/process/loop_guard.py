"""
A watchdog thread for the event loop, which cannot notice itself that it stands still.

A call that never returns keeps every actor from its work, the supervisor and its deadlines
included. So a thread counts the loop's heartbeats; in real processes only, as in virtual time a
thread would look like idleness. A call that keeps even threads from running is left to the service
manager's own watchdog.
"""

import sys
import threading
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import attrs
import structlog
import trio

from engine.process.exit_codes import ExitCode
from engine.process.last_act import LastAct

log = structlog.get_logger()

EndProcess = Callable[[ExitCode], None]

_BEAT_S = 0.25
_TICK_S = 0.25
_FRAMES_SHOWN = 12


@attrs.define(kw_only=True)
class LoopGuard:
    """
    Reports a loop that stands still, and ends the process when that lasts.

    The guard counts its own wake-ups rather than seconds: while a process is suspended, all of it
    stands still, which is no fault of the loop.

    Args:
        end_process: Ends it at once.
        hurried: Whether the process is stopping already.
        alarm_after_s: Seconds of standing still that are an alarm.
        patience_s: Seconds of it after which the process is ended.
        hurried_patience_s: The same while stopping.
        last_act: Tries to cancel our orders before the process ends, once there can be any.
    """

    end_process: EndProcess
    hurried: Callable[[], bool] = lambda: False
    alarm_after_s: float = 1.0
    patience_s: float = 30.0
    hurried_patience_s: float = 4.0
    last_act: LastAct | None = None
    _beats: int = attrs.field(default=0, init=False)
    _over: threading.Event = attrs.field(factory=threading.Event, init=False)
    _watched: int = attrs.field(factory=threading.get_ident, init=False)

    @contextmanager
    def watching(self) -> Iterator[None]:
        """Watch this thread's loop for as long as this context is open."""
        self._watched = threading.get_ident()
        thread = threading.Thread(target=self._watch, name="loop guard", daemon=True)
        thread.start()
        try:
            yield
        finally:
            self._over.set()
            thread.join()

    async def beat(self) -> None:
        """Count the loop's heartbeats, until cancelled."""
        while True:
            self._beats += 1
            await trio.sleep(_BEAT_S)

    def _watch(self) -> None:
        seen, still = self._beats, 0
        while not self._over.wait(_TICK_S):
            if self._beats != seen:
                seen, still = self._beats, 0
                continue
            still += 1
            patience_s = self.hurried_patience_s if self.hurried() else self.patience_s
            if still == round(self.alarm_after_s / _TICK_S):
                self._say("loop_blocked", still)
            if still * _TICK_S >= patience_s:
                if self._end(seen, still):
                    return
                seen, still = self._beats, 0

    def _end(self, seen: int, still: int) -> bool:
        """
        End the process, with no order left if that can be.

        Returns:
            False if the loop went on meanwhile: then the supervisors' own deadlines work again.
        """
        stuck = True
        try:
            managed = self._managed()
            stuck = self._beats == seen
            if stuck:
                self._say("process_ended_by_force", still, **managed)
            else:
                log.warning("loop_goes_on", **managed)
        finally:
            if stuck:
                self.end_process(ExitCode.STUCK)
        return stuck

    def _managed(self) -> dict[str, object]:
        """Try to cancel our orders; how far that was possible, as fields of the log."""
        if self.last_act is None:
            return {}
        log.warning("last_act", cancelling_within_s=self.last_act.within_s)
        managed = self.last_act.perform()
        return {
            "flat": managed.left == (),
            "cancelled": managed.cancelled,
            "left": None if managed.left is None else list(managed.left),
            "trouble": managed.trouble,
        }

    def _say(self, event: str, still: int, **more: object) -> None:
        frame = sys._current_frames().get(self._watched)  # noqa: SLF001  # nothing else shows it
        stack = traceback.format_stack(frame)[-_FRAMES_SHOWN:] if frame is not None else []
        log.error(event, blocked_s=round(still * _TICK_S, 1), **more, stack="".join(stack))
