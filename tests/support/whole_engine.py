"""A whole engine against its simulated exchange, on memory streams and in virtual time."""

import contextlib
import errno
from collections.abc import AsyncIterator, Callable, Coroutine, Iterator, Mapping, Sequence
from io import FileIO, RawIOBase
from pathlib import Path
from random import Random
from typing import Any, TypeVar

import attrs
import trio

from config.load.loading import load
from config.settings import Settings
from config.strategies.kinds import StrategyKinds
from engine.control.client import Conversation, conversation
from engine.environment.ledger_session import begin_session
from engine.environment.state_folder import socket_name
from engine.environment.venue_connection import VenueConnection, counterparty, simulated_rules
from engine.environment.world import World
from engine.simulation.recordings import MemoryRecordings
from engine.simulation.virtual_clock import VirtualClock
from engine.storage.ledger_database import open_in_memory
from engine.supervision.events import LifeEvent
from engine.supervision.life_log import LifeLog
from engine.supervision.supervisor import Supervisor
from engine.system.build import System, build
from tests.support.crashable import Crashable, crashable
from tests.support.inline_ledger import Trouble, TroubledLedger
from tests.support.links import LinkedNetwork
from tests.support.memory_network import MemorySockets
from trading.core.identifiers import StrategyName
from trading.messages.account import OrderReport
from trading.readiness.lease import Readiness
from trading.venues.valr.simulator.exchange import SimulatedExchange

T = TypeVar("T")

EPOCH_NS = 1_700_000_000 * 10**9
PAPER = Path(__file__).parents[2] / "config" / "paper.toml"
DOGE = StrategyName("doge")


class NoDisk:
    """
    A run in a test reads and writes no files: recordings are given, ledgers are in memory.

    Ledgers, and recordings of sessions, stay for as long as this disk is there.

    Attributes:
        full: Whether it takes nothing more of a recording.
    """

    def __init__(self, recording: Sequence[bytes] = ()) -> None:
        self._recording = recording
        self.ledgers: dict[Path, TroubledLedger] = {}
        self.trouble = Trouble()
        self.recordings = MemoryRecordings()
        self.full = False

    def lines(self, paths: Sequence[str]) -> Iterator[bytes]:
        return iter(self._recording)

    def append(self, path: str) -> FileIO:
        raise AssertionError(f"a test wrote to {path}")

    def still_at(self, path: str, file: FileIO) -> bool:
        raise AssertionError(f"a test looked for {path}, {file}")

    def shift(self, path: str, keep: int) -> None:
        raise AssertionError(f"a test renamed {path}")

    def new_file(self, path: str) -> RawIOBase:
        return self.recordings.new_file(path, self._require_room)

    def sizes(self, folder: str) -> Mapping[str, int]:
        return self.recordings.sizes(folder)

    def remove(self, folder: str) -> None:
        self.recordings.remove(folder)

    async def beside(self, work: Callable[[], T]) -> T:
        await trio.lowlevel.checkpoint()
        return work()

    def _require_room(self) -> None:
        if self.full:
            raise OSError(errno.ENOSPC, "No space left on device")

    async def open_ledger(self, path: Path) -> TroubledLedger:
        if path not in self.ledgers:
            self.ledgers[path] = TroubledLedger(open_in_memory(), self.trouble)
        return self.ledgers[path]


def in_virtual_time(seed: int, main: Callable[[], Coroutine[Any, Any, T]]) -> T:
    """Run something to its end with a clock that jumps and a scheduler that repeats itself."""
    # pytest-trio makes trio's scheduler deterministic; its random source is still to be seeded.
    trio._core._run._r.seed(seed)  # noqa: SLF001
    return trio.run(main, clock=VirtualClock())


def paper_settings(*overrides: str, kinds: StrategyKinds | None = None) -> Settings:
    """The configuration of ``make paper``, with some of it changed."""
    return load(str(PAPER), overrides, {}, simulated_pairs=simulated_rules, kinds=kinds)


