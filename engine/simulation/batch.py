"""Simulates many seeds in a pool of processes, and adds up their outcomes."""

import gc
import multiprocessing
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from pathlib import Path
from random import Random
from typing import TextIO

import attrs

import config as config_package
from config.load.loading import load
from config.settings import Settings
from engine.environment.venue_connection import simulated_rules
from engine.simulation.breaking_off import BrokenOff, deafen, kill_children, nobody
from engine.simulation.checks.coverage import POSSIBLE
from engine.simulation.injections.catalogue import BESIDE, FAULT_INJECTIONS
from engine.simulation.outcome import Outcome
from engine.simulation.plan_file import read_plan
from engine.simulation.simulation import simulate
from engine.simulation.swarm import Plan, draw
from engine.simulation.trace import Trace

PAPER = str(Path(config_package.__path__[0]) / "paper.toml")
"""The configuration that is simulated unless another is named."""

CALM_MARKET = (
    "simulator.crowd.limit_orders_per_s=0.3",
    "simulator.crowd.lifetime_s=200",
    "simulator.crowd.market_orders_per_s=0.05",
)
"""One change of the book a second, our own orders included."""


_LOOKS_EVERY_S = 0.2
"""Between two checks whether the batch was broken off."""


@attrs.frozen(kw_only=True)
class Task:
    """
    The settings that all seeds of a batch share.

    Args:
        config: The engine's configuration.
        overrides: Of it, as for ``--set``.
        own_configuration: Whether a seed leaves the configuration as it is.
        faults: "none", "swarm", or the path of a plan.
    """

    config: str
    overrides: Sequence[str]
    own_configuration: bool
    faults: str
    length_s: float

    def plan(self, seed: int) -> Plan:
        """
        The plan of a seed.

        Raises:
            PlanProblem: The plan's file is not understood.
        """
        if self.faults == "none":
            return Plan(length_s=self.length_s)
        if self.faults != "swarm":
            return read_plan(Path(self.faults), self.length_s)
        random = Random(f"{seed} plan")  # to be repeated
        troubles = list(FAULT_INJECTIONS.values())
        return draw(random, self.length_s, troubles, own_configuration=self.own_configuration)

    def settings(self, plan: Plan) -> Settings:
        """
        The configuration of a run.

        Raises:
            ConfigurationProblems: Something is wrong with it.
        """
        overrides = (*plan.overrides, *self.overrides)
        return load(self.config, overrides, {}, simulated_pairs=simulated_rules, simulated=True)

    def run(
        self,
        seed: int,
        *,
        until: int | None = None,
        out: TextIO | None = None,
        broken_off: BrokenOff = nobody,
    ) -> Outcome:
        """Simulate one seed; the outcome of one that is broken off proves nothing."""
        plan = self.plan(seed)
        trace = Trace(until=until, out=out, broken_off=broken_off)
        try:
            return simulate(self.settings(plan), seed, plan, trace)
        finally:
            # A run collects no garbage from before it: without this each would leave its cycles
            # to all that follow, 6 MB a simulated hour.
            gc.collect()


def run_seeds(
    task: Task, seeds: Sequence[int], jobs: int, broken_off: BrokenOff = nobody
) -> Iterator[Outcome]:
    """
    Simulate several seeds, as many at once as there are jobs; outcomes as they come.

    Once it is broken off, or a process of the pool has died, no more of them come.
    """
    if jobs == 1 or len(seeds) == 1:
        for seed in seeds:
            outcome = task.run(seed, broken_off=broken_off)
            if broken_off():
                return
            yield outcome
        return
    # Fresh interpreters: forked ones would share the state of all imported modules.
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(jobs, mp_context=context, initializer=deafen) as pool:
        waiting, broken = {pool.submit(task.run, seed) for seed in seeds}, False
        try:
            while waiting and not broken_off():
                done, waiting = wait(waiting, _LOOKS_EVERY_S, FIRST_COMPLETED)
                for future in done:
                    yield future.result()
        except BrokenProcessPool:
            broken = True
        finally:
            # First: a pool that is broken waits for its processes, which do not hear SIGTERM, with
            # the lock held that shutting it down needs (CPython 3.13).
            if waiting or broken:
                kill_children()
            pool.shutdown(wait=False, cancel_futures=True)


@attrs.frozen(kw_only=True)
class Total:
    """
    The sum of all seeds' outcomes.

    Args:
        seen: By kind (transitions, refusals, verdicts), how often each was seen.
        unseen: By kind, the possible ones that were never seen.
        never: Ids of the catalogue that never struck.
    """

    seeds: int
    simulated_s: float
    wall_s: float
    orders: int
    fills: int
    processes: int
    faults: Mapping[str, int]
    seen: Mapping[str, Mapping[str, int]]
    unseen: Mapping[str, Sequence[str]]
    never: Sequence[str]
    failed: Sequence[Outcome]


def total(outcomes: Sequence[Outcome], wall_s: float) -> Total:
    """Add outcomes up."""
    faults: Counter[str] = Counter()
    seen: dict[str, Counter[str]] = {}
    for outcome in outcomes:
        faults.update(outcome.faults)
        for kind, counts in outcome.seen.items():
            seen.setdefault(kind, Counter()).update(counts)
    return Total(
        seeds=len(outcomes),
        simulated_s=sum(outcome.simulated_s for outcome in outcomes),
        wall_s=wall_s,
        orders=sum(outcome.orders for outcome in outcomes),
        fills=sum(outcome.fills for outcome in outcomes),
        processes=sum(outcome.processes for outcome in outcomes),
        faults=dict(sorted(faults.items())),
        seen={kind: dict(sorted(counts.items())) for kind, counts in seen.items()},
        unseen={
            kind: sorted(possible - seen.get(kind, Counter()).keys())
            for kind, possible in POSSIBLE.items()
        },
        never=[fault for fault in (*FAULT_INJECTIONS, *BESIDE) if not faults[fault]],
        failed=sorted(
            (outcome for outcome in outcomes if outcome.violation), key=lambda one: one.seed
        ),
    )
