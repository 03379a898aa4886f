"""Two strategies on one pair: each told apart, and no order of ours meets another of ours."""

from collections.abc import Iterable
from decimal import Decimal

import trio
from trio.testing import MockClock

from engine.control.protocol import Ask, Request
from engine.views.metrics import metrics_text
from tests.support.whole_engine import Rig, start_rig
from trading.core.identifiers import StrategyName, strategy_of
from trading.core.market import Side
from trading.messages.account import OrderReport

DOGE, FAR = StrategyName("doge"), StrategyName("far")
SECOND = (
    'strategies.far.kind="pure_market_making"',
    'strategies.far.pair="DOGE-USDT"',
    "strategies.far.order_amount=70",
    'strategies.far.bid_spread="0.05 %"',
    'strategies.far.ask_spread="0.05 %"',
    "strategies.far.order_refresh_time=60",
    'strategies.far.order_refresh_tolerance_pct="3 %"',
    "strategies.doge.order_refresh_time=2",
    "strategies.doge.filled_order_delay=1",
)


def prices(orders: Iterable[OrderReport], side: Side) -> list[Decimal]:
    return [order.price for order in orders if order.side is side]


async def both_quoting(rig: Rig) -> None:
    await rig.until(lambda: rig.quoting(DOGE) and rig.quoting(FAR), within_s=10)


async def test_each_has_orders_and_fills_of_its_own_everywhere(
    nursery: trio.Nursery, autojump_clock: MockClock
) -> None:
    rig = await start_rig(nursery, *SECOND)
    await both_quoting(rig)
    await trio.sleep(90)
    wires = rig.system.wires
    amounts = {}
    for name in (DOGE, FAR):
        working = wires.strategies[name].working.read()
        performance = wires.strategies[name].performance.read()
        assert working is not None
        assert performance is not None
        assert {order.strategy for order in working.orders} <= {name}
        assert {strategy_of(order.client_order_id) for order in working.orders} <= {name}
        assert performance.fills > 0
        amounts[name] = {order.quantity for order in working.orders}
    assert not amounts[DOGE] & amounts[FAR]
    # Both look at one book, kept once.
    assert wires.strategies[DOGE].top is wires.strategies[FAR].top
    assert [name for name in rig.actors if name.startswith("order book")] == ["order book DOGEUSDT"]
    async with rig.conversation() as spoken:
        told = (await spoken.ask(Request(ask=Ask.STATUS))).content["status"]
    page = metrics_text(told).decode()
    for name in (DOGE, FAR):
        assert told["strategies"][name]["profit"]["fills"] > 0
        assert f'quotewright_fills_total{{strategy="{name}"}}' in page
    nursery.cancel_scope.cancel()


async def test_no_order_of_ours_ever_meets_another_of_ours(
    nursery: trio.Nursery, autojump_clock: MockClock
) -> None:
    rig = await start_rig(nursery, *SECOND, seed=3)
    await both_quoting(rig)
    looks = 0
    for _ in range(160):
        await trio.sleep(0.5)
        orders = await rig.open_orders()
        bids, asks = prices(orders, Side.BUY), prices(orders, Side.SELL)
        if bids and asks:
            looks += 1
            assert max(bids) < min(asks)
    assert looks > 80
    nursery.cancel_scope.cancel()
