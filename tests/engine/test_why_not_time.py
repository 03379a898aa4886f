"""The time in which a side does not quote is charged to its one real cause, not to timers."""

from typing import Any

import pytest
import trio
from trio.testing import MockClock

from actors.ports.operator_orders import KillOrder, ResumeOrder
from engine.control.protocol import Ask
from engine.environment.venue_connection import counterparty
from engine.system.running import StopRequest, run
from engine.system.summary import as_text
from tests.engine.test_status import asked
from tests.support.whole_engine import DOGE, Rig, paper_settings, simulated_world, start_rig
from trading.core.market import Side

NEVER_FILLED = ('strategies.doge.bid_spread="2 %"', 'strategies.doge.ask_spread="2 %"')


async def times(rig: Rig, side: str) -> dict[str, float]:
    """What kept a side out, the longest first, once it is known to be no more than all time."""
    status = await asked(rig)
    found: dict[str, dict[str, Any]] = status["strategies"]["doge"]["quoting"]
    for each in found.values():
        assert each["seconds"] + sum(each["not_quoting_s"].values()) <= status["uptime_s"] + 0.01
    kept_out: dict[str, float] = found[side]["not_quoting_s"]
    return kept_out


async def first_gate(rig: Rig, side: str, key: str = "code") -> str:
    sides = (await asked(rig, Ask.EXPLAIN))["strategies"]["doge"]["sides"]
    code: str = sides[side]["gates"][0][key]
    return code


async def test_a_limit_beside_running_timers_is_charged_for_the_side_that_it_shuts(
    nursery: trio.Nursery, autojump_clock: MockClock
) -> None:
    limit = "strategies.doge.limits.max_base_holding=20010"
    rig = await start_rig(nursery, limit, *NEVER_FILLED)
    await trio.sleep(120)
    buy, sell = await times(rig, "buy"), await times(rig, "sell")
    assert next(iter(buy)) == "base_holding_high"
    assert buy["base_holding_high"] > 110
    assert sum(sell.values()) < 10
    assert await first_gate(rig, "buy") == "base_holding_high"
    nursery.cancel_scope.cancel()


async def test_a_halt_is_charged_for_both_sides_and_comes_first(
    nursery: trio.Nursery, autojump_clock: MockClock
) -> None:
    rig = await start_rig(nursery, *NEVER_FILLED)
    await rig.until(rig.quoting, 10)
    await trio.sleep(20)
    order = KillOrder(reason="looks wrong")
    await rig.system.wires.operator.send.send(order)
    await trio.sleep(151)
    for side in ("buy", "sell"):
        assert (await times(rig, side))["halted"] == pytest.approx(151, abs=1)
        assert await first_gate(rig, side) == "halted"
    resume = ResumeOrder()
    await rig.system.wires.operator.send.send(resume)
    assert await resume.answered.wait() == ""
    await rig.until(rig.quoting, 40)
    await trio.sleep(10)
    for side in ("buy", "sell"):
        found = await times(rig, side)
        assert next(iter(found)) == "halted"
        assert found["halted"] == pytest.approx(151, abs=2)
    nursery.cancel_scope.cancel()


async def test_a_lost_readiness_is_charged_while_timers_run(
    nursery: trio.Nursery, autojump_clock: MockClock
) -> None:
    rig = await start_rig(nursery, "strategies.doge.order_refresh_time=300", *NEVER_FILLED)
    await rig.until(rig.quoting, 10)
    await trio.sleep(5)
    rig.network.away = True
    await rig.network.cut("/ws/account")
    await trio.sleep(60)
    assert await first_gate(rig, "buy", "from") == "readiness"
    rig.network.away = False
    for side in ("buy", "sell"):
        assert (await times(rig, side))["not_ready"] == pytest.approx(60, abs=2)
    nursery.cancel_scope.cancel()


