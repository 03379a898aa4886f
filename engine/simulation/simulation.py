"""One simulation: runs a seed's plan from beginning to end, with all checks."""

import gc
import time
from collections import Counter
from collections.abc import Callable, Sequence
from random import Random

import attrs
import structlog
import trio
import trio.testing

from config.settings import Settings
from engine.environment.simulated_venue import Tape
from engine.simulation.checks.base import Check, at_moment
from engine.simulation.checks.coverage import Coverage
from engine.simulation.checks.doubts import DeadLinks, Doubts
from engine.simulation.checks.endings import TrueEndings, WholeBooks
from engine.simulation.checks.fatal_ends import FatalEnds
from engine.simulation.checks.freshness import FreshOrFlat
from engine.simulation.checks.halts import Halts
from engine.simulation.checks.knowledge import Books, Histories, NoOrphan
from engine.simulation.checks.limits import Bounds, Exposure, Rates
from engine.simulation.checks.liveness import Liveness
from engine.simulation.checks.log_lines import Silence, Visible
from engine.simulation.checks.orders import Legal, NeverGuessed, NoSelfCross, Once
from engine.simulation.checks.own_gates import OwnGates
from engine.simulation.checks.wills import LastWills
from engine.simulation.checks.withdrawal import Withdrawn
from engine.simulation.crash_points import Blows
from engine.simulation.injections.base import Harness
from engine.simulation.injections.catalogue import FAULT_INJECTIONS
from engine.simulation.operator import Operator
from engine.simulation.outcome import Outcome, outcome_of
from engine.simulation.process import Process
from engine.simulation.recordings import MemoryRecordings
from engine.simulation.repeatable import run_repeatably
from engine.simulation.site import Site
from engine.simulation.swarm import FaultWindow, Plan
from engine.simulation.trace import Trace
from engine.simulation.virtual_clock import virtual_clock

_STRAGGLERS_S = 30.0
"""After the end, for requests that are still on their way to the venue."""

_COLLECTED_EVERY_S, _COLLECTED_EVERY_STEPS = 1800, 250_000
"""Half an hour takes some 30,000 steps: what takes many more spins, and would fill the memory."""

_STILL_WITHIN_S, _LOOKS_EVERY_S = 30.0, 0.2
"""Between two renewals of the quotes there is a moment at which nothing is on its way."""

_STOP_DEADLINE_S = 120.0
"""Far beyond all deadlines of a stop: an engine that takes longer never stops."""


def _nothing(_: Site) -> None:
    """The default of a stage, on which there is nothing more."""


@attrs.frozen(kw_only=True)
class Stage:
    """
    What is there before any engine is.

    Args:
        tape: Recorded markets, in place of those of the settings.
        prepare: Called with the surroundings once they are there.
    """

    tape: Tape | None = None
    prepare: Callable[[Site], None] = _nothing


def simulate(
    settings: Settings,
    seed: int,
    plan: Plan,
    trace: Trace | None = None,
    recordings: MemoryRecordings | None = None,
) -> Outcome:
    """
    Run one simulation.

    Args:
        settings: The engine's own configuration, the plan's overrides included.
        trace: Follows the run; a new one if none is given.
        recordings: Where its engines record their sessions, if the settings say so.
    """
    trace = trace or Trace()
    began = time.perf_counter()  # of the machine, to say how fast this was
    site, coverage = simulated_site(settings, seed, plan, trace, recordings)
    wall_s = time.perf_counter() - began
    return outcome_of(site, seed, trace, coverage, wall_s)


def simulated_site(
    settings: Settings,
    seed: int,
    plan: Plan,
    trace: Trace,
    recordings: MemoryRecordings | None = None,
    stage: Stage | None = None,
) -> tuple[Site, Coverage]:
    """
    Run one simulation; everything that is left of it.

    Args:
        stage: What is there before any engine is, if anything is.
    """
    trace.configure_logs()
    simulation = _Simulation(settings, seed, plan, trace, recordings, stage or Stage())
    try:
        site = run_repeatably(seed, simulation.run, instruments=[trace])
    finally:
        structlog.reset_defaults()
    return site, simulation.coverage


