"""Kill, resume and reload from the page: their steps, what they need, and what may go wrong."""

import os
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import attrs
import pytest
import trio
from trio.testing import MockClock

from engine.web.server import Serving
from tests.engine.test_strategies_come_and_go import ON_THE_SAME_PAIR, running
from tests.support.memory_network import MemorySockets
from tests.support.whole_engine import PAPER, Rig, paper_settings, start_rig
from tests.web.rig import Visit, serving, until, visit
from tests.web.scripted_door import a_door
from trading.venues.valr.simulator.core.fault_plan import Fault


@attrs.frozen
class Stage:
    rig: Rig
    visitor: Visit

    async def ended(self, number: int) -> Any:
        """A deed, once it has ended."""

        def deed() -> Any:
            found = [one for one in self.visitor.known("deeds") if one["number"] == number]
            return found and found[0]["ended"] and found[0]

        return await until(deed)


@pytest.fixture
async def stage(
    nursery: trio.Nursery, autojump_clock: MockClock, tmp_path: Path
) -> AsyncIterator[Stage]:
    rig = await start_rig(nursery)
    with serving(tmp_path, rig.world.local, rig.settings.engine) as served:
        async with visit(nursery, served) as visitor:
            await visitor.login()
            await until(rig.quoting)
            yield Stage(rig, visitor)
        nursery.cancel_scope.cancel()


def steps(deed: Any) -> list[str]:
    return [one["step"] for one in deed["steps"]]


async def test_a_kill_is_asked_then_durable_then_flat(
    stage: Stage, autojump_clock: MockClock
) -> None:
    answer = await stage.visitor.post("/kill", {"name": "paper", "reason": "looks <b>wrong</b>"})
    assert answer.status_code == 202
    assert steps(stage.visitor.known("deeds")[0]) == ["asked"]
    deed = await stage.ended(answer.json()["deed"])
    assert steps(deed) == ["asked", "durable", "flat"]
    assert deed["well"]
    assert "looks <b>wrong</b>" in deed["steps"][1]["words"]
    assert not await stage.rig.open_orders()
    assert stage.rig.system.wires.halt.read() == "looks <b>wrong</b>"


async def test_a_kill_that_is_not_proven_flat_stays_in_sight_until_it_was_read(
    stage: Stage, autojump_clock: MockClock
) -> None:
    faults = stage.rig.exchange.faults
    faults.plan = attrs.evolve(
        faults.plan,
        probabilities={Fault.SERVER_ERROR: 1.0, Fault.LOST_ACKNOWLEDGEMENT: 1.0},
    )
    answer = await stage.visitor.post("/kill", {"name": "paper"})
    deed = await stage.ended(answer.json()["deed"])
    assert steps(deed) == ["asked", "durable", "not_flat"]
    assert not deed["well"]
    assert "NOT PROVEN FLAT" in deed["steps"][-1]["words"]
    assert not deed["read"]
    number = deed["number"]
    assert (await stage.visitor.post(f"/deeds/{number}/read", {})).status_code == 200
    assert (await stage.visitor.part("deeds"))[0]["read"]


async def test_a_halt_is_lifted_from_the_page(stage: Stage, autojump_clock: MockClock) -> None:
    await stage.ended((await stage.visitor.post("/kill", {"name": "paper"})).json()["deed"])
    await until(lambda: stage.visitor.known("doge/state")["kind"] == "halted", 5)
    assert stage.visitor.known("doge/state")["cause"] == "killed on the web page"
    answer = await stage.visitor.post("/resume", {"name": "paper"})
    deed = await stage.ended(answer.json()["deed"])
    assert steps(deed) == ["asked", "resumed"]
    await until(lambda: stage.visitor.known("doge/state")["kind"] == "quoting", 30)
    bars = (await stage.visitor.get("/timeline?strategy=doge")).json()
    assert "halted" in {run[2] for run in bars["lease"]}


@pytest.mark.parametrize("path", ["/kill", "/resume"])
async def test_nothing_is_done_unless_the_engines_name_is_typed(
    stage: Stage, path: str, autojump_clock: MockClock
) -> None:
    answer = await stage.visitor.post(path, {"name": "Paper"})
    assert answer.status_code == 409
    assert "'paper'" in answer.json()["why"]
    assert not stage.visitor.known("deeds")


def written(stage: Stage, *changes: tuple[str, str]) -> None:
    """The configuration's file, with some of its words changed."""
    text = PAPER.read_text()
    for old, new in changes:
        assert old in text
        text = text.replace(old, new)
    stage.visitor.serving.config.write_text(text)


SAME_PLACE = ('state_directory = "../state"', f'state_directory = "{PAPER.parent.parent}/state"')
SAME_LOG = ('file = "../logs/paper.jsonl"', f'file = "{PAPER.parent.parent}/logs/paper.jsonl"')


