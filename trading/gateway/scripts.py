"""
Sequences of questions and waits, written as generators: pure, and run one step at a time.

A script yields what it waits for and is resumed with the answer. Nothing here awaits: an answer is
an event like any other, and whatever a script does in one go is part of the turn of that event.
"""

from collections import deque
from collections.abc import Callable, Generator, Iterable, Sequence
from typing import Any, TypeVar

import attrs
import msgspec

from trading.gateway.effects import Drop, EnterLanes, LetGo, SendCall, SendFrame, Ticket
from trading.gateway.events import AboutToLeave, Answered, Failed
from trading.gateway.turn import Turn
from trading.venues.interface import Call
from trading.venues.rate_limits import Priority

T = TypeVar("T")

Script = Generator["Step", Any, T]


class Flag:
    """
    Something that happens once, and has happened from then on.

    Attributes:
        waiting: Who is woken then.
    """

    __slots__ = ("is_set", "waiting")

    def __init__(self) -> None:
        self.is_set = False
        self.waiting: dict[Running, Callable[[], None]] = {}

    def set(self) -> None:
        self.is_set = True
        waiting, self.waiting = self.waiting, {}
        for wake in waiting.values():
            wake()


class Withheld(Exception):
    """What was to leave was kept back at the last moment."""


class Interrupted(Exception):
    """What a script waited for is not wanted any more."""


class _Slot(msgspec.Struct, frozen=True):
    lanes: tuple[str, ...]
    priority: Priority


class _Frame(msgspec.Struct, frozen=True):
    frame: str


@attrs.frozen(eq=False)
class _Question:
    call: Call[Any]
    priority: Priority
    confirm: Callable[[], str] | None
    patience_s: float


@attrs.frozen(eq=False)
class _Wait:
    flags: tuple[Flag, ...]
    until: float


@attrs.frozen(eq=False)
class _Gather:
    scripts: tuple[Script[Any], ...]
    at_once: int


Step = _Slot | _Frame | _Question | _Wait | _Gather


def enter(lanes: Sequence[str], priority: Priority) -> Script[None]:
    """Wait for room in the rate limits."""
    yield _Slot(tuple(lanes), priority)


def hand_over(frame: str) -> Script[bool]:
    """Whether the account's socket took a frame; if not, it has certainly not left."""
    return bool((yield _Frame(frame)))


def ask(
    call: Call[T],
    priority: Priority = Priority.QUERY,
    *,
    confirm: Callable[[], str] | None = None,
    patience_s: float = float("inf"),
) -> Script[T]:
    """
    The venue's answer to a call.

    Args:
        confirm: Asked as the call is about to leave: why it may not; empty when it may.
        patience_s: The answer is given up after so many seconds.

    Raises:
        Rejected: The venue said no.
        Outage: Nothing happened.
        OutcomeUnknown: Something may or may not have happened.
        Fatal: The venue refuses our key.
        Withheld: It did not leave.
        TimeoutError: Patience has ended.
    """
    value: T = yield _Question(call, priority, confirm, patience_s)
    return value


def wait(*flags: Flag, until: float = float("inf")) -> Script[bool]:
    """
    Wait for the first of some flags, until a moment at most.

    Args:
        until: Monotonic seconds.

    Returns:
        Whether one of them is set.
    """
    return bool((yield _Wait(flags, until)))


def gather(scripts: Iterable[Script[T]], at_once: int) -> Script[list[T]]:
    """
    Run scripts beside each other, so many at a time; their results, in the order of their ends.

    The first error of one ends them all.
    """
    results: list[T] = yield _Gather(tuple(scripts), at_once)
    return results


@attrs.define(eq=False)
class Running:
    """
    A script that has begun.

    Args:
        then: Called with its result, or with the error that ended it.
        resumed: How often it has gone on; what it waited for before the last time is of no account.
        ticket: Of the question that it waits for.
        confirm: Tells why the call that it waits for may not leave.
        flags: Those that it waits for.
        children: The scripts that it waits for.
    """

    script: Script[Any]
    then: Callable[[Any, BaseException | None], None] | None = None
    ended: bool = False
    resumed: int = 0
    ticket: Ticket | None = None
    confirm: Callable[[], str] | None = None
    flags: tuple[Flag, ...] = ()
    children: list["Running"] = attrs.field(factory=list)


