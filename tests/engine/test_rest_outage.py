"""REST is away and the sockets are healthy: quotes go by the way that is open."""

import attrs
import pytest
import trio
from trio.testing import MockClock

from tests.support.whole_engine import Rig, quote_first
from trading.core.errors import Outage
from trading.readiness.lease import Component
from trading.venues.valr.simulator.core.fault_plan import Fault
from trading.venues.valr.simulator.core.settings import DEMO_ACCOUNT
from trading.venues.valr.simulator.rest.faults import Part

_ON_DISCONNECT_S = "simulator.rules.cancel_on_disconnect_delay_s={}"


def own_orders(rig: Rig) -> int:
    venue = rig.exchange.venue
    return len(venue.orders.open_of(DEMO_ACCOUNT.api_key))


def lost(rig: Rig) -> bool:
    return not rig.readiness.holds_at(trio.current_time())


@pytest.mark.parametrize("on_disconnect_s", [0, 600])
async def test_without_rest_quotes_are_gone_as_readiness_is_and_the_socket_lives_on(
    nursery: trio.Nursery, autojump_clock: MockClock, on_disconnect_s: int
) -> None:
    rig = await quote_first(nursery, _ON_DISCONNECT_S.format(on_disconnect_s))
    faults = rig.exchange.venue.faults
    faults.plan = attrs.evolve(faults.plan, probabilities={Fault.SERVER_ERROR: 1.0})
    with pytest.raises(Outage):
        await rig.open_orders()
    await rig.until(lambda: lost(rig), within_s=60)
    await rig.until(lambda: not own_orders(rig), within_s=1)
    await trio.sleep(120)
    assert "account socket" not in rig.restarted()
    assert not own_orders(rig)
    faults.heal()
    await rig.until(lambda: own_orders(rig) == 4, within_s=120)
    nursery.cancel_scope.cancel()


async def test_balances_that_cannot_be_read_lapse_and_take_nothing_else_with_them(
    nursery: trio.Nursery, autojump_clock: MockClock
) -> None:
    rig = await quote_first(nursery, _ON_DISCONNECT_S.format(600), "venue.balance_age_max_s=60")
    rig.exchange.withheld[Part.BALANCES] = 503
    unread_at = trio.current_time()
    await rig.until(lambda: lost(rig), within_s=61)
    assert trio.current_time() - unread_at > 25, "the last list is good for a minute"
    assert list(rig.readiness.missing) == [Component.ACCOUNT_BALANCE]
    await rig.until(lambda: not own_orders(rig), within_s=1)
    rig.exchange.withheld.clear()
    await rig.until(lambda: own_orders(rig) == 4, within_s=60)
    assert set(rig.restarted()) <= {"account"}
    nursery.cancel_scope.cancel()
