"""A strategy of another package does its worst beside one of ours, in a whole engine."""

from pathlib import Path

import msgspec
import pytest
import trio
from structlog.testing import capture_logs
from trio.testing import MockClock

from config.load.loading import load
from engine.environment.venue_connection import counterparty, simulated_rules
from engine.process.exit_codes import ExitCode
from engine.system.running import StopRequest, run
from engine.system.summary import Summary, as_json, as_text
from tests.support.moody import WITH_MOODY, Mood
from tests.support.whole_engine import DOGE, Rig, in_virtual_time, simulated_world, start_rig
from trading.core.identifiers import StrategyName
from trading.readiness.lease import Component

MOODY = StrategyName("moody")


async def two_strategies(nursery: trio.Nursery, mood: Mood, worst_after: float) -> Rig:
    """DOGE by a built-in strategy, BTC by a moody one; both quote."""
    rig = await start_rig(
        nursery,
        'strategies.doge.bid_spread="2 %"',
        'strategies.doge.ask_spread="2 %"',
        "strategies.doge.order_refresh_time=3600",
        'strategies.moody.kind="moody"',
        'strategies.moody.pair="BTC-USDT"',
        "strategies.moody.order_amount=0.001",
        "strategies.moody.order_refresh_time=15",
        f'strategies.moody.mood="{mood.value}"',
        f"strategies.moody.worst_after={worst_after}",
        kinds=WITH_MOODY,
    )
    await rig.until(lambda: rig.quoting() and rig.quoting(MOODY), within_s=10)
    await trio.sleep(0.5)
    return rig


def ids(rig: Rig, strategy: StrategyName) -> set[str]:
    working = rig.system.wires.strategies[strategy].working.read()
    assert working is not None
    return {order.client_order_id for order in working.orders}


@pytest.mark.parametrize("mood", Mood)
async def test_it_is_withdrawn_and_restarted_and_the_other_notices_nothing(
    nursery: trio.Nursery, autojump_clock: MockClock, mood: Mood
) -> None:
    rig = await two_strategies(nursery, mood, worst_after=25)
    ours, theirs = ids(rig, DOGE), ids(rig, MOODY)
    assert len(ours) == 4
    assert len(theirs) == 1
    with capture_logs() as logs:
        await rig.until(rig.restarted, within_s=30)
        [report] = [entry for entry in logs if entry["event"] == "actor_ended"]
        await rig.until(lambda: rig.quoting(MOODY) and ids(rig, MOODY) != theirs, within_s=5)
        await trio.sleep(1)
    withdrawn = {entry["order"] for entry in logs if entry["event"] == "order_withdrawn"}
    assert withdrawn == theirs
    assert report["actor"] == "strategy moody"
    assert report["restarting"] == ("strategy moody",)
    # Nonsense is found by the actor that reads it; what a strategy raises is told to its line.
    assert "actors/strategy.py:" in report["raised_at"]
    raises = {Mood.RAISES: "in _worst", Mood.CALLS_FOR_THE_END: "in _worst"}
    assert raises.get(mood, "") in report["raised_at"]
    assert ids(rig, MOODY).isdisjoint(theirs)
    assert ids(rig, DOGE) == ours
    assert rig.restarted() == ["strategy moody"]
    nursery.cancel_scope.cancel()


async def test_one_that_fails_again_and_again_is_given_up_alone(
    nursery: trio.Nursery, autojump_clock: MockClock
) -> None:
    rig = await two_strategies(nursery, Mood.RAISES, worst_after=2)
    ours = ids(rig, DOGE)
    await trio.sleep(30)
    assert ids(rig, DOGE) == ours
    assert not rig.quoting(MOODY)
    assert [
        order.client_order_id for order in await rig.open_orders() if "moody" in str(order)
    ] == []
    fact = rig.system.wires.facts.facts[Component.STRATEGY_RUNNING, MOODY]
    assert not fact.holds
    assert "a strategy of somebody else's" in fact.evidence
    assert rig.restarted() == ["strategy moody"] * 3
    nursery.cancel_scope.cancel()


ALONE = """
[engine]
name = "alone"
[venue]
kind = "valr"
[simulator.balances]
BTC = 1
USDT = 100000
[strategies.moody]
kind = "moody"
pair = "BTC-USDT"
order_amount = 0.001
order_refresh_time = 15
mood = "raises"
worst_after = 0.001
"""


def test_one_that_fails_alone_is_tried_again_after_pauses_and_then_ends_the_engine_by_name(
    tmp_path: Path,
) -> None:
    file = tmp_path / "alone.toml"
    file.write_text(ALONE)
    settings = load(str(file), (), {}, simulated_pairs=simulated_rules, kinds=WITH_MOODY)

    async def main() -> Summary:
        world = simulated_world(1)
        party = counterparty(settings, world)
        return await run(settings, world, party, stop=StopRequest(), duration_s=60)

    with capture_logs() as logs:
        summary = in_virtual_time(1, main)
    ends = [entry for entry in logs if entry["event"] == "actor_ended"]
    by_itself = [entry for entry in ends if entry["actor"] == "strategy moody"]
    assert [entry.get("backoff_s") for entry in by_itself] == [0.0, 0.5, 1.0, None]
    assert [entry["actor"] for entry in ends if entry not in by_itself] == ["strategies", "trading"]
    assert summary.exit_code is ExitCode.FAILURE
    assert summary.proof.proven
    assert summary.restarts == 3
    [given_up] = summary.given_up
    assert given_up.actor == "strategy moody"
    assert given_up.cause == "ZeroDivisionError: a strategy of somebody else's"
    assert "moody.py:" in given_up.raised_at
    assert as_json(summary)["given_up"] == [msgspec.structs.asdict(given_up)]
    [line] = [line for line in as_text(summary).splitlines() if "GIVEN UP" in line]
    assert "strategy moody, ZeroDivisionError: a strategy of somebody else's, raised at" in line
    assert "4 defects within 60 s" in line
