"""Messages reach every destination once, through outages of it and lives of who sends them."""

from collections.abc import Callable, Iterator

import attrs
import trio
from structlog.testing import capture_logs
from trio.testing import MockClock

from actors.ports.alert_book import AlertBook
from actors.ports.ports import Latest
from actors.watch.alerts import AlertsActor
from tests.support.lives import begin, until
from tests.support.messengers import Pigeon
from trading.alerts.observed import Heard, Observation
from trading.alerts.outbox import WAITING_MAX
from trading.alerts.quiet import QuietHours
from trading.alerts.rules import AlertTerms

EPOCH_S = 1_700_000_000


@attrs.define
class Engine:
    """What is observed, at a test's word."""

    halt: str = ""
    heard: tuple[Heard, ...] = ()

    def __call__(self) -> Observation:
        heard, self.heard = self.heard, ()
        now = trio.current_time()
        return Observation(now=now, wall=EPOCH_S + now, halt=self.halt, heard=heard)

    def tells(self, about: str) -> None:
        self.heard = (*self.heard, Heard(event="side_stopped", about=about))


def an_actor(
    engine: Callable[[], Observation],
    *pigeons: Pigeon,
    book: Latest[AlertBook] | None = None,
    quiet: QuietHours | None = None,
) -> AlertsActor:
    return AlertsActor(
        book=book or Latest(),
        observe=engine,
        wall_clock=lambda: round((EPOCH_S + trio.current_time()) * 1e9),
        engine="live1",
        messengers=pigeons,
        terms=AlertTerms(),
        quiet=quiet,
    )


def subjects(pigeon: Pigeon) -> Iterator[str]:
    return (title.rpartition(" ")[2] for title, _ in pigeon.taken)


async def test_a_message_reaches_every_destination_with_the_engines_name(
    nursery: trio.Nursery, autojump_clock: MockClock
) -> None:
    engine, one, other = Engine(), Pigeon(), Pigeon()
    await begin(nursery, an_actor(engine, one, other))
    engine.halt = "looks wrong"
    await until(lambda: one.taken and other.taken)
    [(title, text)] = one.taken
    assert title == "live1: halted"
    assert "looks wrong" in text
    assert other.taken == one.taken
    nursery.cancel_scope.cancel()


async def test_in_an_outage_of_ten_minutes_none_is_lost_none_comes_twice_and_all_in_order(
    nursery: trio.Nursery, autojump_clock: MockClock
) -> None:
    engine, pigeon, other = Engine(), Pigeon(trouble="connection refused"), Pigeon()
    actor = an_actor(engine, pigeon, other)
    with capture_logs() as logs:
        await begin(nursery, actor)
        names = [f"s{number:03}" for number in range(150)]
        for name in names:
            engine.tells(name)
            await trio.sleep(4)
        assert pigeon.taken == []
        assert list(subjects(other)) == names  # it is not held up by the first
        assert pigeon.attempts < 20
        pigeon.trouble = ""
        await until(lambda: len(pigeon.taken) == len(names), within_s=150)
        await trio.sleep(120)
    assert list(subjects(pigeon)) == names
    about = [entry["event"] for entry in logs if entry["event"].startswith("alerts_")]
    assert about == ["alerts_fail", "alerts_flow_again"]
    nursery.cancel_scope.cancel()


async def test_the_log_says_of_each_message_where_it_arrived_and_where_it_was_left_out(
    nursery: trio.Nursery, autojump_clock: MockClock
) -> None:
    engine, pigeon, away = Engine(), Pigeon(), Pigeon(trouble="refused")
    with capture_logs() as logs:
        await begin(nursery, an_actor(engine, pigeon, away))
        for number in range(WAITING_MAX + 2):
            engine.tells(f"s{number:03}")
            await trio.sleep(1.5)
    of = {
        name: [one for one in logs if one["event"] == name]
        for name in ("alert", "alert_sent", "alert_left_out")
    }
    about = [(one["kind"], one["subject"], one["at"]) for one in of["alert"]]
    assert {one["destinations"] for one in of["alert"]} == {2}
    assert [(one["kind"], one["subject"], one["at"]) for one in of["alert_sent"]] == about
    assert {one["number"] for one in of["alert_sent"]} == {1}
    lost = [(one["kind"], one["subject"], one["at"]) for one in of["alert_left_out"]]
    assert lost == about[:2]
    assert {one["number"] for one in of["alert_left_out"]} == {2}
    nursery.cancel_scope.cancel()


async def test_a_messenger_that_never_answers_is_cut_off_and_tried_again(
    nursery: trio.Nursery, autojump_clock: MockClock
) -> None:
    engine, pigeon = Engine(halt="by hand"), Pigeon(hangs=True)
    actor = an_actor(engine, pigeon)
    await begin(nursery, actor)
    await trio.sleep(60)
    book = actor.book.peek()
    assert book is not None
    assert book.outboxes[0].trouble == "it did not answer in time"
    pigeon.hangs = False
    await until(lambda: pigeon.taken, within_s=60)
    nursery.cancel_scope.cancel()


async def test_a_next_life_tells_nothing_twice_and_loses_nothing_that_waited(
    nursery: trio.Nursery, autojump_clock: MockClock
) -> None:
    engine, pigeon = Engine(halt="by hand"), Pigeon()
    actor = an_actor(engine, pigeon)
    life = await begin(nursery, actor)
    await until(lambda: pigeon.taken)
    pigeon.trouble = "refused"
    engine.tells("s1")
    await trio.sleep(3)
    await life.end()
    pigeon.trouble = ""
    await begin(nursery, actor)
    await trio.sleep(60)
    assert [title for title, _ in pigeon.taken] == [
        "live1: halted",
        "live1: not quoting: side_stopped s1",
    ]
    nursery.cancel_scope.cancel()


async def test_quiet_hours_hold_back_what_can_wait_until_they_are_over(
    nursery: trio.Nursery, autojump_clock: MockClock
) -> None:
    now = EPOCH_S % 86_400
    engine, pigeon = Engine(), Pigeon()
    await begin(nursery, an_actor(engine, pigeon, quiet=QuietHours(now, now + 3600)))
    engine.tells("s1")
    await trio.sleep(60)
    engine.halt = "by hand"
    await trio.sleep(60)
    assert [title for title, _ in pigeon.taken] == ["live1: halted"]
    await trio.sleep(3600)
    assert list(subjects(pigeon)) == ["halted", "s1"]
    nursery.cancel_scope.cancel()
