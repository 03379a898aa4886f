"""Whole runs in virtual time: the market is made, and nothing is left when it ends."""

import json
from collections.abc import Callable, Sequence

import attrs
import pytest
import trio
from structlog.testing import capture_logs

from engine.environment.venue_connection import VenueConnection, counterparty
from engine.environment.world import World
from engine.process.exit_codes import ExitCode
from engine.system.running import StopRequest, run
from engine.system.summary import Summary, as_json, as_text
from tests.support.links import LinkedNetwork
from tests.support.whole_engine import (
    DOGE,
    in_virtual_time,
    paper_settings,
    simulated_world,
)
from trading.core.identifiers import Currency
from trading.venues.valr.signing import Signer
from trading.venues.valr.simulator.core.settings import DEMO_ACCOUNT
from trading.venues.valr.venue import Valr


def run_paper(
    *overrides: str,
    seed: int = 1,
    duration_s: float = 60.0,
    party_of: Callable[[VenueConnection, World], VenueConnection] = lambda party, _world: party,
    recording: Sequence[bytes] = (),
) -> Summary:
    settings = paper_settings(*overrides, f"engine.seed={seed}")

    async def main() -> Summary:
        world = simulated_world(seed, recording)
        party = party_of(counterparty(settings, world), world)
        return await run(settings, world, party, stop=StopRequest(), duration_s=duration_s)

    return in_virtual_time(seed, main)


@pytest.fixture(scope="module")
def minutes() -> Summary:
    return run_paper("strategies.doge.order_refresh_time=5", duration_s=120)


def test_minutes_of_paper_trading_quote_both_sides_fill_and_end_flat(
    minutes: Summary,
) -> None:
    summary = minutes
    result = as_json(summary)
    assert result["exit_code"] == ExitCode.OK
    assert result["ready"] == "10/10"
    assert result["open_orders_left"] == 0
    assert result["flat_proven"] is True
    strategy = summary.strategies[DOGE]
    assert strategy.performance.orders_placed > 50
    assert strategy.performance.fills > 2
    assert min(strategy.quoting_s.values()) > 0.5 * summary.uptime_s


def test_readiness_is_complete_within_two_seconds_and_each_component_says_when(
    minutes: Summary,
) -> None:
    milestones = minutes.strategies[DOGE].milestones

    assert milestones.ready is not None
    assert milestones.ready < 2
    assert milestones.count == "10/10"


def test_what_was_filled_is_what_the_account_gained_and_lost(minutes: Summary) -> None:
    strategy = minutes.strategies[DOGE]

    performance = strategy.performance
    doge, usdt = Currency("DOGE"), Currency("USDT")
    assert performance.fills > 0
    assert strategy.inventory[doge].total - 20_000 == performance.position.quantity
    cash = performance.position.realised_profit - performance.position.cost
    assert abs(strategy.inventory[usdt].total - 100_000 - cash) < 1e-12
    assert strategy.inventory[doge].reserved == strategy.inventory[usdt].reserved == 0


def test_the_same_seed_repeats_the_same_run_event_by_event() -> None:
    def events() -> list[str]:
        with capture_logs() as logs:
            run_paper(seed=7, duration_s=40)
        return [json.dumps(entry, default=str) for entry in logs]

    first, second = events(), events()
    assert len(first) > 50
    assert first == second


def test_other_seeds_give_other_markets() -> None:
    fills = {run_paper(seed=seed, duration_s=20).strategies[DOGE].price for seed in (1, 2, 3)}
    assert len(fills) > 1


def test_two_strategies_share_the_sockets_each_on_its_own_pair() -> None:
    summary = run_paper(
        'strategies.btc={kind="pure_market_making", pair="BTC/ZAR", order_amount=0.001,'
        ' bid_spread="0.1 %", ask_spread="0.1 %", order_refresh_time=10}',
        "simulator.balances={DOGE=20000, USDT=100000, BTC=1, ZAR=1000000}",
        duration_s=30,
    )

    assert summary.exit_code is ExitCode.OK
    for strategy in summary.strategies.values():
        assert strategy.performance.orders_placed >= 2
        assert strategy.milestones.count == "10/10"


