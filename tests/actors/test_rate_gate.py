"""The gate in front of the venue: requests wait there instead of being turned away."""

import attrs
import pytest
import trio
import trio.testing

from actors.net.rate_gate import RateGate
from actors.net.venue_rest import VenueRest
from actors.net.venue_socket import VenueSocket
from tests.support.doors import Door
from tests.support.listening import listening_to_the_account
from tests.support.simulated_venue import (
    QUIET_EXCHANGE,
    SimulatedVenue,
    serve_exchange,
    socket_to,
    valr,
)
from trading.core.errors import RateLimited
from trading.messages.account import AccountEvent
from trading.messages.sockets import Authenticated
from trading.venues.rate_limits import Priority, RateBudget, RateLimit
from trading.venues.valr.limits import CONNECTION, LIMITS
from trading.venues.valr.simulator.core.fault_plan import Fault


def gate(**maxima: int) -> RateGate:
    limits = [RateLimit(lane=lane, maximum=n, window_s=60) for lane, n in maxima.items()]
    return RateGate(RateBudget(limits))


def rest_through(site: SimulatedVenue, gate: RateGate) -> VenueRest:
    return VenueRest(
        valr(), Door(site.network), lambda: site.address, answer_deadline_s=10, gate=gate
    )


async def test_a_request_beyond_the_limit_waits_for_the_next_window(
    nursery: trio.Nursery, autojump_clock: trio.testing.MockClock
) -> None:
    site = await serve_exchange(nursery)
    rest = rest_through(site, gate(address=5))
    began = trio.current_time()
    for _ in range(3):
        await rest.call(site.venue.open_orders())
    assert trio.current_time() - began < 1
    await rest.call(site.venue.open_orders())
    assert 60 <= trio.current_time() - began < 61


async def test_a_list_that_proves_an_account_flat_does_not_wait_behind_questions(
    nursery: trio.Nursery, autojump_clock: trio.testing.MockClock
) -> None:
    site = await serve_exchange(nursery)
    rest = rest_through(site, gate(address=5))
    began = trio.current_time()
    for _ in range(3):
        await rest.call(site.venue.open_orders())
    for _ in range(2):
        await rest.call(site.venue.open_orders(), Priority.CANCEL)
    assert trio.current_time() - began < 1


async def test_after_a_complaint_nothing_leaves_on_that_lane_until_the_venue_wants_it(
    nursery: trio.Nursery, autojump_clock: trio.testing.MockClock
) -> None:
    site = await serve_exchange(nursery)
    rest = rest_through(site, gate(address=100, key=100))
    site.exchange.faults.arm(Fault.RATE_LIMITED)
    began = trio.current_time()
    with pytest.raises(RateLimited) as limited:
        await rest.call(site.venue.open_orders())
    await rest.call(site.venue.open_orders())
    waited_s = trio.current_time() - began
    assert limited.value.retry_after_s is not None
    assert limited.value.retry_after_s <= waited_s < limited.value.retry_after_s + 1


async def log_in(socket: VenueSocket, opened: list[float]) -> None:
    """Hold a connection until it is logged in."""
    with trio.CancelScope() as scope:

        async def handle(event: object) -> None:
            await trio.lowlevel.checkpoint()
            if isinstance(event, Authenticated):
                opened.append(trio.current_time())
                scope.cancel()
            await trio.lowlevel.checkpoint()

        session = listening_to_the_account(valr(), handle)
        await socket.converse(valr().account_handshake(), session)


async def test_connections_have_a_budget_of_their_own(
    nursery: trio.Nursery, autojump_clock: trio.testing.MockClock
) -> None:
    site = await serve_exchange(nursery)
    socket = socket_to(site.address, Door(site.network), gate=gate(connection=3))
    began, opened = trio.current_time(), list[float]()
    for _ in range(3):
        await log_in(socket, opened)
    assert [round(at - began) for at in opened] == [0, 0, 60]


async def test_an_upgrade_that_waited_long_for_its_turn_is_signed_when_it_leaves(
    nursery: trio.Nursery, autojump_clock: trio.testing.MockClock
) -> None:
    """Else one 429 with a long ``Retry-After`` would end the engine as a refused key."""
    site = await serve_exchange(nursery, attrs.evolve(QUIET_EXCHANGE, timestamp_window_ms=30_000))
    gate = RateGate(RateBudget(LIMITS))
    gate.complain((CONNECTION,), 45)
    socket = socket_to(site.address, site.socket_door, gate=gate)
    logged_in = trio.Event()

    async def handle(event: AccountEvent) -> None:
        await trio.lowlevel.checkpoint()
        if isinstance(event, Authenticated):
            logged_in.set()

    session = listening_to_the_account(site.venue, handle)
    nursery.start_soon(socket.converse, site.venue.account_handshake(), session)
    with trio.fail_after(60):
        await logged_in.wait()
    assert trio.current_time() >= 45
    nursery.cancel_scope.cancel()
