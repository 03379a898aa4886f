"""What a running engine says of itself, and why it is not quoting."""

import json
from decimal import Decimal
from typing import Any

import trio
from trio.testing import MockClock

from actors.ports.ports import Latest
from actors.watch.meter import MeterActor, Meters
from engine.control.protocol import Ask, Is, Request
from tests.support.lives import begin
from tests.support.whole_engine import Rig, start_rig
from trading.readiness.lease import Component


async def asked(rig: Rig, ask: Ask = Ask.STATUS) -> dict[str, Any]:
    async with rig.conversation() as spoken:
        reply = await spoken.ask(Request(ask=ask))
    assert reply.kind is Is(ask.value)
    content: dict[str, Any] = reply.content[ask.value]
    return content


async def test_a_status_shows_tree_readiness_orders_and_books(
    nursery: trio.Nursery, autojump_clock: MockClock
) -> None:
    rig = await start_rig(nursery)
    await rig.until(rig.quoting, 10)
    await trio.sleep(2)

    status = await asked(rig)

    assert json.loads(json.dumps(status)) == status
    assert status["engine"] == "paper"
    assert status["halt"] is None
    [strategy] = status["strategies"].values()
    assert strategy["ready"]
    assert strategy["components_ready"] == "10/10"
    assert strategy["components"]["account_balance"]["holds"]
    assert strategy["components"]["order_books_initialized"]["age_s"] < 5
    top, orders = strategy["top"], strategy["orders"]
    assert Decimal(top["bid"]) < Decimal(top["mid"]) < Decimal(top["ask"])
    assert top["age_s"] < 5
    assert {order["side"] for order in orders} == {"buy", "sell"}
    assert all(0 < Decimal(order["spread"]) < Decimal("0.01") for order in orders)
    assert all(0 < order["age_s"] < 3 for order in orders)
    assert set(strategy["inventory"]["balances"]) == {"DOGE", "USDT"}
    assert 0 < Decimal(strategy["inventory"]["base_share"]) < 1
    children = {child["name"]: child for child in status["tree"]["children"]}
    assert children["kill switch"]["state"] == "running"
    assert children["kill switch"]["age_s"] > 1
    inside = {child["name"] for child in children["trading"]["inside"]["children"]}
    assert inside == {"order gateway", "strategies"}
    assert all(0 <= lane["used"] <= lane["maximum"] for lane in status["rate_limits"].values())
    assert any(lane["used"] for lane in status["rate_limits"].values())
    assert status["mailboxes"]["ledger"]["capacity"] == 1000
    assert status["newest"]["doge top of book"]["puts"] > 1
    assert status["loop"]["late_s"] == 0
    nursery.cancel_scope.cancel()


async def test_a_side_that_quotes_has_its_orders_and_one_that_is_halted_the_reason(
    nursery: trio.Nursery, autojump_clock: MockClock
) -> None:
    rig = await start_rig(nursery)
    await rig.until(rig.quoting, 10)
    await trio.sleep(1)
    sides = (await asked(rig, Ask.EXPLAIN))["strategies"]["doge"]["sides"]
    assert all(side["quoting"] and side["orders"] for side in sides.values())

    async with rig.conversation() as spoken:
        await spoken.ask(Request(ask=Ask.KILL, reason="too wild"))
        await spoken.next()
    sides = (await asked(rig, Ask.EXPLAIN))["strategies"]["doge"]["sides"]
    for side in sides.values():
        assert not side["quoting"]
        assert side["gates"][0]["from"] == "halt"
        assert side["gates"][0]["sentence"] == "halted: too wild"
    assert (await asked(rig))["halt"] == "too wild"
    nursery.cancel_scope.cancel()


async def test_what_is_not_ready_comes_first_and_each_reason_once(
    nursery: trio.Nursery, autojump_clock: MockClock
) -> None:
    rig = await start_rig(nursery)
    await rig.until(rig.quoting, 10)
    rig.system.wires.facts.revoke(Component.ACCOUNT_BALANCE, "a test says so")
    await rig.until(lambda: not rig.quoting(), 1)

    side = (await asked(rig, Ask.EXPLAIN))["strategies"]["doge"]["sides"]["buy"]

    [gate] = side["gates"]
    assert (gate["from"], gate["sentence"]) == ("readiness", "account_balance: a test says so")
    nursery.cancel_scope.cancel()


async def test_a_strategy_that_waits_says_for_what_and_until_when(
    nursery: trio.Nursery, autojump_clock: MockClock
) -> None:
    rig = await start_rig(nursery, "strategies.doge.order_refresh_time=100")
    await rig.until(rig.quoting, 10)
    await trio.sleep(5)
    side = (await asked(rig, Ask.EXPLAIN))["strategies"]["doge"]["sides"]["buy"]
    assert side["wanted"] or side["orders"]
    assert side["gates"]
    assert {gate["from"] for gate in side["gates"]} == {"strategy"}
    assert any(0 < (gate["opens_in_s"] or 0) <= 100 for gate in side["gates"])
    nursery.cancel_scope.cancel()


async def test_a_meter_keeps_the_most_it_ever_saw(
    nursery: trio.Nursery, autojump_clock: MockClock
) -> None:
    meters, depth = Latest[Meters](), [3]
    await begin(nursery, MeterActor(meters=meters, depths={"wire": lambda: depth[0]}))
    await trio.sleep(6)
    depth[0] = 1
    await trio.sleep(5)
    seen = meters.read()
    assert seen == Meters(late_s=0, worst_s=0, depths_max={"wire": 3})
    nursery.cancel_scope.cancel()
