"""Supervision in virtual time: every strategy, restart kind and failure moment."""

import attrs
import pytest
import trio
from trio.testing import MockClock

from engine.supervision.events import (
    ChildState,
    LifeEventKind,
    NothingLeftToRun,
    StartOverdue,
    TooManyDefects,
)
from engine.supervision.policy import Restart, RestartLimit, RestartStrategy, Verdict
from engine.supervision.tree import ChildSpec
from tests.engine.scripted import LIVES_ON, Act, Rig, group
from trading.core.errors import Outage

ONE, REST, ALL = (
    RestartStrategy.ONE_FOR_ONE,
    RestartStrategy.REST_FOR_ONE,
    RestartStrategy.ONE_FOR_ALL,
)

WHAT_FOLLOWS = {
    ONE: ["-b", "+b"],
    REST: ["-b", "-c", "+b", "+c"],
    ALL: ["-b", "-c", "-a", "+a", "+b", "+c"],
}
"""When b, in the middle of a, b and c, has failed while all three were running."""


async def test_children_start_in_order_and_stop_in_reverse(autojump_clock: MockClock) -> None:
    rig = Rig()
    slow = Act(starts_after_s=3)
    spec = group(ONE, rig.child("a", slow), rig.child("b", slow), rig.child("c", slow))
    await rig.run_for(60, spec)
    assert rig.stage.turns == ["+a", "+b", "+c", "-c", "-b", "-a"]
    assert [rig.actors[name].began_at for name in "abc"] == [[0], [3], [6]]


@pytest.mark.parametrize("strategy", RestartStrategy)
@pytest.mark.parametrize("restart", Restart)
@pytest.mark.parametrize("end", [None, LookupError("missed"), Outage("away")])
async def test_a_running_child_ends(
    strategy: RestartStrategy,
    restart: Restart,
    end: Exception | None,
    autojump_clock: MockClock,
) -> None:
    rig = Rig()
    failing = rig.child("b", Act(serves_s=5, then=end), LIVES_ON, restart=restart)
    before = await rig.run_for(60, group(strategy, rig.child("a"), failing, rig.child("c")))
    lives_again = restart is Restart.PERMANENT or (restart is Restart.TRANSIENT and end is not None)
    assert before[3:] == (WHAT_FOLLOWS[strategy] if lives_again else ["-b"])


@pytest.mark.parametrize("strategy", RestartStrategy)
@pytest.mark.parametrize("restart", Restart)
@pytest.mark.parametrize("end", [LookupError("missed"), Outage("away")])
async def test_a_child_fails_before_it_has_started(
    strategy: RestartStrategy,
    restart: Restart,
    end: Exception,
    autojump_clock: MockClock,
) -> None:
    rig = Rig()
    failing = rig.child("b", Act(starts_after_s=1, fails_starting=end), LIVES_ON, restart=restart)
    before = await rig.run_for(60, group(strategy, rig.child("a"), failing, rig.child("c")))
    if restart is Restart.TEMPORARY:
        assert before == ["+a", "+b", "-b", "+c"]
    elif strategy is ALL:
        assert before == ["+a", "+b", "-b", "-a", "+a", "+b", "+c"]
    elif strategy is ONE and isinstance(end, Outage):
        assert before == ["+a", "+b", "-b", "+c", "+b"]
    else:
        assert before == ["+a", "+b", "-b", "+b", "+c"]


