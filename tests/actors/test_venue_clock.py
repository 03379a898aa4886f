"""How far the venue's clock is from ours, and what follows when that is not sure."""

import attrs
import pytest
import trio
from trio.testing import MockClock

from actors.facts import FactBoard
from actors.ports import Latest
from actors.venue_clock import VenueClockActor
from tests.support.lives import begin
from tests.support.raising import raising
from tests.support.simulated_venue import SimulatedVenue, wall_clock
from trading.clock_offset import ClockLimits, ClockOffset
from trading.errors import Outage
from trading.readiness import Component, Fact


@attrs.define
class Rig:
    """A clock of ours that is wrong by ``error_s``, and the venue's that is right."""

    site: SimulatedVenue
    error_s: float = 0.0
    offset: Latest[ClockOffset] = attrs.field(factory=Latest)
    facts: FactBoard = attrs.field(factory=FactBoard)

    @property
    def actor(self) -> VenueClockActor:
        return VenueClockActor(
            venue=self.site.venue,
            rest=self.site.rest,
            wall_clock=lambda: wall_clock() + round(self.error_s * 1e9),
            offset=self.offset,
            facts=self.facts,
            limits=ClockLimits(),
            refresh_s=60,
            lease_s=300,
        )

    @property
    def fact(self) -> Fact:
        return self.facts.facts[Component.CLOCK, None]


async def test_a_clock_that_is_a_little_off_is_known_and_good_to_trade_by(
    nursery: trio.Nursery, autojump_clock: MockClock, site: SimulatedVenue
) -> None:
    rig = Rig(site, error_s=-0.25)
    await begin(nursery, rig.actor)
    await trio.sleep(1)

    offset = rig.offset.peek()
    assert offset is not None
    assert offset.offset_ms == pytest.approx(250, abs=1)
    assert rig.fact.standing(trio.current_time())
    assert rig.fact.valid_until == pytest.approx(300, abs=1)


async def test_a_clock_that_is_set_wrong_meanwhile_stops_the_quotes_until_it_is_right_again(
    nursery: trio.Nursery, autojump_clock: MockClock, site: SimulatedVenue
) -> None:
    rig = Rig(site)
    await begin(nursery, rig.actor)
    await trio.sleep(1)
    assert rig.fact.standing(trio.current_time())

    rig.error_s = 30
    await trio.sleep(60)
    assert not rig.fact.holds
    assert "+30000 ms off" in rig.fact.evidence
    offset = rig.offset.peek()
    assert offset is not None
    assert offset.offset_ms == pytest.approx(-30_000, abs=1), (
        "signatures are corrected all the same"
    )

    rig.error_s = 0
    await trio.sleep(60)
    assert rig.fact.standing(trio.current_time())


async def test_a_venue_that_cannot_be_asked_is_an_outage(
    autojump_clock: MockClock, site: SimulatedVenue
) -> None:
    site.rest_door.refuses = True
    with raising(Outage):
        await Rig(site).actor.run()
