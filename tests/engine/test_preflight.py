"""The last look before trading: who may trade, who waits, and who must not start."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import attrs
import pytest
import trio
from structlog.testing import capture_logs
from trio.testing import MockClock

from config.source.problems import ConfigurationProblems
from engine.environment.state_folder import ledger_path
from engine.environment.venue_connection import counterparty
from engine.environment.world import World
from engine.system.preflight import check_with_the_venue
from engine.system.running import StopRequest
from tests.engine.test_doctor import BTC, BTCUSDT, DOGEUSDT
from tests.support.doctor_rig import Visit
from tests.support.doors import Door
from tests.support.simulated_venue import QUIET_EXCHANGE, serve_exchange
from trading.core.errors import Fatal, FatalReason
from trading.journal.tables import PAIRS

GONE = [text.replace("BTC-USDT", "GONE-USDT") for text in BTC]


@pytest.fixture
async def visit(nursery: trio.Nursery, tmp_path: Path, autojump_clock: MockClock) -> Visit:
    began_at = trio.current_time()
    return Visit(
        venue=await serve_exchange(nursery, QUIET_EXCHANGE), folder=tmp_path, began_at=began_at
    )


async def look(visit: Visit, world: World | None = None) -> Sequence[Mapping[str, object]]:
    """Look as `engine run` does; who waits."""
    settings, world = visit.settings(), world or visit.world()
    with capture_logs() as logs:
        await check_with_the_venue(settings, world, counterparty(settings, world), StopRequest())
    return [entry for entry in logs if entry["event"] == "pair_waits"]


async def test_a_suspended_pair_waits_and_the_others_trade(visit: Visit) -> None:
    visit.overrides = BTC
    assert await look(visit) == []
    visit.venue.exchange.deactivate(BTCUSDT, 0.0)
    [entry] = await look(visit)
    assert (entry["strategy"], entry["reason"]) == ("btc", "BTCUSDT is not active")


async def test_where_no_pair_can_be_traded_somebody_may_try_again_later(visit: Visit) -> None:
    visit.venue.exchange.deactivate(DOGEUSDT, 0.0)
    with pytest.raises(Fatal, match="no pair can be traded now: DOGEUSDT is not active") as caught:
        await look(visit)
    assert caught.value.reason is FatalReason.PASSING


async def test_a_pair_that_nobody_ever_heard_of_is_a_mistake_in_the_configuration(
    visit: Visit,
) -> None:
    visit.overrides = GONE
    with pytest.raises(ConfigurationProblems, match=r"btc\.pair: GONEUSDT is not traded"):
        await look(visit)


async def test_a_pair_that_was_delisted_waits_for_the_ledger_knows_it(visit: Visit) -> None:
    visit.overrides, world = GONE, visit.world()
    ledger = await world.disk.open_ledger(ledger_path(visit.settings().engine))
    await ledger.commit([PAIRS.insert("GONEUSDT", "GONE", "USDT")])
    [entry] = await look(visit, world)
    assert entry["reason"] == "the venue does not list GONEUSDT any more"


async def test_amounts_of_a_pair_that_waits_are_held_against_its_rules_all_the_same(
    visit: Visit,
) -> None:
    visit.overrides = [*BTC, "strategies.btc.order_amount=0.00000001"]
    visit.venue.exchange.deactivate(BTCUSDT, 0.0)
    with pytest.raises(ConfigurationProblems, match="order_amount"):
        await look(visit)


@pytest.mark.parametrize("off_s", [-5.0, 5.0])
async def test_a_wrong_clock_starts_nothing_and_may_be_right_the_next_time(
    visit: Visit, off_s: float
) -> None:
    visit = attrs.evolve(visit, clock_off_s=off_s)
    with pytest.raises(Fatal, match="set it by NTP") as caught:
        await look(visit)
    assert caught.value.reason is FatalReason.PASSING


async def test_a_stop_breaks_off_a_look_at_a_venue_that_does_not_answer(visit: Visit) -> None:
    settings, world = visit.settings(), visit.world()
    world = attrs.evolve(world, network=Door(world.network, silent=True))
    stop = StopRequest()
    async with trio.open_nursery() as nursery:
        nursery.start_soon(
            check_with_the_venue, settings, world, counterparty(settings, world), stop
        )
        await trio.sleep(3)
        stop.ask("SIGTERM")
        asked_at = trio.current_time()
    assert trio.current_time() - asked_at < 0.1


async def test_a_venue_that_is_away_is_told_once_and_at_the_end_with_a_cure(visit: Visit) -> None:
    visit.overrides = ["engine.give_up_after_s=5"]
    settings, world = visit.settings(), visit.world()
    world = attrs.evolve(world, network=Door(world.network, refuses=True))
    with capture_logs() as logs, pytest.raises(Fatal, match="start again") as caught:
        await check_with_the_venue(settings, world, counterparty(settings, world), StopRequest())
    assert caught.value.reason is FatalReason.VENUE_UNAVAILABLE
    assert "see to the network and to venue.rest_url" in str(caught.value)
    assert [entry["event"] for entry in logs] == ["venue_not_reached"]