def test_a_refused_key_ends_the_engine_with_its_own_exit_code() -> None:
    def with_a_wrong_secret(party: VenueConnection, world: World) -> VenueConnection:
        signer = Signer(DEMO_ACCOUNT.api_key, "wrong" * 8, world.wall_clock)
        return attrs.evolve(party, venue=Valr(signer))

    summary = run_paper(party_of=with_a_wrong_secret)

    assert summary.exit_code is ExitCode.KEY_OR_PERMISSION
    assert "key" in summary.ended_by
    assert "wrongwrong" not in as_text(summary)


def test_a_venue_that_is_never_reached_ends_the_engine_with_its_own_exit_code() -> None:
    def nowhere(party: VenueConnection, _world: World) -> VenueConnection:
        return attrs.evolve(party, exchange=None, listening=party.listening)

    summary = run_paper("engine.give_up_after_s=20", party_of=nowhere, duration_s=100)

    assert summary.exit_code is ExitCode.VENUE_UNAVAILABLE
    assert summary.uptime_s < 25
    assert as_json(summary)["open_orders_left"] is None


def test_a_stop_before_anything_is_connected_is_quick_and_clean() -> None:
    settings = paper_settings()

    async def main() -> Summary:
        world = simulated_world(1)
        stop = StopRequest()
        stop.ask("SIGTERM")
        with trio.fail_after(10):
            return await run(settings, world, counterparty(settings, world), stop=stop)

    summary = in_virtual_time(1, main)
    assert summary.ended_by == "SIGTERM"
    assert summary.strategies[DOGE].performance.orders_placed == 0


@pytest.mark.parametrize("tenth", [0, 1, 2, 5, 9, 11, 13, 18, 22, 30])
def test_a_stop_at_any_moment_of_the_first_seconds_leaves_nothing_and_is_in_time(
    tenth: int,
) -> None:
    summary = run_paper("strategies.doge.order_refresh_time=1", duration_s=0.001 + tenth / 10)
    assert summary.exit_code is ExitCode.OK, summary
    assert summary.proof.proven
    assert paper_settings().engine.stop_deadline_s <= 10


def test_every_event_has_a_name_and_no_secret_is_ever_in_one() -> None:
    with capture_logs() as logs:
        run_paper(duration_s=30)

    names = {entry["event"] for entry in logs}
    assert {"engine_start", "component_ready", "ready", "order_placed", "order_open"} <= names
    assert all(name.isidentifier() for name in names)
    assert DEMO_ACCOUNT.api_secret not in str(logs)


def test_a_stop_at_a_venue_that_has_fallen_silent_is_over_in_time_and_tells_spans() -> None:
    settings = paper_settings()

    async def main() -> tuple[Summary, float]:
        world, stop = simulated_world(1), StopRequest()

        async def fall_silent_and_stop() -> None:
            await trio.sleep(10)
            assert isinstance(world.network, LinkedNetwork)
            world.network.deaf.add("")  # whatever is sent
            stop.ask("SIGTERM")

        party = counterparty(settings, world)
        async with trio.open_nursery() as nursery:
            nursery.start_soon(fall_silent_and_stop)
            summary = await run(settings, world, party, stop=stop)
        return summary, trio.current_time()

    with capture_logs() as logs:
        summary, ended_at = in_virtual_time(1, main)
    assert summary.exit_code is ExitCode.FAILURE
    assert not summary.proof.proven
    # `docker stop` kills after 10 s; the process takes a part of a second for itself.
    assert ended_at - 10 <= settings.engine.stop_deadline_s + 0.5
    [late] = [entry for entry in logs if entry["event"] == "not_flat_in_time"]
    assert late["deadline_s"] == 0.4 * settings.engine.stop_deadline_s