@pytest.mark.parametrize("strategy", RestartStrategy)
@pytest.mark.parametrize("restart", Restart)
async def test_a_child_fails_while_it_is_being_stopped(
    strategy: RestartStrategy, restart: Restart, autojump_clock: MockClock
) -> None:
    rig = Rig()
    failing = Act(fails_stopping=LookupError("in the last will"))
    spec = group(
        strategy,
        rig.child("a", Act(serves_s=5, then=ValueError()), LIVES_ON),
        rig.child("b", failing, LIVES_ON, restart=restart),
    )
    before = await rig.run_for(60, spec)
    if strategy is ONE:
        assert before == ["+a", "+b", "-a", "+a"]
    elif restart is Restart.TEMPORARY:
        assert before == ["+a", "+b", "-a", "-b", "+a"]
    else:
        assert before == ["+a", "+b", "-a", "-b", "+a", "+b"]
    stopped = rig.stage.of(LifeEventKind.STOPPED)[0 if strategy is not ONE else -2]
    assert stopped.path == ("root", "b")
    assert stopped.message == "LookupError: in the last will"
    assert [event.failures_in_window for event in rig.stage.of(LifeEventKind.ENDED)] == [1]


@pytest.mark.parametrize("strategy", RestartStrategy)
@pytest.mark.parametrize("restart", Restart)
async def test_two_children_fail_at_once(
    strategy: RestartStrategy, restart: Restart, autojump_clock: MockClock
) -> None:
    rig = Rig()
    failing = Act(serves_s=5, then=LookupError("both"))
    spec = group(
        strategy,
        rig.child("a", failing, LIVES_ON),
        rig.child("b", failing, LIVES_ON, restart=restart),
        rig.child("c"),
    )
    before = await rig.run_for(60, spec)
    again = ["+a"] if restart is Restart.TEMPORARY else ["+a", "+b"]
    # Trio runs tasks that wake at one moment in any order: a and b may end either way round.
    assert set(before[3:5]) == {"-a", "-b"}
    if strategy is ONE:
        assert sorted(before[5:]) == again
    else:
        assert before[5:] == ["-c", *again, "+c"]


async def test_two_failures_of_a_group_at_once_count_as_one(autojump_clock: MockClock) -> None:
    rig = Rig()
    failing = Act(serves_s=5, then=LookupError("both"))
    spec = group(ALL, rig.child("a", failing, LIVES_ON), rig.child("b", failing, LIVES_ON))
    await rig.run_for(60, spec)
    assert [event.failures_in_window for event in rig.stage.of(LifeEventKind.ENDED)] == [1]
    assert rig.stage.of(LifeEventKind.STOPPED)[0].message == "LookupError: both"


async def test_a_temporary_child_stopped_for_a_sibling_does_not_come_back(
    autojump_clock: MockClock,
) -> None:
    rig = Rig()
    spec = group(
        ALL,
        rig.child("a", Act(serves_s=5, then=ValueError()), LIVES_ON),
        rig.child("b", restart=Restart.TEMPORARY),
    )
    assert await rig.run_for(60, spec) == ["+a", "+b", "-a", "-b", "+a"]
    assert rig.stage.of(LifeEventKind.ENDED)[0].restarting == ("a",)


async def test_a_finished_transient_child_lives_again_with_its_group(
    autojump_clock: MockClock,
) -> None:
    rig = Rig()
    spec = group(
        ALL,
        rig.child("a", Act(serves_s=1), restart=Restart.TRANSIENT),
        rig.child("b", Act(serves_s=5, then=ValueError()), LIVES_ON),
    )
    assert await rig.run_for(60, spec) == ["+a", "+b", "-a", "-b", "+a", "+b", "-a"]


async def test_a_child_that_does_not_start_in_time_is_a_defect(autojump_clock: MockClock) -> None:
    rig = Rig()
    before = await rig.run_for(60, group(ONE, rig.child("a", Act(starts_after_s=99), LIVES_ON)))
    ended = rig.stage.of(LifeEventKind.ENDED)[0]
    assert before == ["+a", "-a", "+a"]
    assert (ended.at, ended.verdict) == (10, Verdict.DEFECT)
    assert isinstance(ended.cause, StartOverdue)


