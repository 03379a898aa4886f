"""
What a log line costs, beside the same of another commit, in one run: compare the ratios.

    python benchmarks/log_lines.py [COMMIT] [ROUNDS]

COMMIT is checked out into a temporary git worktree (16396a3 where none is named); this interpreter
runs both, in turns. Each child process logs orders as an engine does, to a console (a pipe that is
read) and to a rotated file, with a thread for each: some lines at once, a pause, and again. Of each
call the wall-clock time is taken, and of the process the processor time, with that of its
threads and without the benchmark's own. The first round only warms the caches up.
"""

import json
import os
import statistics
import subprocess
import sys
from pathlib import Path

from benchmarks.worktree import HERE, worktree

BURSTS = (1, 8, 64)
"""Lines that are logged without a pause: one, a set of orders, a start or an outage."""
REPEATED = 200
FIGURES = ("call, median", "call, p99", "CPU of the loop", "CPU of all threads")


def main(commit: str = "16396a3", rounds: str = "3") -> None:
    with worktree(commit) as other:
        for burst in BURSTS:
            compare(other, commit, burst, int(rounds))


def compare(other: Path, commit: str, burst: int, rounds: int) -> None:
    measured = [(measure(HERE, burst), measure(other, burst)) for _ in range(rounds + 1)][1:]
    print(f"{burst} at once, microseconds a line:")
    for number, name in enumerate(FIGURES):
        ours, theirs = (
            statistics.median(each[number] for each in side) for side in zip(*measured, strict=True)
        )
        spread = sorted(mine[number] / before[number] for mine, before in measured)
        print(
            f"  {name:<18} {ours:6.1f}, {commit} {theirs:6.1f};"
            f" ratio {ours / theirs:.2f} ({spread[0]:.2f} to {spread[-1]:.2f})"
        )


def measure(tree: Path, burst: int) -> tuple[float, ...]:
    """The figures of one child process, run from the root of a checkout."""
    child = subprocess.run(
        [sys.executable, str(HERE / "benchmarks" / "orders_logged.py"), str(burst), str(REPEATED)],
        cwd=tree,
        env={**os.environ, "PYTHONPATH": str(tree)},
        capture_output=True,
        check=True,
    )
    assert child.stderr.count(b"order_placed") == REPEATED * burst
    return tuple(json.loads(child.stdout))


if __name__ == "__main__":
    main(*sys.argv[1:])
