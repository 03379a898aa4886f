"""What readiness misses for too long is asked for anew, said so, and never traded without."""

from collections.abc import MutableMapping, Sequence
from typing import Any

import pytest
import trio
from structlog.testing import capture_logs
from trio.testing import MockClock

from engine.environment.venue_connection import VenueConnection
from engine.environment.world import World
from tests.support.links import LinkedNetwork
from tests.support.whole_engine import simulated_world, start_rig
from trading.core.identifiers import Pair
from trading.venues.valr.simulator.core.fault_plan import Fault

DOGEUSDT = Pair("DOGEUSDT")
PATIENT = (
    # So patient that nothing but the failsafe brings anything back within a minute.
    "venue.connect_deadline_s=60",
    "venue.answer_deadline_s=60",
)
TWO = (
    (
        'strategies.btc={kind="pure_market_making", pair="BTC/ZAR", order_amount=0.001,'
        ' bid_spread="0.1 %", ask_spread="0.1 %", order_refresh_time=10}'
    ),
    "simulator.balances={DOGE=20000, USDT=100000, BTC=1, ZAR=1000000}",
)
Log = MutableMapping[str, Any]


def overdue(logs: Sequence[Log]) -> list[Log]:
    return [entry for entry in logs if entry["event"] == "initialisation_overdue"]


def about(logs: Sequence[Log], component: str) -> list[Log]:
    return [entry for entry in overdue(logs) if entry["component"] == component]


def deaf(*paths: str) -> World:
    """A world in which nobody answers on some paths."""
    world = simulated_world(1)
    assert isinstance(world.network, LinkedNetwork)
    world.network.deaf.update(paths)
    return world


def without_the_pair(party: VenueConnection, _world: World) -> VenueConnection:
    """An exchange at which the pair is suspended."""
    assert party.exchange is not None
    party.exchange.deactivate(DOGEUSDT, party.exchange.now)
    return party


@pytest.mark.parametrize(
    ("path", "component", "retrying"),
    [
        ("/ws/account", "user_stream_initialized", "account socket"),
        ("/ws/trade", "order_books_initialized", "order book DOGEUSDT"),
        ("/v1/account/balances", "account_balance", "account"),
        ("/v1/public/pairs", "trading_rule_initialized", "trading rules"),
        ("/v1/public/time", "clock_offset_known", "venue clock"),
        ("/v1/public/status", "venue_online", "venue status"),
    ],
)
async def test_what_was_never_answered_is_asked_for_anew_and_nothing_is_quoted_before(
    nursery: trio.Nursery, autojump_clock: MockClock, path: str, component: str, retrying: str
) -> None:
    with capture_logs() as logs:
        rig = await start_rig(nursery, *PATIENT, world=deaf(path))
        await trio.sleep(14.9)
        assert overdue(logs) == []
        assert not rig.readiness.ready
        rig.network.deaf.clear()
        took_s = await rig.until(rig.quoting, within_s=10)

    entry = about(logs, component)[0]
    assert entry["retrying"] == f"{retrying}, from the beginning"
    assert entry["missing_s"] == pytest.approx(15, abs=0.1)
    assert entry["evidence"]
    assert entry["attempt"] == 1
    assert took_s > 0.1
    order = logs.index(entry)
    assert not any(e["event"] == "order_placed" for e in logs[:order])
    nursery.cancel_scope.cancel()


async def test_rules_that_come_too_late_are_found_long_before_the_next_regular_look(
    nursery: trio.Nursery, autojump_clock: MockClock
) -> None:
    with capture_logs() as logs:
        rig = await start_rig(nursery, party_of=without_the_pair)
        await trio.sleep(10)
        rig.exchange.activate(DOGEUSDT, rig.exchange.now)
        took_s = await rig.until(rig.quoting, within_s=10)

    [entry] = about(logs, "trading_rule_initialized")
    assert entry["evidence"] == "the pair is not active"
    assert entry["retrying"] == "trading rules, from the beginning"
    assert 4 < took_s < 8  # the next look would have been after five minutes
    nursery.cancel_scope.cancel()


