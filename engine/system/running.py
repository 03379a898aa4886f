"""A run of the engine: supervise, stop in good order, sum up how it ended."""

import contextlib
import signal
from collections.abc import Callable, Iterator, Mapping, Sequence
from decimal import Decimal
from typing import NoReturn

import attrs
import msgspec
import structlog
import trio

from config.settings import Settings
from engine.control.protocol import STRATEGIES_CHANGE
from engine.environment.ledger_session import LedgerSession, begin_session
from engine.environment.venue_connection import VenueConnection
from engine.environment.world import World
from engine.process import early
from engine.process.exit_codes import EXIT_CODES, ExitCode
from engine.process.loop_guard import EndProcess
from engine.process.service_manager import ServiceManager
from engine.process.signals import MEANINGLESS, name_of
from engine.supervision.events import LifeEvent, TooManyDefects, describe
from engine.supervision.life_log import LifeLog
from engine.supervision.policy import leaves
from engine.supervision.supervisor import Supervisor
from engine.system.build import System, build
from engine.system.summary import StrategySummary, Summary
from engine.views.order_doubts import doubt_lines
from engine.wiring.wires import StrategyPorts
from trading.core.errors import Fatal, Outage
from trading.core.identifiers import StrategyName
from trading.core.market import Side
from trading.journal.performance import Performance
from trading.messages.gateway import FlatProof
from trading.readiness.gate_clock import SideTimes
from trading.readiness.lease import Milestones, Readiness

log = structlog.get_logger()


class StopRequest:
    """Asks a run to stop; the first reason stands."""

    def __init__(self) -> None:
        self._asked = trio.Event()
        self._breaks_off: set[trio.CancelScope] = set()
        self.reason = ""

    def ask(self, reason: str) -> None:
        if not self._asked.is_set():
            self.reason = reason
            self._asked.set()
            for scope in self._breaks_off:
                scope.cancel()

    async def wait(self) -> None:
        await self._asked.wait()

    @contextlib.contextmanager
    def breaks_off(self) -> Iterator[None]:
        """Have a stop end whatever is under way in this context."""
        with trio.CancelScope() as scope:
            if self.asked:
                scope.cancel()
            self._breaks_off.add(scope)
            try:
                yield
            finally:
                self._breaks_off.discard(scope)

    @property
    def asked(self) -> bool:
        return self._asked.is_set()


NEVER_REACHED = "the venue was never reached"
"""The reason of a run's end when its venue never answered."""

_STATUS_EVERY_S = 0.5
_WITHDRAWING = 0.4
"""The share of a stop for withdrawing; last wills have a half, the rest is for closing."""

NOBODY = ServiceManager({})


def _readiness_in_words(readiness: Readiness | None) -> str:
    if readiness is None:
        return "nothing is known yet"
    if readiness.holds_at(trio.current_time()):
        return "ready"
    return f"not ready: {readiness.reasons or 'the lease has lapsed'}"


def leave_it_running(code: ExitCode) -> None:
    """Do nothing, where there is no process to end: the run ends with its last child."""


def as_built(system: System) -> System:
    """The system unchanged."""
    return system


