"""Scripts: what they wait for, what resumes them, and what ends them."""

from collections.abc import Callable
from typing import Any

import attrs
import pytest

from tests.support.raising import raising
from trading.core.errors import Outage
from trading.gateway.effects import Drop, EnterLanes, LetGo, SendCall, SendFrame
from trading.gateway.events import AboutToLeave, Answered, Failed
from trading.gateway.scripts import (
    Flag,
    Interrupted,
    Script,
    Scripts,
    Withheld,
    ask,
    enter,
    gather,
    hand_over,
    wait,
)
from trading.gateway.seen import Seen
from trading.gateway.turn import Turn
from trading.venues.interface import Call
from trading.venues.rate_limits import Priority

NOTHING_SEEN = Seen(strategies={}, pairs={})
CALL: Call[Any] = Call(verb="GET", path="/", decode=lambda body: body)


@attrs.define
class Stage:
    """Scripts, and the turn in which they run."""

    turn: Turn = attrs.field(factory=lambda: Turn(0.0, NOTHING_SEEN))
    said: list[object] = attrs.field(factory=list)
    scripts: Scripts = attrs.field(init=False)

    def __attrs_post_init__(self) -> None:
        self.scripts = Scripts(self.turn)

    def at(self, now: float, *events: AboutToLeave | Answered | Failed) -> list[Any]:
        """One turn; its effects."""
        self.turn.begin(now, NOTHING_SEEN)
        for event in events:
            self.scripts.take(event)
        self.scripts.run()
        return list(self.turn.end())

    def says(self, script: Script[Any]) -> Script[None]:
        self.said.append((yield from script))

    def answers(self, name: str, script: Script[Any]) -> Script[str]:
        yield from script
        return name


def asking(stage: Stage, **options: Any) -> Script[None]:
    """A call whose errors are said."""
    try:
        stage.said.append((yield from ask(CALL, **options)))
    except (Outage, TimeoutError, Withheld, Interrupted) as error:
        stage.said.append(type(error).__name__)


def test_room_a_frame_and_a_call_are_asked_for_one_after_the_other() -> None:
    stage = Stage()

    def script() -> Script[None]:
        yield from enter(("lane",), Priority.NEW)
        stage.said.append((yield from hand_over("frame")))
        stage.said.append((yield from ask(CALL)))

    stage.scripts.start(script())
    assert stage.at(0) == [EnterLanes(1, ("lane",), Priority.NEW)]
    assert stage.at(0, Answered(1)) == [SendFrame(2, "frame")]
    assert stage.at(0, Answered(2, value=False)) == [SendCall(3, CALL, Priority.QUERY)]
    assert stage.at(0, Answered(3, value="open")) == []
    assert stage.said == [False, "open"]


def test_an_answer_that_nobody_waits_for_is_nothing() -> None:
    stage = Stage()
    stage.scripts.start(asking(stage))
    stage.at(0)
    stage.at(0, Answered(7), Failed(8, Outage("away")), AboutToLeave(9))
    assert stage.said == []
    stage.at(0, Answered(1, value="now"), Answered(1, value="again"))
    assert stage.said == ["now"]


def test_a_call_that_fails_raises_in_its_script() -> None:
    stage = Stage()
    stage.scripts.start(asking(stage))
    stage.at(0)
    stage.at(0, Failed(1, Outage("away")))
    assert stage.said == ["Outage"]


def test_patience_ends_and_what_is_not_waited_for_is_dropped() -> None:
    stage = Stage()
    stage.scripts.start(asking(stage, patience_s=2.0))
    stage.at(10)
    assert stage.scripts.wake_at == 12
    assert stage.at(11.9) == []
    assert stage.at(12) == [Drop(1)]
    assert stage.said == ["TimeoutError"]
    assert stage.scripts.wake_at == float("inf")


