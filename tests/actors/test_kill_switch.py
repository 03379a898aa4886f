"""The kill switch: halts at once, durably, and lets nobody resume but a person."""

from collections.abc import AsyncIterator

import attrs
import pytest
import trio
from structlog.testing import capture_logs
from trio.testing import MockClock

from actors.ports.lossless import Lossless, drain
from actors.ports.operator_orders import KillOrder, OperatorOrder, ResumeOrder
from actors.ports.ports import Latest, Wakeup
from actors.watch.kill_switch import KillSwitchActor
from tests.support.builders import MAKER
from tests.support.ledger_rig import Books
from tests.support.lives import Life, begin, begin_again_and_again, until
from tests.trading.builders import an_order
from trading.journal import reading
from trading.journal.remembered import Remembered
from trading.messages.gateway import FlatProof, WorkingOrders
from trading.orders.completed import CompletedOrders


@attrs.define(kw_only=True)
class SwitchRig:
    """A kill switch, its ledger, and a gateway that the test plays."""

    nursery: trio.Nursery
    bell: Wakeup = attrs.field(factory=Wakeup)
    operator: Lossless[OperatorOrder] = attrs.field(factory=lambda: Lossless.of(16))
    halt: Latest[str] = attrs.field(factory=Latest)
    working: Latest[WorkingOrders] = attrs.field(factory=Latest)
    books: Books = attrs.field(init=False)
    breach: Latest[str] = attrs.field(init=False)
    flat: Latest[FlatProof] = attrs.field(init=False)

    def __attrs_post_init__(self) -> None:
        self.breach, self.flat = Latest(self.bell), Latest(self.bell)
        self.books = Books(remembered=Latest(self.bell))

    @property
    def switch(self) -> KillSwitchActor:
        return KillSwitchActor(
            orders=self.operator.receive,
            breach=self.breach,
            remembered=self.books.remembered,
            halt=self.halt,
            ledger=self.books.wire.send,
            flat=self.flat,
            working={MAKER: self.working},
            bell=self.bell,
        )

    async def begin(self) -> Life:
        return await begin_again_and_again(self.nursery, self.switch, pause_s=0.5)

    def kill(self, reason: str = "a test") -> KillOrder:
        order = KillOrder(reason)
        self.operator.send.send_nowait(order)
        return order

    async def resume(self) -> str:
        order = ResumeOrder()
        self.operator.send.send_nowait(order)
        with trio.fail_after(60):
            return await order.answered.wait()

    @property
    def on_disk(self) -> str:
        """The halt that the next run would find."""
        return self.books.store.database.read(reading.standing_halt)


@pytest.fixture
async def rig(nursery: trio.Nursery, autojump_clock: MockClock) -> AsyncIterator[SwitchRig]:
    rig = SwitchRig(nursery=nursery)
    await begin(nursery, rig.books.actor)
    yield rig
    nursery.cancel_scope.cancel()


async def test_a_kill_halts_before_it_is_written_down_and_is_answered_afterwards(
    rig: SwitchRig,
    autojump_clock: MockClock,
) -> None:
    rig.books.trouble.slow_s = 3
    await rig.begin()
    began = trio.current_time()
    order = rig.kill("the market looks wrong")
    await until(rig.halt.read, within_s=0.1)
    assert rig.halt.read() == "the market looks wrong"
    assert rig.on_disk == ""
    await order.durable.wait()
    assert trio.current_time() - began == pytest.approx(3, abs=0.2)
    assert rig.on_disk == "the market looks wrong"


async def test_the_proof_answers_a_kill_and_one_from_before_it_does_not(
    rig: SwitchRig, autojump_clock: MockClock
) -> None:
    await rig.begin()
    rig.flat.put(FlatProof(proven=True))
    order = rig.kill()
    await order.durable.wait()
    assert rig.flat.read() is None
    await trio.sleep(2)
    rig.flat.put(FlatProof(proven=True))
    with trio.fail_after(0.1):
        assert (await order.flat.wait()).proven


