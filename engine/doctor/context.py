"""An examination by the doctor: its context, its steps, and the findings of a step."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from decimal import Decimal
from pathlib import Path
from typing import Protocol, TypeVar

import attrs
import trio

from actors.net.rate_gate import RateGate
from actors.net.venue_rest import VenueRest
from actors.net.venue_socket import VenueSocket
from config.credentials import Secret
from config.settings import Settings
from config.strategies.base import StrategySettings
from engine.doctor.findings import Finding, failure, skipped
from engine.environment.venue_clients import venue_clients
from engine.environment.venue_connection import VenueConnection
from engine.environment.world import World
from engine.process.exit_codes import EXIT_CODES, ExitCode
from engine.supervision.policy import leaves
from trading.core.errors import (
    ChecksumMismatch,
    Fatal,
    FatalReason,
    KeyRefused,
    KeyTrouble,
    MalformedFrame,
    Outage,
    OutcomeUnknown,
    RateLimited,
    Rejected,
    SequenceGap,
)
from trading.core.identifiers import Pair, StrategyName
from trading.core.instrument import Instrument
from trading.venues.interface import Call
from trading.venues.standing import KeyInfo

T = TypeVar("T")

_SLOWER_CURE = (
    "wait a minute; if it comes again, something else uses up the venue's rate limits with this key"
    " or from this address: find it and end it"
)
_KEY_CURES: Mapping[KeyTrouble, str] = {
    KeyTrouble.KEY: "compare venue.credentials.api_key with the key's text at the venue: it does"
    " not know it, or it was deleted there",
    KeyTrouble.SIGNATURE: "compare venue.credentials.api_secret with the key's secret: they do not"
    " belong together, or the secret was cut; a key of a subaccount takes no subaccount_id",
    KeyTrouble.ADDRESS: "add this machine's public address to the key's allow-list at the venue",
    KeyTrouble.PERMISSION: "give the key the permissions to view and to trade at the venue",
}
_TROUBLES = (
    *(Outage, OutcomeUnknown, Rejected, MalformedFrame),
    *(SequenceGap, ChecksumMismatch, Fatal, trio.TooSlowError),
)


class Machine(Protocol):
    """The doctor's interface to the machine itself."""

    @property
    def environment(self) -> Mapping[str, str]:
        """Where addresses given by reference may be kept."""
        ...

    async def address_trouble(self, address: Secret) -> str:
        """
        Whether what sends messages could send one to an address; none is sent.

        Returns:
            Why it could not, in words without secrets; empty where it could.
        """
        ...

    async def addresses(self, host: str) -> Sequence[str]:
        """
        The addresses of a host name.

        Raises:
            OSError: The name does not resolve.
        """
        ...

    async def write_times(self, folder: Path) -> Sequence[float]:
        """
        How many seconds small writes to a disk took until they were durable.

        Raises:
            OSError: The disk cannot be written.
        """
        ...

    async def ledger_bytes(self, path: Path, *, in_use: bool) -> int:
        """
        Check a ledger; its size.

        Raises:
            Fatal: The ledger cannot be trusted.
            FileNotFoundError: There is no ledger.
        """
        ...


@attrs.define(kw_only=True)
class Learnt:
    """Results of earlier steps for later ones."""

    key: KeyInfo | None = None
    instruments: Mapping[Pair, Instrument] = attrs.field(factory=dict)
    prices: dict[Pair, Decimal] = attrs.field(factory=dict)
    waiting: set[Pair] = attrs.field(factory=set)
    """Pairs that the venue does not trade now: the others are looked at."""


