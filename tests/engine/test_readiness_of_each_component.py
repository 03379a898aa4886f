"""Each component of readiness goes alone, takes the quotes with it, and brings them back alone."""

from collections.abc import Awaitable, Callable, MutableMapping, Sequence
from typing import Any

import attrs
import pytest
import trio
from structlog.testing import capture_logs
from trio.testing import MockClock

from tests.support.whole_engine import Rig, quote_first
from trading.core.identifiers import Pair
from trading.readiness.lease import Component
from trading.venues.valr.simulator.core.fault_plan import Fault

DOGEUSDT = Pair("DOGEUSDT")
ALL_TYPES = ("LIMIT_POST_ONLY", "LIMIT", "MARKET")

Act = Callable[[Rig], Awaitable[None]]


@attrs.frozen
class Trouble:
    """
    What makes one component go.

    Args:
        reason: What its absence must be blamed on.
        begin: Brings it about.
        end: Makes it good again; often nothing, for whoever owns it finds out by itself.
        noticed_s: How long until the engine can know of it.
        cancels_pass: Whether the venue takes cancels meanwhile.
    """

    reason: str
    begin: Act
    end: Act
    noticed_s: float = 0.1
    cancels_pass: bool = True


async def nothing(_: Rig) -> None:
    await trio.lowlevel.checkpoint()


def lapse(component: Component, end: Act = nothing) -> Trouble:
    """Nobody renews it in time, though nothing else is wrong."""

    async def begin(rig: Rig) -> None:
        await trio.lowlevel.checkpoint()
        facts = rig.system.wires.facts
        [scope] = [scope for known, scope in facts.facts if known is component]
        facts.affirm(component, "long ago", scope=scope, valid_for_s=0)

    return Trouble("not renewed within 0 s: long ago", begin, end)


async def unsafe_book(rig: Rig) -> None:
    await trio.lowlevel.checkpoint()
    rig.exchange.venue.faults.arm(Fault.WRONG_CHECKSUM)


async def no_post_only(rig: Rig) -> None:
    await trio.lowlevel.checkpoint()
    rig.exchange.allow(DOGEUSDT, ("LIMIT", "MARKET"), rig.exchange.now)


async def all_types(rig: Rig) -> None:
    await trio.lowlevel.checkpoint()
    rig.exchange.allow(DOGEUSDT, ALL_TYPES, rig.exchange.now)


async def slow_disk(rig: Rig) -> None:
    await trio.lowlevel.checkpoint()
    rig.disk.trouble.slow_s = 8


async def fast_disk(rig: Rig) -> None:
    await trio.lowlevel.checkpoint()
    rig.disk.trouble.slow_s = 0


async def read_only(rig: Rig) -> None:
    await trio.lowlevel.checkpoint()
    rig.exchange.set_read_only(True)


async def online(rig: Rig) -> None:
    await trio.lowlevel.checkpoint()
    rig.exchange.set_read_only(False)


async def crashed_strategy(rig: Rig) -> None:
    await trio.lowlevel.checkpoint()
    rig.actors["strategy doge"].crash()


TROUBLES = {
    Component.SYMBOLS_MAPPING: lapse(Component.SYMBOLS_MAPPING),
    Component.ORDER_BOOK: Trouble("checksum", unsafe_book, nothing, noticed_s=30),
    Component.ACCOUNT_BALANCE: lapse(Component.ACCOUNT_BALANCE),
    Component.TRADING_RULES: Trouble("takes no post-only orders", no_post_only, all_types, 5),
    Component.USER_STREAM: lapse(Component.USER_STREAM),
    Component.CLOCK: lapse(Component.CLOCK),
    Component.LEDGER: Trouble("a commit takes longer than 5 s", slow_disk, fast_disk, noticed_s=30),
    Component.RECONCILED: lapse(Component.RECONCILED),
    Component.VENUE_ONLINE: Trouble(
        "the venue is read-only", read_only, online, 31, cancels_pass=False
    ),
    Component.STRATEGY_RUNNING: lapse(Component.STRATEGY_RUNNING, crashed_strategy),
}


@pytest.mark.parametrize("component", Component, ids=lambda component: component.value)
async def test_a_component_goes_alone_and_comes_back_alone(
    nursery: trio.Nursery, autojump_clock: MockClock, component: Component
) -> None:
    rig = await quote_first(nursery)
    orders = {report.client_order_id for report in await rig.open_orders()}
    trouble = TROUBLES[component]

    with capture_logs() as logs:
        await trouble.begin(rig)
        await rig.until(lambda: _of(logs, "not_ready"), within_s=trouble.noticed_s)
        await rig.until(lambda: _of(logs, "order_withdrawn") or not rig.quoting(), within_s=1)
        if trouble.cancels_pass:
            await rig.until(lambda: len(_of(logs, "order_cancelled")) >= len(orders), within_s=1)
        await trouble.end(rig)
        if not trouble.cancels_pass:
            await rig.until(lambda: not rig.quoting(), within_s=5)
        await rig.until(lambda: rig.readiness.ready and rig.quoting(), within_s=320)

    [missing] = [entry["missing"] for entry in _of(logs, "not_ready")]
    assert list(missing) == [component.value]
    assert trouble.reason in missing[component.value]
    reasons = {entry["reason"] for entry in _of(logs, "order_withdrawn")}
    # The gateway may notice a lapse before anybody has said which.
    assert reasons <= {
        f"not ready: {component.value}: {missing[component.value]}",
        "not ready: the lease has lapsed",
    }
    await trio.sleep(1)
    assert not orders & {report.client_order_id for report in await rig.open_orders()}
    assert len(await rig.open_orders()) == 4
    nursery.cancel_scope.cancel()


def _of(logs: Sequence[MutableMapping[str, Any]], event: str) -> list[MutableMapping[str, Any]]:
    return [entry for entry in logs if entry["event"] == event]
