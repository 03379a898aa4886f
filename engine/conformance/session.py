"""A run of the checks from its first connection to the proof that nothing is left."""

from collections.abc import Sequence

import attrs
import trio

from actors.ports.ports import Latest
from config.settings import Settings
from engine.conformance.evidence import Evidence, Frame
from engine.conformance.holding import MARKET
from engine.conformance.lab import Lab
from engine.conformance.probe import Probe
from engine.conformance.report import Report
from engine.conformance.running import Choice, Tell, make
from engine.environment.venue_clients import exchange_server
from engine.environment.venue_connection import VenueConnection
from engine.environment.world import World
from engine.system.running import StopRequest
from trading.core.identifiers import Pair
from trading.venues.valr.conformance.check import Result


@attrs.frozen(kw_only=True)
class Examination:
    """
    What a run looks at, and for how long.

    Args:
        for_s: Seconds for which sockets are held.
    """

    settings: Settings
    party: VenueConnection
    choice: Choice
    for_s: float

    @property
    def pair(self) -> Pair:
        """The first strategy's."""
        return next(iter(self.settings.strategies.values())).pair


@attrs.frozen
class Examined:
    """
    What a run has brought.

    Args:
        market: The frames of the socket that was held for market data.
    """

    report: Report
    evidence: Evidence
    market: Sequence[Frame]


async def examine(
    examination: Examination,
    world: World,
    probes: Sequence[Probe],
    tell: Tell,
    stop: StopRequest,
) -> Examined:
    """Make all checks; a stop ends them early, and what was seen stays."""
    began, at_ns = trio.current_time(), world.wall_clock()
    evidence = Evidence(world.wall_clock)
    results: list[Result] = []
    market: list[Frame] = []

    def told(result: Result) -> None:
        results.append(result)
        tell(result)

    async with trio.open_nursery() as nursery:
        if (server := exchange_server(examination.party, world, Latest[str]())) is not None:
            await nursery.start(server.run)
        lab = Lab(
            settings=examination.settings,
            world=world,
            party=examination.party,
            level=examination.choice.level,
            pair=examination.pair,
            for_s=examination.for_s,
            evidence=evidence,
            nursery=nursery,
        )
        with stop.breaks_off():
            await make(lab, probes, examination.choice, told)
        if (held := lab.held.get(MARKET)) is not None:
            market += [heard.frame for heard in held.line.heard]
        nursery.cancel_scope.cancel()
    report = Report(
        venue=examination.party.name,
        identity=examination.party.identity,
        pair=examination.pair,
        level=examination.choice.level,
        at_ns=at_ns,
        took_s=trio.current_time() - began,
        results=results,
        broken_off=stop.reason,
    )
    return Examined(report, evidence, market)