async def test_a_fill_delay_is_charged_and_not_the_orders_that_still_work(
    nursery: trio.Nursery, autojump_clock: MockClock
) -> None:
    rig = await start_rig(
        nursery,
        "strategies.doge.order_levels=1",
        "strategies.doge.order_refresh_time=200",
        "strategies.doge.filled_order_delay=60",
    )
    port = rig.system.wires.strategies[DOGE]

    def sides_without_orders() -> set[Side]:
        working = port.working.read()
        return set(Side) - {order.side for order in (working.orders if working else ())}

    await rig.until(lambda: not sides_without_orders(), 10)
    await rig.until(sides_without_orders, 200)
    [filled] = sides_without_orders()
    before = (await times(rig, filled.value)).get("fill_delay", 0.0)
    await trio.sleep(30)
    if filled in sides_without_orders():
        assert await first_gate(rig, filled.value) == "fill_delay"
    assert (await times(rig, filled.value))["fill_delay"] == pytest.approx(before + 30, abs=0.1)
    nursery.cancel_scope.cancel()


async def test_a_summary_charges_a_limit_and_no_more_than_the_time_of_the_run(
    autojump_clock: MockClock,
) -> None:
    limit = "strategies.doge.limits.max_base_holding=20010"
    settings = paper_settings(limit, *NEVER_FILLED)
    world = simulated_world(1)
    summary = await run(
        settings, world, counterparty(settings, world), stop=StopRequest(), duration_s=120
    )
    strategy = summary.strategies[DOGE]
    for side in Side:
        spent = strategy.quoting_s[side] + sum(strategy.not_quoting_s[side].values())
        assert spent <= summary.uptime_s + 1e-6
    [line] = [line for line in as_text(summary).splitlines() if line.startswith("    no buy")]
    assert line.split()[2] == "base_holding_high"
    assert strategy.not_quoting_s[Side.BUY]["base_holding_high"] > 110


async def gates_of(rig: Rig, side: str) -> list[str]:
    sides = (await asked(rig, Ask.EXPLAIN))["strategies"]["doge"]["sides"]
    return [gate["code"] for gate in sides[side]["gates"]]


async def test_a_halt_that_is_over_is_not_charged_and_not_named(
    nursery: trio.Nursery, autojump_clock: MockClock
) -> None:
    rig = await start_rig(nursery, "strategies.doge.order_refresh_time=30", *NEVER_FILLED)
    await rig.until(rig.quoting, 10)
    await rig.system.wires.operator.send.send(KillOrder(reason="spread looks odd"))
    await trio.sleep(40)
    for side in ("buy", "sell"):
        codes = await gates_of(rig, side)
        assert codes[0] == "halted"
        assert "not_permitted" not in codes
    resume = ResumeOrder()
    await rig.system.wires.operator.send.send(resume)
    assert await resume.answered.wait() == ""
    await trio.sleep(5)
    assert not rig.quoting()
    for side in ("buy", "sell"):
        assert (await gates_of(rig, side))[0] == "refresh_running"
        assert "not_permitted" not in await gates_of(rig, side)
        assert (await times(rig, side)).get("not_permitted", 0.0) < 0.1
    nursery.cancel_scope.cancel()


@pytest.mark.parametrize(
    ("filled", "limit", "cause"),
    [("sell", 20030, "fill_delay"), ("buy", 20050, "base_holding_high")],
    ids=["over", "come"],
)
async def test_a_limit_is_a_cause_by_the_account_as_it_is_now(
    nursery: trio.Nursery, autojump_clock: MockClock, filled: str, limit: int, cause: str
) -> None:
    other = "bid_spread" if filled == "sell" else "ask_spread"
    rig = await start_rig(
        nursery,
        f"strategies.doge.limits.max_base_holding={limit}",
        "strategies.doge.order_levels=1",
        "strategies.doge.order_refresh_time=60",
        "strategies.doge.filled_order_delay=60",
        f'strategies.doge.{other}="2 %"',
    )
    port = rig.system.wires.strategies[DOGE]

    def completed() -> object:
        working = port.working.read()
        return working is not None and working.completed.last_side is Side(filled)

    await rig.until(completed, 300)
    await trio.sleep(3)
    before = (await times(rig, "buy")).get(cause, 0.0)
    await trio.sleep(20)
    codes = await gates_of(rig, "buy")
    assert codes[0] == cause
    assert ("base_holding_high" in codes) == (cause == "base_holding_high")
    assert (await times(rig, "buy"))[cause] == pytest.approx(before + 20, abs=1.1)
    nursery.cancel_scope.cancel()
