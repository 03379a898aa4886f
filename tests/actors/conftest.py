"""Rigs whose venue outlives whoever trades there, so that last wills can be carried out."""

from collections.abc import AsyncIterator

import pytest
import trio
from trio.testing import MockClock

from tests.support.gateway_rig import GatewayRig
from tests.support.simulated_venue import SimulatedVenue, serve_exchange


@pytest.fixture
async def site(autojump_clock: MockClock) -> AsyncIterator[SimulatedVenue]:
    """The simulated venue, served."""
    async with trio.open_nursery() as nursery:
        yield await serve_exchange(nursery)
        nursery.cancel_scope.cancel()


@pytest.fixture
async def rig(site: SimulatedVenue) -> AsyncIterator[GatewayRig]:
    """A gateway's surroundings; whatever lives in it at the end is stopped at a healthy venue."""
    async with trio.open_nursery() as nursery:
        yield GatewayRig(nursery=nursery, site=site)
        site.heal()
        nursery.cancel_scope.cancel()
