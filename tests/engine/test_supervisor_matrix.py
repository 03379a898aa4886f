"""
The supervisor, cell by cell: strategy x restart kind x moment x how the child ends.

A tree of a, b and c; b is the one that fails. What follows is told by ``expected``, which knows
nothing of the supervisor but OTP's rules.
"""

import enum
from collections.abc import Sequence

import attrs
import pytest
import trio
from trio.testing import MockClock

from engine.supervision.events import LifeEventKind, TooManyDefects
from engine.supervision.policy import Restart, RestartLimit, RestartStrategy, Verdict
from engine.supervision.tree import ChildSpec, SupervisorSpec
from tests.engine.scripted import LIVES_ON, Act, Rig, group
from trading.core.errors import Fatal, Outage

ONE, REST, ALL = (
    RestartStrategy.ONE_FOR_ONE,
    RestartStrategy.REST_FOR_ONE,
    RestartStrategy.ONE_FOR_ALL,
)

ERRORS: dict[Verdict, Exception | None] = {
    Verdict.FINE: None,
    Verdict.OUTAGE: Outage("away"),
    Verdict.DEFECT: LookupError("missed"),
    Verdict.FATAL: Fatal("the key was refused"),
}


class Moment(enum.Enum):
    """When b ends."""

    BEFORE_STARTED = "before it has started"
    WHILE_STARTING = "in the step in which it calls started()"
    RUNNING = "while all are running"
    STOPPING = "while it is being stopped, because a has failed"
    TWO_AT_ONCE = "at the same moment and in the same way as c"
    NESTED = "as a supervisor that gives up because of its only child"


SHUTDOWN_AT_S = 50.0
"""Long after all that can follow from a failure has happened."""


@attrs.frozen
class Cell:
    strategy: RestartStrategy
    restart: Restart
    moment: Moment
    end: Verdict
    forgiving: bool

    @property
    def verdict(self) -> Verdict:
        """A child that always has to be there may not return."""
        if self.end is Verdict.FINE and self.restart is Restart.PERMANENT:
            return Verdict.DEFECT
        return self.end

    @property
    def lives_again(self) -> bool:
        if self.restart is Restart.TEMPORARY:
            return False
        return self.verdict in {Verdict.OUTAGE, Verdict.DEFECT}

    @property
    def counts(self) -> bool:
        return self.lives_again and self.verdict is Verdict.DEFECT

    @property
    def name(self) -> str:
        names = (self.strategy.name, self.restart.name, self.moment.name, self.end.name)
        return "-".join((*names, "forgiven" if self.forgiving else "unforgiven"))


@attrs.frozen
class Expected:
    """
    What a cell leads to.

    Args:
        turns: Lives that begin (+) and end (-) by themselves or are stopped, in order, from the
            failure on. A group in braces happens at one moment, in any order.
        raises: What comes out of the root.
    """

    turns: Sequence[str]
    raises: type[Exception] | None = None


def expected(cell: Cell) -> Expected:
    match cell.moment:
        case Moment.BEFORE_STARTED | Moment.WHILE_STARTING:
            return while_starting(cell)
        case Moment.RUNNING:
            return running(cell)
        case Moment.STOPPING:
            return stopping(cell)
        case Moment.TWO_AT_ONCE:
            return two_at_once(cell)
        case Moment.NESTED:
            return nested(cell)


def while_starting(cell: Cell) -> Expected:
    """B ends while a runs and c waits for its turn."""
    if cell.end is Verdict.FATAL:
        return Expected(["-b", "-a"], Fatal)
    if not cell.lives_again:
        return Expected(["-b", "+c"])
    if cell.counts and not cell.forgiving:
        return Expected(["-b", "-a"], TooManyDefects)
    if cell.strategy is ALL:
        return Expected(["-b", "-a", "+a", "+b", "+c"])
    if cell.strategy is ONE and cell.verdict is Verdict.OUTAGE:
        return Expected(["-b", "+c", "+b"])  # nobody independent waits for an outage
    if cell.strategy is ONE and cell.moment is Moment.WHILE_STARTING:
        return Expected(["-b", "{+b+c}"])  # it has started before: nobody waits for it again
    return Expected(["-b", "+b", "+c"])