async def test_without_a_proof_in_ten_seconds_there_is_an_alarm_that_names_what_is_left(
    rig: SwitchRig,
    autojump_clock: MockClock,
) -> None:
    await rig.begin()
    left = an_order()
    rig.working.put(
        WorkingOrders(orders=(left,), completed=CompletedOrders(), instruction=1, reconciled=True)
    )
    began = trio.current_time()
    with capture_logs() as logs:
        flatness = await rig.kill().flat.wait()
    assert trio.current_time() - began == pytest.approx(10, abs=0.1)
    assert not flatness.proven
    assert flatness.left == (left.client_order_id,)
    [alarm] = [entry for entry in logs if entry["event"] == "halt_not_flat"]
    assert alarm["log_level"] == "error"
    assert alarm["orders"] == (left.client_order_id,)


async def test_a_broken_limit_halts_like_an_operator_and_the_first_reason_stands(
    rig: SwitchRig,
    autojump_clock: MockClock,
) -> None:
    await rig.begin()
    rig.breach.put("2 USDT lost today")
    await until(lambda: rig.on_disk)
    assert rig.halt.read() == rig.on_disk == "2 USDT lost today"
    await rig.kill("and I say so too").durable.wait()
    rig.breach.put("3 USDT lost today")
    await trio.sleep(1)
    assert rig.halt.read() == rig.on_disk == "2 USDT lost today"
    assert rig.breach.read() is None, "it was taken, and must not halt again after a resume"


async def test_resuming_is_written_down_first_and_then_lifts_the_halt(
    rig: SwitchRig, autojump_clock: MockClock
) -> None:
    await rig.begin()
    await rig.kill().durable.wait()
    rig.books.trouble.slow_s = 3
    async with trio.open_nursery() as nursery:
        nursery.start_soon(rig.resume)
        await trio.sleep(2.9)
        assert rig.halt.read() == "a test"
    assert rig.halt.read() is None
    assert rig.on_disk == ""
    assert await rig.resume() == "", "where there is no halt nothing is to be lifted"


@pytest.mark.parametrize("by", ["operator", "limit"])
async def test_a_halt_while_a_resume_is_written_down_outlives_it(
    rig: SwitchRig, autojump_clock: MockClock, by: str
) -> None:
    await rig.begin()
    await rig.kill("first").durable.wait()
    rig.books.trouble.slow_s = 3
    resume = ResumeOrder()
    rig.operator.send.send_nowait(resume)
    await trio.sleep(1)
    if by == "limit":
        rig.breach.put("second")
    else:
        rig.kill("second")
    assert await resume.answered.wait() == "second"
    await until(lambda: rig.on_disk == "second")
    assert rig.halt.read() == "second"


async def test_a_halt_of_a_former_run_stands_before_anybody_may_trade(
    rig: SwitchRig, autojump_clock: MockClock
) -> None:
    await rig.begin()
    await rig.kill("yesterday").durable.wait()
    rig.halt.withdraw()  # a new process: nothing is in memory
    with capture_logs() as logs:
        await begin(rig.nursery, rig.switch)
    assert rig.halt.read() == "yesterday"
    [entry] = [entry for entry in logs if entry["event"] == "halted"]
    assert entry["reason"] == "yesterday"
    assert entry["log_level"] == "warning"


async def test_it_does_not_start_before_it_knows_whether_a_halt_stands(
    rig: SwitchRig, autojump_clock: MockClock
) -> None:
    rig.books.remembered.withdraw()
    with trio.move_on_after(5) as patience:
        await begin(rig.nursery, rig.switch)
    assert patience.cancelled_caught
    rig.books.remembered.put(Remembered(halt="yesterday"))
    await begin(rig.nursery, rig.switch)
    assert rig.halt.read() == "yesterday"


async def test_a_ledger_that_takes_nothing_leaves_the_halt_standing_and_it_is_tried_again(
    rig: SwitchRig,
    autojump_clock: MockClock,
) -> None:
    rig.books.trouble.slow_s = 25
    await rig.begin()
    rig.kill("in memory alone")
    await trio.sleep(24)
    assert rig.halt.read() == "in memory alone"
    rig.books.trouble.slow_s = 0
    await until(lambda: rig.on_disk, within_s=60)
    assert rig.halt.read() == rig.on_disk == "in memory alone"


async def test_a_life_that_ends_between_halt_and_ledger_is_made_good_by_the_next(
    rig: SwitchRig,
    autojump_clock: MockClock,
) -> None:
    rig.halt.put("in memory alone")
    await rig.begin()
    await until(lambda: rig.on_disk == "in memory alone")
    assert drain(rig.books.wire.receive) == []
