"""The same seed is the same run, in any process."""

import ast
import json
import os
import subprocess
import sys
from pathlib import Path
from random import Random
from typing import Any

import trio

from engine.simulation.repeatable import run_repeatably

ROOT = Path(__file__).parents[2]
SEED = 11


def simulated(hash_seed: str, *more: str) -> dict[str, Any]:
    """The outcome of a seed in a process of its own."""
    ended = subprocess.run(  # noqa: S603  # our own program
        [
            *(sys.executable, "-m", "engine", "simulate", "--seed", str(SEED), "--json"),
            *("--hours", "0.1", *more),
        ],
        cwd=ROOT,
        env={**os.environ, "PYTHONHASHSEED": hash_seed},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert ended.returncode in (0, 1), ended.stderr
    outcome: dict[str, Any] = json.loads(ended.stdout)
    return outcome


def test_two_processes_have_the_same_three_fingerprints_whatever_their_hash_seeds() -> None:
    chance = Random()
    one, other = (simulated(str(chance.randrange(2**32))) for _ in range(2))
    assert one["fingerprints"] == other["fingerprints"]
    assert one["steps"] == other["steps"] > 1_000
    assert one["faults"] == other["faults"] != {}


async def a_race() -> list[int]:
    """The order in which tasks that may all run do run."""
    order: list[int] = []

    async def runner(number: int) -> None:
        for _ in range(3):
            await trio.lowlevel.checkpoint()
            order.append(number)

    async with trio.open_nursery() as nursery:
        for number in range(5):
            nursery.start_soon(runner, number)
    return order


def test_a_seed_decides_the_order_of_tasks() -> None:
    assert run_repeatably(1, a_race) == run_repeatably(1, a_race)
    assert len({tuple(run_repeatably(seed, a_race)) for seed in range(5)}) > 1


def test_time_passes_at_once() -> None:
    async def a_day() -> float:
        await trio.sleep(86_400)
        return trio.current_time()

    assert run_repeatably(1, a_day) == 86_400


BANNED = {
    ("time", "time"),
    ("time", "monotonic"),
    ("datetime", "now"),
    ("uuid", "uuid4"),
    ("os", "urandom"),
    ("random", "random"),
    ("random", "choice"),
    ("random", "uniform"),
    ("random", "shuffle"),
    ("asyncio", "run"),
}
"""Wall clocks and chance that no seed decides."""

REPLACED = {("actors/net/masked_texts.py", "os.urandom")}
"""Chance that ``engine.simulation.repeatable`` replaces by that of the seed."""

BANNED_MODULES = {"secrets", "uuid", "asyncio"}


def test_what_a_seed_could_not_decide_is_not_used_where_it_would_matter() -> None:
    """In what decides and in the actors: neither clocks nor chance of the process, no threads."""
    found = []
    for folder in ("trading", "actors"):
        for path in sorted((ROOT / folder).rglob("*.py")):
            nodes = list(ast.walk(ast.parse(path.read_text(encoding="utf-8"))))
            name = str(path.relative_to(ROOT))
            # A name may also be that of a parameter: only what was imported is the module.
            modules = {n.name for node in nodes if isinstance(node, ast.Import) for n in node.names}
            for node in nodes:
                found += [
                    f"{name}:{word}"
                    for word in _bans(node, modules)
                    if (name, word.rpartition(" ")[2]) not in REPLACED
                ]
    assert found == []


def _bans(node: ast.AST, modules: set[str]) -> list[str]:
    match node:
        case ast.Attribute(value=ast.Name(id=module), attr=name) if module in modules:
            return [f"{node.lineno} {module}.{name}"] if (module, name) in BANNED else []
        case ast.Attribute(attr="to_thread"):
            return [f"{node.lineno} trio.to_thread"]
        case ast.Import(names=names):
            return [f"{node.lineno} {n.name}" for n in names if n.name in BANNED_MODULES]
        case ast.ImportFrom(module=str(module)) if module in BANNED_MODULES:
            return [f"{node.lineno} {module}"]
        case (
            ast.For(iter=ast.Set() | ast.SetComp())
            | ast.comprehension(iter=ast.Set() | ast.SetComp())
        ):
            return ["iterates over a set"]
        case _:
            return []
