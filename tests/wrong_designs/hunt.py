"""
Wrong designs, each hunted by simulations until one of them sees that something is wrong.

    python -m tests.wrong_designs.hunt [NAME ...] [--seeds 1..50] [--hours 0.25] [--jobs 2]

Each design is switched on in a process of its own, and seeds are run one after the other until an
invariant is violated. What the undisturbed engine violates as well is no find; its outcomes are
kept in .cache/, for as long as no line of the program changes.

Exit code 0 says that every one was found.
"""

import argparse
import hashlib
import json
import multiprocessing
import re
import sys
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from pathlib import Path
from typing import Any

import attrs

from engine.simulation.batch import CALM_MARKET, PAPER, Task
from engine.simulation.outcome import Outcome
from tests.support.telling import tell
from tests.wrong_designs.designs import DESIGNS, room_of

ROOT = Path(__file__).parents[2]
_CACHE = ROOT / ".cache" / "undisturbed-seeds.json"
_HOUR_S = 3600.0
_STEPS_PER_HOUR_MAX = 4_000_000
"""Far more than an engine ever takes: a design that spins on the spot is cut short."""


@attrs.frozen(kw_only=True)
class Find:
    """
    What a seed has found.

    Args:
        what: The violation in words.
        wall_s: Seconds since the first seed began, in the same process.
    """

    name: str
    seed: int
    invariant: str
    what: str
    wall_s: float


def task_of(hours: float, faults: str = "swarm") -> Task:
    """The runs of ``engine simulate --hours HOURS --faults FAULTS``."""
    return Task(
        config=PAPER,
        overrides=CALM_MARKET,
        own_configuration=False,
        faults=faults,
        length_s=hours * _HOUR_S,
    )


def with_design(name: str, task: Task) -> Task:
    """The runs in which a design is looked for: with the settings under which it is in use."""
    return attrs.evolve(task, overrides=(*task.overrides, *DESIGNS[name].settings))


def run_seed(task: Task, seed: int) -> Outcome:
    """One seed, cut short if it goes nowhere."""
    return task.run(seed, until=round(_STEPS_PER_HOUR_MAX * max(1.0, task.length_s / _HOUR_S)))


def first_find(name: str, seeds: Sequence[int], task: Task) -> Find | None:
    """
    Switch a design on, for good, and run seeds until one of them finds it.

    Only for a process of its own.
    """
    DESIGNS[name].apply()
    task = with_design(name, task)
    wall_s = 0.0
    for seed in seeds:
        outcome = run_seed(task, seed)
        wall_s += outcome.wall_s
        if (violation := outcome.violation) is not None:
            return Find(
                name=name,
                seed=seed,
                invariant=violation.invariant,
                what=violation.what,
                wall_s=wall_s,
            )
    return None


def undisturbed(seed: int, task: Task) -> str:
    """The invariant that the engine as it is violates in a seed; empty for none."""
    violation = run_seed(task, seed).violation
    return "" if violation is None else violation.invariant


class Known:
    """Outcomes of the engine as it is, kept for as long as its code is the same."""

    def __init__(self) -> None:
        self._code = _code()
        try:
            self._known = dict(json.loads(_CACHE.read_text(encoding="utf-8")))
        except (OSError, ValueError):
            self._known = {}

    def get(self, task: Task, seed: int) -> str | None:
        """The invariant that is violated, empty for none; ``None`` if it was not tried."""
        return self._known.get(self._key(task, seed))

    def put(self, task: Task, seed: int, invariant: str) -> None:
        self._known = {k: said for k, said in self._known.items() if k.startswith(self._code)}
        self._known[self._key(task, seed)] = invariant
        _CACHE.parent.mkdir(exist_ok=True)
        _CACHE.write_text(json.dumps(self._known, indent=1, sort_keys=True), encoding="utf-8")

    def _key(self, task: Task, seed: int) -> str:
        own = task.overrides[len(CALM_MARKET) :]
        return " ".join([self._code, task.faults, f"{task.length_s:g}", *own, str(seed)])


def _code() -> str:
    """A digest of all that a run depends on."""
    digest = hashlib.sha256()
    for package in ("trading", "config", "actors", "engine"):
        for path in sorted((ROOT / package).rglob("*")):
            if path.suffix in {".py", ".toml"}:
                digest.update(path.read_bytes())
    return digest.hexdigest()[:16]


