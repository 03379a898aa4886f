"""One engine process in a simulation, with everything that ends with it."""

from collections.abc import Callable
from random import Random

import attrs
import structlog
import trio

from config.settings import Settings
from engine.environment.venue_connection import VenueConnection
from engine.environment.world import World
from engine.process.exit_codes import ExitCode
from engine.simulation.crashable import Crashable, crashable
from engine.simulation.disk import Ledgers, ProcessDisk
from engine.simulation.internet import Departures, Internet, ProcessNetwork
from engine.simulation.memory_sockets import MemorySockets
from engine.simulation.trace import SILENCED
from engine.supervision.policy import leaves
from engine.system.build import System
from engine.system.running import StopRequest, run
from engine.system.summary import Summary
from trading.core.errors import Fatal

log = structlog.get_logger()


@attrs.frozen(kw_only=True)
class Ended:
    """
    How a process ended.

    Args:
        killed: From outside, without a last will.
        fatal: What kept it from running at all.
        defect: What must never come out of it.
    """

    summary: Summary | None = None
    killed: bool = False
    fatal: Fatal | None = None
    defect: BaseException | None = None


class Process:
    """
    An engine, from its start to its end.

    Args:
        number: Counted from 1 in each simulation.
        wall_clock: Of the machine.
        random: The process's own.
        party: Makes the venue as this process sees it.
        departures: Shown what leaves.

    Attributes:
        system: The engine's system; ``None`` until it is wired.
        actors: Its actors by name, each of which can be crashed.
        over: Set once the process can have no effect any more.
    """

    def __init__(
        self,
        *,
        number: int,
        settings: Settings,
        internet: Internet,
        ledgers: Ledgers,
        local_sockets: MemorySockets,
        wall_clock: Callable[[], int],
        random: Random,
        party: Callable[[World], VenueConnection],
        departures: Departures,
    ) -> None:
        self.number = number
        self.settings = settings
        self.network = ProcessNetwork(internet, number, departures)
        self.disk = ProcessDisk(ledgers)
        self.world = World(
            wall_clock=wall_clock,
            random=random,
            network=self.network,
            local=local_sockets,
            disk=self.disk,
        )
        self.system: System | None = None
        self.actors: dict[str, Crashable] = {}
        self.stop = StopRequest()
        self.started_at = trio.current_time()
        self.ended: Ended | None = None
        self.over = trio.Event()
        self._party = party
        self._scope = trio.CancelScope()
        self._task: trio.lowlevel.Task | None = None

    @property
    def alive(self) -> bool:
        return self.ended is None

    async def live(self) -> None:
        """Run until it ends by itself or is killed; nothing is raised."""
        SILENCED.set(lambda: self.network.dead)
        self._task = trio.lowlevel.current_task()
        ended = Ended(killed=True)
        with self._scope:
            try:
                ended = Ended(summary=await self._run())
            except Fatal as fatal:
                ended = Ended(fatal=fatal)
            except Exception as error:  # noqa: BLE001  # any error here is a finding
                ended = _judged(error)
        self._end(ended)

    def kill(self, *, with_power: bool = False) -> None:
        """
        End it at once; nothing of it reaches the venue, the disk or the log any more.

        Args:
            with_power: Whether the machine goes too, so that no connection is closed.
        """
        if not self.alive:
            return
        self.network.die(with_power=with_power)
        self.disk.die(with_power=with_power)
        self._end(Ended(killed=True))
        # Its tasks only unwind now, without any connection.
        self._scope.cancel()

    def tasks_living(self) -> int:
        """How many tasks it has; what the venue still does for its connections is not its own."""
        if self._task is None or not self.alive:
            return 0
        counted, to_visit = 0, [self._task]
        while to_visit:
            task = to_visit.pop()
            counted += 1
            for nursery in task.child_nurseries:
                to_visit.extend(nursery.child_tasks)
        return counted

    async def _run(self) -> Summary:
        return await run(
            self.settings,
            self.world,
            self._party(self.world),
            stop=self.stop,
            end_process=self._end_by_force,
            adapt=self._adapt,
        )

    def _adapt(self, system: System) -> System:
        tree, self.actors = crashable(system.tree)
        self.system = attrs.evolve(system, tree=tree)
        return self.system

    def _end_by_force(self, code: ExitCode) -> None:
        log.error("process_forced_to_end", exit_code=int(code))
        self.kill()

    def _end(self, ended: Ended) -> None:
        if self.ended is None:
            self.ended = ended
            self.over.set()


def _judged(error: BaseException) -> Ended:
    found = [leaf for leaf in leaves(error) if not isinstance(leaf, trio.Cancelled)]
    fatal = next((leaf for leaf in found if isinstance(leaf, Fatal)), None)
    return Ended(fatal=fatal) if fatal is not None else Ended(defect=error)
