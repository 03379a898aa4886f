"""Strategies come and go while an engine runs: a session of their own, with proof in between."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import attrs
import pytest
import trio
from structlog.testing import capture_logs
from trio.testing import MockClock

from engine.control.client import conversation
from engine.control.protocol import Ask, Document, Request
from engine.environment.state_folder import socket_name
from engine.environment.venue_connection import VenueConnection, counterparty
from engine.environment.world import World
from engine.process.exit_codes import ExitCode
from engine.system.build import System
from engine.system.running import StopRequest
from engine.system.sessions import run_sessions
from engine.system.summary import Summary
from tests.support.lives import until
from tests.support.messengers import Pigeon
from tests.support.whole_engine import EPOCH_NS, PAPER, paper_settings, simulated_world
from trading.core.identifiers import ClientOrderId, StrategyName, strategy_of

DOGE, SECOND = StrategyName("doge"), StrategyName("second")
TEXT = PAPER.read_text(encoding="utf-8")
ON_THE_SAME_PAIR = (
    TEXT
    + """
[strategies.second]
kind = "pure_market_making"
pair = "DOGE-USDT"
order_amount = 70
bid_spread = "0.3 %"
ask_spread = "0.3 %"
order_refresh_time = 20
"""
)
ON_ANOTHER_PAIR = ON_THE_SAME_PAIR.replace(
    'pair = "DOGE-USDT"\norder_amount = 70', 'pair = "BTC-USDT"\norder_amount = 0.001'
)
ONLY_THE_SECOND = TEXT[: TEXT.index("[strategies.doge] ")] + ON_THE_SAME_PAIR[len(TEXT) :]
Json = dict[str, Any]


@attrs.define
class Running:
    """An engine with all of its sessions."""

    world: World
    party: VenueConnection
    stop: StopRequest
    systems: list[System] = attrs.field(factory=list)
    summary: Summary | None = None

    def adapt(self, system: System) -> System:
        self.systems.append(system)
        return system

    async def run(self) -> None:
        self.summary = await run_sessions(
            paper_settings(), self.world, self.party, stop=self.stop, adapt=self.adapt
        )

    def quoting(self, *names: StrategyName) -> bool:
        """Whether exactly these strategies have orders."""
        ports = self.systems[-1].wires.strategies if self.systems else {}
        views = {name: port.working.peek() for name, port in ports.items()}
        return views.keys() == set(names) and all(view and view.orders for view in views.values())

    async def at_the_venue(self) -> set[str]:
        """The strategies whose orders the venue shows."""
        rest = self.systems[-1].rest
        listed = await rest.call(self.party.venue.open_orders())
        return {strategy_of(ClientOrderId(str(one.client_order_id))) for one in listed}

    async def reload(self, text: str, *overrides: str, dry_run: bool = False) -> Json:
        document = Document(name=str(PAPER), text=text, overrides=overrides, dry_run=dry_run)
        name = socket_name(paper_settings().engine)
        async with conversation(self.world.local, name) as spoken:
            return dict((await spoken.ask(Request(ask=Ask.RELOAD, document=document))).content)


@asynccontextmanager
async def running(world: World | None = None) -> AsyncIterator[Running]:
    world = world or simulated_world(1)
    engine = Running(world, counterparty(paper_settings(), world), StopRequest())
    async with trio.open_nursery() as nursery:
        nursery.start_soon(engine.run)
        await until(lambda: engine.quoting(DOGE))
        yield engine
        engine.stop.ask("the end of the test")
    assert engine.summary is not None
    assert engine.summary.exit_code is ExitCode.OK
    assert engine.summary.proof.proven


@pytest.mark.parametrize("text", [ON_THE_SAME_PAIR, ON_ANOTHER_PAIR], ids=["same", "another"])
async def test_a_strategy_that_comes_quotes_in_a_few_seconds_beside_the_others(
    text: str, autojump_clock: MockClock
) -> None:
    async with running() as engine:
        told = await engine.reload(text)
        assert (told["applied"], told["begins_anew"], told["problems"]) == (True, True, [])
        took_s = await until(lambda: engine.quoting(DOGE, SECOND))
        assert took_s < 10
        assert await engine.at_the_venue() == {DOGE, SECOND}
        assert len(engine.systems) == 2


async def test_no_order_of_a_strategy_that_goes_stays_not_even_for_a_moment_of_the_next_session(
    autojump_clock: MockClock,
) -> None:
    async with running() as engine:
        await engine.reload(ON_THE_SAME_PAIR)
        await until(lambda: engine.quoting(DOGE, SECOND))
        with capture_logs() as logs:
            await engine.reload(TEXT)
            await until(lambda: engine.quoting(DOGE))
        events = [entry["event"] for entry in logs]
        assert events.index("closeout") < events.index("strategies_changed")
        assert events.index("strategies_changed") < events.index("order_placed")
        [proof] = [entry for entry in logs if entry["event"] == "closeout"]
        assert proof["flat"] is True
        [changed] = [entry for entry in logs if entry["event"] == "strategies_changed"]
        assert (changed["come"], changed["go"]) == ([], ["second"])
        assert await engine.at_the_venue() == {DOGE}


async def test_one_may_come_as_another_goes_and_parameters_change_with_them(
    autojump_clock: MockClock,
) -> None:
    async with running() as engine:
        await engine.reload(ONLY_THE_SECOND, "strategies.second.order_amount=90")
        await until(lambda: engine.quoting(SECOND))
        view = engine.systems[-1].wires.strategies[SECOND].working.peek()
        assert view is not None
        assert {order.quantity for order in view.orders} == {90}


async def test_of_a_mistake_all_is_told_and_the_session_goes_on(autojump_clock: MockClock) -> None:
    async with running() as engine:
        for text, said in (
            (ON_ANOTHER_PAIR.replace("BTC-USDT", "BTC-NOTHING"), "BTCNOTHING is not traded here"),
            (ON_ANOTHER_PAIR.replace("amount = 0.001", "amount = 0.0000001"), "order_amount"),
            (ON_THE_SAME_PAIR.replace('kind = "pure', 'kind = "impure', 2), "kind"),
        ):
            told = await engine.reload(text)
            assert not told["applied"]
            assert said in "".join(told["problems"])
        told = await engine.reload(ON_THE_SAME_PAIR, dry_run=True)
        assert (told["applied"], told["begins_anew"]) == (False, True)
        await trio.sleep(5)
        assert len(engine.systems) == 1
        assert engine.quoting(DOGE)


async def test_a_halt_stands_through_the_change(autojump_clock: MockClock) -> None:
    async with running() as engine:
        name = socket_name(paper_settings().engine)
        async with conversation(engine.world.local, name) as spoken:
            await spoken.ask(Request(ask=Ask.KILL, reason="by hand"))
            await spoken.next()
        await engine.reload(ON_THE_SAME_PAIR)
        await until(lambda: len(engine.systems) == 2)
        await trio.sleep(20)
        assert engine.systems[-1].wires.halt.peek() == "by hand"
        assert await engine.at_the_venue() == set()


async def test_a_stop_that_is_asked_for_during_the_change_ends_all(
    autojump_clock: MockClock,
) -> None:
    async with running() as engine:
        await engine.reload(ON_THE_SAME_PAIR)
        engine.stop.ask("SIGTERM")
    assert len(engine.systems) == 1


async def test_what_was_told_to_a_person_is_not_told_again_and_no_loss_is_made_up(
    autojump_clock: MockClock,
) -> None:
    pigeon = Pigeon()
    async with running(attrs.evolve(simulated_world(1), messengers=(pigeon,))) as engine:
        await trio.sleep(60)
        await engine.reload(ON_THE_SAME_PAIR)
        await until(lambda: engine.quoting(DOGE, SECOND))
        await trio.sleep(60)
    assert pigeon.taken == []
    assert engine.world.wall_clock() > EPOCH_NS