class _Hunt:
    """Several designs at once, each with the seeds that it has left."""

    def __init__(self, seeds: Sequence[int], task: Task, jobs: int) -> None:
        self._seeds = seeds
        self._task = task
        self._known = Known()
        fresh = multiprocessing.get_context("spawn")
        # One process for each design: what it changes stays changed. The undisturbed engine has
        # one of its own, so that a find is not the last to be believed.
        self._wrong = ProcessPoolExecutor(jobs, mp_context=fresh, max_tasks_per_child=1)
        self._right = ProcessPoolExecutor(1, mp_context=fresh)
        self._seeking: dict[Future[Any], str] = {}
        self._doubting: dict[Future[Any], Find] = {}

    def run(self, names: Iterable[str]) -> Iterator[tuple[str, Find | None]]:
        with self._wrong, self._right:
            for name in names:
                self._seek(name, self._seeds)
            while self._seeking or self._doubting:
                done, _ = wait([*self._seeking, *self._doubting], return_when=FIRST_COMPLETED)
                for future in done:
                    yield from self._take(future)

    def _seek(self, name: str, seeds: Sequence[int]) -> None:
        self._seeking[self._wrong.submit(first_find, name, seeds, self._task)] = name

    def _take(self, future: Future[Any]) -> Iterator[tuple[str, Find | None]]:
        if (doubted := self._doubting.pop(future, None)) is not None:
            self._known.put(with_design(doubted.name, self._task), doubted.seed, future.result())
            yield from self._judge(doubted, future.result())
            return
        name, found = self._seeking.pop(future), future.result()
        task = with_design(name, self._task)
        if found is None:
            yield name, None
        elif (invariant := self._known.get(task, found.seed)) is not None:
            yield from self._judge(found, invariant)
        else:
            self._doubting[self._right.submit(undisturbed, found.seed, task)] = found

    def _judge(self, find: Find, invariant: str) -> Iterator[tuple[str, Find | None]]:
        """Believe a find, unless the undisturbed engine violates something in that seed as well."""
        if invariant:
            self._seek(find.name, self._seeds[self._seeds.index(find.seed) + 1 :])
        else:
            yield find.name, find


def hunt(
    names: Iterable[str], seeds: Sequence[int], task: Task, jobs: int
) -> Iterator[tuple[str, Find | None]]:
    """Hunt several designs, as many at once as there are jobs; what was found, as it comes."""
    yield from _Hunt(seeds, task, jobs).run(names)


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.wrong_designs.hunt")
    parser.add_argument("names", nargs="*", metavar="NAME", help=", ".join(DESIGNS))
    parser.add_argument("--seeds", type=_seeds, default=tuple(range(1, 51)), metavar="A..B")
    parser.add_argument("--hours", type=float, default=0.25, help="simulated, of each seed")
    parser.add_argument("--faults", default="swarm", help="swarm, or the path of a plan")
    parser.add_argument("--jobs", type=int, default=2, help="designs that are hunted at once")
    asked = parser.parse_args()
    if strangers := sorted(set(asked.names) - DESIGNS.keys()):
        parser.error(f"{strangers[0]!r} is not one of {', '.join(DESIGNS)}")
    names = asked.names or list(DESIGNS)
    missed = 0
    task = task_of(asked.hours, asked.faults)
    for name, find in hunt(names, asked.seeds, task, asked.jobs):
        if find is None:
            missed += 1
            told = f"not found by {len(asked.seeds)} seeds"
        else:
            told = f"seed {find.seed:<3} {find.invariant:<4} {find.wall_s:6.1f} s  {find.what}"
        tell(f"{room_of(name):<12}{name:<24}{asked.hours:g} h  {told}")
    tell(f"{len(names) - missed} of {len(names)} found")
    return 1 if missed else 0


def _seeds(text: str) -> tuple[int, ...]:
    seeds: list[int] = []
    for part in text.split(","):
        found = re.fullmatch(r"(\d{1,9})(?:\.\.(\d{1,9}))?", part)
        if found is None or int(found[1]) > int(found[2] or found[1]):
            raise argparse.ArgumentTypeError(f"{text!r} is neither like 1..50 nor like 7,9,12")
        seeds += range(int(found[1]), int(found[2] or found[1]) + 1)
    return tuple(dict.fromkeys(seeds))


if __name__ == "__main__":
    sys.exit(main())
