"""A run as a process of its own: signals, the watchdog of its loop, an end in bounded time."""

import os
from typing import NoReturn

import attrs
import structlog
import trio

from actors.net.trust import trust
from actors.ports.alert_book import AlertBook
from config.sections.simulator import Flow
from config.settings import Settings
from engine.alerts.last_words import ended_badly, not_started, tell_last_words
from engine.environment.venue_connection import VenueConnection, counterparty
from engine.environment.world import World
from engine.logs.setup import Logs
from engine.logs.standard_streams import say
from engine.process.exit_codes import ExitCode
from engine.process.last_act import LastAct
from engine.process.loop_guard import LoopGuard
from engine.process.service_manager import ServiceManager
from engine.system.build import System
from engine.system.preflight import check_with_the_venue
from engine.system.running import StopRequest, obey_signals
from engine.system.sessions import run_sessions
from engine.system.summary import Summary
from trading.alerts.alert import Alert
from trading.core.errors import Fatal
from trading.core.identifiers import ClientOrderIds

log = structlog.get_logger()

_LAST_LINES_S = 1.0
"""For waiting log lines when the process is ended by force."""


def run_guarded(settings: Settings, world: World, duration_s: float | None, logs: Logs) -> Summary:
    """
    Run an engine in this process.

    Args:
        logs: Has its last lines written before the process is ended by force.

    Raises:
        ConfigurationProblems: The venue says that the settings do not fit.
        Fatal: Nothing was started.
    """
    run_it = _GuardedRun(settings=settings, world=world, duration_s=duration_s, logs=logs)
    return trio.run(run_it.main)


@attrs.frozen(kw_only=True)
class _GuardedRun:
    settings: Settings
    world: World
    duration_s: float | None
    logs: Logs
    stop: StopRequest = attrs.field(factory=StopRequest)
    systems: list[System] = attrs.field(factory=list)

    async def main(self) -> Summary:
        # Making a simulated market takes a second or two, and nothing depends on the loop yet.
        party = _counterparty(self.settings, self.world)
        guard = LoopGuard(end_process=self._end_process, hurried=lambda: self.stop.asked)
        guard.last_act = _last_act(self.settings, party)
        with guard.watching():
            return await self._run(guard, party)

    async def _run(self, guard: LoopGuard, party: VenueConnection) -> Summary:
        summary: Summary | None = None
        trouble: Fatal | None = None
        manager = ServiceManager(os.environ)
        try:
            async with trio.open_nursery() as nursery:
                await nursery.start(obey_signals, self.stop, self._force)
                nursery.start_soon(guard.beat)
                nursery.start_soon(manager.stay_alive)
                await check_with_the_venue(self.settings, self.world, party, self.stop)
                summary = await run_sessions(
                    self.settings,
                    self.world,
                    party,
                    stop=self.stop,
                    duration_s=self.duration_s,
                    end_process=self._end_process,
                    manager=manager,
                    adapt=self._kept,
                )
                await self._tell(summary)
                nursery.cancel_scope.cancel()
        except* Fatal as group:
            trouble = _first(group)
        # Raised in there it would be wrapped in a group again, by some versions of Python.
        if trouble is not None:
            await self._tell_of_no_start(trouble)
            raise trouble
        assert summary is not None
        return summary

    def _kept(self, system: System) -> System:
        self.systems.append(system)
        return system

    async def _tell(self, summary: Summary) -> None:
        """Have a person told of an end that is not as it should be, and of what still waits."""
        alert = None
        if summary.exit_code is not ExitCode.OK:
            proof = summary.proof
            alert = ended_badly(
                code=summary.exit_code,
                ended_by=summary.ended_by,
                flat=proof.proven,
                left=f"{len(proof.left)} seen at the venue" if proof.left else proof.trouble,
                at=self.world.wall_clock() / 1e9,
            )
        book = self.systems[-1].wires.alerts.peek() if self.systems else None
        await self._last_words(book, alert)

    async def _tell_of_no_start(self, trouble: Fatal) -> None:
        alert = not_started(str(trouble), self.world.wall_clock() / 1e9)
        await self._last_words(None, alert)

    async def _last_words(self, book: AlertBook | None, alert: Alert | None) -> None:
        if self.world.messengers:
            name, messengers = self.settings.engine.name, self.world.messengers
            await tell_last_words(name, book or AlertBook(), messengers, alert)

    def _end_process(self, code: ExitCode) -> NoReturn:
        # This ends a process that does not end: every wait in it is bounded.
        self.logs.drain(_LAST_LINES_S)
        os._exit(code)

    def _force(self) -> NoReturn:
        log.error("forced_to_end", left="orders may still be open")
        self.logs.drain(_LAST_LINES_S)
        text = "engine: forced to end; orders may still be open\n"
        say(text, error=True, within_s=_LAST_LINES_S)
        os._exit(ExitCode.FORCED)


def _last_act(settings: Settings, party: VenueConnection) -> LastAct | None:
    """The last act without the loop; none where the loop serves the venue itself."""
    if party.exchange is not None:
        return None
    return LastAct(
        venue=party.venue,
        address=party.rest,
        owns=ClientOrderIds(settings.engine.name, 0).owns,
        trust=trust,
    )


def _first(group: BaseExceptionGroup[Fatal]) -> Fatal:
    error: BaseException = group
    while isinstance(error, BaseExceptionGroup):
        error = error.exceptions[0]
    assert isinstance(error, Fatal)
    return error


def _counterparty(settings: Settings, world: World) -> VenueConnection:
    if settings.venue.simulated and settings.simulator.flow is Flow.LIVE:
        from engine.environment.live_venue import live_counterparty  # noqa: PLC0415  # only then

        return live_counterparty(settings, world)
    return counterparty(settings, world)