@pytest.mark.parametrize("strategy", [REST, ALL])
async def test_later_siblings_wait_for_a_child_that_waits_out_an_outage(
    strategy: RestartStrategy, autojump_clock: MockClock
) -> None:
    rig = Rig()
    away = Act(fails_starting=Outage("refused"))
    spec = group(strategy, rig.child("a", away, away, away, LIVES_ON), rig.child("b"))
    before = await rig.run_for(60, spec)
    assert before == [*["+a", "-a"] * 3, "+a", "+b"]


async def test_an_outage_while_starting_holds_up_no_independent_sibling(
    autojump_clock: MockClock,
) -> None:
    rig = Rig()
    away = Act(starts_after_s=5, fails_starting=Outage("refused"))
    spec = group(ONE, rig.child("a", away), rig.child("b", Act(starts_after_s=8)), rig.child("c"))
    await rig.run_for(60, spec)
    assert rig.actors["b"].began_at == [5]
    assert rig.actors["c"].began_at == [13]


async def test_a_group_held_up_by_an_outage_does_not_hold_up_what_comes_after_it(
    autojump_clock: MockClock,
) -> None:
    rig = Rig()
    away = Act(starts_after_s=5, fails_starting=Outage("refused"))
    inner = group(ALL, rig.child("socket", away), rig.child("books"), name="market data")
    await rig.run_for(60, group(ONE, inner, rig.child("surfaces")))
    assert rig.actors["surfaces"].began_at == [5]
    assert rig.actors["books"].began_at == []


async def test_an_hour_of_outage_is_waited_out_uncounted(autojump_clock: MockClock) -> None:
    rig = Rig()
    away = Act(fails_starting=Outage("maintenance"))
    spec = group(ONE, rig.child("a", *[away] * 170, LIVES_ON), limit=RestartLimit(0, 60))
    await rig.run_for(3 * 3600, spec)
    ended = rig.stage.of(LifeEventKind.ENDED)
    waits = [event.backoff_s for event in ended if event.backoff_s is not None]
    assert ended[-1].at > 3600
    assert rig.stage.of(LifeEventKind.STARTED)
    assert {event.failures_in_window for event in ended} == {0}
    assert all(0.25 <= wait <= 30 for wait in waits)
    assert all(wait >= 15 for wait in waits[6:])
    assert len(set(waits)) == len(waits) == 170, "jitter"


async def test_more_defects_than_forgiven_escalate_from_the_root(autojump_clock: MockClock) -> None:
    rig = Rig()
    spec = group(ONE, rig.child("a"), rig.child("b", Act(serves_s=1, then=LookupError("gap"))))
    with pytest.raises(TooManyDefects, match="4 defects within 60 s, 3 are forgiven") as raised:
        await rig.supervisor(spec).run()
    assert isinstance(raised.value.__cause__, LookupError)
    assert rig.lives() == {"a": 1, "b": 4}
    assert rig.stage.turns[-2:] == ["-b", "-a"]
    escalated = rig.stage.events[-2]
    assert (escalated.kind, escalated.path) == (LifeEventKind.ESCALATED, ("root",))
    assert "<- LookupError: gap" in escalated.message


async def test_defects_further_apart_than_the_window_never_escalate(
    autojump_clock: MockClock,
) -> None:
    rig = Rig()
    await rig.run_for(3600, group(ONE, rig.child("a", Act(serves_s=21, then=ValueError()))))
    # 21 s of service and, with two others in the window, a pause of 1 s.
    assert rig.lives()["a"] == 164


async def test_a_group_without_which_nothing_is_left_ends_the_whole_tree_at_once(
    autojump_clock: MockClock,
) -> None:
    rig = Rig()
    leaf = group(ONE, rig.child("a", Act(serves_s=0.1, then=ValueError("odd"))), name="leaf")
    middle = group(ONE, rig.child("b"), attrs.evolve(leaf, ends_all=True), name="middle")
    with pytest.raises(NothingLeftToRun, match="leaf: 4 defects within 60 s") as raised:
        await rig.supervisor(group(ONE, rig.child("c"), middle)).run()
    assert isinstance(raised.value.__cause__, ValueError)
    assert rig.lives() == {"c": 1, "b": 1, "a": 4}
    assert rig.stage.turns[-3:] == ["-a", "-b", "-c"]


