"""The page follows its engine through restarts, and says exactly why none answers."""

import math
import os
from pathlib import Path

import pytest
import trio
from trio.testing import MockClock

from engine.control.protocol import STRATEGIES_CHANGE, Is, Reply, reply_line
from engine.environment.state_folder import socket_name
from engine.web.board import Board
from engine.web.feed import CHANGING_S, Feed
from tests.support.memory_network import MemorySockets
from tests.support.whole_engine import EPOCH_NS, paper_settings, simulated_world, start_rig
from tests.web.rig import serving, until, visit


def a_board() -> Board:
    return Board(lambda: EPOCH_NS // 10**6 + round(trio.current_time() * 1000))


async def test_what_a_running_engine_does_is_on_the_page(
    nursery: trio.Nursery, autojump_clock: MockClock, tmp_path: Path
) -> None:
    rig = await start_rig(nursery)
    with serving(tmp_path, rig.world.local, rig.settings.engine) as served:
        async with visit(nursery, served) as visitor:
            await visitor.login()
            await until(rig.quoting)
            await trio.sleep(3)
            state = await visitor.part("doge/state")
            assert (state["kind"], state["words"]) == ("quoting", "quoting both sides")
            assert state["instrument"] == {"base": "DOGE", "quote": "USDT", "tick": "0.00001"}
            assert len(await visitor.part("doge/orders")) == 4
            assert await visitor.part("absent") is None
            series = (await visitor.get("/series?strategy=doge&from=0&to=9999999999999")).json()
            assert series["mid"][-1] > 0
            assert series["bid"][-1] < series["mid"][-1] < series["ask"][-1]
            bars = (await visitor.get("/timeline?strategy=doge")).json()
            assert bars["buy"][-1][2:] == ["quoting", ""]
            assert (await visitor.get("/series?strategy=nobody")).status_code == 404
    nursery.cancel_scope.cancel()


async def test_the_page_goes_on_through_a_restart_and_says_since_when_no_engine_runs(
    nursery: trio.Nursery, autojump_clock: MockClock, tmp_path: Path
) -> None:
    world = simulated_world(1)
    with serving(tmp_path, world.local, paper_settings().engine) as served:
        async with visit(nursery, served) as visitor:
            await trio.sleep(1)
            absent = visitor.known("absent")
            assert f"no engine answers at {socket_name(served.engine)}" in absent["why"]
            assert f"state directory {tmp_path}" in absent["why"]
            async with trio.open_nursery() as first:
                await start_rig(first, world=world)
                await until(lambda: visitor.known("absent") is None)
                first_session = visitor.known("engine")["session"]
                first.cancel_scope.cancel()
            await until(lambda: visitor.known("absent"))
            ended = served.now_ms()
            assert ended - visitor.known("absent")["since"] < 3_000
            await trio.sleep(60)
            second = await start_rig(nursery, world=simulated_world(2))
            # The same place in another world: its door is found where the first one's was.
            world.local.__dict__.update(second.world.local.__dict__)
            await until(lambda: visitor.known("absent") is None)
            await until(second.quoting)
            assert visitor.known("engine")["session"] >= first_session
            ring = visitor.page.board.strategies["doge"].ring
            mids = ring.columns(0, float("inf"))[1]
            assert any(map(math.isnan, mids)), "the time without an engine is a gap"
    nursery.cancel_scope.cancel()


async def test_an_engine_that_speaks_otherwise_is_said_to_be_of_another_version(
    nursery: trio.Nursery, autojump_clock: MockClock
) -> None:
    local, engine, board = MemorySockets(), paper_settings().engine, a_board()
    listener = await local.listen(socket_name(engine))

    async def answer(stream: trio.abc.Stream) -> None:
        while await stream.receive_some():
            old = {"engine": "paper", "strategies": {}}
            await stream.send_all(reply_line(Reply(Is.STATUS, {"status": old})) + b"\n")

    nursery.start_soon(trio.serve_listeners, answer, [listener])
    await nursery.start(Feed(board, local, engine).run)
    await trio.sleep(1)
    assert b"of another version" in board.parts["absent"]
    assert b"sequence" in board.parts["absent"]
    nursery.cancel_scope.cancel()


async def test_an_engine_that_accepts_and_says_nothing_is_told_of_after_five_seconds(
    nursery: trio.Nursery, autojump_clock: MockClock
) -> None:
    local, engine, board = MemorySockets(), paper_settings().engine, a_board()
    listener = await local.listen(socket_name(engine))
    nursery.start_soon(trio.serve_listeners, _say_nothing, [listener])
    await nursery.start(Feed(board, local, engine).run)
    await trio.sleep(6)
    assert b"no answer within 5 s" in board.parts["absent"]
    nursery.cancel_scope.cancel()


async def test_an_open_page_is_asked_for_at_once_and_more_often(
    nursery: trio.Nursery, autojump_clock: MockClock, tmp_path: Path
) -> None:
    rig = await start_rig(nursery)
    with serving(tmp_path, rig.world.local, rig.settings.engine) as served:
        async with visit(nursery, served) as visitor:
            board = visitor.page.board
            ring = board.strategy("doge").ring
            await trio.sleep(9)
            idle = len(ring)
            with board.clients.joined():
                await trio.sleep(0.1)
                assert len(ring) == idle + 1, "a page that opens is served at once"
                await trio.sleep(8)
            assert idle < 7
            assert len(ring) - idle >= 8
    nursery.cancel_scope.cancel()


@pytest.mark.parametrize("runs", [True, False])
async def test_between_two_sessions_of_one_process_no_answer_is_no_trouble_for_a_while(
    nursery: trio.Nursery, autojump_clock: MockClock, tmp_path: Path, *, runs: bool
) -> None:
    world = simulated_world(1)
    with serving(tmp_path, world.local, paper_settings().engine) as served:
        lock = tmp_path / "paper" / "lock"
        async with visit(nursery, served) as visitor, trio.open_nursery() as session:
            rig = await start_rig(session, world=world)
            await until(rig.quoting)
            rig.system.wires.stopping.put(f"the engine is stopping: {STRATEGIES_CHANGE}")
            await until(lambda: b"changing" in visitor.page.board.parts.get("doge/state", b""))
            if runs:
                lock.write_text(f"pid {os.getpid()}")
            session.cancel_scope.cancel()
        await trio.sleep(4)
        assert visitor.known("absent")["kind"] == ("changing" if runs else "ended")
        await trio.sleep(CHANGING_S)
        assert visitor.known("absent")["kind"] == ("silent" if runs else "ended")
    nursery.cancel_scope.cancel()


async def _say_nothing(_stream: trio.abc.Stream) -> None:
    await trio.sleep_forever()
