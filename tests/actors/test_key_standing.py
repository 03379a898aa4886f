"""A refused key: what was wrong for a moment is forgiven once, and nothing else is."""

# flake8: noqa: ASYNC124
# What is tested asks trio for the time, and waits for nothing.

from collections.abc import Awaitable, Callable

import attrs
import pytest
import trio
from trio.testing import MockClock

from actors.net.key_standing import KeyStanding
from actors.net.venue_rest import VenueRest
from actors.net.venue_socket import VenueSocket
from actors.ports.facts import FactBoard
from actors.ports.ports import Latest
from actors.watch.venue_clock import VenueClockActor
from tests.support.builders import DOGE
from tests.support.listening import listening_to_the_account
from tests.support.lives import begin
from tests.support.raising import raising
from tests.support.simulated_venue import (
    QUIET_EXCHANGE,
    open_gate,
    serve_exchange,
    socket_to,
    wall_clock,
)
from trading.core.errors import KeyRefused, KeyTrouble, Outage
from trading.core.identifiers import VenueOrderId
from trading.messages.account import AccountEvent
from trading.messages.sockets import Authenticated
from trading.readiness.clock_offset import ClockLimits, ClockOffset
from trading.venues.rate_limits import Priority
from trading.venues.valr.signing import Signer
from trading.venues.valr.simulator.core.settings import DEMO_ACCOUNT
from trading.venues.valr.venue import Valr

REFUSED = KeyRefused("the signature does not fit", KeyTrouble.SIGNATURE)
ELSEWHERE = KeyRefused("not from this address", KeyTrouble.ADDRESS)


async def test_a_key_that_never_worked_is_refused_for_good(autojump_clock: MockClock) -> None:
    assert KeyStanding(forgiving=True).refused(REFUSED, 0) is REFUSED


async def test_where_nobody_compares_the_clock_no_refusal_is_forgiven(
    autojump_clock: MockClock,
) -> None:
    key = KeyStanding()
    key.worked()
    assert key.refused(REFUSED, 0) is REFUSED


async def test_a_key_that_worked_is_refused_once_and_then_for_good(
    autojump_clock: MockClock,
) -> None:
    key = KeyStanding(forgiving=True)
    key.worked()
    assert isinstance(key.refused(REFUSED, key.comparisons), Outage)
    key.compared(key.doubts.count)
    assert key.refused(REFUSED, key.comparisons) is REFUSED


async def test_what_was_signed_before_the_comparison_does_not_count_again(
    autojump_clock: MockClock,
) -> None:
    key = KeyStanding(forgiving=True)
    key.worked()
    signed_after = key.comparisons
    assert isinstance(key.refused(REFUSED, signed_after), Outage)
    assert isinstance(key.refused(REFUSED, signed_after), Outage)
    key.compared(key.doubts.count)
    assert isinstance(key.refused(REFUSED, signed_after), Outage)
    assert key.doubts.count == 1


async def test_looks_that_began_before_the_refusal_are_no_comparison(
    autojump_clock: MockClock,
) -> None:
    key = KeyStanding(forgiving=True)
    key.worked()
    before = key.doubts.count
    key.refused(REFUSED, key.comparisons)
    key.compared(before)
    assert isinstance(key.refused(REFUSED, key.comparisons), Outage)


async def test_a_refusal_long_after_the_last_is_the_first_again(autojump_clock: MockClock) -> None:
    key = KeyStanding(forgiving=True)
    key.worked()
    for _ in range(3):
        assert isinstance(key.refused(REFUSED, key.comparisons), Outage)
        key.compared(key.doubts.count)
        await trio.sleep(121)


async def test_an_address_that_is_not_allowed_is_no_matter_of_clocks(
    autojump_clock: MockClock,
) -> None:
    key = KeyStanding(forgiving=True)
    key.worked()
    assert key.refused(ELSEWHERE, 0) is ELSEWHERE


async def test_requests_wait_for_the_comparison_and_not_for_ever(
    autojump_clock: MockClock,
) -> None:
    key = KeyStanding(forgiving=True)
    await key.settled()
    assert trio.current_time() == 0
    key.worked()
    key.refused(REFUSED, 0)
    await key.settled()
    assert trio.current_time() == 5


