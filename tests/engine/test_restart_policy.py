"""The restart policy, cell by cell, and against a naive model."""

from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.supervision.policy import (
    Backoff,
    End,
    Escalate,
    Finish,
    History,
    Policy,
    Restart,
    RestartLimit,
    RestartStrategy,
    Revive,
    StopAll,
    Verdict,
    classify,
    judge,
)
from trading.core.errors import Fatal, MalformedFrame, Outage, Rejected, SequenceGap

NAMES = ("a", "b", "c")


def policy(strategy: RestartStrategy = RestartStrategy.ONE_FOR_ONE) -> Policy:
    return Policy(strategy=strategy, children=NAMES, limit=RestartLimit(3, 60))


@pytest.mark.parametrize(
    ("error", "verdict"),
    [
        (None, Verdict.FINE),
        (Outage("away"), Verdict.OUTAGE),
        (Fatal("bad key"), Verdict.FATAL),
        (SequenceGap("missed"), Verdict.OUTAGE),
        (ExceptionGroup("", [MalformedFrame("odd", "{"), Outage("2")]), Verdict.OUTAGE),
        (Rejected("no"), Verdict.OUTAGE),
        (KeyError("ours"), Verdict.DEFECT),
        (ExceptionGroup("", [Outage("1"), Outage("2")]), Verdict.OUTAGE),
        (ExceptionGroup("", [Outage("1"), ValueError()]), Verdict.DEFECT),
        (
            ExceptionGroup("", [ValueError(), ExceptionGroup("", [Outage(""), Fatal("")])]),
            Verdict.FATAL,
        ),
    ],
)
def test_an_error_is_classified_by_its_leaves(error: Exception | None, verdict: Verdict) -> None:
    assert classify(error) is verdict


AFFECTED = {
    RestartStrategy.ONE_FOR_ONE: ("b",),
    RestartStrategy.REST_FOR_ONE: ("b", "c"),
    RestartStrategy.ONE_FOR_ALL: ("a", "b", "c"),
}


@pytest.mark.parametrize("strategy", RestartStrategy)
@pytest.mark.parametrize("restart", Restart)
@pytest.mark.parametrize("verdict", Verdict)
def test_every_cell_of_the_table(
    strategy: RestartStrategy, restart: Restart, verdict: Verdict
) -> None:
    end = End(child="b", restart=restart, verdict=verdict)
    judgement = judge(policy(strategy), History(), end, 0.0, Random(1))
    lives_again = {
        Restart.PERMANENT: {Verdict.FINE, Verdict.OUTAGE, Verdict.DEFECT},
        Restart.TRANSIENT: {Verdict.OUTAGE, Verdict.DEFECT},
        Restart.TEMPORARY: set[Verdict](),
    }
    if verdict is Verdict.FATAL:
        assert judgement.action == StopAll()
    elif verdict in lives_again[restart]:
        assert isinstance(judgement.action, Revive)
        assert judgement.action.which == AFFECTED[strategy]
    else:
        assert judgement.action == Finish()


def test_a_permanent_child_that_returns_is_a_defect_and_counted() -> None:
    end = End(child="a", restart=Restart.PERMANENT, verdict=Verdict.FINE)
    judgement = judge(policy(), History(), end, 0.0, Random(1))
    assert (judgement.verdict, judgement.failures_in_window) == (Verdict.DEFECT, 1)


def test_a_defect_leaves_the_window_when_it_is_as_old_as_the_window() -> None:
    end = End(child="a", restart=Restart.PERMANENT, verdict=Verdict.DEFECT)
    full = History(defects_at=(0.0, 1.0, 2.0))
    assert judge(policy(), full, end, 59.9, Random(1)).action == Escalate()
    assert isinstance(judge(policy(), full, end, 60.0, Random(1)).action, Revive)


def test_the_first_defect_waits_for_nothing_and_each_further_one_twice_as_long() -> None:
    end, history, waits = (
        End(child="a", restart=Restart.PERMANENT, verdict=Verdict.DEFECT),
        History(),
        [],
    )
    for now in (0.0, 1.0, 2.0, 100.0):
        judgement = judge(policy(), history, end, now, Random(1))
        history = judgement.history
        assert isinstance(judgement.action, Revive)
        waits.append(judgement.action.after_s)
    assert waits == [0.0, 0.5, 1.0, 0.0]


def test_more_than_one_defect_may_be_followed_at_once() -> None:
    waits = [Backoff(at_once=2).after_defect_s(count) for count in (1, 2, 3, 4)]
    assert waits == [0.0, 0.0, 0.5, 1.0]


