"""
Simulated seconds per second of a processor, beside another commit's: compare the ratios.

    python benchmarks/simulated_seconds.py [COMMIT] [ROUNDS]

COMMIT is checked out into a temporary git worktree (e884cc9 where none is named); this interpreter
runs both, in turns, each in a process of its own with nothing going wrong (``--faults none``). Each
is run for a short and for a long time, and what counts is the difference: it has no start in it, no
warming up of the markets and no stop. The first round only warms the caches up.
"""

import os
import statistics
import subprocess
import sys
from pathlib import Path

import attrs

from benchmarks.worktree import HERE, worktree

THREE_PAIRS = HERE / "benchmarks" / "three_pairs.toml"
SEED = "3"


@attrs.frozen
class Market:
    """
    A market, and how long it is simulated.

    Args:
        short_s: Simulated seconds of the shorter of two runs.
        measured_s: By which the other one is longer.
    """

    name: str
    arguments: tuple[str, ...]
    short_s: float
    measured_s: float


MARKETS = (
    Market("one update of one book a second", (), 60.0, 2400.0),
    Market("three pairs, the simulator's crowd", ("--config", str(THREE_PAIRS)), 60.0, 120.0),
)


def main(commit: str = "e884cc9", rounds: str = "5") -> None:
    with worktree(commit) as other:
        for market in MARKETS:
            compare(other, commit, market, int(rounds))


def compare(other: Path, commit: str, market: Market, rounds: int) -> None:
    found = [(speed(HERE, market), speed(other, market)) for _ in range(rounds + 1)][1:]
    ours, theirs = (statistics.median(each) for each in zip(*found, strict=True))
    spread = sorted(mine / before for mine, before in found)
    print(
        f"{market.name}: {ours:.0f} simulated seconds a second, {commit} {theirs:.0f};"
        f" ratio {statistics.median(spread):.2f} ({spread[0]:.2f} to {spread[-1]:.2f})",
        flush=True,
    )


def speed(tree: Path, market: Market) -> float:
    """Simulated seconds per second of processor time of one checkout."""
    short = cpu_s(tree, market, market.short_s)
    return market.measured_s / (cpu_s(tree, market, market.short_s + market.measured_s) - short)


def cpu_s(tree: Path, market: Market, simulated_s: float) -> float:
    """Seconds of processor time of one simulation, run from the root of a checkout."""
    length = ("--seed", SEED, "--hours", f"{simulated_s / 3600:.6f}", "--faults", "none")
    process = subprocess.Popen(
        [sys.executable, "-m", "engine", "simulate", *length, *market.arguments],
        cwd=tree,
        env={**os.environ, "PYTHONPATH": str(tree)},
        stdout=subprocess.DEVNULL,
    )
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)  # it has been waited for
    assert process.returncode == 0, f"{tree.name} has not simulated {market.name}"
    return usage.ru_utime + usage.ru_stime


if __name__ == "__main__":
    main(*sys.argv[1:])
