"""
What keeps an order back between its check and the wire.

Found by `engine simulate`: an order that goes by REST was checked before its connection stood, and
left seconds later on a book that had been given up meanwhile (invariant I5).
"""

import pytest
import trio

from tests.support.builders import a_quote
from tests.support.gateway_rig import GatewayRig
from tests.support.simulated_venue import SimulatedVenue
from trading.core.market import Side
from trading.gateway.routing import RoutingPolicy
from trading.orders.order import OrderStatus

_SLOW_S = 1.5
"""Less than after what an answer counts as overdue."""


@pytest.fixture
async def rest_rig(rig: GatewayRig) -> GatewayRig:
    rig.terms = RoutingPolicy(orders_by_rest=True)
    await rig.begin_socket()
    await rig.begin_gateway()
    await rig.reconciled()
    return rig


async def test_an_order_by_rest_stays_when_the_lease_ends_before_its_connection_stands(
    rest_rig: GatewayRig, site: SimulatedVenue
) -> None:
    site.rest_door.slow_s = _SLOW_S
    await rest_rig.instruct(a_quote(Side.BUY))
    await trio.sleep(_SLOW_S / 2)
    rest_rig.readiness.withdraw()
    await trio.sleep(_SLOW_S * 3)
    assert site.open_orders() == []
    assert not rest_rig.orders
    assert OrderStatus.REJECTED in rest_rig.statuses()


async def test_an_order_by_rest_leaves_when_all_still_holds_once_its_connection_stands(
    rest_rig: GatewayRig, site: SimulatedVenue
) -> None:
    site.rest_door.slow_s = _SLOW_S
    await rest_rig.instruct(a_quote(Side.BUY))
    await trio.sleep(_SLOW_S * 2)
    assert len(site.open_orders()) == 1
