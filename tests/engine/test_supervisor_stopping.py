"""How a tree ends: Fatal, cancellation, deadlines, and what failed on the way down."""

from collections.abc import Sequence

import msgspec
import pytest
import trio
from trio.testing import MockClock

from engine.supervision.events import LifeEvent, LifeEventKind, StopOverdue
from engine.supervision.policy import RestartStrategy, Verdict
from engine.supervision.tree import ChildSpec
from tests.engine.scripted import LIVES_ON, Act, Rig, group
from trading.core.errors import Fatal, FatalReason, Outage

ONE, REST, ALL = (
    RestartStrategy.ONE_FOR_ONE,
    RestartStrategy.REST_FOR_ONE,
    RestartStrategy.ONE_FOR_ALL,
)


async def test_a_fatal_stops_every_level_in_order_and_comes_out_of_the_root(
    autojump_clock: MockClock,
) -> None:
    rig = Rig()
    fatal = Fatal("the key was refused")
    bad = Act(serves_s=5, then=ExceptionGroup("socket", [ValueError(), fatal]))
    inner = group(ALL, rig.child("b"), rig.child("c", bad), rig.child("d"), name="account data")
    spec = group(REST, rig.child("a"), inner, rig.child("e"))
    with pytest.raises(Fatal) as raised:
        await rig.supervisor(spec).run()
    assert raised.value is fatal
    assert rig.stage.turns[5:] == ["-c", "-d", "-b", "-e", "-a"]


@pytest.mark.parametrize("strategy", RestartStrategy)
async def test_a_fatal_before_started_stops_what_had_started(
    strategy: RestartStrategy, autojump_clock: MockClock
) -> None:
    rig = Rig()
    bad = Act(starts_after_s=1, fails_starting=Fatal("the key was refused"))
    spec = group(strategy, rig.child("a"), rig.child("b", bad), rig.child("c"))
    with pytest.raises(Fatal):
        await rig.supervisor(spec).run()
    assert rig.stage.turns == ["+a", "+b", "-b", "-a"]


async def test_each_child_is_stopped_alone_after_those_that_depend_on_it(
    autojump_clock: MockClock,
) -> None:
    rig = Rig()
    slow = Act(last_will_s=3)
    inner = group(ALL, rig.child("b", slow), rig.child("c", slow), name="inner")
    await rig.run_for(10, group(ONE, rig.child("a", slow), inner, rig.child("d", slow)))
    stopped = [(event.path[-1], event.at) for event in rig.stage.of(LifeEventKind.STOPPED)]
    assert stopped == [("d", 13), ("c", 16), ("b", 19), ("inner", 19), ("a", 22)]


async def test_errors_while_shutting_down_are_reported_and_do_not_stop_the_stopping(
    autojump_clock: MockClock,
) -> None:
    rig = Rig()
    failing = Act(fails_stopping=Outage("the last will was cut short"))
    await rig.run_for(10, group(ONE, rig.child("a"), rig.child("b", failing)))
    first, second = rig.stage.of(LifeEventKind.STOPPED)
    assert (first.path, first.verdict) == (("root", "b"), Verdict.OUTAGE)
    assert first.message == "Outage: the last will was cut short"
    assert (second.path, second.cause) == (("root", "a"), None)


async def test_a_fatal_while_shutting_down_comes_out_of_the_root_after_all_have_stopped(
    autojump_clock: MockClock,
) -> None:
    rig = Rig()
    left = Fatal("2 orders are left", FatalReason.ORDERS_LEFT)
    inner = group(ONE, rig.child("b", Act(fails_stopping=left)), name="trading")
    spec = group(ONE, rig.child("a"), inner)
    with pytest.raises(Fatal) as raised, trio.move_on_after(10):
        await rig.supervisor(spec).run()
    assert raised.value is left
    assert rig.stage.turns == ["+a", "+b", "-b", "-a"]


async def test_a_fatal_while_being_stopped_for_a_sibling_is_still_fatal(
    autojump_clock: MockClock,
) -> None:
    rig = Rig()
    spec = group(
        ALL,
        rig.child("a", Act(serves_s=5, then=ValueError())),
        rig.child("b", Act(fails_stopping=Fatal("orders left"))),
    )
    with pytest.raises(Fatal):
        await rig.supervisor(spec).run()
    assert rig.lives() == {"a": 1, "b": 1}


@pytest.mark.parametrize("strategy", RestartStrategy)
async def test_a_fatal_beside_a_defect_at_the_same_moment_wins(
    strategy: RestartStrategy, autojump_clock: MockClock
) -> None:
    rig = Rig()
    spec = group(
        strategy,
        rig.child("a", Act(serves_s=5, then=ValueError())),
        rig.child("b", Act(serves_s=5, then=Fatal("the key was refused"))),
    )
    with pytest.raises(Fatal):
        await rig.supervisor(spec).run()
    assert rig.lives() == {"a": 1, "b": 1}


