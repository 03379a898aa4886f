"""An actor that measures the venue's clock, so that our signatures are dated by it."""

from collections.abc import Awaitable, Callable
from functools import partial

import attrs
import structlog
import trio

from actors.net.key_standing import KeyStanding
from actors.net.venue_rest import VenueRest
from actors.ports.facts import FactBoard
from actors.ports.ports import Latest, WallClock
from actors.ports.stalls import Stalls
from trading.readiness.clock_offset import (
    ClockLimits,
    ClockOffset,
    ClockSample,
    bears_out,
    doubt,
    estimate,
)
from trading.readiness.lease import Component
from trading.venues.interface import MarketVenue

log = structlog.get_logger()


@attrs.frozen(kw_only=True)
class VenueClockActor:
    """
    Shows the offset of the venue's clock from ours.

    Ports:
        offset: The newest estimate; signatures are dated by it.
        facts: Whether the estimate is sure enough to trade by.
        stalls: After one the clock is read at once.
        key: Its refusals may come of a clock that was set; after one the clock is read at once.

    Args:
        wall_clock: Ours, uncorrected.
        limits: When it is sure enough; as many looks are taken each time as these ask for.
        refresh_s: Seconds between two looks; one that does not bear out what is known, and any
            after a stall, is followed by a new estimate.
        lease_s: An estimate older than this is too old to trade by.

    Raises:
        Outage: The venue did not answer, or nothing that can be read.
    """

    venue: MarketVenue
    rest: VenueRest
    wall_clock: WallClock
    offset: Latest[ClockOffset]
    facts: FactBoard
    stalls: Stalls = attrs.field(factory=Stalls)
    key: KeyStanding = attrs.field(factory=KeyStanding)
    limits: ClockLimits
    refresh_s: float
    lease_s: float

    async def run(self, *, task_status: trio.TaskStatus[None] = trio.TASK_STATUS_IGNORED) -> None:
        task_status.started()
        offset: ClockOffset | None = None
        while True:
            stalls, doubts = self.stalls.count, self.key.doubts.count
            if offset is None or not await self._still(offset):
                offset = await measure_offset(self.rest, self.venue, self.wall_clock, self.limits)
            if offset is not None:
                self.offset.put(offset)
                self.key.compared(doubts)
            self._tell(offset)
            with trio.move_on_after(self.refresh_s):
                await _first_of(
                    partial(self.stalls.after, stalls), partial(self.key.doubts.after, doubts)
                )
                offset = None

    async def _still(self, offset: ClockOffset) -> bool:
        """Whether the former estimate is good, and one look bears it out."""
        if doubt(offset, self.limits) is not None:
            return False
        return bears_out(await _look(self.rest, self.venue, self.wall_clock), offset)

    def _tell(self, offset: ClockOffset | None) -> None:
        reason = doubt(offset, self.limits)
        if offset is None or reason is not None:
            reason = reason or "the venue's clock is not known"
            log.warning("clock_doubted", reason=reason)
            self.facts.revoke(Component.CLOCK, reason)
            return
        evidence = f"{offset.offset_ms:+.0f} ms, sure to {offset.uncertainty_ms:.0f} ms"
        log.debug("clock_offset", offset_ms=offset.offset_ms, uncertainty_ms=offset.uncertainty_ms)
        self.facts.affirm(Component.CLOCK, evidence, valid_for_s=self.lease_s)


async def _first_of(*waits: Callable[[], Awaitable[None]]) -> None:
    """Wait until one of them is over."""
    async with trio.open_nursery() as nursery:

        async def wait(one: Callable[[], Awaitable[None]]) -> None:
            await one()
            nursery.cancel_scope.cancel()

        for one in waits:
            nursery.start_soon(wait, one)


async def measure_offset(
    rest: VenueRest, venue: MarketVenue, wall_clock: WallClock, limits: ClockLimits
) -> ClockOffset | None:
    """
    Look at the venue's clock as often as an estimate needs.

    Raises:
        Outage: The venue did not answer, or nothing that can be read.
    """
    return estimate([await _look(rest, venue, wall_clock) for _ in range(limits.samples_min)])


async def _look(rest: VenueRest, venue: MarketVenue, wall_clock: WallClock) -> ClockSample:
    sent_ns = wall_clock()
    venue_ns = await rest.call(venue.server_time())
    return ClockSample(sent_ns=sent_ns, received_ns=wall_clock(), venue_ns=venue_ns)
