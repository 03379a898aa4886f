"""Kill and resume for commands: through a running engine's socket, or on a stopped one's ledger."""

from collections.abc import Awaitable, Callable, Sequence
from typing import TypeVar

import msgspec
import trio

from actors.net.venue_rest import VenueRest
from actors.orders.sweep import sweep
from config.sections.engine import EngineSettings
from config.settings import Settings
from engine.control.client import Conversation, answered, conversation
from engine.control.protocol import DEFAULT_REASON, Ask, Request
from engine.environment.state_folder import ledger_path, socket_name, state_folder
from engine.environment.venue_clients import venue_clients
from engine.environment.venue_connection import VenueConnection, counterparty
from engine.environment.world import World
from trading.core.errors import Fatal, FatalReason, Outage, Rejected
from trading.core.identifiers import ClientOrderId, ClientOrderIds
from trading.gateway.sweep import sweep_deadline_s
from trading.journal import reading
from trading.journal.moment import Moment
from trading.journal.tables import HALTS
from trading.messages.account import OrderReport
from trading.orders.order import Order
from trading.readiness.clock_offset import ClockSample, estimate

T = TypeVar("T")
Tell = Callable[[str], None]
"""Takes one line for a person, as soon as it holds."""

_FLAT_DEADLINE_S = 10.0
_BETWEEN_S = 10.0
"""How long an engine may hold its lock without its socket: while it starts, and while it stops."""
_PAUSE_S = 0.25
_CLOCK_SAMPLES = 3


class KillOutcome(msgspec.Struct, frozen=True, kw_only=True):
    """
    The result of a kill.

    Args:
        running: Whether a running engine did it.
        halt: The reason that stands.
        durable: Whether it survives any restart.
        flat: Whether the venue has shown that nothing is left.
        because: What shows that nothing is left, in words.
        left: Ids of the orders that may still be there, as far as they are known.
        trouble: What went wrong, in words.
    """

    running: bool
    halt: str
    durable: bool
    flat: bool
    because: str = "the venue shows no order of this engine"
    left: tuple[str, ...] = ()
    trouble: str = ""


class Undone(msgspec.Struct, frozen=True):
    """
    What to say when an engine runs and does not answer.

    Args:
        outcome: In capitals.
        waiting: What becomes of a request that it has been handed: it lies in its socket.
    """

    outcome: str
    waiting: str = ""


NOT_HALTED = Undone(
    "NOT HALTED",
    "The command waits in its socket: one that is suspended or stuck is halted by it as soon as it"
    " goes on (kill -CONT PID), and stays so until `engine resume CONFIG --confirm`.",
)
NOT_RESUMED = Undone(
    "NOT RESUMED",
    "Once it goes on, `engine resume CONFIG` shows whether a halt stands.",
)
NOT_KNOWN = Undone("NOT KNOWN whether a halt stands")


async def with_engine(
    world: World,
    engine: EngineSettings,
    alive: Callable[[Conversation], Awaitable[T]],
    dead: Callable[[], Awaitable[T]],
    undone: Undone,
) -> T:
    """
    Do something through a running engine, or without one where none runs.

    Args:
        undone: What to say when it can be done neither way.
        dead: Raises ``Fatal`` because of the engine's lock where there is an engine after all.

    Raises:
        Fatal: The engine runs and does not answer; or what ``dead`` raises.
        Refused: The engine does not do it.
    """
    give_up_at = trio.current_time() + _BETWEEN_S
    heard = False
    while True:
        cause = ""
        try:
            async with conversation(world.local, socket_name(engine)) as spoken:
                heard = True
                return await alive(spoken)
        except Outage as outage:
            cause = str(outage)
        try:
            return await dead()
        except Fatal as fatal:
            if fatal.reason is not FatalReason.ALREADY_RUNNING:
                raise
            if trio.current_time() >= give_up_at:
                words = f"{undone.outcome}: an engine runs and does not answer here"
                words += f" ({cause}): {fatal}."
                if heard:
                    words += f" {undone.waiting}"
                raise Fatal(
                    f"{words} SIGTERM ends it, with every order cancelled; if it has another state"
                    " directory, give this command its configuration",
                    FatalReason.ALREADY_RUNNING,
                ) from fatal
        await trio.sleep(_PAUSE_S)


async def kill_alive(spoken: Conversation, reason: str, tell: Tell) -> KillOutcome:
    """
    Have a running engine halt.

    Raises:
        Outage: It has gone meanwhile.
        Refused: It does not.
    """
    durable = await answered(spoken.ask(Request(ask=Ask.KILL, reason=reason)))
    halt = str(durable.content.get("halt"))
    tell(halted_line(halt))
    flat = (await answered(spoken.next())).content
    return KillOutcome(
        running=True,
        halt=halt,
        durable=True,
        flat=flat.get("proven") is True,
        left=tuple(map(str, flat.get("left", ()))),
        trouble=str(flat.get("trouble") or ""),
    )