def running(cell: Cell) -> Expected:
    if cell.end is Verdict.FATAL:
        return Expected(["-b", "-c", "-a"], Fatal)
    if not cell.lives_again:
        return Expected(["-b"])
    if cell.counts and not cell.forgiving:
        return Expected(["-b", "-c", "-a"], TooManyDefects)
    return Expected(
        {
            ONE: ["-b", "+b"],
            REST: ["-b", "-c", "+b", "+c"],
            ALL: ["-b", "-c", "-a", "+a", "+b", "+c"],
        }[cell.strategy]
    )


def stopping(cell: Cell) -> Expected:
    """A fails with a defect; b ends as the cell says once it is stopped because of that."""
    if not cell.forgiving:
        # A Fatal while stopping outranks the escalation that was under way.
        fatal = cell.end is Verdict.FATAL
        return Expected(["-a", "-c", "-b"], Fatal if fatal else TooManyDefects)
    if cell.strategy is ONE:
        return Expected(["-a", "+a"])  # b is not touched
    if cell.end is Verdict.FATAL:
        return Expected(["-a", "-c", "-b"], Fatal)
    again = ["+a", "+c"] if cell.restart is Restart.TEMPORARY else ["+a", "+b", "+c"]
    return Expected(["-a", "-c", "-b", *again])


def two_at_once(cell: Cell) -> Expected:
    """B and c, of one restart kind, end at one moment; trio lets either be the first."""
    if cell.end is Verdict.FATAL:
        return Expected(["{-b-c}", "-a"], Fatal)
    if not cell.lives_again:
        return Expected(["{-b-c}"])
    if cell.counts and not cell.forgiving:
        return Expected(["{-b-c}", "-a"], TooManyDefects)
    if cell.strategy is ALL:
        return Expected(["{-b-c}", "-a", "+a", "+b", "+c"])
    if cell.strategy is REST:
        return Expected(["{-b-c}", "+b", "+c"])
    return Expected(["{-b-c}", "{+b+c}"])


def nested(cell: Cell) -> Expected:
    """
    B is the child of a supervisor that forgives nothing, and that is what the cell is about.

    Only a defect makes it give up; it waits out an outage and passes on a Fatal.
    """
    match cell.end:
        case Verdict.FATAL:
            return Expected(["-b", "-c", "-a"], Fatal)
        case Verdict.OUTAGE:
            return Expected(["-b", "+b"])
        case _:
            return running(attrs.evolve(cell, end=Verdict.DEFECT))


CELLS = [
    Cell(strategy, restart, moment, end, forgiving)
    for strategy in RestartStrategy
    for restart in Restart
    for moment in Moment
    for end in Verdict
    for forgiving in (True, False)
]


def tree(rig: Rig, cell: Cell) -> SupervisorSpec:
    limit = RestartLimit(3 if cell.forgiving else 0, 60)
    return group(cell.strategy, *children(rig, cell), limit=limit)


def children(rig: Rig, cell: Cell) -> Sequence[ChildSpec | SupervisorSpec]:
    error = ERRORS[cell.end]
    a, c = rig.child("a"), rig.child("c")
    match cell.moment:
        case Moment.BEFORE_STARTED:
            acts = (Act(starts_after_s=1, fails_starting=error, returns_starting=True), LIVES_ON)
        case Moment.WHILE_STARTING:
            acts = (Act(starts_after_s=1, serves_s=0, then=error), LIVES_ON)
        case Moment.RUNNING | Moment.TWO_AT_ONCE | Moment.NESTED:
            acts = (Act(serves_s=5, then=error), LIVES_ON)
        case _:
            acts = (Act(fails_stopping=error), LIVES_ON)
            a = rig.child("a", Act(serves_s=5, then=ValueError("a is to blame")), LIVES_ON)
    b = rig.child("b", *acts, restart=cell.restart)
    if cell.moment is Moment.TWO_AT_ONCE:
        c = rig.child("c", *acts, restart=cell.restart)
    if cell.moment is not Moment.NESTED:
        return (a, b, c)
    b = rig.child("b", *acts)
    inner = group(ONE, b, name="inner", limit=RestartLimit(0, 60))
    return (a, attrs.evolve(inner, restart=cell.restart), c)