async def test_attempts_go_on_at_a_pace_that_slows_down_to_a_bound_and_trade_nothing(
    nursery: trio.Nursery, autojump_clock: MockClock
) -> None:
    with capture_logs() as logs:
        rig = await start_rig(nursery, party_of=without_the_pair)
        await trio.sleep(600)

    moments = [entry["missing_s"] for entry in about(logs, "trading_rule_initialized")]
    assert moments == pytest.approx([15, 45, 105, 225, 345, 465, 585], abs=1)
    assert [e["attempt"] for e in about(logs, "trading_rule_initialized")] == list(range(1, 8))
    # Each entry names what is missing now: without the pair there is no book of it either.
    assert {entry["component"] for entry in overdue(logs)} == {
        "trading_rule_initialized",
        "order_books_initialized",
    }
    assert not any(entry["event"] == "order_placed" for entry in logs)
    assert not rig.quoting()
    nursery.cancel_scope.cancel()


async def test_the_deadline_is_a_setting(nursery: trio.Nursery, autojump_clock: MockClock) -> None:
    with capture_logs() as logs:
        await start_rig(nursery, "engine.initialisation_deadline_s=40", party_of=without_the_pair)
        await trio.sleep(39)
        assert overdue(logs) == []
        await trio.sleep(2)
    assert about(logs, "trading_rule_initialized")
    nursery.cancel_scope.cancel()


async def test_a_ledger_that_waits_for_its_disk_is_named_and_left_alone(
    nursery: trio.Nursery, autojump_clock: MockClock
) -> None:
    with capture_logs() as logs:
        rig = await start_rig(nursery)
        await rig.until(rig.quoting, within_s=10)
        rig.disk.trouble.slow_s = 40
        await rig.until(lambda: about(logs, "ledger_writable"), within_s=120)
    [entry] = about(logs, "ledger_writable")
    assert entry["retrying"] == "nothing: the ledger waits for its disk"
    assert "ledger" not in rig.restarted()
    rig.disk.trouble.slow_s = 0
    await rig.until(lambda: rig.readiness.ready and rig.quoting(), within_s=120)
    nursery.cancel_scope.cancel()


async def test_an_owner_that_its_supervisor_tries_again_is_left_to_it_and_its_error_is_told(
    nursery: trio.Nursery, autojump_clock: MockClock
) -> None:
    with capture_logs() as logs:
        rig = await start_rig(nursery)
        await rig.until(rig.quoting, within_s=10)
        rig.network.away = True
        await rig.network.cut("/ws/account")
        await trio.sleep(30)
    told = about(logs, "user_stream_initialized")[0]
    assert told["retrying"] == "account socket, by its supervisor"
    assert "no route to host" in told["last_error"]
    rig.network.away = False
    await rig.until(rig.quoting, within_s=90)
    nursery.cancel_scope.cancel()


async def test_one_book_of_two_is_asked_for_alone_and_the_other_goes_on_quoting(
    nursery: trio.Nursery, autojump_clock: MockClock
) -> None:
    def without_a_snapshot(party: VenueConnection, _world: World) -> VenueConnection:
        assert party.exchange is not None
        party.exchange.faults.arm(Fault.MISSING_SNAPSHOT)
        return party

    with capture_logs() as logs:
        rig = await start_rig(nursery, *PATIENT, *TWO, party_of=without_a_snapshot)
        await trio.sleep(14)
        [lucky, unlucky] = sorted(rig.system.wires.strategies, key=rig.quoting, reverse=True)
        assert rig.quoting(lucky)
        assert not rig.quoting(unlucky)
        await rig.until(lambda: rig.quoting(unlucky), within_s=5)
    [entry] = about(logs, "order_books_initialized")
    assert entry["strategy"] == unlucky
    assert entry["retrying"] == f"a fresh snapshot of {entry['pair']}"
    assert rig.restarted() == []
    nursery.cancel_scope.cancel()