async def run(
    settings: Settings,
    world: World,
    party: VenueConnection,
    *,
    stop: StopRequest,
    duration_s: float | None = None,
    end_process: EndProcess = leave_it_running,
    manager: ServiceManager = NOBODY,
    adapt: Callable[[System], System] = as_built,
) -> Summary:
    """
    Run an engine until it is asked to stop, its time is up, or it cannot go on.

    Args:
        stop: To ask for the end.
        duration_s: Seconds after which it ends by itself.
        end_process: Ends it at once, when a child has not stopped and all others have.
        manager: Gets reports of the engine's state.
        adapt: Called with the system before it runs; may change its tree.

    Raises:
        Fatal: The ledger cannot be used: nothing was started.
    """
    started_at, stopped_at = trio.current_time(), None
    session = await begin_session(settings, world, party)
    system = adapt(build(settings, world, party, session))
    engine = _Engine(system=system, settings=settings, stop=stop, end_process=end_process)
    life_log = LifeLog(system.wires.facts, system.tree)
    log.info("engine_start", engine=settings.engine.name, venue=party.name, session=session.number)
    trouble: Exception | None = None
    try:
        async with trio.open_nursery() as nursery:
            engine.start_ends(nursery, duration_s)
            supervisor = Supervisor(
                system.tree, observe=life_log, random=world.random, on_leak=engine.leave_behind
            )
            system.supervision.put(supervisor.status)
            # Also after an early stop request: the actors that prove the end must have started.
            await nursery.start(supervisor.run)
            manager.ready()
            if manager.listens:
                nursery.start_soon(engine.tell_readiness, manager)
            await stop.wait()
            stopped_at = trio.current_time()
            engine.count_times(stopped_at)
            log.info("engine_stop", reason=stop.reason)
            manager.stopping()
            await engine.withdraw()
            nursery.cancel_scope.cancel()
    except* (Fatal, Outage, TooManyDefects) as group:
        trouble = next(iter(_exceptions(group)))
        log.error("engine_failed", cause=describe(group))  # noqa: TRY400  # one line, no traceback
        stop.ask(str(trouble))
    if stopped_at is None:
        engine.count_times(stopped_at := trio.current_time())
    uptime_s = stopped_at - started_at
    summary = await _written_down(
        _summary(engine, trouble, party.name, uptime_s, life_log), session, world
    )
    log.info("engine_end", exit_code=int(summary.exit_code), flat=summary.proof.proven)
    return summary


async def _written_down(summary: Summary, session: LedgerSession, world: World) -> Summary:
    """The summary once the session's end is in the ledger; it says so if it cannot be."""
    try:
        await session.end(world, exit_code=int(summary.exit_code), ended_by=summary.ended_by)
    except Fatal as fatal:
        log.error("session_end_not_recorded", cause=str(fatal))  # noqa: TRY400  # one line
        if summary.exit_code is ExitCode.OK:
            return msgspec.structs.replace(
                summary, exit_code=ExitCode.IO_ERROR, ended_by=str(fatal)
            )
    return summary


@attrs.frozen(kw_only=True)
class _Engine:
    """One run, and the ways to its end."""

    system: System
    settings: Settings
    stop: StopRequest
    end_process: EndProcess
    times: dict[StrategyName, Mapping[Side, SideTimes]] = attrs.field(factory=dict)

    def start_ends(self, nursery: trio.Nursery, duration_s: float | None) -> None:
        """Start the tasks that end the run: its duration, its recording, a venue out of reach."""
        if duration_s is not None:
            nursery.start_soon(self.end_after, duration_s)
        nursery.start_soon(self.end_by_itself)
        nursery.start_soon(self.give_up_if_never_reached)

    def count_times(self, now: float) -> None:
        """How long each side has quoted up to the stop: what comes after is no time of the run."""
        for name, port in self.system.wires.strategies.items():
            self.times[name] = port.clock.times(now)

    def leave_behind(self, leaked: Sequence[LifeEvent]) -> None:
        """End the process, for nothing else ends a child that does not stop."""
        proof = self.system.wires.proof.read()
        log.error(
            "process_ended_by_force",
            still_running=[" > ".join(event.path) for event in leaked],
            flat=proof is not None and proof.proven,
            left=len(proof.left) if proof is not None else None,
        )
        self.end_process(ExitCode.STUCK)

    async def end_after(self, duration_s: float) -> None:
        await trio.sleep(duration_s)
        self.stop.ask("the end of its time")

    async def tell_readiness(self, manager: ServiceManager) -> None:
        """Report to the service manager which strategies may quote, whenever that changes."""
        told = ""
        while True:
            status = "; ".join(
                f"{name}: {_readiness_in_words(port.readiness.read())}"
                for name, port in self.system.wires.strategies.items()
            )
            if status != told:
                manager.status(status)
                told = status
            await trio.sleep(_STATUS_EVERY_S)

    async def end_by_itself(self) -> None:
        """End with a recording that is replayed, or for a session with other strategies."""
        wires = self.system.wires
        while (reason := wires.recording_ended.read() or "") == "":
            if wires.successor.read() is not None:
                reason = STRATEGIES_CHANGE
                break
            await wires.watch.wait()
        self.stop.ask(reason)

    async def give_up_if_never_reached(self) -> None:
        await trio.sleep(self.settings.engine.give_up_after_s)
        if not self.reached:
            self.stop.ask(NEVER_REACHED)

    @property
    def reached(self) -> bool:
        """Whether the venue has ever answered."""
        ports = self.system.wires.strategies.values()
        return any((port.milestones.read() or Milestones()).reached for port in ports)

    async def withdraw(self) -> None:
        """Have all orders cancelled, with proof, while all sockets are still open."""
        wires = self.system.wires
        wires.stopping.put(f"the engine is stopping: {self.stop.reason}")
        deadline_s = self.settings.engine.stop_deadline_s * _WITHDRAWING
        with trio.move_on_after(deadline_s) as deadline:
            while wires.flat.read() is None and self.reached:
                await wires.watch.wait()
        if deadline.cancelled_caught:
            log.warning("not_flat_in_time", deadline_s=deadline_s)


