"""
Supervisors of actors, as in OTP, on trio.

One loop does everything. It judges each end, stops the affected children in reverse order, and
starts those that should run and do not, in order; so the first start, a start that fails half-way
and a restart are the same. Trio cancels a whole tree at once; to stop in order each life runs in a
shielded scope of its own, and every shield has a deadline.
"""

import functools
import math
from random import Random

import attrs
import trio

from actors.ports.ports import Actor, Wakeup
from engine.supervision.child import Child, Life, StartReport
from engine.supervision.context import Observer, OnLeak, SupervisionContext, wait_for_leaked
from engine.supervision.events import (
    EndOfProcessCalledFor,
    LifeEvent,
    LifeEventKind,
    NothingLeftToRun,
    Path,
    StartOverdue,
    StopOverdue,
    SupervisorStatus,
    TooManyDefects,
    called_for_the_end,
    describe,
)
from engine.supervision.policy import (
    Action,
    End,
    Escalate,
    Finish,
    History,
    Judgement,
    Restart,
    RestartStrategy,
    Revive,
    StopAll,
    Verdict,
    classify,
    judge,
    leaves,
)
from engine.supervision.tree import ChildSpec, SupervisorSpec
from trading.core.errors import Fatal, FatalReason

_STOOD_STILL_S = 0.5
"""If it wakes up so much later than asked for, the loop has stood still: load causes far less."""


class Supervisor:
    """
    An actor that starts, judges and restarts its children.

    Args:
        observe: Called at once with every change in every life; must not block nor raise.
        random: Seeds the jitter of every backoff in the tree.
        on_leak: Called when the whole tree has been stopped, with the children that did not stop.
        above, context: Of a supervisor below another one.

    Raises:
        Fatal: A child raised it, or did not stop in time; all others are stopped by then.
        TooManyDefects: The limit is exceeded.
    """

    def __init__(
        self,
        spec: SupervisorSpec,
        *,
        observe: Observer,
        random: Random,
        on_leak: OnLeak = wait_for_leaked,
        above: Path = (),
        context: SupervisionContext | None = None,
    ) -> None:
        self.spec = spec
        self.path: Path = (*above, spec.name)
        self._context = context or SupervisionContext(
            observe=observe, random=random, on_leak=on_leak
        )
        self._actors = tuple((child, self._actor_of(child)) for child in spec.children)
        self._current = self._new_run()

    async def run(self, *, task_status: trio.TaskStatus[None] = trio.TASK_STATUS_IGNORED) -> None:
        """
        Supervise the children until cancelled.

        *Started* means that every child has started, or waits out an outage, or waits behind one.
        """
        run = self._current = self._new_run()
        try:
            if self._context.nursery is None:
                await self._run_as_root(run, task_status)
            else:
                await run.run(self._context.nursery, task_status)
        finally:
            # Outside the nursery, so that no group hides it; after a cancellation too, so that
            # orders left open are not lost in a shutdown.
            if run.ending is not None:
                raise run.ending

    async def _run_as_root(self, run: "_Run", report: trio.TaskStatus[None]) -> None:
        async with trio.open_nursery() as nursery:
            self._context.nursery = nursery
            try:
                await run.run(nursery, report)
            finally:
                self._context.nursery = None
                if leaked := self._context.leaked():
                    self._context.on_leak(leaked)

    def status(self, now: float) -> SupervisorStatus:
        """The tree below at ``now`` monotonic seconds."""
        return self._current.status(now)

    def _actor_of(self, child: ChildSpec | SupervisorSpec) -> Actor:
        if isinstance(child, ChildSpec):
            return child.actor
        context = self._context
        return Supervisor(
            child, observe=context.observe, random=context.random, above=self.path, context=context
        )

    def _new_run(self) -> "_Run":
        return _Run(
            spec=self.spec,
            path=self.path,
            context=self._context,
            children=tuple(
                Child(
                    spec=spec,
                    actor=actor,
                    inside=actor.status if isinstance(actor, Supervisor) else None,
                )
                for spec, actor in self._actors
            ),
        )


