"""A run of the checks from its first connection to the proof that nothing is left."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from decimal import Decimal

import attrs
import trio

from actors.ports.ports import Latest
from actors.watch.venue_clock import measure_offset
from config.settings import Settings
from engine.conformance.earlier import not_sold_back, open_in_ledger
from engine.conformance.evidence import Evidence, Frame
from engine.conformance.holding import MARKET
from engine.conformance.lab import Lab
from engine.conformance.order_desk import open_desk
from engine.conformance.probe import Probe
from engine.conformance.report import Report, left_in_words
from engine.conformance.running import Choice, Tell, make
from engine.environment.ledger_session import LedgerSession, begin_session
from engine.environment.venue_clients import exchange_server
from engine.environment.venue_connection import VenueConnection
from engine.environment.world import World
from engine.process.exit_codes import ExitCode
from engine.system.running import StopRequest
from trading.core.errors import Fatal, FatalReason, Outage, OutcomeUnknown, RateLimited, Rejected
from trading.core.identifiers import Pair, StrategyName
from trading.venues.valr.conformance.check import Level, NotTried, Result

_LAST_WILL_S = 20.0
_LEDGER_S = 3.0


@attrs.frozen(kw_only=True)
class Examination:
    """
    What a run looks at, and for how long.

    Args:
        for_s: Seconds for which sockets are held.
        budget: How much may be at risk at once, and be traded in all, in quote currency.
        cleanup: The command that cancels what a run has left, for a person.
    """

    settings: Settings
    party: VenueConnection
    choice: Choice
    for_s: float
    budget: Decimal = Decimal(0)
    cleanup: str = "engine conformance CONFIG --cleanup"

    @property
    def strategy(self) -> StrategyName:
        """The first one: orders have its name."""
        return next(iter(self.settings.strategies))

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


@attrs.frozen(kw_only=True)
class Cleaned:
    """
    What a clean-up came to.

    Args:
        left: Why it is not proven that no order is left; empty where it is.
        orders: Those whose end the ledger does not know.
        reached: Whether the venue answered at all.
        holdings: What the run before has bought and not sold back, as far as the ledger tells it.
    """

    left: str
    orders: Sequence[str]
    reached: bool
    holdings: str


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

    def told(result: Result) -> None:
        results.append(result)
        tell(result)

    async with trio.open_nursery() as nursery:
        lab = await _lab(examination, world, evidence, nursery)
        if examination.choice.level is Level.ORDERS:
            await _with_orders(examination, lab, stop, probes, told)
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
        left=lab.left,
        left_orders=lab.left_orders,
        cleanup=examination.cleanup if lab.left else "",
        holdings="" if lab.desk is None else lab.desk.holdings,
        broken_off=stop.reason,
    )
    return Examined(report, evidence, market)


async def clean_up(examination: Examination, world: World) -> Cleaned:
    """
    Cancel what earlier runs have left, and prove it.

    Raises:
        Fatal: The ledger cannot be used, or the venue refuses the key.
    """
    reached, holdings = True, ""
    async with trio.open_nursery() as nursery:
        lab = await _lab(examination, world, Evidence(world.wall_clock), nursery)
        async with _session(examination, lab) as session:
            await _set_clock(lab)
            try:
                desk = await open_desk(
                    lab, session, budget=examination.budget, strategy=examination.strategy
                )
                lab.left = await desk.last_will(_LAST_WILL_S)
                holdings = await session.store.read(
                    lambda query: not_sold_back(query, session.venue, lab.pair, desk.instrument)
                )
            except _NO_DESK as trouble:
                reached = not isinstance(trouble, Outage | OutcomeUnknown)
                lab.left = f"the venue {'refuses' if reached else 'was not reached'}: {trouble}"
            lab.left_orders = await _open(session)
        nursery.cancel_scope.cancel()
    return Cleaned(left=lab.left, orders=lab.left_orders, reached=reached, holdings=holdings)


async def _open(session: LedgerSession) -> Sequence[str]:
    return await session.store.read(lambda query: open_in_ledger(query, session.venue))


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
) -> None:
    """Make the checks with a desk for orders."""
    async with _session(examination, lab) as session:
        with stop.breaks_off():
            await _set_clock(lab)
            await _desk(examination, lab, session)
        try:
            with stop.breaks_off():
                await make(lab, probes, examination.choice, tell)
        finally:
            # However it ends: nothing is left.
            if lab.desk is not None:
                # It has a shield and a deadline of its own.
                lab.left = await lab.desk.last_will(_LAST_WILL_S)  # noqa: ASYNC102
            if lab.left:
                lab.left_orders = await _open(session)  # noqa: ASYNC102  # a file of this machine


async def _desk(examination: Examination, lab: Lab, session: LedgerSession) -> None:
    """Open the desk, once nothing of an earlier run is left; without one no order is placed."""
    try:
        desk = await open_desk(
            lab, session, budget=examination.budget, strategy=examination.strategy
        )
    except _NO_DESK as trouble:
        lab.no_desk = f"no order may be placed: {trouble}"
        if await _open(session):
            lab.left = f"what an earlier run has left could not be looked at: {trouble}"
        return
    lab.left = await desk.last_will(_LAST_WILL_S)
    if lab.left:
        lab.no_desk = f"what an earlier run has left is not gone: {lab.left}"
    else:
        lab.desk = desk


_NO_DESK = (Outage, OutcomeUnknown, RateLimited, Rejected, NotTried)


@asynccontextmanager
async def _session(examination: Examination, lab: Lab) -> AsyncIterator[LedgerSession]:
    """
    A session of the ledger.

    Raises:
        Fatal: As what is done in it, with the orders that the ledger has open.
    """
    session = await begin_session(examination.settings, lab.world, examination.party)
    try:
        yield session
    except Fatal as fatal:
        lab.left = str(fatal)
        names: Sequence[str] = ()
        if fatal.reason is not FatalReason.LEDGER:
            with trio.move_on_after(_LEDGER_S, shield=True):
                names = await _open(session)
        if not names:
            raise
        words = left_in_words(str(fatal), names, examination.cleanup)
        raise Fatal(words, fatal.reason) from fatal
    finally:
        with trio.move_on_after(_LEDGER_S, shield=True):
            code = ExitCode.FAILURE if lab.left else ExitCode.OK
            await session.end(lab.world, exit_code=code, ended_by="conformance")


async def _set_clock(lab: Lab) -> None:
    """Have signatures dated by the venue's clock, as far as it tells it."""
    with suppress(Outage, Rejected):
        offset = await measure_offset(
            lab.rest, lab.party.venue, lab.world.wall_clock, lab.settings.venue.clock_limits
        )
        if offset is not None:
            lab.party.clock_offset.put(offset)