async def test_a_child_that_does_not_stop_in_time_is_reported_and_fails_the_supervisor(
    autojump_clock: MockClock,
) -> None:
    rig = Rig()
    spec = group(ONE, rig.child("a"), rig.child("b", Act(last_will_s=60)), rig.child("c"))
    with pytest.raises(StopOverdue, match="'b' did not stop within 5 s"), trio.move_on_after(10):
        await rig.supervisor(spec).run()
    overdue = rig.stage.of(LifeEventKind.STOP_OVERDUE)[0]
    assert (overdue.at, overdue.path) == (15, ("root", "b"))
    assert rig.stage.turns[3:] == ["-c", "-a", "-b"], "the others are stopped all the same"


async def test_a_child_that_does_not_stop_ends_the_tree_and_then_is_left_behind(
    autojump_clock: MockClock,
) -> None:
    seen: list[tuple[float, list[LifeEvent]]] = []

    def on_leak(leaked: Sequence[LifeEvent]) -> None:
        seen.append((trio.current_time(), list(leaked)))

    rig = Rig()
    inner = group(
        ALL,
        rig.child("a", Act(serves_s=5, then=ValueError()), LIVES_ON),
        rig.child("b", Act(last_will_s=60), LIVES_ON),
        name="inner",
    )
    last_words = rig.child("closeout", Act(last_will_s=3))
    with pytest.raises(StopOverdue):
        await rig.supervisor(group(ONE, last_words, inner), on_leak).run()
    [(at, leaked)] = seen
    assert at == 5 + 5 + 3, "the failure, the deadline, the others' last wills"
    assert [event.path for event in leaked] == [("root", "inner", "b")]
    assert rig.lives() == {"a": 1, "b": 1, "closeout": 1}, "nothing takes its place"
    judged = rig.stage.of(LifeEventKind.ENDED)[-1]
    assert isinstance(judged.cause, StopOverdue)
    assert (judged.path, judged.verdict) == (("root", "inner"), Verdict.FATAL)


async def test_a_child_that_stops_after_all_is_nobody_to_leave_behind(
    autojump_clock: MockClock,
) -> None:
    rig, seen = Rig(), list[LifeEvent]()
    late = Act(last_will_s=7, fails_stopping=LookupError("too late"))
    spec = group(ONE, rig.child("a", Act(last_will_s=4)), rig.child("b", late))
    with pytest.raises(StopOverdue), trio.move_on_after(10):
        await rig.supervisor(spec, seen.extend).run()
    assert not seen
    ends = [(event.path[-1], event.at) for event in rig.stage.of(LifeEventKind.STOPPED)]
    assert ends == [("b", 17), ("a", 19)]
    assert rig.stage.of(LifeEventKind.STOPPED)[0].message == "LookupError: too late"


async def test_the_late_end_of_a_life_that_did_not_stop_triggers_nothing(
    autojump_clock: MockClock,
) -> None:
    rig = Rig()
    stray = Act(last_will_s=60, fails_stopping=LookupError("much too late"))
    spec = group(
        REST,
        rig.child("a", Act(serves_s=5, then=ValueError()), LIVES_ON),
        rig.child("b", stray, LIVES_ON),
    )
    with pytest.raises(StopOverdue):
        await rig.supervisor(spec).run()
    [late] = rig.stage.of(LifeEventKind.STOPPED)
    assert (late.life, late.at, late.message) == (1, 65, "LookupError: much too late")
    assert rig.lives() == {"a": 1, "b": 1}
    assert len(rig.stage.of(LifeEventKind.ENDED)) == 1


async def test_a_cancellation_while_others_are_being_stopped_keeps_their_deadlines(
    autojump_clock: MockClock,
) -> None:
    rig = Rig()
    spec = group(
        ALL,
        rig.child("a"),
        rig.child("b", Act(serves_s=5, then=ValueError())),
        rig.child("c", Act(last_will_s=4)),
    )
    with trio.move_on_after(7):
        await rig.supervisor(spec).run()
    assert trio.current_time() == 9
    assert rig.stage.turns[3:] == ["-b", "-c", "-a"]
    assert not rig.stage.of(LifeEventKind.STOP_OVERDUE)


async def test_a_cancellation_while_starting_stops_what_has_begun(
    autojump_clock: MockClock,
) -> None:
    rig = Rig()
    slow = Act(starts_after_s=4)
    with trio.move_on_after(6):
        await rig.supervisor(group(ONE, rig.child("a", slow), rig.child("b", slow))).run()
    assert rig.stage.turns == ["+a", "+b", "-b", "-a"]
    assert len(rig.stage.of(LifeEventKind.STARTED)) == 1


