"""Whole engines and their ledger: what a disk does to them, and what the next run knows."""

import attrs
import pytest
import trio
from structlog.testing import capture_logs
from trio.testing import MockClock

from actors.ports.ports import JournalBatch, Receipt
from engine.environment.ledger_session import begin_session
from engine.environment.state_folder import ledger_path
from engine.environment.venue_connection import counterparty
from engine.environment.world import World
from engine.process.exit_codes import ExitCode
from engine.system.running import StopRequest, run
from engine.system.summary import Summary
from tests.support.inline_ledger import DISK_FULL, IO_ERROR, READ_ONLY, Trouble
from tests.support.whole_engine import (
    DOGE,
    NoDisk,
    in_virtual_time,
    paper_settings,
    simulated_world,
    start_rig,
)
from trading.core.errors import Fatal, FatalReason
from trading.journal import reading
from trading.journal.moment import Moment
from trading.journal.remembered import Remembered

LEDGER = ledger_path(paper_settings().engine)
QUICK = "strategies.doge.order_refresh_time=1"


def disk_of(world: World) -> NoDisk:
    assert isinstance(world.disk, NoDisk)
    return world.disk


def run_on(
    trouble: Trouble, duration_s: float = 30, disk: NoDisk | None = None
) -> tuple[Summary, World]:
    settings = paper_settings(QUICK)
    worlds: list[World] = []

    async def main() -> Summary:
        world = simulated_world(1)
        if disk is not None:
            world = attrs.evolve(world, disk=disk)
        disk_of(world).trouble = trouble
        worlds.append(world)
        party = counterparty(settings, world)
        return await run(settings, world, party, stop=StopRequest(), duration_s=duration_s)

    return in_virtual_time(1, main), worlds[0]


@pytest.mark.parametrize(
    ("error", "commit"), [(DISK_FULL, 5), (READ_ONLY, 12), (IO_ERROR, 14)], ids=str
)
def test_a_disk_that_fails_stops_the_engine_with_nothing_left_and_its_own_exit_code(
    error: Exception, commit: int
) -> None:
    trouble = Trouble(error=type(DISK_FULL)(str(error)), from_commit=commit)
    with capture_logs() as logs:
        summary, _ = run_on(trouble)
    assert summary.exit_code is ExitCode.IO_ERROR
    assert str(error) in summary.ended_by
    assert summary.proof.proven
    assert summary.uptime_s < 30
    assert trouble.failed_at is not None
    names = [entry["event"] for entry in logs]
    assert "engine_failed" in names
    assert "session_end_not_recorded" in names


async def test_a_ledger_that_is_locked_takes_the_quotes_away_until_it_is_not(
    nursery: trio.Nursery, autojump_clock: MockClock
) -> None:
    rig = await start_rig(nursery, QUICK)
    await rig.until(rig.quoting, 10)
    trouble = disk_of(rig.world).trouble
    with capture_logs() as logs:
        trouble.locked = True
        await trio.sleep(7)
        await rig.until(lambda: not rig.quoting(), 2)
        await trio.sleep(60)
        assert not await rig.open_orders()
        trouble.locked = False
        await rig.until(rig.quoting, 10)
    names = [entry["event"] for entry in logs]
    assert (names.count("ledger_locked"), names.count("ledger_unlocked")) == (1, 1)
    nursery.cancel_scope.cancel()


def test_a_ledger_that_is_deleted_ends_the_engine_flat_within_a_second() -> None:
    trouble = Trouble()
    deleted_at: list[float] = []

    async def delete() -> None:
        await trio.sleep(10)
        trouble.gone = True
        deleted_at.append(trio.current_time())

    async def main() -> Summary:
        settings, world = paper_settings(QUICK), simulated_world(1)
        disk_of(world).trouble = trouble
        async with trio.open_nursery() as nursery:
            nursery.start_soon(delete)
            summary = await run(
                settings,
                world,
                counterparty(settings, world),
                stop=StopRequest(),
                duration_s=60,
            )
            nursery.cancel_scope.cancel()
        return summary

    summary = in_virtual_time(1, main)
    assert summary.exit_code is ExitCode.IO_ERROR
    assert "deleted" in summary.ended_by
    assert summary.proof.proven
    assert summary.uptime_s < 12


