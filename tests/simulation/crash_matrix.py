"""
Engines that are killed at every step of the scheduler, and actors that crash at each of theirs.

    python -m tests.simulation.crash_matrix [--every N] [--jobs J] [SCENARIO ...]

A scenario is run once undisturbed, to know its steps. Then it is run again for every step in it:
the engine is killed just before the step (kill), or killed there and once more while the next one
finds its feet (twice), or the actor whose task it is crashes (crash). Each time a new engine, or a
new life, has to come to terms with the same disk and the same venue, under all checkers.
"""

import argparse
import multiprocessing
import sys
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from random import Random

import attrs
import trio

from engine.simulation.batch import PAPER, Task
from engine.simulation.outcome import Outcome
from engine.simulation.simulation import simulate
from engine.simulation.site import Conditions
from engine.simulation.swarm import CrashPoint, FaultWindow, Plan
from engine.simulation.trace import Trace
from tests.simulation.markets import LIVELIER
from tests.support.telling import tell
from trading.core.market import Side

_CALM_FROM_S, _LENGTH_S = 14.0, 50.0
_STEPS_TO_RECOVER = 900
"""About as many as an engine takes from its start to its first quotes."""

PLACING, REFRESHING, SELLING, BUYING = "placing", "refreshing", "selling", "buying"
SCENARIOS = (PLACING, REFRESHING, SELLING, BUYING)
WINDOWS_S = {
    PLACING: (0.0, 1.0),
    REFRESHING: (5.0, 6.5),
    SELLING: (2.9, 4.5),
    BUYING: (2.9, 4.5),
}
FILLED = {SELLING: Side.SELL, BUYING: Side.BUY}
"""The side of which the crowd takes one order after the other."""

_SEEDS = {PLACING: 1, REFRESHING: 1, SELLING: 1, BUYING: 3}
"""Which side it is, the seed decides."""

_SETTINGS = ("strategies.doge.order_refresh_time=5", "strategies.doge.filled_order_delay=1")

KINDS = ("kill", "twice", "crash")


@attrs.frozen
class Point:
    """
    One way for one scenario to go.

    Args:
        step: Of the scheduler.
    """

    scenario: str
    kind: str
    step: int


def plan(scenario: str, kind: str = "", step: int = 0) -> Plan:
    """A scenario with a blow, or without."""
    episodes: tuple[FaultWindow, ...] = ()
    if scenario in FILLED:
        episodes = (FaultWindow(at_s=3.0, fault="V47", for_s=1.0),)
    return Plan(
        length_s=_LENGTH_S,
        conditions=Conditions(restart_s=(0.5, 0.5)),
        episodes=episodes,
        calms=((_CALM_FROM_S, _LENGTH_S),),
        blows=_blows(kind, step),
    )


def _blows(kind: str, step: int) -> dict[int, CrashPoint]:
    if kind == "crash":
        return {step: CrashPoint.CRASH}
    blows = {step: CrashPoint.KILL} if kind else {}
    if kind == "twice":
        blows[step + Random(step).randint(100, _STEPS_TO_RECOVER)] = CrashPoint.KILL
    return blows


def run(scenario: str, plan: Plan, trace: Trace | None = None) -> Outcome:
    """Run a scenario as it is planned."""
    task = Task(
        config=PAPER,
        overrides=(*LIVELIER, *_SETTINGS),
        own_configuration=False,
        faults="none",
        length_s=_LENGTH_S,
    )
    return simulate(task.settings(plan), _SEEDS[scenario], plan, trace)


def try_point(point: Point) -> Outcome:
    """Run a scenario with its blow."""
    return run(point.scenario, plan(point.scenario, point.kind, point.step))


class _Steps(Trace):
    """Notes when each step was."""

    def __init__(self) -> None:
        super().__init__()
        self.at: list[float] = []
        self.before_step = self._note

    def _note(self, _step: int, _task: object) -> None:
        self.at.append(trio.current_time())


def points(
    scenario: str, kinds: Sequence[str] = KINDS, every: int = 1, offset: int = 0
) -> Iterator[Point]:
    """All points of a scenario, or every so many from the one at ``offset`` on."""
    steps = _Steps()
    undisturbed = run(scenario, plan(scenario), steps)
    assert undisturbed.violation is None, undisturbed.violation
    begin_s, end_s = WINDOWS_S[scenario]
    inside = [number for number, at in enumerate(steps.at, 1) if begin_s <= at < end_s]
    for step in inside[offset % min(every, len(inside)) :: every]:
        yield from (Point(scenario, kind, step) for kind in kinds)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("scenarios", nargs="*", metavar="SCENARIO", help=", ".join(SCENARIOS))
    parser.add_argument("--every", type=int, default=1, help="only every so many steps")
    parser.add_argument("--jobs", type=int, default=multiprocessing.cpu_count())
    options = parser.parse_args()
    began, failed = time.perf_counter(), 0
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(options.jobs, mp_context=context) as pool:
        for scenario in options.scenarios or SCENARIOS:
            wanted = list(points(scenario, every=options.every))
            for point, outcome in zip(
                wanted, pool.map(try_point, wanted, chunksize=8), strict=True
            ):
                if outcome.violation is not None:
                    failed += 1
                    tell(f"{point}: {outcome.violation}")
            counts = {kind: sum(point.kind == kind for point in wanted) for kind in KINDS}
            words = ", ".join(f"{kind} {count}" for kind, count in counts.items())
            tell(f"{scenario}: {len(wanted)} points ({words})")
    tell(f"{failed} violations, {time.perf_counter() - began:.0f} s")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
