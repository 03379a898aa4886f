"""Records market data from the first frame to the last: supervised, and ended in good order."""

from collections.abc import Mapping, Sequence
from typing import Protocol

import attrs
import structlog
import trio

from actors.market.recorder import RecorderActor
from actors.ports.facts import FactBoard
from actors.ports.ports import Latest, Wakeup
from config.settings import VenueSettings
from engine.environment.venue_clients import exchange_server, venue_clients
from engine.environment.venue_connection import MarketConnection
from engine.environment.world import World
from engine.process.exit_codes import EXIT_CODES, ExitCode
from engine.supervision.events import TooManyDefects, describe
from engine.supervision.life_log import LifeLog
from engine.supervision.policy import RestartStrategy, leaves
from engine.supervision.supervisor import Supervisor
from engine.supervision.tree import ChildSpec, SupervisorSpec
from engine.system.running import StopRequest
from trading.core.errors import Fatal
from trading.core.identifiers import Pair
from trading.recorded.tally import Tally

log = structlog.get_logger()


_FLUSH_INTERVAL_S = 5.0
"""So much is lost at most when the machine fails; more often would pack worse."""


class Sink(Protocol):
    """The destination of the lines; both methods raise ``Fatal`` when it takes no more."""

    def write(self, line: str) -> None: ...

    def flush(self) -> None: ...


@attrs.frozen(kw_only=True)
class CaptureSummary:
    """
    The summary of a recording.

    Args:
        size: Bytes of all lines, before any compression.
        by_pair: Frames of each pair's market data.
        restarts: How often it had to connect anew.
    """

    venue: str
    ended_by: str
    exit_code: ExitCode
    duration_s: float
    frames: int
    size: int
    malformed: int
    by_pair: Mapping[Pair, int]
    restarts: int


@attrs.frozen(kw_only=True)
class Capture:
    """
    A recording to make: the pairs and the venue.

    Args:
        settings: The deadlines for the venue.
        duration_s: Seconds after which it ends by itself.
    """

    party: MarketConnection
    settings: VenueSettings
    pairs: Sequence[Pair]
    duration_s: float | None = None

    async def run(self, world: World, sink: Sink, stop: StopRequest) -> CaptureSummary:
        """Record until it is asked to stop, its time is up, or it cannot go on."""
        since, tally, bell = trio.current_time(), Tally(), Wakeup()
        ended = Latest[str](bell)
        recorder = RecorderActor(
            socket=venue_clients(self.party, self.settings, world).socket,
            pairs=self.pairs,
            wall_clock=world.wall_clock,
            write=sink.write,
            tally=tally,
        )
        children = [ChildSpec(name="recorder", actor=recorder)]
        if (server := exchange_server(self.party, world, ended)) is not None:
            children.insert(0, ChildSpec(name="simulated exchange", actor=server))
        tree = SupervisorSpec(
            name="recording", strategy=RestartStrategy.ONE_FOR_ONE, children=tuple(children)
        )
        life_log = LifeLog(FactBoard(Wakeup()), tree)
        log.info("recording_start", venue=self.party.name, pairs=list(self.pairs))
        trouble: Exception | None = None
        try:
            async with trio.open_nursery() as nursery:
                nursery.start_soon(self._end_in_time, stop)
                nursery.start_soon(_flush_often, sink)
                nursery.start_soon(_end_with_the_market, ended, bell, stop)
                supervisor = Supervisor(tree, observe=life_log, random=world.random)
                await nursery.start(supervisor.run)
                await stop.wait()
                nursery.cancel_scope.cancel()
        except* (Fatal, TooManyDefects) as group:
            trouble = next(e for e in leaves(group) if isinstance(e, Fatal | TooManyDefects))
            log.error("recording_failed", cause=describe(group))  # noqa: TRY400  # one line
            stop.ask(str(trouble))
        return CaptureSummary(
            venue=self.party.name,
            ended_by=stop.reason,
            exit_code=_exit_code(trouble, tally),
            duration_s=trio.current_time() - since,
            frames=tally.frames,
            size=tally.size,
            malformed=tally.malformed,
            by_pair={pair: tally.by_pair[pair] for pair in self.pairs},
            restarts=life_log.restarts,
        )

    async def _end_in_time(self, stop: StopRequest) -> None:
        if self.duration_s is not None:
            await trio.sleep(self.duration_s)
            stop.ask("the end of its time")


async def _flush_often(sink: Sink) -> None:
    while True:
        await trio.sleep(_FLUSH_INTERVAL_S)
        sink.flush()


async def _end_with_the_market(ended: Latest[str], bell: Wakeup, stop: StopRequest) -> None:
    """End the recording with a replayed market, which may come to its end."""
    while (reason := ended.read()) is None:
        await bell.wait()
    stop.ask(reason)


def _exit_code(trouble: Exception | None, tally: Tally) -> ExitCode:
    if isinstance(trouble, Fatal):
        return EXIT_CODES[trouble.reason]
    if trouble is not None:
        return ExitCode.FAILURE
    return ExitCode.OK if tally.frames else ExitCode.VENUE_UNAVAILABLE
