"""A run of the checks at a simulated exchange with some rules of its own, in virtual time."""

from collections.abc import Sequence
from decimal import Decimal
from functools import partial
from pathlib import Path
from random import Random

import attrs
import trio

import config as config_package
from actors.net.network import Address, AddressSource
from config.load.loading import load
from config.settings import Settings
from engine.conformance.checks.every import PROBES
from engine.conformance.probe import Probe
from engine.conformance.running import Choice
from engine.conformance.session import Cleaned, Examination, Examined, clean_up, examine
from engine.environment.venue_connection import counterparty, simulated_rules
from engine.environment.world import World
from engine.storage.ledger_database import LedgerDatabase
from engine.system.running import StopRequest
from tests.support.memory_network import MemoryNetwork, MemorySockets
from tests.support.simulated_venue import EPOCH_NS
from tests.support.whole_engine import NoDisk
from trading.core.errors import KeyRefused, KeyTrouble, Outage
from trading.venues.valr.conformance.check import Level
from trading.venues.valr.simulator.core.settings import DEMO_ACCOUNT
from trading.venues.valr.simulator.exchange import SimulatedExchange

PAPER = str(Path(config_package.__path__[0]) / "paper.toml")
FOR_S = 6.5
"""For so long sockets are held here: long enough for two of the rarest frames."""


def wall_clock() -> int:
    return EPOCH_NS + round(trio.current_time() * 1e9)


@attrs.frozen(kw_only=True)
class Rig:
    """
    One run.

    Args:
        overrides: Of the paper configuration.
        cut: Whether nothing reaches the venue.
        cut_once_open: Whether nothing reaches it any more once an order is open there.
        key_refused: Whether the venue refuses the key.
        identity: Of the venue in the ledger; else each run's exchange is one of its own.
        exchanges: Those of its runs.
        disk: With the ledger of its runs.
    """

    overrides: Sequence[str] = ()
    choice: Choice = attrs.field(factory=lambda: Choice(level=Level.PUBLIC))
    for_s: float = FOR_S
    budget: Decimal = Decimal(100)
    probes: Sequence[Probe] = PROBES
    cut: bool = False
    cut_once_open: bool = False
    key_refused: bool = False
    identity: str = ""
    exchanges: list[SimulatedExchange] = attrs.field(factory=list)
    disk: NoDisk = attrs.field(factory=NoDisk)

    def settings(self) -> Settings:
        return load(PAPER, self.overrides, {}, simulated_pairs=simulated_rules)

    def open_orders(self) -> int:
        """How many orders are open at the last exchange."""
        return len(self.exchanges[-1].venue.orders.open_of(DEMO_ACCOUNT.api_key))

    def ledger(self) -> LedgerDatabase:
        """The ledger of its runs."""
        [ledger] = self.disk.ledgers.values()
        return ledger.database

    async def run(self, stop: StopRequest | None = None) -> Examined:
        world = self._world()
        examination = self._examination(world)
        return await examine(examination, world, self.probes, lambda _: None, stop or StopRequest())

    async def clean_up(self) -> Cleaned:
        """Clean up after a run at an exchange that has nothing of it."""
        world = self._world()
        return await clean_up(self._examination(world), world)

    def _world(self) -> World:
        return World(
            wall_clock=wall_clock,
            random=Random(1),
            network=MemoryNetwork(),
            disk=self.disk,
            local=MemorySockets(),
        )

    def _examination(self, world: World) -> Examination:
        settings = self.settings()
        party = counterparty(settings, world)
        assert party.exchange is not None
        self.exchanges.append(party.exchange)
        if self.cut:
            party = attrs.evolve(party, rest=_nowhere, sockets=_nowhere)
        if self.cut_once_open:
            party = attrs.evolve(party, rest=partial(self._while_none_is_open, party.rest))
        if self.key_refused:
            party = attrs.evolve(party, rest=_refused)
        if self.identity:
            party = attrs.evolve(party, identity=self.identity)
        return Examination(
            settings=settings,
            party=party,
            choice=self.choice,
            for_s=self.for_s,
            budget=self.budget,
        )

    def _while_none_is_open(self, rest: AddressSource) -> Address:
        return _nowhere() if self.open_orders() else rest()


def _refused() -> Address:
    raise KeyRefused("the key is not known", KeyTrouble.KEY)


def _nowhere() -> Address:
    raise Outage("cannot connect: connection refused")