async def test_a_reload_is_done_only_after_its_differences_were_seen(
    stage: Stage, autojump_clock: MockClock
) -> None:
    written(stage, SAME_PLACE, SAME_LOG, ('bid_spread = "0.1 %"', 'bid_spread = "0.3 %"'))
    early = await stage.visitor.post("/reload", {"dry_run": False})
    assert early.status_code == 409
    seen = (await stage.visitor.post("/reload", {"dry_run": True})).json()
    assert [one["key"] for one in seen["changes"]] == ["strategies.doge.bid_spread"]
    assert seen["fine"]
    answer = await stage.visitor.post("/reload", {"dry_run": False})
    assert answer.status_code == 202
    deed = await stage.ended(answer.json()["deed"])
    assert steps(deed) == ["asked", "applied"]
    again = (await stage.visitor.post("/reload", {"dry_run": True})).json()
    assert again["changes"] == []


async def test_a_reload_that_adds_a_strategy_is_done_once_the_next_session_has_begun(
    nursery: trio.Nursery, autojump_clock: MockClock, tmp_path: Path
) -> None:
    async with running() as engine:
        engine_settings = paper_settings().engine
        with serving(tmp_path, engine.world.local, engine_settings) as served:
            async with visit(nursery, served) as visitor:
                await visitor.login()
                text = ON_THE_SAME_PAIR.replace(*SAME_PLACE).replace(*SAME_LOG)
                served.config.write_text(text)
                seen = (await visitor.post("/reload", {"dry_run": True})).json()
                assert (seen["fine"], seen["begins_anew"]) == (True, True)
                first = visitor.known("engine")["session"]
                await visitor.post("/reload", {"dry_run": False})
                await until(lambda: visitor.known("deeds")[0]["ended"])
                [deed] = visitor.known("deeds")
                assert steps(deed) == ["asked", "applied", "begun"]
                assert deed["well"]
                await until(lambda: "second/state" in visitor.page.board.parts)
                assert visitor.known("engine")["session"] != first
                assert visitor.known("engine")["strategies"] == ["doge", "second"]
                await until(lambda: visitor.known("second/state")["kind"] == "quoting")
                await until(lambda: visitor.known("doge/state")["kind"] == "quoting")
    nursery.cancel_scope.cancel()


async def reloading(visitor: Visit, served: Serving, text: str) -> None:
    """Have a reload begin that ends the session; the process holds its state directory."""
    lock = served.address_file.with_name("lock")
    lock.write_text(f"pid {os.getpid()}")
    served.config.write_text(text.replace(*SAME_PLACE).replace(*SAME_LOG))
    await visitor.post("/reload", {"dry_run": True})
    await visitor.post("/reload", {"dry_run": False})
    await until(lambda: "applied" in steps(visitor.known("deeds")[0]))


def kills(visitor: Visit) -> Any:
    return [one for one in visitor.known("deeds") if one["kind"] == "kill"]


@pytest.mark.parametrize("after_s", [0.0, 0.1, 0.3, 1.0, 3.0])
async def test_a_kill_that_is_asked_for_between_two_sessions_holds_in_the_next_one(
    nursery: trio.Nursery, autojump_clock: MockClock, tmp_path: Path, after_s: float
) -> None:
    async with running() as engine:
        with serving(tmp_path, engine.world.local, paper_settings().engine) as served:
            async with visit(nursery, served) as visitor:
                await visitor.login()
                await reloading(visitor, served, ON_THE_SAME_PAIR)
                await trio.sleep(after_s)
                answer = await visitor.post("/kill", {"name": "paper", "reason": "too fast"})
                assert answer.status_code == 202
                deed = await until(lambda: kills(visitor)[0]["ended"] and kills(visitor)[0])
                told = [one for one in steps(deed) if one != "again"]
                assert told == ["asked", "durable", "flat"]
                await until(lambda: len(engine.systems) == 2)
                await until(engine.systems[-1].wires.halt.peek)
                assert engine.systems[-1].wires.halt.read() == "too fast"
                await trio.sleep(20)
                assert not await engine.at_the_venue()
    nursery.cancel_scope.cancel()


async def test_a_kill_whose_session_ends_after_the_halt_was_durable_is_proven_by_the_next_one(
    nursery: trio.Nursery, autojump_clock: MockClock, tmp_path: Path
) -> None:
    with a_door(tmp_path) as (served, door):
        nursery.start_soon(door.run, [["durable"], [], ["durable", "flat"]])
        async with visit(nursery, served) as visitor:
            await visitor.login()
            await visitor.post("/kill", {"name": "paper"})
            deed = await until(lambda: kills(visitor)[0]["ended"] and kills(visitor)[0])
            assert steps(deed) == ["asked", "durable", "again", "flat"]
            assert deed["well"]
    nursery.cancel_scope.cancel()


