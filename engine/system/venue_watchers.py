"""The actors that watch the venue: its clock, and whether it takes orders."""

from actors.net.venue_rest import VenueRest
from actors.watch.venue_clock import VenueClockActor
from actors.watch.venue_status import VenueStatusActor
from config.settings import VenueSettings
from engine.environment.venue_connection import VenueConnection
from engine.environment.world import World
from engine.supervision.tree import ChildSpec, Vouch
from engine.wiring.wires import Wires
from trading.readiness.lease import Component

_STATUS_REFRESH_S = 30.0  # VALR's public answers may be a minute old at any pace
STATUS_LEASE_S = 90.0  # two looks may be lost


def venue_watchers(
    settings: VenueSettings, party: VenueConnection, wires: Wires, rest: VenueRest, world: World
) -> tuple[ChildSpec, ...]:
    """One child for the venue's clock, one for its status."""
    clock = VenueClockActor(
        venue=party.venue,
        rest=rest,
        wall_clock=world.wall_clock,
        offset=party.clock_offset,
        facts=wires.facts,
        stalls=wires.stalls,
        key=wires.key,
        limits=settings.clock_limits,
        refresh_s=settings.clock_refresh_s,
        lease_s=settings.clock_age_max_s,
    )
    status = VenueStatusActor(
        venue=party.venue,
        rest=rest,
        facts=wires.facts,
        stalls=wires.stalls,
        refresh_s=_STATUS_REFRESH_S,
        lease_s=STATUS_LEASE_S,
    )
    return (
        ChildSpec(
            name="venue clock",
            actor=clock,
            vouches_for=(
                Vouch(Component.CLOCK, "the venue's time, several times", ends_with_life=False),
            ),
        ),
        ChildSpec(
            name="venue status",
            actor=status,
            vouches_for=(Vouch(Component.VENUE_ONLINE, "the venue's word that it is online"),),
        ),
    )
