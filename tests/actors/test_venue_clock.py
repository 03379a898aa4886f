"""How far the venue's clock is from ours, and what follows when that is not sure."""

import attrs
import pytest
import trio
from trio.testing import MockClock

from actors.ports.facts import FactBoard
from actors.ports.ports import Latest
from actors.ports.stalls import Stalls
from actors.watch.venue_clock import VenueClockActor
from tests.support.lives import begin
from tests.support.raising import raising
from tests.support.simulated_venue import SimulatedVenue, wall_clock
from trading.core.errors import Outage
from trading.readiness.clock_offset import ClockLimits, ClockOffset
from trading.readiness.lease import Component, Fact


@attrs.define
class Rig:
    """A clock of ours that is wrong by ``error_s``, and the venue's that is right."""

    site: SimulatedVenue
    error_s: float = 0.0
    offset: Latest[ClockOffset] = attrs.field(factory=Latest)
    facts: FactBoard = attrs.field(factory=FactBoard)
    stalls: Stalls = attrs.field(factory=Stalls)
    _reads: int = attrs.field(default=0, init=False)

    @property
    def actor(self) -> VenueClockActor:
        return VenueClockActor(
            venue=self.site.venue,
            rest=self.site.rest,
            wall_clock=self.read,
            offset=self.offset,
            facts=self.facts,
            stalls=self.stalls,
            limits=ClockLimits(),
            refresh_s=60,
            lease_s=300,
        )

    def read(self) -> int:
        self._reads += 1
        return wall_clock() + round(self.error_s * 1e9)

    @property
    def looks(self) -> int:
        """How often the venue's clock was looked at: ours is read before and afterwards."""
        return self._reads // 2

    @property
    def fact(self) -> Fact:
        return self.facts.facts[Component.CLOCK, None]


async def test_a_clock_that_is_a_little_off_is_known_and_good_to_trade_by(
    nursery: trio.Nursery, autojump_clock: MockClock, site: SimulatedVenue
) -> None:
    rig = Rig(site, error_s=-0.25)
    await begin(nursery, rig.actor)
    await trio.sleep(1)

    offset = rig.offset.read()
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
    offset = rig.offset.read()
    assert offset is not None
    assert offset.offset_ms == pytest.approx(-30_000, abs=1), (
        "signatures are corrected all the same"
    )

    rig.error_s = 0
    await trio.sleep(60)
    assert rig.fact.standing(trio.current_time())


async def test_what_is_known_is_borne_out_by_one_look_a_minute_and_measured_anew_after_a_stall(
    nursery: trio.Nursery, autojump_clock: MockClock, site: SimulatedVenue
) -> None:
    rig = Rig(site, error_s=-0.25)
    await begin(nursery, rig.actor)
    await trio.sleep(1)
    assert rig.looks == ClockLimits().samples_min
    await trio.sleep(300)
    assert rig.looks == ClockLimits().samples_min + 5
    assert rig.fact.valid_until == pytest.approx(600, abs=1)

    rig.stalls.happened("the machine slept")
    await trio.sleep(1)
    assert rig.looks == 2 * ClockLimits().samples_min + 5


async def test_a_venue_that_cannot_be_asked_is_an_outage(
    autojump_clock: MockClock, site: SimulatedVenue
) -> None:
    site.rest_door.refuses = True
    with raising(Outage):
        await Rig(site).actor.run()
