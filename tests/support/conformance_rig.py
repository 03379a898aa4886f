"""A run of the checks at a simulated exchange with some rules of its own, in virtual time."""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from pathlib import Path
from random import Random

import attrs
import trio

import config as config_package
from config.load.loading import load
from config.settings import Settings
from engine.conformance.checks.every import PROBES
from engine.conformance.report import Report
from engine.conformance.running import Choice
from engine.conformance.session import Examination, Examined, examine
from engine.environment.venue_connection import counterparty, simulated_rules
from engine.environment.world import World
from engine.system.running import StopRequest
from tests.support.memory_network import MemoryNetwork, MemorySockets
from tests.support.simulated_venue import EPOCH_NS
from tests.support.whole_engine import NoDisk
from trading.venues.valr.conformance.check import Level, Verdict

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
    """

    overrides: Sequence[str] = ()
    choice: Choice = attrs.field(factory=lambda: Choice(level=Level.PUBLIC))
    for_s: float = FOR_S

    def settings(self) -> Settings:
        return load(PAPER, self.overrides, {}, simulated_pairs=simulated_rules)

    async def run(self, stop: StopRequest | None = None) -> Examined:
        world = World(
            wall_clock=wall_clock,
            random=Random(1),
            network=MemoryNetwork(),
            disk=NoDisk(),
            local=MemorySockets(),
        )
        settings = self.settings()
        examination = Examination(
            settings=settings,
            party=counterparty(settings, world),
            choice=self.choice,
            for_s=self.for_s,
            budget=Decimal(100),
        )
        return await examine(examination, world, PROBES, lambda _: None, stop or StopRequest())


def verdicts(report: Report) -> Mapping[str, Verdict]:
    """Those that are not as expected."""
    return {
        result.check.id: result.verdict
        for result in report.results
        if result.verdict is not Verdict.AS_EXPECTED
    }