async def test_levels_multiply(autojump_clock: MockClock) -> None:
    rig = Rig()
    leaf = group(
        ONE, rig.child("a", Act(serves_s=0.1, then=ValueError())), name="leaf"
    )  # 3 forgiven: 4 lives each time
    middle = group(ONE, leaf, name="middle", limit=RestartLimit(2, 60))
    with pytest.raises(TooManyDefects) as raised:
        await rig.supervisor(group(ONE, middle, limit=RestartLimit(1, 60))).run()
    assert rig.lives()["a"] == 4 * 3 * 2
    assert isinstance(raised.value.__cause__, TooManyDefects)


@pytest.mark.parametrize("strategy", RestartStrategy)
@pytest.mark.parametrize("restart", Restart)
async def test_a_nested_supervisor_that_gives_up_is_judged_like_any_child(
    strategy: RestartStrategy, restart: Restart, autojump_clock: MockClock
) -> None:
    rig = Rig()
    failing = rig.child("b", Act(serves_s=5, then=ValueError()), LIVES_ON)
    forgives_nothing = group(ONE, failing, name="inner", limit=RestartLimit(0, 60))
    inner = attrs.evolve(forgives_nothing, restart=restart)
    before = await rig.run_for(60, group(strategy, rig.child("a"), inner, rig.child("c")))
    assert before[3:] == (["-b"] if restart is Restart.TEMPORARY else WHAT_FOLLOWS[strategy])


async def test_the_state_of_the_tree_reads_as_values(autojump_clock: MockClock) -> None:
    rig = Rig()
    away = Act(fails_starting=Outage("refused"))
    inner = group(ONE, rig.child("books"), name="market data")
    spec = group(
        ONE,
        rig.child("socket", away),
        rig.child("gaps", Act(serves_s=1, then=LookupError("gap")), LIVES_ON),
        rig.child("job", Act(serves_s=1), restart=Restart.TRANSIENT),
        inner,
    )
    supervisor = rig.supervisor(spec)
    idle = supervisor.status(0)
    assert {child.state for child in idle.children} == {ChildState.WAITING}
    async with trio.open_nursery() as nursery:
        await nursery.start(supervisor.run)
        await trio.sleep(30.05)
        status = supervisor.status(trio.current_time())
        nursery.cancel_scope.cancel()
    socket, gaps, job, market_data = status.children
    assert (status.failures_in_window, status.limit) == (1, 3)
    assert socket.state is ChildState.BACKING_OFF
    assert socket.next_start_at is not None
    assert (socket.started_at, socket.last_cause) == (None, "Outage: refused")
    assert (gaps.state, gaps.life, gaps.started_at) == (ChildState.RUNNING, 2, 1)
    assert (job.state, job.last_cause) == (ChildState.FINISHED, "returned")
    assert market_data.inside is not None
    assert market_data.inside.children[0].state is ChildState.RUNNING


async def test_calling_started_twice_is_a_defect(autojump_clock: MockClock) -> None:
    class Eager:
        async def run(self, *, task_status: trio.TaskStatus[None]) -> None:
            task_status.started()
            await trio.lowlevel.checkpoint()
            task_status.started()

    rig = Rig()
    spec = group(ONE, ChildSpec(name="a", actor=Eager()), limit=RestartLimit(0, 60))
    with pytest.raises(TooManyDefects) as raised:
        await rig.supervisor(spec).run()
    assert isinstance(raised.value.__cause__, RuntimeError)


def test_a_specification_is_checked_before_anything_starts() -> None:
    rig = Rig()
    with pytest.raises(ValueError, match="share a name: a"):
        group(ONE, rig.child("a"), rig.child("a"))
    with pytest.raises(ValueError, match="children"):
        group(ONE)