async def test_every_event_tells_its_story(autojump_clock: MockClock) -> None:
    gap = LookupError("missed 17")
    gap.__cause__ = KeyError("sequence")
    rig = Rig()
    inner = group(ALL, rig.child("books", Act(serves_s=5, then=gap), LIVES_ON), name="data")
    await rig.run_for(20, group(ONE, inner))
    told = [msgspec.structs.replace(event, cause=None) for event in rig.stage.events]
    assert [(event.kind.value, event.path[1:], event.life) for event in told] == [
        ("started", ("data", "books"), 1),
        ("started", ("data",), 1),
        ("ended", ("data", "books"), 1),
        ("started", ("data", "books"), 2),
        ("stopped", ("data", "books"), 2),
        ("stopped", ("data",), 1),
    ]
    ended = told[2]
    assert ended.message == "LookupError: missed 17 <- KeyError: 'sequence'"
    assert (ended.at, ended.age_s, ended.verdict) == (5, 5, Verdict.DEFECT)
    assert (ended.failures_in_window, ended.limit, ended.backoff_s) == (1, 3, 0)
    assert ended.restarting == ("books",)


async def test_a_deadline_once_set_does_not_begin_again_with_a_cancellation(
    autojump_clock: MockClock,
) -> None:
    rig = Rig()
    spec = group(
        ALL,
        rig.child("a", Act(serves_s=5, then=ValueError())),
        rig.child("b", Act(last_will_s=60)),
    )
    with pytest.raises(StopOverdue), trio.move_on_after(7):
        await rig.supervisor(spec).run()
    assert [event.at for event in rig.stage.of(LifeEventKind.STOP_OVERDUE)] == [10]


async def test_the_first_of_two_fatals_stands(autojump_clock: MockClock) -> None:
    rig = Rig()
    first, second = Fatal("the key was refused"), Fatal("orders left")
    spec = group(
        ONE,
        rig.child("a", Act(fails_stopping=second)),
        rig.child("b", Act(serves_s=5, then=first)),
    )
    with pytest.raises(Fatal) as raised:
        await rig.supervisor(spec).run()
    assert raised.value is first
    assert [event.message for event in rig.stage.of(LifeEventKind.STOPPED)] == [
        "Fatal: orders left"
    ]


@pytest.mark.parametrize(
    "end",
    [
        SystemExit(0),
        KeyboardInterrupt(),
        BaseExceptionGroup("nursery", [SystemExit(0), ValueError("beside it")]),
    ],
)
async def test_who_calls_for_the_end_of_the_process_is_a_defect_like_any_other(
    end: BaseException, autojump_clock: MockClock
) -> None:
    rig = Rig()
    spec = group(ONE, rig.child("a"), rig.child("b", Act(serves_s=1, then=end), LIVES_ON))
    await rig.run_for(10, spec)
    assert rig.lives() == {"a": 1, "b": 2}
    [ended] = rig.stage.of(LifeEventKind.ENDED)
    assert ended.verdict is Verdict.DEFECT
    assert "EndOfProcessCalledFor" in ended.message
    assert type(end).__name__ in ended.message or "SystemExit" in ended.message


async def test_who_calls_for_it_while_stopping_is_told_and_the_others_are_stopped(
    autojump_clock: MockClock,
) -> None:
    rig = Rig()
    bad = Act(fails_stopping=SystemExit(0))
    turns = await rig.run_for(5, group(ONE, rig.child("a"), rig.child("b", bad)))
    assert turns == ["+a", "+b"]
    assert rig.stage.turns == ["+a", "+b", "-b", "-a"]
    [stopped] = [one for one in rig.stage.of(LifeEventKind.STOPPED) if one.cause is not None]
    assert "SystemExit" in stopped.message


class ManySteps:
    """Ends in four steps of a second each."""

    async def run(self, *, task_status: trio.TaskStatus[None] = trio.TASK_STATUS_IGNORED) -> None:
        task_status.started()
        try:
            await trio.sleep_forever()
        finally:
            with trio.CancelScope(shield=True):
                for _ in range(4):
                    await trio.sleep(1)


@pytest.mark.parametrize("stands_still_s", [0.0, 4.0, 7.0])
async def test_time_in_which_the_loop_stood_still_is_no_part_of_a_deadline(
    autojump_clock: MockClock, stands_still_s: float
) -> None:
    rig = Rig()
    child = ChildSpec(name="steps", actor=ManySteps(), stop_deadline_s=5)

    async def stand_still() -> None:
        await trio.sleep(10 + 2.5)
        autojump_clock.jump(stands_still_s)

    async with trio.open_nursery() as nursery:
        nursery.start_soon(stand_still)
        await rig.run_for(10, group(ONE, child))
    assert not rig.stage.of(LifeEventKind.STOP_OVERDUE)
    assert [event.path[-1] for event in rig.stage.of(LifeEventKind.STOPPED)] == ["steps"]