@attrs.define
class Engine:
    """
    REST and a socket with one key at a venue that takes no timestamp older than five seconds.

    Args:
        follows: Whether what is known of the venue's clock sets ours.
        error_s: How wrong our clock is.
    """

    nursery: trio.Nursery
    follows: bool = True
    error_s: float = 0.0
    key: KeyStanding = attrs.field(factory=lambda: KeyStanding(forgiving=True))
    offset: Latest[ClockOffset] = attrs.field(factory=Latest)
    rest: VenueRest = attrs.field(init=False)
    socket: VenueSocket = attrs.field(init=False)
    venue: Valr = attrs.field(init=False)

    async def start(self) -> None:
        settings = attrs.evolve(QUIET_EXCHANGE, timestamp_window_ms=5_000)
        site = await serve_exchange(self.nursery, settings)
        self.venue = Valr(Signer(DEMO_ACCOUNT.api_key, DEMO_ACCOUNT.api_secret, self._venue_clock))
        self.rest = VenueRest(
            self.venue,
            site.rest_door,
            lambda: site.address,
            answer_deadline_s=10,
            gate=open_gate(),
            key=self.key,
        )
        self.socket = attrs.evolve(
            socket_to(site.address, site.socket_door, venue=self.venue), key=self.key
        )
        clock = VenueClockActor(
            venue=self.venue,
            rest=self.rest,
            wall_clock=self._clock,
            offset=self.offset,
            facts=FactBoard(),
            key=self.key,
            limits=ClockLimits(),
            refresh_s=100_000,
            lease_s=300_000,
        )
        await begin(self.nursery, clock)
        await trio.sleep(1)

    def _clock(self) -> int:
        return wall_clock() + round(self.error_s * 1e9)

    def _venue_clock(self) -> int:
        offset = self.offset.read()
        correction_ms = offset.offset_ms if offset is not None and self.follows else 0
        return self._clock() + round(correction_ms * 1e6)

    async def ask(self) -> None:
        await self.rest.call(self.venue.balances())

    async def log_in(self) -> None:
        """Hold a connection for five seconds from its login."""

        async def handle(event: AccountEvent) -> None:
            await trio.lowlevel.checkpoint()
            if isinstance(event, Authenticated):
                scope.deadline = trio.current_time() + 5

        session = listening_to_the_account(self.venue, handle)
        with trio.CancelScope() as scope:
            await self.socket.converse(self.venue.account_handshake(), session)


ASK, LOG_IN = Engine.ask, Engine.log_in


@pytest.mark.parametrize("worked", [ASK, LOG_IN])
@pytest.mark.parametrize("refused", [ASK, LOG_IN])
async def test_a_clock_that_was_set_meanwhile_is_compared_and_costs_one_refusal(
    nursery: trio.Nursery,
    autojump_clock: MockClock,
    worked: Callable[[Engine], Awaitable[None]],
    refused: Callable[[Engine], Awaitable[None]],
) -> None:
    engine = Engine(nursery)
    await engine.start()
    await worked(engine)
    engine.error_s = -60
    with raising(Outage, "the clock is compared first"):
        await refused(engine)
    await refused(engine)
    await worked(engine)


@pytest.mark.parametrize("refused", [ASK, LOG_IN])
async def test_a_key_that_is_refused_with_the_right_time_too_is_fatal(
    nursery: trio.Nursery,
    autojump_clock: MockClock,
    refused: Callable[[Engine], Awaitable[None]],
) -> None:
    engine = Engine(nursery, follows=False)
    await engine.start()
    await engine.ask()
    engine.error_s = -60
    with raising(Outage, "the clock is compared first"):
        await refused(engine)
    with raising(KeyRefused):
        await refused(engine)


@pytest.mark.parametrize("refused", [ASK, LOG_IN])
async def test_a_key_that_is_refused_from_the_beginning_is_fatal_at_once(
    nursery: trio.Nursery,
    autojump_clock: MockClock,
    refused: Callable[[Engine], Awaitable[None]],
) -> None:
    engine = Engine(nursery, follows=False, error_s=-60)
    await engine.start()
    with raising(KeyRefused):
        await refused(engine)


async def test_what_needs_no_key_does_not_wait_for_the_comparison(
    nursery: trio.Nursery, autojump_clock: MockClock
) -> None:
    engine = Engine(nursery)
    await engine.start()
    await engine.ask()
    engine.key.refused(REFUSED, engine.key.comparisons)
    began = trio.current_time()
    await engine.rest.call(engine.venue.instruments())
    assert trio.current_time() < began + 1


async def test_a_cancel_does_not_wait_for_the_comparison_and_its_refusal_decides_nothing(
    nursery: trio.Nursery, autojump_clock: MockClock
) -> None:
    engine = Engine(nursery)
    await engine.start()
    await engine.ask()
    engine.error_s = -60
    engine.key.refused(REFUSED, engine.key.comparisons)
    began = trio.current_time()
    cancel = engine.venue.cancel(DOGE, VenueOrderId("v-1"), None)
    with raising(Outage, "the clock is compared first"):
        await engine.rest.call(cancel, Priority.CANCEL)
    assert trio.current_time() < began + 0.1
    await engine.ask()
