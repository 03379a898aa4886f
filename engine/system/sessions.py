"""Sessions of one process, one after the other: each begins when strategies come or go."""

from collections.abc import Callable

import structlog
import trio

from config.settings import Settings
from engine.environment.venue_connection import VenueConnection
from engine.environment.world import World
from engine.process.exit_codes import ExitCode
from engine.process.loop_guard import EndProcess
from engine.process.service_manager import ServiceManager
from engine.system.build import System
from engine.system.running import NOBODY, StopRequest, as_built, leave_it_running, run
from engine.system.summary import Summary

log = structlog.get_logger()


async def run_sessions(
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
    Run an engine, and another one with other strategies whenever a reload asks for it.

    A session ends as any run does: with every order cancelled, and the venue's proof that none is
    left. Only with that proof does the next one begin, at the same venue and in the same ledger.

    Args:
        stop: Ends all of it, with the session that runs.
        duration_s: Seconds for all sessions together.
        end_process, manager, adapt: As of ``run``.

    Returns:
        The last session's summary.
    """
    ends_at = None if duration_s is None else trio.current_time() + duration_s
    before: System | None = None
    while True:
        session = _Session(before, adapt)
        of_this_one = StopRequest()
        async with trio.open_nursery() as nursery:
            nursery.start_soon(_hand_on, stop, of_this_one)
            summary = await run(
                settings,
                world,
                party,
                stop=of_this_one,
                duration_s=None if ends_at is None else max(0.0, ends_at - trio.current_time()),
                end_process=end_process,
                manager=manager,
                adapt=session.adapted,
            )
            nursery.cancel_scope.cancel()
        before = session.system
        successor = None if before is None else before.wires.successor.peek()
        if successor is None or stop.asked or summary.exit_code is not ExitCode.OK:
            return summary
        log.info(
            "strategies_changed",
            come=sorted(successor.strategies.keys() - settings.strategies.keys()),
            go=sorted(settings.strategies.keys() - successor.strategies.keys()),
        )
        settings = successor


class _Session:
    """
    One session: what it takes over from the one before.

    Attributes:
        system: Once it is built.
    """

    def __init__(self, before: System | None, adapt: Callable[[System], System]) -> None:
        self.system: System | None = None
        self._before = before
        self._adapt = adapt

    def adapted(self, system: System) -> System:
        if self._before is not None:
            book = self._before.wires.alerts.peek()
            if book is not None:
                system.wires.alerts.put(book.of_next_session())
        self.system = system
        return self._adapt(system)


async def _hand_on(stop: StopRequest, to: StopRequest) -> None:
    await stop.wait()
    to.ask(stop.reason)
