"""One screen of a running engine: right at every size, and the real cause in words."""

from typing import Any

import attrs
import pytest
import trio
from trio.testing import MockClock

from actors.ports.operator_orders import KillOrder
from engine.picture.events import Recent
from engine.picture.picture import Scene, picture
from tests.engine.test_status import asked
from tests.support.whole_engine import Rig, start_rig

SIZES = [(80, 24), (120, 40)]
FILL = {
    "timestamp": "2026-11-28T21:17:12.220Z",
    "level": "info",
    "event": "fill",
    "order": "qw-paper-doge-mx0wv4nf-1",
    "pair": "DOGEUSDT",
    "side": "buy",
    "price": "0.0999",
    "quantity": "40",
    "fee": "0",
    "fee_currency": "DOGE",
}
REFUSED = {
    "timestamp": "2026-11-28T21:18:00.000Z",
    "level": "warning",
    "event": "order_refused",
    "strategy": "doge",
    "price": "0.1",
    "reasons": ["no \x1b[2J more"],
}
BTC = (
    'strategies.btc={kind="pure_market_making", pair="BTC/ZAR", order_amount=0.001,'
    ' bid_spread="0.1 %", ask_spread="0.1 %", order_refresh_time=10}'
)
MONEY = "simulator.balances={DOGE=20000, USDT=100000, BTC=1, ZAR=1000000}"


def drawn(scene: Scene, width: int, height: int) -> list[str]:
    lines = picture(scene, width, height)
    assert len(lines) <= height
    assert all(line.cell_len <= width for line in lines)
    assert all(text.isprintable() for text in (line.plain for line in lines))
    return [line.plain for line in lines]


def test_the_address_of_a_page_that_is_served_stands_below_the_first_line() -> None:
    status = {"engine": "paper", "venue": "simulated VALR", "uptime_s": 2.0, "strategies": {}}
    status |= {"halt": "", "stopping": ""}
    lines = drawn(Scene(status=status, page="http://127.0.0.1:8470/#token"), 80, 24)
    assert lines[1] == "page  http://127.0.0.1:8470/#token"


async def seen(rig: Rig, **more: Any) -> Scene:
    recent = Recent()
    for entry in (FILL, REFUSED, REFUSED):
        recent.add(entry)
    status = await asked(rig)
    clock = "21:18:30 UTC"
    return Scene(status=status, fills=recent.fills, events=recent.events, clock=clock, **more)


@pytest.mark.parametrize(("width", "height"), SIZES)
async def test_a_quoting_engine_shows_price_orders_profit_holdings_fills_and_events(
    nursery: trio.Nursery, autojump_clock: MockClock, width: int, height: int
) -> None:
    rig = await start_rig(nursery)
    await rig.until(rig.quoting, 10)
    await trio.sleep(2)
    scene = await seen(rig)
    lines = drawn(scene, width, height)
    text = "\n".join(lines)
    assert scene.status is not None
    strategy = scene.status["strategies"]["doge"]
    assert lines[0].startswith("paper on simulated VALR   up 2 s")
    assert "QUOTING both sides" in lines
    assert f"mid {strategy['top']['mid']}" in text
    sells = [line for line in lines if line.startswith("  sell ")]
    buys = [line for line in lines if line.startswith("  buy ")]
    assert len(sells) == len(buys) == 2
    assert lines.index(sells[-1]) < lines.index(buys[0])
    assert all(any(order["price"] in line for line in sells + buys) for order in strategy["orders"])
    assert "profit  +0.000000 USDT" in text
    assert "20000 DOGE" in text
    assert "21:17:12  bought 40 at 0.0999" in text
    assert "2 x  order refused" in text
    nursery.cancel_scope.cancel()


@pytest.mark.parametrize(("width", "height"), [*SIZES, (60, 12)])
async def test_what_keeps_it_from_quoting_stands_in_words_at_every_size(
    nursery: trio.Nursery, autojump_clock: MockClock, width: int, height: int
) -> None:
    rig = await start_rig(nursery, "strategies.doge.limits.max_base_holding=20010")
    await trio.sleep(6)
    [state] = [line for line in drawn(await seen(rig), width, height) if "sells only" in line]
    assert "at worst the account would hold" in state
    await rig.system.wires.operator.send.send(KillOrder(reason="looks wrong"))
    await trio.sleep(2)
    text = "\n".join(drawn(await seen(rig), width, height))
    assert "HALTED: looks wrong" in text
    nursery.cancel_scope.cancel()


