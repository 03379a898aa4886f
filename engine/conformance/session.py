"""A run of the checks from its first connection to the proof that nothing is left."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from decimal import Decimal

import attrs
import trio

from actors.ports.ports import Latest
from actors.watch.venue_clock import measure_offset
from config.settings import Settings
from engine.conformance.evidence import Evidence, Frame
from engine.conformance.holding import MARKET
from engine.conformance.lab import Lab
from engine.conformance.order_desk import OrderDesk, open_desk
from engine.conformance.probe import Probe
from engine.conformance.report import Report
from engine.conformance.running import Choice, Tell, make
from engine.environment.ledger_session import begin_session
from engine.environment.venue_clients import exchange_server
from engine.environment.venue_connection import VenueConnection
from engine.environment.world import World
from engine.process.exit_codes import ExitCode
from engine.system.running import StopRequest
from trading.core.errors import Fatal, FatalReason
from trading.core.identifiers import Pair
from trading.venues.valr.conformance.check import Level, Result

_LAST_WILL_S = 20.0
_LEDGER_S = 3.0


@attrs.frozen(kw_only=True)
class Examination:
    """
    What a run looks at, and for how long.

    Args:
        for_s: Seconds for which sockets are held.
        budget: How much may be at risk at once, and be traded in all, in quote currency.
    """

    settings: Settings
    party: VenueConnection
    choice: Choice
    for_s: float
    budget: Decimal = Decimal(0)

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
    """
    Make all checks; a stop ends them early, and what was seen stays.

    Raises:
        Fatal: The ledger cannot be used, or the venue refuses the key.
    """
    began, at_ns = trio.current_time(), world.wall_clock()
    evidence = Evidence(world.wall_clock)
    results: list[Result] = []
    market: list[Frame] = []
    left = ""

    def told(result: Result) -> None:
        results.append(result)
        tell(result)

    async with trio.open_nursery() as nursery:
        lab = await _lab(examination, world, evidence, nursery)
        if examination.choice.level is Level.ORDERS:
            left = await _with_orders(examination, lab, stop, probes, told)
        else:
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
        left=left,
        broken_off=stop.reason,
    )
    return Examined(report, evidence, market)


async def clean_up(examination: Examination, world: World) -> str:
    """
    Cancel what earlier runs have left, and prove it; why that is not proven, or empty.

    Raises:
        Fatal: The ledger cannot be used, or the venue refuses the key.
    """
    left = ""
    async with trio.open_nursery() as nursery:
        lab = await _lab(examination, world, Evidence(world.wall_clock), nursery)
        async with _desk(examination, lab):
            pass
        left = lab.left
        nursery.cancel_scope.cancel()
    return left


async def _lab(
    examination: Examination, world: World, evidence: Evidence, nursery: trio.Nursery
) -> Lab:
    if (server := exchange_server(examination.party, world, Latest[str]())) is not None:
        await nursery.start(server.run)
    return Lab(
        settings=examination.settings,
        world=world,
        party=examination.party,
        level=examination.choice.level,
        pair=examination.pair,
        for_s=examination.for_s,
        evidence=evidence,
        nursery=nursery,
    )


async def _with_orders(
    examination: Examination, lab: Lab, stop: StopRequest, probes: Sequence[Probe], tell: Tell
) -> str:
    """Make the checks with a desk for orders; why it is not proven that none is left, or empty."""
    async with _desk(examination, lab) as desk:
        left = await desk.last_will(_LAST_WILL_S)  # of an earlier run, if anything
        if left:
            raise Fatal(
                f"what an earlier run has left is not gone: {left}", FatalReason.ORDERS_LEFT
            )
        with stop.breaks_off():
            await make(lab, probes, examination.choice, tell)
    return lab.left


@asynccontextmanager
async def _desk(examination: Examination, lab: Lab) -> AsyncIterator[OrderDesk]:
    """A desk in a session of the ledger; at its end, however that comes, nothing is left."""
    settings, world = examination.settings, lab.world
    strategy = next(iter(settings.strategies))
    session = await begin_session(settings, world, examination.party)
    try:
        await _set_clock(lab)
        desk = lab.desk = await open_desk(lab, session, examination.budget, strategy)
        try:
            yield desk
        finally:
            lab.left = await desk.last_will(_LAST_WILL_S)
    finally:
        with trio.move_on_after(_LEDGER_S, shield=True):
            code = ExitCode.FAILURE if lab.left else ExitCode.OK
            await session.end(world, exit_code=code, ended_by="conformance")


async def _set_clock(lab: Lab) -> None:
    """Have signatures dated by the venue's clock."""
    offset = await measure_offset(
        lab.rest, lab.party.venue, lab.world.wall_clock, lab.settings.venue.clock_limits
    )
    if offset is not None:
        lab.party.clock_offset.put(offset)
