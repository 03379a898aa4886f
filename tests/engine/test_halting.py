"""A whole engine that is killed: flat within seconds, quiet from then on, restarts or not."""

import pytest
import trio
from structlog.testing import capture_logs
from trio.testing import MockClock

from actors.ports.operator_orders import KillOrder, ResumeOrder
from engine.control.client import Conversation
from engine.control.halting import NOT_HALTED, KillOutcome, kill_alive, with_engine
from engine.environment.state_folder import ledger_path, socket_name
from engine.environment.venue_connection import counterparty
from engine.system.running import StopRequest, run
from engine.system.summary import as_json, as_text
from tests.support.whole_engine import (
    DOGE,
    NoDisk,
    Rig,
    paper_settings,
    simulated_world,
    start_rig,
)
from trading.core.errors import Fatal, FatalReason
from trading.journal import reading
from trading.journal.tables import HALTS

LEDGER = ledger_path(paper_settings().engine)
QUICK = "strategies.doge.order_refresh_time=1"


async def kill(rig: Rig, reason: str = "a test") -> KillOrder:
    order = KillOrder(reason)
    await rig.system.wires.operator.send.send(order)
    return order


async def test_a_killed_engine_is_flat_within_seconds_and_places_nothing_any_more(
    nursery: trio.Nursery, autojump_clock: MockClock
) -> None:
    rig = await start_rig(nursery, QUICK)
    await rig.until(rig.quoting, 10)
    await trio.sleep(2)
    assert await rig.open_orders()
    began = trio.current_time()
    with capture_logs() as logs:
        order = await kill(rig)
        await order.durable.wait()
        assert trio.current_time() - began < 1
        await rig.until(lambda: not rig.quoting(), 1)
        assert (await order.flat.wait()).proven
        assert trio.current_time() - began < 10
        assert not await rig.open_orders()
        await trio.sleep(60)
    assert not await rig.open_orders()
    events = [entry["event"] for entry in logs]
    assert events.index("halted") < events.index("halt_flat")
    assert "order_placed" not in events[events.index("halted") :]
    readiness = rig.system.wires.strategies[DOGE].readiness.read()
    assert readiness is not None
    assert readiness.ready, "it runs on, ready but not quoting"
    nursery.cancel_scope.cancel()


@pytest.mark.parametrize(("behind_the_door", "waits"), [(True, True), (False, False)])
async def test_a_kill_that_an_engine_does_not_answer_says_whether_it_has_yet_to_hear_of_it(
    autojump_clock: MockClock, *, behind_the_door: bool, waits: bool
) -> None:
    """A suspended engine's socket takes the request all the same."""
    world, engine = simulated_world(1), paper_settings().engine
    if behind_the_door:
        await world.local.listen(socket_name(engine))

    async def alive(spoken: Conversation) -> KillOutcome:
        return await kill_alive(spoken, "too late", lambda _line: None)

    async def dead() -> KillOutcome:
        await trio.lowlevel.checkpoint()
        raise Fatal("it is held by another engine", FatalReason.ALREADY_RUNNING)

    with pytest.raises(Fatal, match="NOT HALTED: an engine runs and does not answer") as raised:
        await with_engine(world, engine, alive, dead, NOT_HALTED)
    assert ("is halted by it as soon as it goes on" in str(raised.value)) is waits


async def test_a_resumed_engine_quotes_again(
    nursery: trio.Nursery, autojump_clock: MockClock
) -> None:
    rig = await start_rig(nursery, QUICK)
    await rig.until(rig.quoting, 10)
    await (await kill(rig)).flat.wait()
    resume = ResumeOrder()
    await rig.system.wires.operator.send.send(resume)
    assert await resume.answered.wait() == ""
    await rig.until(rig.quoting, 10)
    assert (await (await kill(rig)).flat.wait()).proven, "a second halt has a proof of its own"
    assert not await rig.open_orders()
    nursery.cancel_scope.cancel()


async def test_a_broken_limit_halts_the_whole_engine(
    nursery: trio.Nursery, autojump_clock: MockClock
) -> None:
    rig = await start_rig(nursery, QUICK)
    await rig.until(rig.quoting, 10)
    rig.system.wires.breach.put("more lost than allowed")
    await rig.until(lambda: not rig.quoting(), 1)
    await rig.until(rig.system.wires.flat.read, 10)
    assert rig.system.wires.halt.read() == "more lost than allowed"
    nursery.cancel_scope.cancel()


async def test_a_halt_of_a_former_run_keeps_the_next_from_quoting_and_its_summary_says_so(
    autojump_clock: MockClock,
) -> None:
    settings, world = paper_settings(QUICK), simulated_world(1)
    assert isinstance(world.disk, NoDisk)
    ledger = await world.disk.open_ledger(LEDGER)
    await ledger.commit([HALTS.insert(0, None, "yesterday")])
    summary = await run(
        settings, world, counterparty(settings, world), stop=StopRequest(), duration_s=30
    )
    assert summary.halt == "yesterday"
    assert as_json(summary)["halt"] == "yesterday"
    assert "HALTED: yesterday" in as_text(summary)
    performance = summary.strategies[DOGE].performance
    assert performance.orders_placed == 0
    assert summary.strategies[DOGE].milestones.ready is not None
    assert summary.proof.proven
    assert await ledger.read(reading.standing_halt) == "yesterday"


async def test_a_run_without_a_halt_says_nothing_of_one(
    autojump_clock: MockClock,
) -> None:
    settings, world = paper_settings(QUICK), simulated_world(1)
    summary = await run(
        settings, world, counterparty(settings, world), stop=StopRequest(), duration_s=30
    )
    assert as_json(summary)["halt"] is None
    assert "HALTED" not in as_text(summary)