class _Simulation:
    def __init__(
        self,
        settings: Settings,
        seed: int,
        plan: Plan,
        trace: Trace,
        recordings: MemoryRecordings | None,
        stage: Stage,
    ) -> None:
        self._stage = stage
        self._settings = settings
        self._seed = seed
        self._plan = plan
        self._trace = trace
        self._recordings = recordings
        self._checks: Sequence[Check] = ()
        self._begun: Counter[str] = Counter()
        self._under_way: Counter[str] = Counter()

    async def run(self) -> Site:
        stage = self._stage
        site = Site(self._settings, self._seed, self._trace, self._plan.conditions, stage.tape)
        stage.prepare(site)
        if self._recordings is not None:
            site.ledgers.recordings = self._recordings
        self._trace.at_step = site.cut_short.cancel
        halts, self._visible, own_gates = Halts(site), Visible(site), OwnGates(site)
        self._liveness = Liveness(site, own_gates)
        self.coverage, self._books = Coverage(site), Books(site)
        self._checks = (
            *(Once(site), NeverGuessed(site), Legal(site), NoSelfCross(site), Exposure(site)),
            *(Rates(site), Bounds(site), FreshOrFlat(site), halts, TrueEndings(site)),
            *(LastWills(site), FatalEnds(site), Withdrawn(site)),
            *(Doubts(site), DeadLinks(site)),
            *(NoOrphan(site), self._books, WholeBooks(site), Histories(site), Silence(site)),
            *(own_gates, self._liveness, self._visible, self.coverage),
        )
        site.on_departure += at_moment(self._checks, Check.departed)
        site.on_order += at_moment(self._checks, Check.ordered)
        self._trace.observers += at_moment(self._checks, Check.logged)
        operator = Operator(
            site, site.streams.of("operator"), halts, self._plan.conditions.restart_s
        )
        self._trace.observers.append(operator.logged)
        if self._plan.blows:
            self._trace.before_step = Blows(site, self._plan.blows).before_step
        scene = Harness(site, operator)
        with site.cut_short:
            async with trio.open_nursery() as nursery:
                await nursery.start(site.serve)
                self._look_each_second(site)
                nursery.start_soon(operator.keep_running, nursery, self._ended)
                nursery.start_soon(operator.watch_for_halts)
                await self._let_happen(scene)
                await self._stop(site, operator)
                nursery.cancel_scope.cancel()
        site.ended_at = trio.current_time()
        return site

    def _ended(self, process: Process) -> None:
        for check in self._checks:
            check.ended(process)

    def _look_each_second(self, site: Site) -> None:
        """Call the checks from the clock: a task of their own would be part of what they check."""
        clock, looks = virtual_clock(), at_moment(self._checks, Check.second)
        seconds, collected_at = 0, 0

        def look() -> None:
            nonlocal seconds, collected_at
            if site.ended_at:
                return
            for one in looks:
                one()
            seconds += 1
            steps = self._trace.step - collected_at
            if seconds % _COLLECTED_EVERY_S == 0 or steps >= _COLLECTED_EVERY_STEPS:
                # At the same step each time: ``run_repeatably`` turns the collector off.
                collected_at = self._trace.step
                gc.collect()
            clock.call_at(clock.current_time() + 1.0, look)

        clock.call_at(clock.current_time() + 1.0, look)

    async def _let_happen(self, scene: Harness) -> None:
        """Carry out the plan: fault injections, a calm, fault injections, and so on."""
        begin = 0.0
        for calm_from, calm_to in (*self._plan.calms, (self._plan.length_s, self._plan.length_s)):
            due = [one for one in self._plan.episodes if begin <= one.at_s < calm_from]
            if due:
                scene.site.quiet_since = None
            async with trio.open_nursery() as nursery:
                nursery.start_soon(self._begin_each, scene, nursery, due)
                await trio.sleep_until(calm_from)
                nursery.cancel_scope.cancel()
            if calm_to > calm_from:
                await self._calm(scene, calm_to)
            begin = calm_to

    async def _begin_each(
        self, scene: Harness, nursery: trio.Nursery, episodes: Sequence[FaultWindow]
    ) -> None:
        for episode in episodes:
            await trio.sleep_until(episode.at_s)
            # A stream of its own, so that one injection's draws do not change another's.
            random = scene.site.streams.of(f"{episode.fault} at {episode.at_s}")
            nursery.start_soon(self._happen, scene, episode, random)

    async def _happen(self, scene: Harness, episode: FaultWindow, random: Random) -> None:
        trouble, site = FAULT_INJECTIONS[episode.fault], scene.site
        site.note("trouble", fault=trouble.fault, what=trouble.what, for_s=episode.for_s)
        before, since = site.struck[trouble.fault], trio.current_time()
        held = site.internet.held(trouble.through)
        alone = not self._under_way[trouble.fault]
        self._begun[trouble.fault] += 1
        self._under_way[trouble.fault] += 1
        number = self._begun[trouble.fault]
        try:
            await trouble.strike(scene, random, episode.for_s)
        finally:
            self._under_way[trouble.fault] -= 1
            site.note("trouble_over", fault=trouble.fault)
        # With two at a time the one that struck is not known.
        alone = alone and number == self._begun[trouble.fault]
        reached = not trouble.through or (
            held is not None and held is site.internet.held(trouble.through)
        )
        if site.struck[trouble.fault] > before and alone and reached:
            await self._visible.noticed(trouble, since)

    async def _calm(self, scene: Harness, until: float) -> None:
        """End all faults, and check that the engine comes back and all books agree."""
        site = scene.site
        scene.heal()
        site.note("calm")
        site.quiet_since = trio.current_time()
        scene.operator.hurry()
        await self._liveness.come_back(scene.operator, until)
        await trio.sleep_until(until)
        with trio.move_on_after(_STILL_WITHIN_S):
            # Checked at intervals: no event tells that two parties agree. And each once all
            # have done what there is to do at this moment.
            await trio.testing.wait_all_tasks_blocked()
            while not self._books.still:
                await trio.sleep(_LOOKS_EVERY_S)
                await trio.testing.wait_all_tasks_blocked()
        for check in self._checks:
            check.calm()
        site.meddled = False
        site.excuses.clear()
        site.note("calm_over")

    async def _stop(self, site: Site, operator: Operator) -> None:
        operator.go_home()
        operator.hurry()
        process = site.process
        if process is not None:
            process.stop.ask("the end of the simulation")
            with trio.move_on_after(_STOP_DEADLINE_S) as patience:
                await process.over.wait()
            if patience.cancelled_caught:
                site.violated("I17", f"it did not stop within {_STOP_DEADLINE_S:g} s")
        await trio.sleep(_STRAGGLERS_S)