def _summary(
    engine: _Engine, trouble: Exception | None, venue: str, uptime_s: float, life_log: LifeLog
) -> Summary:
    wires = engine.system.wires
    proof = wires.proof.read() or FlatProof(proven=False, trouble="the closeout never ran")
    return Summary(
        engine=engine.settings.engine.name,
        venue=venue,
        ended_by=engine.stop.reason,
        exit_code=_exit_code(engine, trouble, proof),
        uptime_s=uptime_s,
        restarts=life_log.restarts,
        given_up=tuple(life_log.given_up.values()),
        proof=proof,
        halt=wires.halt.read() or "",
        strategies={
            name: _strategy_summary(port, engine, engine.times[name])
            for name, port in wires.strategies.items()
        },
    )


def _exit_code(engine: _Engine, trouble: Exception | None, proof: FlatProof) -> ExitCode:
    if isinstance(trouble, Fatal):
        return EXIT_CODES[trouble.reason]
    if trouble is not None or proof.left:
        return ExitCode.FAILURE
    if proof.proven:
        return ExitCode.FAILURE if proof.unread else ExitCode.OK
    # A venue that has never answered has no order of ours either.
    return ExitCode.FAILURE if engine.reached else ExitCode.VENUE_UNAVAILABLE


def _strategy_summary(
    port: StrategyPorts, engine: _Engine, times: Mapping[Side, SideTimes]
) -> StrategySummary:
    performance = port.performance.read() or Performance()
    account = engine.system.wires.account.last
    top, instrument = port.top.last, port.instrument.last
    price: Decimal | None = performance.last_fill_price if top is None else top.mid_price
    currencies = () if instrument is None else (instrument.base, instrument.quote)
    balances = {} if account is None else account.balances
    working = port.working.last
    return StrategySummary(
        pair=port.pair,
        instrument=instrument,
        milestones=port.milestones.read() or Milestones(),
        performance=performance,
        price=price,
        quoting_s={side: of_side.quoting for side, of_side in times.items()},
        inventory={c: balances[c] for c in currencies if c in balances},
        in_doubt=doubt_lines(() if working is None else working.doubts, trio.current_time()),
        not_quoting_s={side: of_side.kept_out for side, of_side in times.items()},
    )


async def obey_signals(
    stop: StopRequest,
    force: Callable[[], NoReturn],
    *,
    task_status: trio.TaskStatus[None] = trio.TASK_STATUS_IGNORED,
) -> None:
    """
    Turn any signal that means a stop into a stop request, and a second Ctrl-C into a forced end.

    Only a person's second Ctrl-C forces it, whatever began the stop. A second SIGTERM or the like
    changes nothing: the stop has a deadline, and cutting it short leaves orders. Signals without a
    meaning are logged and ignored. Signals that came before are obeyed first.
    """
    for name in early.asked:
        stop.ask(name)
    ctrl_cs = early.asked.count(signal.SIGINT.name)
    with trio.open_signal_receiver(*early.taken_over()) as received:
        task_status.started()
        async for number in received:
            name = name_of(number)
            if number in MEANINGLESS:
                log.warning("signal_ignored", name=name)
                continue
            ctrl_cs += number == signal.SIGINT
            if ctrl_cs > 1:
                force()
            log.info("signal", name=name, stopping=bool(stop.reason))
            stop.ask(name)


def _exceptions(group: BaseExceptionGroup[Exception]) -> list[Exception]:
    """The leaves of a group, those that decide the exit code first."""
    found = [leaf for leaf in leaves(group) if isinstance(leaf, Exception)]
    return sorted(found, key=lambda leaf: not isinstance(leaf, Fatal))
