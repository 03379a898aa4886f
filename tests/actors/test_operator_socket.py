"""The door for local commands: lines in, lines out, and nobody can make it large or slow."""

import contextlib

import pytest
import trio
from trio.testing import MockClock
from typing_extensions import override

from actors.net.lines import Lines, LineTooLong
from actors.watch.operator_socket import OperatorSocketActor, Reply
from tests.support.lives import begin
from tests.support.memory_network import MemorySockets
from trading.core.errors import Outage

DOOR = "engine"


async def echo(line: bytes, send: Reply) -> None:
    if line == b"long":
        await trio.sleep(1000)
    if line == b"flood":
        while True:
            await send(b"x" * 100_000)
    await send(line)
    await send(line[::-1])


def an_actor(doors: MemorySockets, clients_max: int = 8) -> OperatorSocketActor:
    return OperatorSocketActor(local=doors, name=DOOR, answer=echo, clients_max=clients_max)


async def connect(doors: MemorySockets) -> Lines:
    return Lines(await doors.connect(DOOR), length_max=1_000_000)


async def assert_closed(lines: Lines) -> None:
    """In good order or not."""
    with contextlib.suppress(Outage):
        assert await lines.receive() is None


async def test_each_line_is_answered_by_as_many_as_it_takes_one_after_the_other(
    nursery: trio.Nursery, autojump_clock: MockClock
) -> None:
    doors = MemorySockets()
    await begin(nursery, an_actor(doors))
    lines = await connect(doors)
    await lines.send(b"abc\ndef")
    assert [await lines.receive() for _ in range(4)] == [b"abc", b"cba", b"def", b"fed"]
    nursery.cancel_scope.cancel()


async def test_a_line_without_an_end_is_not_read_to_its_end(
    nursery: trio.Nursery, autojump_clock: MockClock
) -> None:
    doors = MemorySockets()
    await begin(nursery, an_actor(doors))
    lines = await connect(doors)
    await lines.send(b"x" * 5000)
    await assert_closed(lines)
    with pytest.raises(LineTooLong):
        await short_lines()
    nursery.cancel_scope.cancel()


async def short_lines() -> None:
    ours, theirs = trio.testing.memory_stream_pair()
    await theirs.send_all(b"12345\n")
    await Lines(ours, length_max=4).receive()


async def test_idle_clients_never_keep_a_newcomer_out(
    nursery: trio.Nursery, autojump_clock: MockClock
) -> None:
    doors = MemorySockets()
    await begin(nursery, an_actor(doors))
    busy = await connect(doors)
    await busy.send(b"long")
    idle = [await connect(doors) for _ in range(7)]
    await trio.sleep(1)
    newcomer = await connect(doors)
    await newcomer.send(b"kill")
    assert await newcomer.receive() == b"kill"
    await assert_closed(idle[0])  # the longest silent; whoever is being answered stays
    await idle[1].send(b"abc")
    assert await idle[1].receive() == b"abc"
    nursery.cancel_scope.cancel()


async def test_eight_that_take_no_answer_do_not_keep_a_newcomer_out_either(
    nursery: trio.Nursery, autojump_clock: MockClock
) -> None:
    doors = MemorySockets()
    await begin(nursery, an_actor(doors))
    for _ in range(8):
        await (await connect(doors)).send(b"long")
        await trio.sleep(0.1)
    newcomer = await connect(doors)
    await newcomer.send(b"kill")
    assert await newcomer.receive() == b"kill"
    nursery.cancel_scope.cancel()


async def test_silent_and_slow_clients_are_dropped_and_others_are_served(
    nursery: trio.Nursery, autojump_clock: MockClock
) -> None:
    doors = MemorySockets()
    await begin(nursery, an_actor(doors, clients_max=3))
    silent, busy = await connect(doors), await connect(doors)
    await busy.send(b"long")
    third = await connect(doors)
    await third.send(b"abc")
    assert await third.receive() == b"abc"
    began = trio.current_time()
    await assert_closed(silent)
    await assert_closed(busy)
    assert trio.current_time() - began == pytest.approx(60, abs=1)
    fifth = await connect(doors)
    await fifth.send(b"abc")
    assert await fifth.receive() == b"abc"
    nursery.cancel_scope.cancel()


async def test_whoever_does_not_take_the_answer_is_dropped(autojump_clock: MockClock) -> None:
    ours, _theirs = trio.testing.lockstep_stream_pair()
    with pytest.raises(Outage, match="not taken within"):
        await Lines(ours, length_max=10).send(b"abc")


async def test_a_door_that_cannot_be_opened_is_an_outage(autojump_clock: MockClock) -> None:
    class NoDoors(MemorySockets):
        @override
        async def listen(self, name: str) -> trio.abc.Listener[trio.abc.Stream]:
            raise Outage("no folder")

    with pytest.raises(Outage):
        await an_actor(NoDoors()).run()