class Scripts:
    """
    All scripts under way.

    Args:
        turn: Takes what they ask for.
    """

    def __init__(self, turn: Turn) -> None:
        self._turn = turn
        self._ready: deque[tuple[Running, int, Any, BaseException | None]] = deque()
        self._asking: dict[Ticket, Running] = {}
        self._timed: list[tuple[float, Running, int]] = []
        self._last_ticket = 0

    def start(
        self,
        script: Script[Any],
        then: Callable[[Any, BaseException | None], None] | None = None,
    ) -> Running:
        """Have a script begin within this turn."""
        running = Running(script, then)
        self._resume(running, None)
        return running

    def interrupt(self, running: Running) -> None:
        """Have what a script waits for raise ``Interrupted`` in it, within this turn."""
        if not running.ended:
            self._resume(running, None, Interrupted())

    def ticket(self) -> Ticket:
        """A new ticket."""
        self._last_ticket += 1
        return self._last_ticket

    # What has happened.

    def take(self, event: AboutToLeave | Answered | Failed) -> None:
        """Have a script go on that waits for this; it is nothing where it does not any more."""
        ticket = event.ticket
        if (running := self._asking.get(ticket)) is None:
            return
        match event:
            case Answered(_, value):
                self._resume(running, value, answered=True)
            case Failed(_, error):
                self._resume(running, None, error, answered=True)
            case AboutToLeave():
                if running.confirm is not None and (reason := running.confirm()):
                    self._resume(running, None, Withheld(reason), answered=True)
                else:
                    self._turn.do(LetGo(ticket))

    @property
    def wake_at(self) -> float:
        """Monotonic seconds at which the first wait ends."""
        self._timed = [one for one in self._timed if self._waits(one[1], one[2])]
        return min((at for at, _, _ in self._timed), default=float("inf"))

    def run(self) -> None:
        """
        Run all that can run now.

        Raises:
            Exception: A script has failed, and nobody waits for it.
        """
        now = self._turn.now
        for at, running, resumed in self._timed:
            if at <= now and self._waits(running, resumed):
                late = running.ticket is not None
                self._resume(running, False, TimeoutError() if late else None)
        while self._ready:
            running, resumed, value, error = self._ready.popleft()
            if self._waits(running, resumed):
                self._step(running, value, error)

    # Running.

    def _waits(self, running: Running, resumed: int) -> bool:
        return not running.ended and running.resumed == resumed

    def _resume(
        self,
        running: Running,
        value: Any,
        error: BaseException | None = None,
        *,
        answered: bool = False,
    ) -> None:
        """Have a script go on; nothing else that it waits for resumes it any more."""
        running.resumed += 1
        self._stop_waiting(running, answered=answered)
        self._ready.append((running, running.resumed, value, error))

    def _stop_waiting(self, running: Running, *, answered: bool = False) -> None:
        if running.ticket is not None:
            del self._asking[running.ticket]
            if not answered:
                self._turn.do(Drop(running.ticket))
            running.ticket = running.confirm = None
        for flag in running.flags:
            flag.waiting.pop(running, None)
        running.flags = ()
        for child in running.children:
            self._close(child)
        running.children = []

    def _close(self, running: Running) -> None:
        if not running.ended:
            running.ended = True
            self._stop_waiting(running)
            running.script.close()

    def _step(self, running: Running, value: Any, error: BaseException | None) -> None:
        try:
            script = running.script
            step = script.send(value) if error is None else script.throw(error)
        except StopIteration as end:
            self._end(running, end.value, None)
        except Exception as failure:  # noqa: BLE001  # handed on to who waits for the script
            self._end(running, None, failure)
        else:
            self._begin(running, step)

    def _end(self, running: Running, value: Any, error: Exception | None) -> None:
        running.ended = True
        if running.then is not None:
            running.then(value, error)
        elif error is not None:
            raise error

    def _begin(self, running: Running, step: Step) -> None:
        match step:
            case _Slot(lanes, priority):
                self._turn.do(EnterLanes(self._asks(running), lanes, priority))
            case _Frame(frame):
                self._turn.do(SendFrame(self._asks(running), frame))
            case _Question(call, priority, confirm, patience_s):
                running.confirm = confirm
                ticket = self._asks(running)
                self._turn.do(SendCall(ticket, call, priority, confirmed=confirm is not None))
                self._at(self._turn.now + patience_s, running)
            case _Wait(flags, until):
                self._await(running, flags, until)
            case _Gather(scripts, at_once):
                self._gather(running, deque(scripts), at_once)

    def _asks(self, running: Running) -> Ticket:
        running.ticket = self.ticket()
        self._asking[running.ticket] = running
        return running.ticket

    def _at(self, at: float, running: Running) -> None:
        if at < float("inf"):
            self._timed.append((at, running, running.resumed))

    def _await(self, running: Running, flags: tuple[Flag, ...], until: float) -> None:
        resumed = running.resumed
        if any(flag.is_set for flag in flags):
            self._resume(running, True)
            return
        if until <= self._turn.now:
            self._resume(running, False)
            return

        def wake() -> None:
            if self._waits(running, resumed):
                self._resume(running, True)

        running.flags = flags
        for flag in flags:
            flag.waiting[running] = wake
        self._at(until, running)

    def _gather(self, running: Running, waiting: deque[Script[Any]], at_once: int) -> None:
        results: list[Any] = []
        resumed = running.resumed

        def begin() -> None:
            while waiting and sum(not child.ended for child in running.children) < at_once:
                running.children.append(self.start(waiting.popleft(), then))

        def then(value: Any, error: BaseException | None) -> None:
            if not self._waits(running, resumed):
                return
            if error is not None:
                self._resume(running, None, error)
                return
            results.append(value)
            begin()
            if all(child.ended for child in running.children):
                self._resume(running, results)

        begin()
        if not running.children:
            self._resume(running, results)
