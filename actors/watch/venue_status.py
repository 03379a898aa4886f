"""An actor that polls whether the venue takes orders at all."""

import attrs
import structlog
import trio

from actors.net.venue_rest import VenueRest
from actors.ports.facts import FactBoard
from actors.ports.stalls import Stalls
from trading.readiness.lease import Component
from trading.venues.interface import Venue
from trading.venues.standing import VenueStatus

log = structlog.get_logger()


@attrs.frozen(kw_only=True)
class VenueStatusActor:
    """
    Shows whether the venue is open.

    Ports:
        facts: Whether it is; where the venue cannot be asked, the supervisor says so.
        stalls: After one the venue is asked at once.

    Args:
        refresh_s: Seconds between two looks.
        lease_s: An answer older than this is too old to trade by.

    Raises:
        Outage: The venue did not answer, or nothing that can be read.
    """

    venue: Venue
    rest: VenueRest
    facts: FactBoard
    stalls: Stalls = attrs.field(factory=Stalls)
    refresh_s: float
    lease_s: float

    async def run(self, *, task_status: trio.TaskStatus[None] = trio.TASK_STATUS_IGNORED) -> None:
        told: VenueStatus | None = None
        task_status.started()
        while True:
            stalls = self.stalls.count
            status = await self.rest.call(self.venue.status())
            if status is not told:
                log.info("venue_status", status=status.value)
                told = status
            if status is VenueStatus.ONLINE:
                evidence = f"the venue says {status.value}"
                self.facts.affirm(Component.VENUE_ONLINE, evidence, valid_for_s=self.lease_s)
            else:
                reason = f"the venue is {status.value}: it takes no orders"
                self.facts.revoke(Component.VENUE_ONLINE, reason)
            with trio.move_on_after(self.refresh_s):
                await self.stalls.after(stalls)