def simulated_world(seed: int, recording: Sequence[bytes] = ()) -> World:
    return World(
        wall_clock=lambda: EPOCH_NS + round(trio.current_time() * 1e9),
        random=Random(seed),
        network=LinkedNetwork(),
        local=MemorySockets(),
        disk=NoDisk(recording),
    )


@attrs.frozen(kw_only=True)
class Rig:
    """A running engine, seen from all sides."""

    system: System
    party: VenueConnection
    network: LinkedNetwork
    world: World
    settings: Settings
    disk: NoDisk
    lives: list[LifeEvent]
    actors: Mapping[str, Crashable]

    async def until(self, holds: Callable[[], object], within_s: float) -> float:
        """Wait until something holds; returns how many seconds that took."""
        began = trio.current_time()
        with trio.fail_after(within_s):
            # Virtual time: a look each simulated 10 ms costs nothing and needs no event of its own.
            while not holds():  # noqa: ASYNC110
                await trio.sleep(0.01)
        return trio.current_time() - began

    @property
    def readiness(self) -> Readiness:
        """What is known of the strategy now."""
        readiness = self.system.wires.strategies[DOGE].readiness.read()
        assert readiness is not None
        return readiness

    @property
    def exchange(self) -> SimulatedExchange:
        assert self.party.exchange is not None
        return self.party.exchange

    async def open_orders(self) -> Sequence[OrderReport]:
        """What the venue says is open."""
        return await self.system.rest.call(self.party.venue.open_orders())

    def quoting(self, strategy: StrategyName = DOGE) -> bool:
        """Whether the gateway knows of working orders."""
        working = self.system.wires.strategies[strategy].working.read()
        return working is not None and bool(working.orders)

    @contextlib.asynccontextmanager
    async def conversation(self) -> AsyncIterator[Conversation]:
        """What a command of the operator has with this engine."""
        async with conversation(self.world.local, socket_name(self.settings.engine)) as spoken:
            yield spoken

    def restarted(self) -> list[str]:
        """The names of all children that began a second or later life, in order."""
        return [e.path[-1] for e in self.lives if e.kind.value == "started" and e.life > 1]


async def start_rig(
    nursery: trio.Nursery,
    *overrides: str,
    seed: int = 1,
    world: World | None = None,
    kinds: StrategyKinds | None = None,
    party_of: Callable[[VenueConnection, World], VenueConnection] = lambda party, _world: party,
) -> Rig:
    """Start an engine in a nursery; cancelling the nursery stops it in good order."""
    settings, world = paper_settings(*overrides, kinds=kinds), world or simulated_world(seed)
    assert isinstance(world.network, LinkedNetwork)
    assert isinstance(world.disk, NoDisk)
    party = party_of(counterparty(settings, world), world)
    system = build(settings, world, party, await begin_session(settings, world, party))
    tree, actors = crashable(system.tree)
    life_log, lives = LifeLog(system.wires.facts, system.tree), list[LifeEvent]()

    def observe(event: LifeEvent) -> None:
        lives.append(event)
        life_log(event)

    supervisor = Supervisor(tree, observe=observe, random=world.random)
    system.supervision.put(supervisor.status)
    await nursery.start(supervisor.run)
    return Rig(
        system=system,
        party=party,
        network=world.network,
        world=world,
        settings=settings,
        disk=world.disk,
        lives=lives,
        actors=actors,
    )


async def quote_first(nursery: trio.Nursery, *overrides: str) -> Rig:
    """Start an engine and wait until its quotes stand."""
    # So far from the market that nothing is filled: orders come and go by the engine alone.
    rig = await start_rig(
        nursery,
        "strategies.doge.order_refresh_time=5",
        'strategies.doge.bid_spread="2 %"',
        'strategies.doge.ask_spread="2 %"',
        *overrides,
    )
    await rig.until(rig.quoting, within_s=5)
    await trio.sleep(2)
    assert len(await rig.open_orders()) == 4
    return rig
