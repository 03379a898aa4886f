"""Actors whose lives follow a script, and a stage to watch them on in virtual time."""

import math
from collections.abc import Sequence
from random import Random

import attrs
import trio

from engine.supervision.context import OnLeak, wait_for_leaked
from engine.supervision.events import LifeEvent, LifeEventKind
from engine.supervision.policy import Restart, RestartLimit, RestartStrategy
from engine.supervision.supervisor import Supervisor
from engine.supervision.tree import ChildSpec, SupervisorSpec


@attrs.frozen(kw_only=True)
class Act:
    """
    One life: starts after a while, serves for a while, ends somehow.

    Args:
        fails_starting: Raised instead of calling ``started()``.
        returns_starting: Returns instead of calling ``started()``.
        then: Raised at the end of its service; ``None`` returns.
        last_will_s: Shielded work once cancelled, in seconds.
        fails_stopping: Raised at the end of it.
    """

    starts_after_s: float = 0.0
    fails_starting: Exception | None = None
    returns_starting: bool = False
    serves_s: float = math.inf
    then: BaseException | None = None
    last_will_s: float = 0.0
    fails_stopping: BaseException | None = None


LIVES_ON = Act()


@attrs.define
class Stage:
    """What happened, in the order in which it happened."""

    timed: list[tuple[float, str]] = attrs.field(factory=list)
    events: list[LifeEvent] = attrs.field(factory=list)

    @property
    def turns(self) -> list[str]:
        return [turn for _, turn in self.timed]

    def turn(self, what: str) -> None:
        self.timed.append((trio.current_time(), what))

    def observe(self, event: LifeEvent) -> None:
        self.events.append(event)

    def of(self, kind: LifeEventKind) -> list[LifeEvent]:
        return [event for event in self.events if event.kind is kind]


@attrs.define
class Scripted:
    """Plays one act per life, and the last one for ever after."""

    name: str
    stage: Stage
    acts: Sequence[Act]
    lives: int = 0
    began_at: list[float] = attrs.field(factory=list)

    async def run(self, *, task_status: trio.TaskStatus[None] = trio.TASK_STATUS_IGNORED) -> None:
        act = self.acts[min(self.lives, len(self.acts) - 1)]
        self.lives += 1
        self.began_at.append(trio.current_time())
        self.stage.turn(f"+{self.name}")
        try:
            await _play(act, task_status)
        finally:
            if act.last_will_s:
                with trio.move_on_after(1000, shield=True):
                    await trio.sleep(act.last_will_s)
            self.stage.turn(f"-{self.name}")
            if act.fails_stopping is not None:
                raise act.fails_stopping


async def _play(act: Act, report: trio.TaskStatus[None]) -> None:
    await trio.sleep(act.starts_after_s)
    if act.fails_starting is not None:
        raise act.fails_starting
    if act.returns_starting:
        return
    report.started()
    if act.serves_s:
        await trio.sleep(act.serves_s)
    if act.then is not None:
        raise act.then


@attrs.define
class Rig:
    """Builds trees of scripted actors and runs them."""

    stage: Stage = attrs.field(factory=Stage)
    actors: dict[str, Scripted] = attrs.field(factory=dict)

    def child(self, name: str, *acts: Act, restart: Restart = Restart.PERMANENT) -> ChildSpec:
        actor = self.actors[name] = Scripted(name, self.stage, acts or (LIVES_ON,))
        return ChildSpec(
            name=name, actor=actor, restart=restart, start_deadline_s=10, stop_deadline_s=5
        )

    def supervisor(self, spec: SupervisorSpec, on_leak: OnLeak = wait_for_leaked) -> Supervisor:
        return Supervisor(spec, observe=self.stage.observe, random=Random(1), on_leak=on_leak)

    async def run_for(self, seconds: float, spec: SupervisorSpec) -> list[str]:
        """Run until cancelled; the turns before the cancellation began."""
        with trio.move_on_after(seconds) as scope:
            async with trio.open_nursery() as nursery:
                nursery.start_soon(self.supervisor(spec).run)
                await trio.sleep(seconds - 0.001)
                before = list(self.stage.turns)
        assert scope.cancelled_caught
        return before

    def lives(self) -> dict[str, int]:
        return {name: actor.lives for name, actor in self.actors.items()}


def group(
    strategy: RestartStrategy,
    *children: ChildSpec | SupervisorSpec,
    name: str = "root",
    limit: RestartLimit | None = None,
) -> SupervisorSpec:
    return SupervisorSpec(
        name=name, strategy=strategy, children=children, limit=limit or RestartLimit(3, 60)
    )