async def kill_dead(settings: Settings, world: World, reason: str, tell: Tell) -> KillOutcome:
    """
    Halt an engine that does not run, and cancel its leftover orders by REST.

    Only orders whose ids are this engine's are cancelled. The caller holds the engine's locks.
    """
    halt, trouble = reason or DEFAULT_REASON, ""
    try:
        halt = await record_halt(settings.engine, world, halt)
        tell(halted_line(halt))
    except Fatal as fatal:
        # The orders are cancelled all the same.
        trouble = str(fatal)
    durable = not trouble
    if settings.venue.simulated:
        return KillOutcome(
            running=False,
            halt=halt,
            durable=durable,
            flat=True,
            because=f"no engine runs with the state directory {state_folder(settings.engine)}, and"
            " its simulated exchange ended with it",
            trouble=trouble,
        )
    left: list[ClientOrderId] = []
    not_flat = await _sweep(settings, world, left)
    because = "flat: the venue shows no order of this engine"
    return KillOutcome(
        running=False,
        halt=halt,
        durable=durable,
        flat=not not_flat,
        because=f"{because}; none runs with the state directory {state_folder(settings.engine)}",
        left=tuple(map(str, left)),
        trouble="; ".join(filter(None, (trouble, not_flat))),
    )


async def _sweep(settings: Settings, world: World, left: list[ClientOrderId]) -> str:
    """
    Cancel everything that is ours; why it is not proven that nothing is left, or empty.

    Args:
        left: Receives the orders that may be left: as the venue listed last, else by the ledger.
    """
    party = counterparty(settings, world)
    rest = venue_clients(party, settings.venue, world).rest
    owns = ClientOrderIds(settings.engine.name, 0).owns
    known = await _not_ended(settings.engine, world, party.identity)
    deadline_s = sweep_deadline_s(_FLAT_DEADLINE_S, len(known))
    listed: list[OrderReport] = []
    why = ""
    try:
        with trio.move_on_after(deadline_s):
            await _set_clock(party, rest, world)
            await sweep(rest, party.venue, owns, pause_s=_PAUSE_S, left=listed, known=known)
            return ""
    except Fatal as fatal:
        why = str(fatal)
    named = [report.client_order_id for report in listed if report.client_order_id is not None]
    left += named or [order.client_order_id for order in known]
    if why:
        return why
    if listed:
        return f"orders were still open after {deadline_s:g} s"
    return f"the venue's list could not be had within {deadline_s:g} s"


async def _not_ended(engine: EngineSettings, world: World, venue: str) -> Sequence[Order]:
    """The orders whose end the ledger does not know; none where it cannot be opened."""
    now = Moment(monotonic_s=trio.current_time(), wall_ns=world.wall_clock())
    try:
        store = await world.disk.open_ledger(ledger_path(engine))
    except Fatal:
        return ()
    try:
        remembered = await store.read(lambda query: reading.remembered(query, venue, now))
    except Fatal:
        return ()
    finally:
        await store.aclose()
    return remembered.orders


async def _set_clock(party: VenueConnection, rest: VenueRest, world: World) -> None:
    """Set the clock offset by the venue's clock, as signatures need; without it ours has to do."""
    samples = []
    try:
        for _ in range(_CLOCK_SAMPLES):
            sent_ns = world.wall_clock()
            venue_ns = await rest.call(party.venue.server_time())
            samples.append(
                ClockSample(sent_ns=sent_ns, received_ns=world.wall_clock(), venue_ns=venue_ns)
            )
    except (Outage, Rejected):
        return
    if (offset := estimate(samples)) is not None:
        party.clock_offset.put(offset)


async def record_halt(engine: EngineSettings, world: World, reason: str) -> str:
    """
    Write a halt into a dead engine's ledger, which is made if need be.

    Returns:
        The reason that stands: the first one.

    Raises:
        Fatal: It cannot be written.
    """
    store = await world.disk.open_ledger(ledger_path(engine))
    try:
        if standing := await store.read(reading.standing_halt):
            return standing
        await store.commit([HALTS.insert(world.wall_clock(), None, reason)])
        return reason
    finally:
        await store.aclose()


async def record_resume(engine: EngineSettings, world: World) -> None:
    """
    Lift the halt in a dead engine's ledger, if one stands.

    Raises:
        Fatal: It cannot be written.
    """
    store = await world.disk.open_ledger(ledger_path(engine))
    try:
        if await store.read(reading.standing_halt):
            await store.commit([HALTS.insert(world.wall_clock(), None, None)])
    finally:
        await store.aclose()


def halted_line(halt: str) -> str:
    """What a person is told of a standing halt."""
    return f"halted: {halt}; nothing is quoted until `engine resume CONFIG --confirm`"
