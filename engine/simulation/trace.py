"""The trace of a simulation: three fingerprints, a step counter, each actor's last events."""

import hashlib
import json
import re
from collections import deque
from collections.abc import Callable, Mapping
from contextvars import ContextVar
from typing import Any, TextIO

import attrs
import structlog
import trio
from structlog.typing import EventDict, WrappedLogger
from typing_extensions import override

from engine.simulation.breaking_off import BrokenOff, nobody

_EVENTS_KEPT = 25
_NAMES_KEPT = 40
_BATCH = 4096
_LOOKS_EVERY = 256
_MODULES = re.compile(r"^(?:[a-z_]+\.)+", re.MULTILINE)

SILENCED: ContextVar[Callable[[], bool]] = ContextVar("SILENCED", default=lambda: False)
"""Whether a task's log events are dropped: those of a killed process are."""


@attrs.frozen
class Fingerprints:
    """
    Three digests: the same seed and code give the same three in any process.

    Args:
        events: Of every log event with its time and fields.
        wire: Of every byte on every connection, in order.
        steps: Of every step of the scheduler: which task, in which order.
    """

    events: str
    wire: str
    steps: str


class Trace(trio.abc.Instrument):
    """
    Follows a run; given to ``trio.run`` it counts the scheduler's steps.

    Args:
        until: The step after which the run is to be ended; ``None`` to go on.
        at_step: Called once that step is reached, and must cut the run short.
        out: Where everything is written down as it happens, one JSON object a line.
        broken_off: Whether the run is to be cut short; called now and then.

    Attributes:
        observers: Shown each event.
        readers: Shown each event as it is written down, on one line of JSON.
        before_step: Called with each step and its task before it is taken, if anything is.
        over: What happens now is only how the simulation itself ends, and is not noted.
    """

    def __init__(
        self,
        *,
        until: int | None = None,
        at_step: Callable[[], None] = lambda: None,
        out: TextIO | None = None,
        broken_off: BrokenOff = nobody,
    ) -> None:
        self.step = 0
        self.observers: list[Callable[[Mapping[str, Any]], None]] = []
        self.readers: list[Callable[[str], None]] = []
        self.at_step = at_step
        self.before_step: Callable[[int, trio.lowlevel.Task], None] | None = None
        self._until = until
        self._out = out
        self._broken_off = broken_off
        self._events, self._wire, self._steps = (hashlib.blake2b(digest_size=16) for _ in range(3))
        self._names: list[str] = []
        self._tails: dict[str, deque[dict[str, Any]]] = {}
        self.events = 0
        self.over = False

    # The scheduler's steps.

    @override
    def before_task_step(self, task: trio.lowlevel.Task) -> None:
        step = self.step = self.step + 1
        self._names.append(task.name)
        if step % _BATCH == 0:
            self._digest_steps()
        if step % _LOOKS_EVERY == 0 and self._broken_off():
            self.at_step()
        if step == self._until:
            self.at_step()
        if self.before_step is not None:
            self.before_step(step, task)

    def _digest_steps(self) -> None:
        # Without the module that a task's function is in: moving a file changes no behaviour.
        self._steps.update(_MODULES.sub("", "\n".join(self._names)).encode())
        self._names.clear()

    # The log.

    def configure_logs(self) -> None:
        """Every log event of the process comes here, and goes nowhere else."""
        structlog.configure(
            processors=[structlog.processors.add_log_level, self._take],
            cache_logger_on_first_use=False,
        )

    def _take(self, _logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
        if not SILENCED.get()():
            self.happened(event)
        raise structlog.DropEvent

    def happened(self, event: EventDict) -> None:
        """Note one event, of the engine or of the simulation itself."""
        if self.over:
            return
        self.events += 1
        entry = {"at": round(trio.current_time(), 6), "step": self.step, **event}
        text = _line(entry)
        self._events.update(text.encode())
        who = _who(event)
        tail = self._tails.get(who)
        if tail is None:
            tail = self._tails[who] = deque(maxlen=_EVENTS_KEPT)
        tail.append(entry)
        if self._out is not None:
            self._out.write(text + "\n")
        for reader in self.readers:
            reader(text)
        for observer in self.observers:
            observer(entry)

    # The wire.

    def passed(self, connection: str, data: bytes) -> None:
        """Note bytes that were handed to a connection."""
        self._wire.update(connection.encode())
        self._wire.update(data)
        if self._out is not None:
            entry = {
                "at": round(trio.current_time(), 6),
                "step": self.step,
                "wire": connection,
                "bytes": data.decode("latin-1"),
            }
            self._out.write(_line(entry) + "\n")

    # Afterwards.

    def fingerprints(self) -> Fingerprints:
        self._digest_steps()
        return Fingerprints(*(d.hexdigest() for d in (self._events, self._wire, self._steps)))

    def timeline(self, length: int) -> list[dict[str, Any]]:
        """The last events, of every actor at least a few, in order."""
        found = [entry for tail in self._tails.values() for entry in tail]
        return sorted(found, key=lambda entry: int(entry["step"]))[-length:]


def _who(event: EventDict) -> str:
    """The actor or order whose events are kept together."""
    for key in ("actor", "socket", "component", "strategy", "pair", "order"):
        if key in event:
            # Orders have a name each: all of theirs are one story.
            return key if key == "order" else f"{key} {event[key]}"
    return str(event.get("event", ""))


_line = json.JSONEncoder(default=str).encode
