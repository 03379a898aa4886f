"""A supervisor's record of each of its children: plain state, no behaviour."""

import math
from collections.abc import Callable

import attrs
import trio

from actors.ports.ports import Actor
from engine.supervision.events import ChildState, ChildStatus, LifeEventKind, SupervisorStatus
from engine.supervision.tree import ChildSpec, SupervisorSpec


@attrs.define(eq=False, kw_only=True)
class Life:
    """
    One run of a child, known by this object and not by its name.

    Args:
        start_by: Monotonic seconds at which its start is overdue.
        stop_by: Monotonic seconds at which its stop is overdue; ``None`` until it is to stop.
        error: The exception that it raised, once it has ended.
    """

    number: int
    began_at: float
    start_by: float
    scope: trio.CancelScope = attrs.field(factory=lambda: trio.CancelScope(shield=True))
    started_at: float | None = None
    stop_by: float | None = None
    error: Exception | None = None
    ended: trio.Event = attrs.field(factory=trio.Event)

    @property
    def stopping(self) -> bool:
        return self.stop_by is not None


@attrs.frozen(eq=False)
class StartReport:
    """The ``task_status`` of one life."""

    on_started: Callable[[], None]

    def started(self, value: object = None) -> None:
        assert value is None, "an actor has nothing to hand over when it starts"
        self.on_started()


@attrs.define(eq=False, kw_only=True)
class Child:
    """
    A child within one run of its supervisor.

    Args:
        inside: Reads the tree below, when the child is a supervisor.
        not_before: Monotonic seconds at which its backoff is over.
        held_up: Its last end was an outage, and it has not started since.
    """

    spec: ChildSpec | SupervisorSpec
    actor: Actor
    inside: Callable[[float], SupervisorStatus] | None = None
    life: Life | None = None
    lives: int = 0
    not_before: float = -math.inf
    finished: bool = False
    ever_started: bool = False
    held_up: bool = False
    last_cause: str = ""

    def start_is_overdue(self, now: float) -> bool:
        life = self.life
        return life is not None and life.started_at is None and life.start_by <= now

    def state(self, now: float) -> ChildState:
        if self.finished:
            return ChildState.FINISHED
        if self.life is None:
            return ChildState.BACKING_OFF if self.not_before > now else ChildState.WAITING
        if self.life.stopping:
            return ChildState.STOPPING
        return ChildState.STARTING if self.life.started_at is None else ChildState.RUNNING

    def status(self, now: float) -> ChildStatus:
        backing_off = self.state(now) is ChildState.BACKING_OFF
        spec = self.spec if isinstance(self.spec, ChildSpec) else None
        return ChildStatus(
            name=self.spec.name,
            state=self.state(now),
            life=self.lives,
            started_at=self.life.started_at if self.life is not None else None,
            next_start_at=self.not_before if backing_off else None,
            last_cause=self.last_cause,
            vouches_for=() if spec is None else spec.vouches_for,
            fetches_price_for=None if spec is None else spec.fetches_price_for,
            inside=self.inside(now) if self.inside is not None else None,
        )

    def without_cause(self, kind: LifeEventKind) -> str:
        """The message of a life's event that has no exception."""
        if kind is LifeEventKind.STOP_OVERDUE:
            return f"{self.spec.name!r} did not stop within {self.spec.stop_deadline_s:g} s"
        return "returned" if kind is LifeEventKind.ENDED else kind.value
