"""
CPU seconds of short commands, beside those of another commit, in one run: compare the ratios.

    python benchmarks/startup.py [COMMIT] [ROUNDS]

COMMIT is checked out into a temporary git worktree (e884cc9 where none is named); this interpreter
runs both, in turns, and takes what each child process has used of the processor. The first round
only warms the caches up and is not counted.
"""

import os
import statistics
import subprocess
import sys
from pathlib import Path

from benchmarks.worktree import HERE, worktree

COMMANDS = (("--help",), ("status", "config/paper.toml"), ("orders", "config/paper.toml"))


def main(commit: str = "e884cc9", rounds: str = "7") -> None:
    with worktree(commit) as other:
        for command in COMMANDS:
            compare(other, commit, command, int(rounds))


def compare(other: Path, commit: str, command: tuple[str, ...], rounds: int) -> None:
    used = [(cpu_s(HERE, command), cpu_s(other, command)) for _ in range(rounds + 1)][1:]
    ours, theirs = (statistics.median(each) for each in zip(*used, strict=True))
    spread = sorted(mine / before for mine, before in used)
    print(
        f"engine {' '.join(command)}: {ours:.2f} s, {commit} {theirs:.2f} s;"
        f" ratio {ours / theirs:.2f} ({spread[0]:.2f} to {spread[-1]:.2f})"
    )


def cpu_s(tree: Path, command: tuple[str, ...]) -> float:
    """Seconds of processor time of one command, run from the root of a checkout."""
    process = subprocess.Popen(
        [sys.executable, "-m", "engine", *command],
        cwd=tree,
        env={**os.environ, "PYTHONPATH": str(tree)},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    _, _, usage = os.wait4(process.pid, 0)
    process.returncode = 0  # it has been waited for
    return usage.ru_utime + usage.ru_stime


if __name__ == "__main__":
    main(*sys.argv[1:])
