"""Whole engines that quote around other prices than their own book's, and in compat mode."""

from collections.abc import Mapping

import pytest
import trio
from structlog.testing import capture_logs
from trio.testing import MockClock

from tests.support.scripted_server import Peer, serve
from tests.support.whole_engine import DOGE, Rig, start_rig
from trading.core.market import Side

STRATEGY = "strategies.doge"


def gates(rig: Rig) -> list[str]:
    decision = rig.system.wires.strategies[DOGE].decision.read()
    return [] if decision is None else [gate.code for gate in decision.gates]


@pytest.mark.parametrize(
    "settings",
    [
        {"price_type": "last_price"},
        {"compat": "hummingbot"},
        {"compat": "hummingbot", "price_type": "last_price", "hanging_orders_enabled": "true"},
        {"trading_hours": "00:00-24:00", "hanging_orders_enabled": "true"},
        {"price_type": "inventory_cost", "inventory_price": "0.0001"},
    ],
    ids=lambda settings: "-".join(settings.values()),
)
async def test_it_quotes_both_sides(
    nursery: trio.Nursery, autojump_clock: MockClock, settings: Mapping[str, str]
) -> None:
    overrides = [f"{STRATEGY}.{key}={value}" for key, value in settings.items()]
    rig = await start_rig(nursery, *overrides)
    await rig.until(rig.quoting, within_s=30)
    working = rig.system.wires.strategies[DOGE].working.read()
    assert working is not None
    assert {order.side for order in working.orders} == set(Side)


async def test_another_markets_price_is_quoted_around(
    nursery: trio.Nursery, autojump_clock: MockClock
) -> None:
    rig = await start_rig(
        nursery,
        f"{STRATEGY}.price_source=external_market",
        f"{STRATEGY}.price_source_market=ETHZAR",
    )
    # An ether costs more than a DOGE by so much that every bid would take.
    await rig.until(lambda: "would_cross" in gates(rig), within_s=30)
    decision = rig.system.wires.strategies[DOGE].decision.read()
    assert decision is not None
    [first, *_] = [gate for gate in decision.gates if gate.code == "would_cross"]
    assert float(first.inputs["price"]) > 1000


async def test_an_actor_that_is_away_says_which_components_of_readiness_rest_on_it(
    nursery: trio.Nursery, autojump_clock: MockClock
) -> None:
    with capture_logs() as logs:
        rig = await start_rig(
            nursery,
            f"{STRATEGY}.price_source=custom_api",
            f"{STRATEGY}.price_source_custom_api=http://127.0.0.1:40100/doge",
        )
        await rig.until(lambda: rig.readiness.ready, within_s=30)
        await rig.network.cut("/ws/trade")
        await rig.until(lambda: not rig.readiness.ready, within_s=10)
    rests_on = {
        entry["actor"]: entry["readiness_of"] for entry in logs if entry["event"] == "actor_ended"
    }
    assert rests_on["custom price of doge"] == []
    assert rests_on["trade socket"] == ["order_books_initialized"]


async def test_quotes_are_withdrawn_when_a_custom_price_lapses(
    nursery: trio.Nursery, autojump_clock: MockClock
) -> None:
    rig_price = ["0.1"]

    async def script(peer: Peer) -> None:
        await peer.read_request()
        await peer.answer(200 if rig_price else 503, rig_price[0] if rig_price else "")

    rig = await start_rig(
        nursery,
        f"{STRATEGY}.price_source=custom_api",
        f"{STRATEGY}.price_source_custom_api=http://127.0.0.1:40100/doge",
        f"{STRATEGY}.price_age_max=10",
    )
    await rig.until(lambda: "price_unknown" in gates(rig), within_s=30)
    await serve(nursery, rig.network, script, port=40100)
    await rig.until(rig.quoting, within_s=60)
    rig_price.clear()
    await rig.until(lambda: "price_lapsed" in gates(rig), within_s=30)
    await rig.until(lambda: not rig.quoting(), within_s=5)