async def test_a_halt_that_is_durable_is_not_called_undone_where_no_session_follows(
    nursery: trio.Nursery, autojump_clock: MockClock, tmp_path: Path
) -> None:
    with a_door(tmp_path) as (served, door):
        nursery.start_soon(door.run, [["durable"]])
        async with visit(nursery, served) as visitor:
            await visitor.login()
            await visitor.post("/kill", {"name": "paper"})
            deed = await until(lambda: kills(visitor)[0]["ended"] and kills(visitor)[0])
            assert steps(deed) == ["asked", "durable", "again", "not_flat"]
            assert "NOT PROVEN FLAT" in deed["steps"][-1]["words"]
            assert f"engine kill {served.config}" in deed["steps"][-1]["words"]
    nursery.cancel_scope.cancel()


async def test_a_kill_that_no_session_took_is_never_said_to_stand(
    nursery: trio.Nursery, autojump_clock: MockClock, tmp_path: Path
) -> None:
    with a_door(tmp_path) as (served, door):
        nursery.start_soon(door.run, [[], []])
        async with visit(nursery, served) as visitor:
            await visitor.login()
            await visitor.post("/kill", {"name": "paper"})
            deed = await until(lambda: kills(visitor)[0]["ended"] and kills(visitor)[0])
            assert steps(deed) == ["asked", "again", "failed"]
            assert "NOT HALTED as far as is known" in deed["steps"][-1]["words"]
            assert f"engine kill {served.config}" in deed["steps"][-1]["words"]
            assert not deed["well"]
    nursery.cancel_scope.cancel()


async def test_a_resume_that_may_have_been_taken_is_not_asked_for_again(
    nursery: trio.Nursery, autojump_clock: MockClock, tmp_path: Path
) -> None:
    with a_door(tmp_path) as (served, door):
        nursery.start_soon(door.run, [[], ["halt"]])
        async with visit(nursery, served) as visitor:
            await visitor.login()
            await visitor.post("/resume", {"name": "paper"})
            deed = await until(
                lambda: visitor.known("deeds")[0]["ended"] and visitor.known("deeds")[0]
            )
            # Somebody may have killed it meanwhile: a second one would lift that halt.
            assert steps(deed) == ["asked", "failed"]
    nursery.cancel_scope.cancel()


async def test_a_file_that_changed_after_it_was_seen_is_not_taken(
    stage: Stage, autojump_clock: MockClock
) -> None:
    written(stage, SAME_PLACE, SAME_LOG, ('bid_spread = "0.1 %"', 'bid_spread = "0.3 %"'))
    await stage.visitor.post("/reload", {"dry_run": True})
    written(stage, SAME_PLACE, SAME_LOG, ('bid_spread = "0.1 %"', 'bid_spread = "0.4 %"'))
    answer = await stage.visitor.post("/reload", {"dry_run": False})
    assert answer.status_code == 409
    assert "changed" in answer.json()["why"]


async def test_what_cannot_change_is_shown_as_refused_and_is_not_offered(
    stage: Stage, autojump_clock: MockClock
) -> None:
    written(stage, SAME_PLACE, SAME_LOG, ('pair = "DOGE-USDT"', 'pair = "BTC-USDT"'))
    seen = (await stage.visitor.post("/reload", {"dry_run": True})).json()
    assert not seen["fine"]
    assert (await stage.visitor.post("/reload", {"dry_run": False})).status_code == 409


async def test_a_file_that_is_not_there_is_said_so(stage: Stage, autojump_clock: MockClock) -> None:
    answer = await stage.visitor.post("/reload", {"dry_run": True})
    assert answer.status_code == 409
    assert "cannot be read" in answer.json()["why"]


async def test_a_page_that_only_looks_refuses_every_deed(
    nursery: trio.Nursery, tmp_path: Path
) -> None:
    engine = paper_settings().engine
    with serving(tmp_path, MemorySockets(), engine, read_only=True) as served:
        async with visit(nursery, served) as visitor:
            await visitor.login()
            for path in ("/kill", "/resume", "/reload", "/deeds/1/read"):
                answer = await visitor.post(path, {"name": "paper"})
                assert answer.status_code == 403
                assert "--read-only" in answer.json()["why"]
            assert (await visitor.get("/state")).json()["about"]["read_only"]
        nursery.cancel_scope.cancel()


async def test_a_deed_where_no_engine_runs_names_the_command(
    nursery: trio.Nursery, autojump_clock: MockClock, tmp_path: Path
) -> None:
    with serving(tmp_path, MemorySockets(), paper_settings().engine) as served:
        async with visit(nursery, served) as visitor:
            await visitor.login()
            await visitor.post("/kill", {"name": "paper"})
            await until(lambda: visitor.known("deeds")[0]["ended"])
            [deed] = visitor.known("deeds")
            assert steps(deed) == ["asked", "failed"]
            assert f"engine kill {served.config}" in deed["steps"][-1]["words"]
        nursery.cancel_scope.cancel()