@attrs.define(eq=False, kw_only=True)
class _Run:
    """
    One run of a supervisor.

    Args:
        ending: Why the supervisor ends, other than by cancellation.
    """

    spec: SupervisorSpec
    path: Path
    context: SupervisionContext
    children: tuple[Child, ...]
    history: History = attrs.field(factory=History)
    ending: Exception | None = None
    _unjudged: list[tuple[Child, Life]] = attrs.field(factory=list, init=False)
    _bell: Wakeup = attrs.field(factory=Wakeup, init=False)

    async def run(self, nursery: trio.Nursery, report: trio.TaskStatus[None]) -> None:
        try:
            await self._supervise(nursery, report)
        finally:
            with trio.move_on_after(self.spec.stop_deadline_s, shield=True):
                await self._stop_all()

    async def _supervise(self, nursery: trio.Nursery, report: trio.TaskStatus[None]) -> None:
        """The one loop; returns when there is a reason to end."""
        announced = False
        while self.ending is None:
            now = trio.current_time()
            if self._unjudged:
                child, life = self._unjudged.pop(0)
                await self._settle(child, life, life.error)
                continue
            late = next((child for child in self.children if child.start_is_overdue(now)), None)
            if late is not None:
                await self._give_up_start(late)
                continue
            self._start_whoever_should_live(nursery, now)
            if not announced and not any(self._holds_back_others(each) for each in self.children):
                report.started()
                announced = True
            with trio.move_on_at(self._next_moment(now)):
                await self._bell.wait()

    async def _stop_all(self) -> None:
        for child in reversed(self.children):
            await self._stop(child)

    def status(self, now: float) -> SupervisorStatus:
        return SupervisorStatus(
            name=self.spec.name,
            strategy=self.spec.strategy,
            failures_in_window=len(self.history.defects_in_window(self.spec.limit, now)),
            limit=self.spec.limit.defects_max,
            children=tuple(child.status(now) for child in self.children),
        )

    def has_started(self, child: Child, life: Life) -> None:
        if life.started_at is not None:
            raise RuntimeError("called 'started' twice in one life")
        life.started_at = trio.current_time()
        if life.stopping:
            return
        child.ever_started = True
        child.held_up = False
        self._tell(LifeEventKind.STARTED, child, life)
        self._bell.ring()

    def _start_whoever_should_live(self, nursery: trio.Nursery, now: float) -> None:
        in_order = self.spec.strategy is not RestartStrategy.ONE_FOR_ONE
        for child in self.children:
            if child.life is None and not child.finished:
                if child.not_before <= now:
                    self._begin(nursery, child, now)
                elif in_order:
                    return
            if self._holds_back_others(child):
                return

    def _holds_back_others(self, child: Child) -> bool:
        """Whether those after it must wait until it has started."""
        if child.life is None or child.life.started_at is not None:
            return False
        if self.spec.strategy is RestartStrategy.ONE_FOR_ONE:
            # Independent children are ordered at their first start only, and wait for no outage.
            return not (child.ever_started or child.held_up)
        return True

    def _begin(self, nursery: trio.Nursery, child: Child, now: float) -> None:
        child.lives += 1
        life = child.life = Life(
            number=child.lives, began_at=now, start_by=now + child.spec.start_deadline_s
        )
        nursery.start_soon(self._live, child, life, name=" > ".join((*self.path, child.spec.name)))

    async def _live(self, child: Child, life: Life) -> None:
        started = functools.partial(self.has_started, child, life)
        try:
            with life.scope:
                await child.actor.run(task_status=StartReport(started))
        except Exception as error:  # noqa: BLE001  the one place that judges errors, all of them
            life.error = error
        except BaseException as error:  # noqa: ASYNC103  what is trio's own is raised again
            if not (ends := called_for_the_end(error)):
                raise
            life.error = EndOfProcessCalledFor(f"{describe(ends[0])}: only the engine ends itself")
            life.error.__cause__ = error
        life.ended.set()
        if life.stopping:
            self._tell_stopped(child, life)
        else:
            self._unjudged.append((child, life))
        self._bell.ring()

    async def _settle(self, child: Child, life: Life, error: Exception | None) -> None:
        """Judge a life's end and carry out the decision, up to stopping others."""
        now = trio.current_time()
        end = End(
            child=child.spec.name,
            restart=child.spec.restart,
            verdict=classify(error),
            served_s=0.0 if life.started_at is None else now - life.started_at,
        )
        judgement = judge(self.spec.policy, self.history, end, now, self.context.random)
        self.history = judgement.history
        child.life = None
        child.held_up = judgement.verdict is Verdict.OUTAGE
        child.last_cause = describe(error) or "returned"
        self._tell(LifeEventKind.ENDED, child, life, error=error, judgement=judgement)
        match judgement.action:
            case Revive(after_s=after_s, which=which):
                child.not_before = now + after_s
                await self._make_room(which)
            case Finish():
                child.finished = True
            case Escalate():
                self._escalate(life, child, error, judgement)
            case StopAll():
                self._end_with(error)

    async def _make_room(self, which: tuple[str, ...]) -> None:
        """Stop the children that are to be restarted, last first."""
        for child in reversed(self.children):
            if child.spec.name in which:
                await self._stop(child)
                child.finished = child.spec.restart is Restart.TEMPORARY

    async def _stop(self, child: Child) -> None:
        life = child.life
        if life is None:
            return
        if life.stop_by is None:
            # A deadline once set stays: a second attempt does not begin the wait again.
            life.stop_by = trio.current_time() + child.spec.stop_deadline_s
        if (child, life) in self._unjudged:
            self._unjudged.remove((child, life))
            self._tell_stopped(child, life)
        life.scope.cancel()
        await self._until_stopped(child, life, life.stop_by)
        child.life = None

    async def _until_stopped(self, child: Child, life: Life, stop_by: float) -> None:
        """
        Wait for the end of a life, or leave it behind at its deadline.

        If the event loop stood still beyond the deadline, no task could meet it: the child gets
        that time again, once.
        """
        with trio.move_on_at(stop_by):
            await life.ended.wait()
        now = trio.current_time()
        if not life.ended.is_set() and now - stop_by >= _STOOD_STILL_S:
            life.stop_by = now + min(now - stop_by, child.spec.stop_deadline_s)
            with trio.move_on_at(life.stop_by):
                await life.ended.wait()
        if not life.ended.is_set():
            self._leave_behind(child, life)

    def _leave_behind(self, child: Child, life: Life) -> None:
        """Stop everything: a life that still runs must not be replaced."""
        event = self._tell(LifeEventKind.STOP_OVERDUE, child, life)
        self.context.overdue.append((life, event))
        self._end_with(StopOverdue(event.message, FatalReason.STUCK))

    async def _give_up_start(self, child: Child) -> None:
        life = child.life
        assert life is not None
        await self._stop(child)
        overdue = StartOverdue(f"did not start within {child.spec.start_deadline_s:g} s")
        overdue.__cause__ = life.error
        await self._settle(child, life, overdue)

    def _escalate(
        self, life: Life, child: Child, error: Exception | None, judgement: Judgement
    ) -> None:
        limit = self.spec.limit
        kind = NothingLeftToRun if self.spec.ends_all else TooManyDefects
        failure = kind(
            f"{self.spec.name}: {judgement.failures_in_window} defects within {limit.within_s:g} s,"
            f" {limit.defects_max} are forgiven; the last was {child.spec.name!r}",
            child.spec.name,
        )
        failure.__cause__ = error
        self._end_with(failure)
        self._tell(LifeEventKind.ESCALATED, None, life, error=failure, judgement=judgement)

    def _end_with(self, error: Exception | None) -> None:
        """Set the reason to end; the first stands, but a Fatal outranks everything."""
        assert error is not None
        fatal = next((leaf for leaf in leaves(error) if isinstance(leaf, Fatal)), None)
        if self.ending is None or (fatal and not isinstance(self.ending, Fatal)):
            self.ending = fatal or error

    def _tell_stopped(self, child: Child, life: Life) -> None:
        """Report the end of a stopped or replaced life; it triggers nothing, unless it is fatal."""
        self._tell(LifeEventKind.STOPPED, child, life, error=life.error)
        if life.error is not None:
            child.last_cause = describe(life.error)
            if classify(life.error) is Verdict.FATAL:
                self._end_with(life.error)

    def _tell(
        self,
        kind: LifeEventKind,
        child: Child | None,
        life: Life,
        *,
        error: Exception | None = None,
        judgement: Judgement | None = None,
    ) -> LifeEvent:
        now = trio.current_time()
        verdict = judgement.verdict if judgement else classify(error) if error else None
        action = judgement.action if judgement else None
        event = LifeEvent(
            kind=kind,
            at=now,
            path=self.path if child is None else (*self.path, child.spec.name),
            life=life.number,
            age_s=now - life.began_at,
            verdict=verdict,
            cause=error,
            message=describe(error) or (child.without_cause(kind) if child else ""),
            failures_in_window=len(self.history.defects_in_window(self.spec.limit, now)),
            limit=self.spec.limit.defects_max,
            backoff_s=action.after_s if isinstance(action, Revive) else None,
            restarting=self._names_restarting(action),
        )
        self.context.observe(event)
        return event

    def _names_restarting(self, action: Action | None) -> tuple[str, ...]:
        if not isinstance(action, Revive):
            return ()
        return tuple(
            child.spec.name
            for child in self.children
            if child.spec.name in action.which and child.spec.restart is not Restart.TEMPORARY
        )

    def _next_moment(self, now: float) -> float:
        """The next moment at which a deadline or backoff is over."""
        moments = (
            child.not_before if child.life is None else child.life.start_by
            for child in self.children
            if not child.finished and (child.life is None or child.life.started_at is None)
        )
        return min((moment for moment in moments if moment > now), default=math.inf)