@attrs.frozen(kw_only=True)
class DoctorContext:
    """The settings to examine, and the means: network, clock, machine, venue."""

    settings: Settings
    world: World
    party: VenueConnection
    machine: Machine
    gate: RateGate
    rest: VenueRest
    socket: VenueSocket
    learnt: Learnt = attrs.field(factory=Learnt)

    def traded(self) -> Mapping[StrategyName, StrategySettings]:
        """The strategies whose pairs the venue trades now."""
        strategies = self.settings.strategies.items()
        return {name: each for name, each in strategies if each.pair not in self.learnt.waiting}

    async def ask(self, call: Call[T]) -> T:
        """
        Ask the venue, but never wait until it wants to be asked again.

        Raises:
            RateLimited: The venue has asked for fewer requests.
            TradingError: As ``VenueRest.call``.
        """
        lanes = self.rest_lanes(call)
        use = self.gate.budget.use_at(trio.current_time())
        silence_s = max((use[lane].closed_for_s for lane in lanes if lane in use), default=0.0)
        if silence_s:
            raise RateLimited(f"the venue asked for {silence_s:.0f} s without requests", silence_s)
        return await self.rest.call(call)

    def rest_lanes(self, call: Call[T]) -> Sequence[str]:
        return self.party.venue.lanes(call)


@attrs.frozen(kw_only=True)
class Step:
    """
    One step of an examination.

    Args:
        look: The check; may raise the errors of the venue and the network.
        needs: The steps that it rests on.
        cure: What to do when the venue or the network does not answer.
        within_s: The longest time that the step may take.
    """

    name: str
    look: Callable[[DoctorContext], Awaitable[Finding]]
    needs: tuple[str, ...] = ()
    cure: str = "look at the network and at the venue's status page, then try again"
    within_s: float = 60.0


def new_examination(
    settings: Settings, world: World, party: VenueConnection, machine: Machine
) -> DoctorContext:
    """The context of an examination, with connections of its own."""
    clients = venue_clients(party, settings.venue, world)
    return DoctorContext(
        settings=settings,
        world=world,
        party=party,
        machine=machine,
        gate=clients.gate,
        rest=clients.rest,
        socket=clients.socket,
    )


async def examine(
    examination: DoctorContext, steps: Sequence[Step], tell: Callable[[Finding], None]
) -> Sequence[Finding]:
    """
    Take every step, in order; one that rests on a failure is skipped.

    Args:
        tell: Called with each finding as soon as it is there.
    """
    findings: dict[str, Finding] = {}
    for step in steps:
        blocked = [need for need in step.needs if findings[need].blocks]
        found = (
            skipped(f"it rests on: {', '.join(blocked)}")
            if blocked
            else await _taken(step, examination)
        )
        findings[step.name] = attrs.evolve(found, step=step.name)
        tell(findings[step.name])
    return tuple(findings.values())


async def _taken(step: Step, examination: DoctorContext) -> Finding:
    troubles: list[BaseException] = []
    try:
        with trio.fail_after(step.within_s):
            return await step.look(examination)
    except* _TROUBLES as group:
        troubles += leaves(group)
    # Of several errors at once a refused key explains the most, a long wait the least.
    worst = min(troubles, key=_weight)
    equals = [error for error in troubles if _weight(error) == _weight(worst)]
    return _judged(worst, "; ".join(dict.fromkeys(map(str, equals))), step)


def _weight(error: BaseException) -> int:
    return 0 if isinstance(error, Fatal) else 2 if isinstance(error, trio.TooSlowError) else 1


def _judged(error: BaseException, evidence: str, step: Step) -> Finding:
    match error:
        case KeyRefused():
            code = ExitCode.KEY_OR_PERMISSION
            return failure(evidence, _KEY_CURES[error.trouble], code=code)
        case Fatal(reason=FatalReason.KEY_OR_PERMISSION):
            return failure(
                evidence, _KEY_CURES[KeyTrouble.SIGNATURE], code=EXIT_CODES[error.reason]
            )
        case RateLimited():
            return failure(evidence, _SLOWER_CURE)
        case trio.TooSlowError():
            return failure(f"it took longer than {step.within_s:g} s", step.cure)
        case _:
            return failure(evidence, step.cure)
