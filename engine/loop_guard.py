"""
Sees from outside that the event loop stands still, which nobody inside can.

A call that never returns keeps every actor from its work, the supervisor and its deadlines
included. So a thread counts the loop's heartbeats; for real processes only, for in virtual time a
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

from engine.exit_codes import ExitCode

log = structlog.get_logger()

EndProcess = Callable[[ExitCode], None]

_BEAT_S = 0.1
_TICK_S = 0.2
_FRAMES_SHOWN = 12
_LAST_LINE_S = 1.0
"""For the last line of the log; whoever blocks the loop may be the log itself."""


@attrs.define(kw_only=True)
class LoopGuard:
    """
    Reports a loop that stands still, and ends the process when that lasts.

    It counts its own wakings rather than seconds: a process that was suspended stood still as a
    whole, and that is nobody's fault.

    Args:
        end_process: Ends it at once.
        hurried: Whether the process is stopping already.
        alarm_after_s: Seconds of standing still that are an alarm.
        patience_s: Seconds of it after which the process is ended.
        hurried_patience_s: The same while stopping.
    """

    end_process: EndProcess
    hurried: Callable[[], bool] = lambda: False
    alarm_after_s: float = 1.0
    patience_s: float = 30.0
    hurried_patience_s: float = 4.0
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
        """Show that the loop goes round, until cancelled."""
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
                self._say("process_ended_by_force", still)
                self.end_process(ExitCode.STUCK)
                return

    def _say(self, event: str, still: int) -> None:
        frame = sys._current_frames().get(self._watched)  # noqa: SLF001  # nothing else shows it
        stack = traceback.format_stack(frame)[-_FRAMES_SHOWN:] if frame is not None else []
        words = {"blocked_s": round(still * _TICK_S, 1), "stack": "".join(stack)}
        speaker = threading.Thread(target=log.error, args=(event,), kwargs=words, daemon=True)
        speaker.start()
        speaker.join(_LAST_LINE_S)
