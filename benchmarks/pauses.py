"""
How long the collector of cyclic garbage stops a quoting engine, beside another commit, in turns.

    pip install aiohttp
    python -m benchmarks.pauses [--seconds 30] [--rounds 5] [--before COMMIT]

Each engine reprices 100 times a second at the venue of ``benchmarks.reprice``. Printed are, for
each generation, how many collections there were while it quoted, and the longest, over all rounds.
A full collection (generation 2) comes by itself after hours; here it is asked for once a round.
"""

import argparse
import asyncio
import json
import os
import tempfile
import time
from pathlib import Path

from benchmarks.reprice.__main__ import warm_up
from benchmarks.reprice.contenders import Contender
from benchmarks.reprice.venue import BenchmarkVenue
from benchmarks.worktree import HERE, worktree

Pause = tuple[float, int, float]


async def pauses(contender: Contender, folder: Path, seconds: float) -> list[Pause]:
    """The collections of one run while it quoted."""
    venue, file = BenchmarkVenue(1), folder / "pauses.json"
    os.environ["BENCHMARK_PAUSES"] = str(file)
    async with venue.serving() as port, contender.running(port, folder, 1, 0) as process:
        await warm_up(venue, process, 1)
        began = time.monotonic()
        await venue.tick(100, seconds)
        ended = time.monotonic()
    return [one for one in json.loads(file.read_text()) if began <= one[0] <= ended]


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--seconds", type=float, default=30)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--before", default="e884cc9", help="a commit, or a folder with a checkout")
    arguments = parser.parse_args()
    with worktree(arguments.before) as before:
        found: dict[str, list[Pause]] = {"now": [], "before": []}
        for _ in range(arguments.rounds):
            for name, tree in (("now", HERE), ("before", before)):
                with tempfile.TemporaryDirectory() as folder:
                    found[name] += asyncio.run(
                        pauses(Contender(name, tree), Path(folder), arguments.seconds)
                    )
    for name, all_of_them in found.items():
        for generation in range(3):
            took = [seconds for _, which, seconds in all_of_them if which == generation]
            longest = max(took, default=0.0) * 1e3
            print(
                f"{name:8} generation {generation}: {len(took):5} collections,"
                f" {sum(took) * 1e3:8.1f} ms in all, the longest {longest:6.2f} ms"
            )


if __name__ == "__main__":
    main()