@pytest.mark.parametrize(("reason", "effects"), [("", [LetGo(1)]), ("no lease", [])])
def test_a_call_that_is_about_to_leave_is_let_go_or_kept_back(
    reason: str, effects: list[LetGo]
) -> None:
    stage = Stage()
    stage.scripts.start(asking(stage, confirm=lambda: reason))
    assert stage.at(0) == [SendCall(1, CALL, Priority.QUERY, confirmed=True)]
    assert stage.at(0, AboutToLeave(1)) == effects
    assert stage.said == (["Withheld"] if reason else [])


@pytest.mark.parametrize("at", [0.0, 5.0])
def test_a_wait_ends_with_the_first_flag_or_its_time(at: float) -> None:
    stage, one, other = Stage(), Flag(), Flag()
    stage.scripts.start(stage.says(wait(one, other, until=5.0)))
    stage.at(0)
    if at < 5:
        other.set()
    stage.at(at)
    assert stage.said == [at < 5]
    one.set()
    stage.at(9)
    assert len(stage.said) == 1


def test_a_flag_forgets_who_does_not_wait_for_it_any_more() -> None:
    stage, flag = Stage(), Flag()

    def script() -> Script[None]:
        for second in range(1, 100):
            yield from wait(flag, until=float(second))

    stage.scripts.start(script())
    for second in range(99):
        stage.at(float(second))
        assert len(flag.waiting) == 1
    stage.at(99.0)
    assert not flag.waiting


def test_a_flag_that_is_set_is_not_waited_for() -> None:
    stage, flag = Stage(), Flag()
    flag.set()
    stage.scripts.start(stage.says(wait(flag)))
    stage.at(0)
    assert stage.said == [True]


def test_an_interrupted_script_drops_what_it_waits_for_and_goes_on() -> None:
    stage = Stage()
    running = stage.scripts.start(asking(stage))
    stage.at(0)
    stage.turn.begin(1, NOTHING_SEEN)
    stage.scripts.interrupt(running)
    stage.scripts.run()
    assert stage.turn.end() == [Drop(1)]
    assert stage.said == ["Interrupted"]
    stage.scripts.interrupt(running)  # it has ended
    assert stage.at(2) == []


def test_of_many_scripts_so_many_run_at_a_time() -> None:
    stage = Stage()
    names = ["a", "b", "c"]
    stage.scripts.start(stage.says(gather([stage.answers(n, ask(CALL)) for n in names], 2)))
    assert len(stage.at(0)) == 2
    assert stage.at(0, Answered(2)) == [SendCall(3, CALL, Priority.QUERY)]
    stage.at(0, Answered(3))
    assert stage.said == []
    stage.at(0, Answered(1))
    assert stage.said == [["b", "c", "a"]]


def test_no_scripts_at_all_are_done_at_once() -> None:
    stage = Stage()
    stage.scripts.start(stage.says(gather([], 3)))
    stage.at(0)
    assert stage.said == [[]]


def test_the_first_error_of_many_scripts_ends_the_others() -> None:
    stage = Stage()

    def script() -> Script[None]:
        with raising(Outage, "away"):
            yield from gather([ask(CALL), ask(CALL)], 2)
        stage.said.append("went on")

    stage.scripts.start(script())
    stage.at(0)
    assert stage.at(0, Failed(1, Outage("away"))) == [Drop(2)]
    assert stage.said == ["went on"]


def test_an_error_that_nobody_waits_for_is_raised() -> None:
    stage = Stage()
    stage.scripts.start(ask(CALL))
    stage.at(0)
    with raising(Outage, "away"):
        stage.at(0, Failed(1, Outage("away")))


def test_who_waits_for_a_script_hears_of_its_end() -> None:
    stage, heard = Stage(), list[tuple[object, BaseException | None]]()
    then: Callable[[Any, BaseException | None], None] = lambda *end: heard.append(end)  # noqa: E731
    stage.scripts.start(stage.answers("done", wait(until=1.0)), then)
    stage.at(0)
    assert heard == []
    stage.at(1)
    assert heard == [("done", None)]