@pytest.mark.parametrize(("width", "height"), [*SIZES, (60, 12), (40, 5), (200, 60)])
async def test_several_strategies_are_each_seen(
    nursery: trio.Nursery, autojump_clock: MockClock, width: int, height: int
) -> None:
    rig = await start_rig(nursery, BTC, MONEY)
    await trio.sleep(5)
    text = "\n".join(drawn(await seen(rig), width, height))
    assert "doge" in text
    assert "btc" in text or "more strategies" in text
    nursery.cancel_scope.cancel()


async def test_of_many_levels_the_outer_ones_go_first_and_are_counted(
    nursery: trio.Nursery, autojump_clock: MockClock
) -> None:
    rig = await start_rig(nursery, "strategies.doge.order_levels=8")
    await rig.until(rig.quoting, 10)
    await trio.sleep(2)
    scene = await seen(rig)
    lines = drawn(scene, 80, 24)
    assert scene.status is not None
    orders = scene.status["strategies"]["doge"]["orders"]
    sells = [line for line in lines if line.startswith("  sell ")]
    assert sells
    assert min((o["price"] for o in orders if o["side"] == "sell"), key=float) in sells[-1]
    assert lines.count(f"       and {8 - len(sells)} more") == 2
    assert "more" not in "\n".join(drawn(scene, 80, 60)).partition("what happened")[0]
    nursery.cancel_scope.cancel()


@pytest.mark.parametrize(("width", "height"), SIZES)
async def test_levels_that_a_limit_shuts_out_are_counted_with_the_reason(
    nursery: trio.Nursery, autojump_clock: MockClock, width: int, height: int
) -> None:
    rig = await start_rig(nursery, "strategies.doge.limits.max_base_holding=20050")
    await trio.sleep(3)
    scene = await seen(rig)
    text = " ".join(drawn(scene, width, height))
    assert "QUOTING both sides, but 1 of 2 buys: at worst the account would hold" in text
    nursery.cancel_scope.cancel()


def test_events_are_sentences_with_the_reason_first() -> None:
    recent = Recent()
    recent.add(REFUSED)
    recent.add({"event": "halted_already", "level": "warning", "reason": "looks wrong"})
    recent.add({"event": "signal_ignored", "level": "warning", "name": "SIGUSR1"})
    assert [told.words for told in recent.events] == [
        "order refused: no ?[2J more (doge: order at 0.1)",
        "halted already, and asked for again: looks wrong",
        "SIGUSR1 was ignored: that signal means nothing to the engine",
    ]


async def test_a_lost_stream_is_named_and_so_is_an_engine_that_does_not_answer(
    nursery: trio.Nursery, autojump_clock: MockClock
) -> None:
    rig = await start_rig(nursery)
    await rig.until(rig.quoting, 10)
    rig.network.away = True
    await rig.network.cut("/ws/account")
    await trio.sleep(4)
    scene = await seen(rig)
    text = "\n".join(drawn(scene, 120, 40))
    assert "/10): account_balance: " in text
    assert "NOT READY (" in text
    silent = attrs.evolve(scene, silent_s=7.0)
    assert "NO ANSWER from the engine for 7 s" in "\n".join(drawn(silent, 80, 24))
    nursery.cancel_scope.cancel()


@pytest.mark.parametrize(("width", "height"), [*SIZES, (10, 3)])
def test_an_engine_of_which_nothing_is_known_yet_is_starting(width: int, height: int) -> None:
    assert drawn(Scene(status=None), width, height)[0].startswith("the engin")


def test_what_is_told_again_is_one_line_with_a_count() -> None:
    recent = Recent()
    for _ in range(762):
        recent.add(REFUSED)
    [told] = recent.events
    assert told.times == 762


def test_that_nothing_is_ready_at_the_start_is_no_event() -> None:
    recent = Recent()
    lost = {"event": "not_ready", "strategy": "doge", "missing": {"account_balance": "gone"}}
    recent.add(lost)
    assert not recent.events
    recent.add({"event": "ready", "strategy": "doge", "components": "10/10"})
    recent.add(lost)
    assert [told.words for told in recent.events] == [
        "doge is ready to quote (10/10)",
        "doge is not ready; missing: account_balance",
    ]
