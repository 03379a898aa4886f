"""What a command is answered by a whole engine, through its door."""

import attrs
import pytest
import trio
from trio.testing import MockClock
from typing_extensions import override

from engine.control.client import Refused
from engine.control.protocol import Ask, Is, Reply, Request
from tests.support.memory_network import MemorySockets
from tests.support.whole_engine import simulated_world, start_rig
from trading.core.errors import Outage


async def test_a_kill_is_answered_when_it_is_durable_and_when_it_is_flat(
    nursery: trio.Nursery, autojump_clock: MockClock
) -> None:
    rig = await start_rig(nursery)
    await rig.until(rig.quoting, 10)
    async with rig.conversation() as spoken:
        durable = await spoken.ask(Request(ask=Ask.KILL, reason="enough for today"))
        assert durable == Reply(Is.DURABLE, {"halt": "enough for today"})
        flat = await spoken.next()
        assert flat == Reply(Is.FLAT, {"proven": True, "left": [], "trouble": ""})
    assert not await rig.open_orders()
    nursery.cancel_scope.cancel()


async def test_a_kill_without_a_reason_gets_one_and_the_first_reason_stands(
    nursery: trio.Nursery, autojump_clock: MockClock
) -> None:
    rig = await start_rig(nursery)
    async with rig.conversation() as spoken:
        assert (await spoken.ask(Request(ask=Ask.HALT))).content == {"halt": ""}
        first = await spoken.ask(Request(ask=Ask.KILL))
        assert first.content == {"halt": "killed by the operator"}
        await spoken.next()
        again = await spoken.ask(Request(ask=Ask.KILL, reason="once more"))
        assert again.content == first.content
        await spoken.next()
        assert (await spoken.ask(Request(ask=Ask.HALT))).content == first.content
        assert (await spoken.ask(Request(ask=Ask.RESUME))).content == {"halt": ""}
        assert (await spoken.ask(Request(ask=Ask.HALT))).content == {"halt": ""}
    nursery.cancel_scope.cancel()


async def test_what_is_not_understood_is_refused_and_the_conversation_goes_on(
    nursery: trio.Nursery, autojump_clock: MockClock
) -> None:
    rig = await start_rig(nursery)
    async with rig.conversation() as spoken:
        await spoken.lines.send(b"please stop")
        with pytest.raises(Refused, match="JSON"):
            await spoken.next()
        assert (await spoken.ask(Request(ask=Ask.HALT))).kind is Is.HALT
    nursery.cancel_scope.cancel()


async def test_a_door_that_cannot_be_opened_harms_no_trading(
    nursery: trio.Nursery, autojump_clock: MockClock
) -> None:
    rig = await start_rig(nursery, world=attrs.evolve(simulated_world(1), local=NoDoors()))
    await rig.until(rig.quoting, 10)
    await trio.sleep(120)
    assert rig.quoting()
    assert set(rig.restarted()) <= {"operator socket"}
    nursery.cancel_scope.cancel()


async def test_nobody_answers_any_more_where_an_engine_has_ended(autojump_clock: MockClock) -> None:
    async with trio.open_nursery() as nursery:
        rig = await start_rig(nursery)
        nursery.cancel_scope.cancel()
    with pytest.raises(Outage):
        async with rig.conversation() as spoken:
            await spoken.ask(Request(ask=Ask.HALT))


class NoDoors(MemorySockets):
    """The folder for sockets cannot be written."""

    @override
    async def listen(self, name: str) -> trio.abc.Listener[trio.abc.Stream]:
        raise Outage(f"no door {name}")