def test_no_order_leaves_after_the_first_write_that_failed() -> None:
    trouble = Trouble(from_commit=12)
    with capture_logs() as logs:
        run_on(trouble)
    failed = next(n for n, entry in enumerate(logs) if "ledger cannot be written" in str(entry))
    after = [entry["event"] for entry in logs[failed:]]
    assert "order_placed" in [entry["event"] for entry in logs[:failed]]
    assert "order_placed" not in after


@pytest.mark.parametrize("commit", [3, 4, 6, 9, 15])
def test_after_any_number_of_commits_the_next_run_begins_well_and_ends_flat(commit: int) -> None:
    failed, world = run_on(Trouble(from_commit=commit))
    assert failed.exit_code is ExitCode.IO_ERROR
    disk = disk_of(world)
    disk.ledgers[LEDGER].trouble = Trouble()
    summary, _ = run_on(Trouble(), duration_s=5, disk=disk)
    assert summary.exit_code is ExitCode.OK
    assert summary.strategies[DOGE].performance.orders_placed > 0
    sessions = disk.ledgers[LEDGER].database.read(reading.sessions)
    assert [session.exit_code for session in sessions] == [None, 0]
    assert sessions[0].session < sessions[1].session


def test_a_ledger_that_cannot_be_opened_starts_nothing() -> None:
    with pytest.raises(Fatal) as caught:
        run_on(Trouble(from_commit=1))
    assert caught.value.reason is FatalReason.LEDGER


def test_a_session_that_cannot_be_closed_in_the_ledger_is_no_clean_end() -> None:
    trouble = Trouble()
    _, world = run_on(trouble, duration_s=0.001)
    assert len(disk_of(world).ledgers) == 1
    again = Trouble(from_commit=trouble.commits)
    summary, _ = run_on(again, duration_s=0.001)
    assert summary.exit_code is ExitCode.IO_ERROR
    assert summary.proof.proven


def test_a_run_is_written_down_from_its_beginning_to_its_end() -> None:
    summary, world = run_on(Trouble())
    database = disk_of(world).ledgers[LEDGER].database
    (session,) = database.read(reading.sessions)
    assert (session.engine, session.simulated) == ("paper", True)
    assert session.venue.startswith("simulated ")
    assert (session.exit_code, session.ended_by) == (0, "the end of its time")
    now = Moment(0.0, world_end_ns := session.ended_at_ns or 0)
    assert world_end_ns > session.started_at_ns
    known = database.read(lambda query: reading.remembered(query, session.venue, now))
    performance = summary.strategies[DOGE].performance
    assert known.orders == ()
    assert len(known.ended) == performance.orders_placed
    assert len(known.trade_ids) == performance.fills
    balances = database.read(lambda query: reading.balances(query, session.venue))
    held = summary.strategies[DOGE].inventory
    assert {c: b.total for c, b in balances.items() if c in held} == {
        c: b.total for c, b in held.items()
    }


async def test_each_session_has_a_greater_number_though_the_wall_clock_goes_back(
    autojump_clock: MockClock,
) -> None:
    settings, world = paper_settings(), simulated_world(1)
    numbers = []
    for wall_ns in (2_000 * 10**9, 1_000 * 10**9, 1_000 * 10**9, 3_000 * 10**9):
        now_ns = wall_ns

        def wall_clock(now_ns: int = now_ns) -> int:
            return now_ns

        then = attrs.evolve(world, wall_clock=wall_clock)
        session = await begin_session(settings, then, counterparty(settings, then))
        numbers.append(session.number)
    assert numbers == [2_000_000, 2_000_001, 2_000_002, 3_000_000]


async def test_what_is_working_when_an_engine_is_killed_is_what_the_next_one_remembers(
    autojump_clock: MockClock,
) -> None:
    async with trio.open_nursery() as nursery:
        rig = await start_rig(nursery)
        await rig.until(rig.quoting, 10)
        await rig.until(lambda: rig.system.wires.remembered.read() != Remembered(), 10)
        wires = rig.system.wires
        await trio.sleep(1)
        known = wires.remembered.read()
        working = wires.strategies[DOGE].working.read()
        assert known is not None
        assert working is not None
        assert known.orders == working.orders != ()
        nursery.cancel_scope.cancel()


async def test_a_barrier_posted_to_a_running_engine_comes_back(autojump_clock: MockClock) -> None:

    async with trio.open_nursery() as nursery:
        rig = await start_rig(nursery)
        receipt = Receipt()
        await rig.system.wires.ledger.send.send(JournalBatch((), receipt))
        with trio.fail_after(1):
            await receipt.wait()
        nursery.cancel_scope.cancel()
