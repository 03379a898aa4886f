"""A doctor's visit to an engine whose venue is simulated, with every means to make it ill."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from random import Random

import attrs
import trio

from actors.net.network import Network
from config.credentials import Secret
from config.settings import Settings
from engine.doctor.context import new_examination
from engine.doctor.doctor import run_doctor
from engine.doctor.findings import Finding, Verdict
from engine.environment.venue_connection import counterparty
from engine.environment.world import World
from engine.storage.ledger_database import inspect
from tests.config.loaded import LIVE, loaded
from tests.support.memory_network import MemorySockets
from tests.support.simulated_venue import EPOCH_NS, SimulatedVenue
from tests.support.whole_engine import NoDisk
from trading.venues.valr.simulator.core.settings import DEMO_ACCOUNT

LIMITS = "strategies.doge.limits"


@attrs.define
class WellMachine:
    """A machine on which nothing is wrong, until a test says so."""

    unknown_hosts: frozenset[str] = frozenset()
    times: Sequence[float] = (0.001, 0.002, 0.003)
    disk_error: OSError | None = None
    environment: Mapping[str, str] = attrs.field(factory=dict)
    addresses_troubles: Mapping[str, str] = attrs.field(factory=dict)
    """Of what sends messages, by the scheme of an address."""

    async def address_trouble(self, address: Secret) -> str:
        return self.addresses_troubles.get(address.reveal().partition("://")[0], "")

    async def addresses(self, host: str) -> Sequence[str]:
        if host in self.unknown_hosts:
            raise OSError(-2, "Name or service not known")
        return ("203.0.113.1",)

    async def write_times(self, folder: Path) -> Sequence[float]:
        if self.disk_error is not None:
            raise self.disk_error
        return self.times

    async def ledger_bytes(self, path: Path, *, in_use: bool) -> int:
        return inspect(path, in_use=in_use)


@attrs.define(kw_only=True)
class Visit:
    """
    One visit.

    Args:
        network: What the engine's calls and sockets go through; ``None`` for the exchange's own.
        sockets: Port of another server for the sockets.
        began_at: Monotonic seconds at which the exchange's time was zero.
        clock_off_s: How far this machine's clock is ahead.
    """

    venue: SimulatedVenue
    folder: Path
    began_at: float
    machine: WellMachine = attrs.field(factory=WellMachine)
    overrides: Sequence[str] = ()
    api_key: str = DEMO_ACCOUNT.api_key
    api_secret: str = DEMO_ACCOUNT.api_secret
    network: Network | None = None
    sockets: int | None = None
    clock_off_s: float = 0.0

    def settings(self) -> Settings:
        port = self.venue.address.port
        return loaded(
            LIVE,
            f"venue.rest_url=http://127.0.0.1:{port}",
            f"venue.websocket_url=ws://127.0.0.1:{self.sockets or port}",
            f"engine.state_directory={self.folder}",
            # These visits take real time: a busy machine is not what they are about.
            "venue.clock_uncertainty_max_s=5",
            "venue.clock_offset_max_s=3",
            # The demo account holds much; that limits shut what it holds is for tests to say.
            f"{LIMITS}.max_base_holding=1000000",
            *self.overrides,
            environment={"VALR_API_KEY": self.api_key, "VALR_API_SECRET": self.api_secret},
        )

    def wall_clock(self) -> int:
        passed_s = trio.current_time() - self.began_at + self.clock_off_s
        return EPOCH_NS + round(passed_s * 1e9)

    def world(self) -> World:
        return World(
            wall_clock=self.wall_clock,
            random=Random(1),
            network=self.network or self.venue.network,
            disk=NoDisk(),
            local=MemorySockets(),
        )

    async def findings(self) -> Mapping[str, Finding]:
        """Take every step; what each found, by its name."""
        settings, world = self.settings(), self.world()
        examination = new_examination(settings, world, counterparty(settings, world), self.machine)
        told: list[Finding] = []
        findings = await run_doctor(examination, told.append)
        assert tuple(told) == tuple(findings)
        return {finding.step: finding for finding in findings}


def verdicts(findings: Mapping[str, Finding]) -> dict[str, Verdict]:
    """Those that are not simply fine."""
    return {
        step: finding.verdict
        for step, finding in findings.items()
        if finding.verdict is not Verdict.OK
    }
