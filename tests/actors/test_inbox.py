"""A wire's end that outlives its reader: nothing is lost, and poison is set aside."""

from random import Random

import attrs
import pytest
import trio
from hypothesis import given
from hypothesis import strategies as st
from structlog.testing import capture_logs
from trio.testing import MockClock

from actors.orders.inbox import DurableInbox
from engine.supervision.events import LifeEventKind
from engine.supervision.policy import RestartStrategy
from engine.supervision.supervisor import Supervisor
from engine.supervision.tree import ChildSpec, SupervisorSpec
from tests.engine.scripted import Stage
from tests.support.builders import a_fill, an_order
from tests.support.ledger_rig import Books
from trading.journal.entries import FillBooked, OrderRecorded


@attrs.define
class Reader:
    """Adds up numbers, and chokes on some."""

    inbox: DurableInbox[int]
    chokes_on: frozenset[int]
    read: list[int] = attrs.field(factory=list)

    def _digest(self, number: int) -> None:
        if number in self.chokes_on:
            raise ArithmeticError(number)

    def live(self) -> bool:
        """One life, to the end of the wire; whether it survived."""
        self.inbox.begin_life()
        try:
            for number in self.inbox.messages():
                self.inbox.take(number)
                self._digest(number)
                self.inbox.handled()
                self.inbox.done()
                self.read.append(number)
        except ArithmeticError:
            return False
        return True


@given(numbers=st.lists(st.integers(0, 6), max_size=20), chokes_on=st.frozensets(st.integers(0, 6)))
def test_all_but_the_poison_is_read_once_and_in_order(
    numbers: list[int], chokes_on: frozenset[int]
) -> None:
    send, receive = trio.open_memory_channel[int](100)
    for number in numbers:
        send.send_nowait(number)
    reader = Reader(DurableInbox("numbers", receive), chokes_on)
    lives = 1
    with capture_logs() as logs:
        while not reader.live():
            lives += 1
    poison = [number for number in numbers if number in chokes_on]
    assert reader.read == [number for number in numbers if number not in chokes_on]
    assert [entry["message"] for entry in logs] == [str(number) for number in poison]
    assert lives == 1 + 2 * len(poison)
    assert len(reader.inbox) == 0


def test_a_dead_letter_is_an_excerpt() -> None:
    send, receive = trio.open_memory_channel[str](1)
    send.send_nowait("x" * 10_000)
    inbox = DurableInbox("texts", receive)
    with capture_logs() as logs:
        for _ in range(3):
            inbox.begin_life()
            for message in inbox.messages():
                inbox.take(message)
                with pytest.raises(ValueError, match="poison"):
                    raise ValueError("poison")
    [letter] = logs
    assert (letter["event"], letter["wire"], letter["deaths"]) == ("dead_letter", "texts", 2)
    assert len(letter["message"]) == 500


POISON = OrderRecorded(None, 0.0)  # type: ignore[arg-type]  # what no sender should be able to make


def supervised(books: Books, stage: Stage) -> Supervisor:
    """A ledger that lives again as in an engine."""
    ledger = ChildSpec(name="ledger", actor=books.actor)
    spec = SupervisorSpec(
        name="bookkeeping", strategy=RestartStrategy.ONE_FOR_ONE, children=(ledger,)
    )
    return Supervisor(spec, observe=stage.observe, random=Random(1))


async def test_a_poisoned_posting_becomes_one_dead_letter_and_all_others_are_durable(
    nursery: trio.Nursery, autojump_clock: MockClock
) -> None:
    books, stage = Books(), Stage()
    await nursery.start(supervised(books, stage).run)
    with capture_logs() as logs, trio.fail_after(5):
        before = books.post(OrderRecorded(an_order(), 0.0))
        poisoned = books.post(POISON)
        after = books.post(FillBooked(a_fill(), 1.0))
        await before.wait()
        await after.wait()
    assert [entry["event"] for entry in logs] == ["dead_letter"]
    assert [event.life for event in stage.of(LifeEventKind.ENDED)] == [1, 2]
    assert not stage.of(LifeEventKind.ESCALATED)
    assert books.figures.fills == books.figures.orders_placed == 1
    with trio.move_on_after(10) as patience:
        await poisoned.wait()
    assert patience.cancelled_caught, "what is not written down has no receipt"
    nursery.cancel_scope.cancel()


async def test_what_was_taken_and_not_committed_is_written_down_by_the_next_life(
    nursery: trio.Nursery, autojump_clock: MockClock
) -> None:
    books = Books()
    receipt = books.post(FillBooked(a_fill(), 1.0))
    books.inbox.messages()  # by a life that got no further
    await nursery.start(supervised(books, Stage()).run)
    with trio.fail_after(1):
        await receipt.wait()
    assert books.figures.fills == 1
    nursery.cancel_scope.cancel()