def assert_turns(turns: Sequence[str], wanted: Sequence[str]) -> None:
    rest = list(turns)
    for step in wanted:
        together = [step] if step[0] != "{" else [step[1:3], step[3:5]]
        assert sorted(rest[: len(together)]) == sorted(together), turns
        del rest[: len(together)]
    assert not rest, turns


@pytest.mark.parametrize("cell", CELLS, ids=lambda cell: cell.name)
async def test_a_cell(cell: Cell, autojump_clock: MockClock) -> None:
    wanted = expected(cell)
    rig = Rig()
    raised: Exception | None = None
    with trio.move_on_after(SHUTDOWN_AT_S):
        try:
            await rig.supervisor(tree(rig, cell)).run()
        except (Fatal, TooManyDefects) as error:
            raised = error
    before = turns_before_the_shutdown(rig)
    waits_for_b = cell.moment in {Moment.BEFORE_STARTED, Moment.WHILE_STARTING}
    begun = ["+a", "+b"] if waits_for_b else ["+a", "+b", "+c"]
    assert before[: len(begun)] == begun
    assert_turns(before[len(begun) :], wanted.turns)
    if wanted.raises is not None:
        assert type(raised) is wanted.raises
        assert trio.current_time() < SHUTDOWN_AT_S
    assert_told(rig, cell, wanted)


def assert_told(rig: Rig, cell: Cell, wanted: Expected) -> None:
    """Each end is one event, with its verdict and cause; an escalation is one more."""
    ended = rig.stage.of(LifeEventKind.ENDED)
    stopped = [event for event in rig.stage.of(LifeEventKind.STOPPED) if event.at < SHUTDOWN_AT_S]
    ends = [turn for turn in turns_before_the_shutdown(rig) if turn[0] == "-"]
    names = [event.path[-1] for event in (*ended, *stopped) if event.path[-1] != "inner"]
    assert sorted(names) == sorted(turn[1:] for turn in ends)
    escalations = rig.stage.of(LifeEventKind.ESCALATED)
    escalates = wanted.raises is TooManyDefects or (
        cell.moment is Moment.STOPPING and not cell.forgiving
    )
    assert [event.path for event in escalations].count(("root",)) == escalates
    error = ERRORS[cell.end]
    if cell.moment is Moment.STOPPING:
        [judged] = ended
        assert (judged.path[-1], judged.verdict) == ("a", Verdict.DEFECT)
        told = [event for event in stopped if event.path[-1] == "b"][:1]
        assert [event.cause for event in told] == ([error] if told else [])
        return
    first = ended[0]
    assert first.path[-1] in {"b", "c"}
    assert (first.cause, first.verdict) == (error, told_verdict(cell))
    if cell.moment is not Moment.NESTED:
        assert (first.backoff_s is not None) == (cell.lives_again and wanted.raises is None)
        assert first.failures_in_window == (1 if cell.counts else 0)


def told_verdict(cell: Cell) -> Verdict:
    nested_child = cell.moment is Moment.NESTED
    return attrs.evolve(cell, restart=Restart.PERMANENT).verdict if nested_child else cell.verdict


def turns_before_the_shutdown(rig: Rig) -> list[str]:
    return [turn for at, turn in rig.stage.timed if at < SHUTDOWN_AT_S]