def test_backoff_doubles_to_its_longest_and_stays_there_for_ever() -> None:
    backoff = Backoff(jitter=0)
    delays = [backoff.delay_s(n, Random(1)) for n in (1, 2, 3, 6, 7, 8, 100_000)]
    assert delays == [0.5, 1, 2, 16, 30, 30, 30]


def test_a_row_of_outages_ends_with_a_minute_of_service_and_not_with_a_minute_of_waiting() -> None:
    history = History(outages_in_a_row={"a": 5})
    brief = End(child="a", restart=Restart.PERMANENT, verdict=Verdict.OUTAGE, served_s=59)
    long = End(child="a", restart=Restart.PERMANENT, verdict=Verdict.OUTAGE, served_s=60)
    after_brief = judge(policy(), history, brief, 1000.0, Random(1)).history
    after_long = judge(policy(), history, long, 1000.0, Random(1)).history
    assert after_brief.outages_in_a_row["a"] == 6
    assert after_long.outages_in_a_row["a"] == 1


ends = st.lists(
    st.tuples(
        st.floats(0, 40),
        st.sampled_from(NAMES),
        st.sampled_from(Restart),
        st.sampled_from(Verdict),
        st.sampled_from([0.0, 10.0, 60.0, 1000.0]),
    ),
    max_size=40,
)


class NaiveModel:
    """Remembers everything and counts afresh each time."""

    def __init__(self, limit: int) -> None:
        self.limit = limit
        self.defects: list[float] = []
        self.outages: dict[str, list[float]] = {name: [] for name in NAMES}

    @staticmethod
    def together(strategy: RestartStrategy, child: str) -> tuple[str, ...]:
        """Who lives again with a child."""
        if strategy is RestartStrategy.ONE_FOR_ONE:
            return (child,)
        return tuple(
            name for name in NAMES if strategy is RestartStrategy.ONE_FOR_ALL or name >= child
        )

    def expect(self, end: End, now: float) -> tuple[str, int]:
        """What is to happen, and its place in the row of outages or the window of defects."""
        if end.verdict is Verdict.FATAL:
            return "stop", 0
        returned = end.verdict is Verdict.FINE
        if end.restart is Restart.TEMPORARY or (returned and end.restart is Restart.TRANSIENT):
            return "finish", 0
        if end.verdict is Verdict.OUTAGE:
            self.outages[end.child].append(end.served_s)
            row = 0
            for served_s in self.outages[end.child]:
                row = 1 if served_s >= 60 else row + 1
            return "back off", row
        self.defects.append(now)
        recent = sum(now - at < 60 for at in self.defects)
        return ("escalate" if recent > self.limit else "again"), recent


@given(
    ends=ends,
    strategy=st.sampled_from(RestartStrategy),
    limit=st.integers(0, 4),
    seed=st.integers(0, 9),
)
def test_judge_agrees_with_a_naive_model(
    ends: list[tuple[float, str, Restart, Verdict, float]],
    strategy: RestartStrategy,
    limit: int,
    seed: int,
) -> None:
    rules = Policy(strategy=strategy, children=NAMES, limit=RestartLimit(limit, 60))
    model, history, now, random = NaiveModel(limit), History(), 0.0, Random(seed)
    for pause_s, child, restart, verdict, served_s in ends:
        now += pause_s
        end = End(child=child, restart=restart, verdict=verdict, served_s=served_s)
        expected, row = model.expect(end, now)
        judgement = judge(rules, history, end, now, random)
        history = judgement.history
        if expected == "finish":
            assert judgement.action == Finish()
        elif expected == "stop":
            assert judgement.action == StopAll()
        elif expected == "escalate":
            assert judgement.action == Escalate()
        elif expected == "again":
            after_s = [0.0, 0.5, 1.0, 2.0][row - 1]
            assert judgement.action == Revive(after_s, NaiveModel.together(strategy, child))
        else:
            assert isinstance(judgement.action, Revive)
            assert judgement.action.which == NaiveModel.together(strategy, child)
            full = min(30.0, 0.5 * 2 ** (row - 1))
            assert full / 2 <= judgement.action.after_s <= full
        assert len(history.defects_at) <= limit + len(ends)


@given(seed=st.integers(), times=st.lists(st.floats(0, 1000), max_size=10))
def test_judge_repeats_exactly_from_a_seed(seed: int, times: list[float]) -> None:
    def play() -> list[float]:
        random, history, delays = Random(seed), History(), list[float]()
        for now in sorted(times):
            end = End(child="a", restart=Restart.PERMANENT, verdict=Verdict.OUTAGE)
            judgement = judge(policy(), history, end, now, random)
            history = judgement.history
            assert isinstance(judgement.action, Revive)
            delays.append(judgement.action.after_s)
        return delays

    assert play() == play()
