"""Events of supervision, one for each change in a child's life, and the tree's status as values."""

import enum
from collections.abc import Iterator

import msgspec
import trio

from engine.supervision.policy import RestartStrategy, Verdict, leaves
from engine.supervision.tree import Vouch
from trading.core.errors import Fatal, FatalReason
from trading.core.identifiers import Pair, StrategyName
from trading.readiness.lease import Component

Path = tuple[str, ...]
"""Names from the root down: ``("root", "market data", "trade socket")``."""

_CHAIN_LENGTH_MAX = 8
_TEXT_LENGTH_MAX = 300


class TooManyDefects(Exception):
    """
    A supervisor's children failed more often than its limit forgives; its cause is the last.

    Args:
        child: The child that failed last.
    """

    def __init__(self, message: str, child: str) -> None:
        super().__init__(message)
        self.child = child


class NothingLeftToRun(TooManyDefects, Fatal):
    """A supervisor gave up, and nothing is left that the engine could do: all stops, in order."""

    def __init__(self, message: str, child: str) -> None:
        super().__init__(message, child)
        self.reason = FatalReason.DEFECT


class EndOfProcessCalledFor(Exception):
    """
    A child raised what would end the process, such as ``SystemExit``: a defect of that child.

    The engine itself decides its exit code, by what the venue shows.
    """


class StartOverdue(Exception):
    """A child did not call ``started()`` within its deadline."""


class StopOverdue(Fatal):
    """A child that was cancelled did not end within its deadline: nothing can take its place."""


class LifeEventKind(enum.Enum):
    STARTED = "started"
    """It called ``started()``."""
    ENDED = "ended"
    """It ended by itself, and the supervisor judged it."""
    STOPPED = "stopped"
    """The supervisor ended it, or replaced it; a cause is an error while stopping."""
    STOP_OVERDUE = "stop overdue"
    """It was cancelled and still runs: it may hold orders, and nothing may take its place."""
    ESCALATED = "escalated"
    """A supervisor gives up; the path is the supervisor's."""


class LifeEvent(msgspec.Struct, frozen=True, kw_only=True):
    """
    One change in a life.

    Args:
        at: Monotonic seconds.
        life: Number of this run of the child within this run of its supervisor, from 1; of an
            escalation, that of the child that failed last.
        age_s: Seconds since this life began.
        verdict: Of an end, or of an error while stopping.
        cause: The exception, where there is one.
        message: The cause and what caused it, as text; or what happened instead.
        failures_in_window: Defects that count against the supervisor's limit now.
        limit: How many it forgives.
        backoff_s: Seconds until the child starts again; ``None`` when it does not.
        restarting: Names of all children that start again because of this.
    """

    kind: LifeEventKind
    at: float
    path: Path
    life: int
    age_s: float
    verdict: Verdict | None = None
    cause: BaseException | None = None
    message: str = ""
    failures_in_window: int = 0
    limit: int = 0
    backoff_s: float | None = None
    restarting: tuple[str, ...] = ()


class ChildState(enum.Enum):
    WAITING = "waiting"
    """Waiting for its turn, or for its supervisor."""
    BACKING_OFF = "backing off"
    STARTING = "starting"
    RUNNING = "running"
    STOPPING = "stopping"
    FINISHED = "finished"


class ChildStatus(msgspec.Struct, frozen=True, kw_only=True):
    """
    One child at one moment.

    Args:
        life: Number of the current or last run; 0 before the first.
        started_at: Monotonic seconds of ``started()``; ``None`` while it does not run.
        next_start_at: Monotonic seconds at which its backoff is over; ``None`` without one.
        last_cause: Why it ended last; empty while it never did.
        vouches_for: The facts of readiness that it establishes.
        fetches_price_for: The strategy that quotes around what it fetches.
        inside: The tree below it, when it is a supervisor.
    """

    name: str
    state: ChildState
    life: int
    started_at: float | None
    next_start_at: float | None
    last_cause: str
    vouches_for: tuple[Vouch, ...] = ()
    fetches_price_for: StrategyName | None = None
    inside: "SupervisorStatus | None" = None


class SupervisorStatus(msgspec.Struct, frozen=True, kw_only=True):
    """
    A supervisor at one moment.

    Args:
        failures_in_window: Defects of its children that count now.
        limit: How many it forgives.
    """

    name: str
    strategy: RestartStrategy
    failures_in_window: int
    limit: int
    children: tuple[ChildStatus, ...]

    def below(self) -> Iterator[ChildStatus]:
        """Every child at any depth, supervisors too."""
        for child in self.children:
            yield child
            if child.inside is not None:
                yield from child.inside.below()

    def pricing(self, strategy: StrategyName) -> ChildStatus | None:
        """The child that fetches a strategy's price, where there is one."""
        return next((c for c in self.below() if c.fetches_price_for == strategy), None)

    def vouching(
        self, component: Component, strategy: StrategyName, pair: Pair
    ) -> tuple[ChildStatus, Vouch] | None:
        """The child that establishes a component of one strategy on its pair, and how."""
        scopes = (None, strategy, pair)
        for child in self.below():
            for vouch in child.vouches_for:
                if vouch.component is component and vouch.scope in scopes:
                    return child, vouch
        return None


def describe(error: BaseException | None) -> str:
    """An error with its chain of causes, in one bounded line."""
    parts: list[str] = []
    while error is not None and len(parts) < _CHAIN_LENGTH_MAX:
        parts.append("; ".join(_named(leaf) for leaf in leaves(error)))
        error = _what_caused(error)
    return " <- ".join(parts)


def first_failure(error: BaseException, name: str) -> tuple[str, BaseException]:
    """The child whose failure made supervisors above it give up, and its error."""
    while isinstance(error, TooManyDefects) and error.__cause__ is not None:
        name, error = error.child, error.__cause__
    return name, error


def called_for_the_end(error: BaseException) -> tuple[BaseException, ...]:
    """What in an error would end the process, and is not trio's or the interpreter's own."""
    ours = (Exception, trio.Cancelled, GeneratorExit)
    return tuple(leaf for leaf in leaves(error) if not isinstance(leaf, ours))


def _named(error: BaseException) -> str:
    text = str(error)[:_TEXT_LENGTH_MAX]
    return f"{type(error).__name__}: {text}" if text else type(error).__name__


def _what_caused(error: BaseException) -> BaseException | None:
    if error.__cause__ is not None or error.__suppress_context__:
        return error.__cause__
    # A cancellation that was under way when an error was raised is no cause of it.
    return error.__context__ if isinstance(error.__context__, Exception) else None
