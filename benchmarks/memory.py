"""
Memory of a live `engine run` at its first order, beside another commit's: compare the ratios.

    pip install aiohttp
    python -m benchmarks.memory [COMMIT] [ROUNDS]

COMMIT is checked out into a temporary git worktree (e884cc9 where none is named; a folder with a
checkout will do too). The venue runs in this process and speaks VALR's wire (``reprice/venue.py``);
each engine is a process of its own, started on a venue of its own by its addresses, as for a real
one, with one strategy. They take turns. Printed are resident memory and the processor seconds of
the process when the venue has its first order: medians over the rounds, with the smallest and the
largest. The first round only warms the caches up and is not counted.
"""

import asyncio
import statistics
import sys
import tempfile
from pathlib import Path

import attrs

from benchmarks.reprice.contenders import Contender, cpu_s, memory_mb
from benchmarks.reprice.venue import API_KEY, BenchmarkVenue
from benchmarks.worktree import HERE, worktree

_ORDER_S = 60
_LOOK_EVERY_S = 0.002


@attrs.frozen
class Figures:
    """Of one engine at its first order."""

    memory_mb: float
    cpu_s: float


async def at_first_order(contender: Contender, folder: Path) -> Figures:
    """Start an engine at a venue of its own, and measure it when its first order is there."""
    venue = BenchmarkVenue(pairs=1)
    async with (
        venue.serving() as port,
        contender.running(port, folder, pairs=1, further=0) as process,
    ):
        try:
            async with asyncio.timeout(_ORDER_S):
                while not venue.exchange.venue.orders.open_of(API_KEY):
                    if process.poll() is not None:
                        raise SystemExit(f"{contender.name} has ended with {process.returncode}")
                    await asyncio.sleep(_LOOK_EVERY_S)
        except TimeoutError:
            said = (folder / f"{contender.name}.out").read_text()
            raise SystemExit(f"{contender.name} has placed nothing; it said:\n{said}") from None
        return Figures(memory_mb=memory_mb(process), cpu_s=cpu_s(process))


def compare(contenders: tuple[Contender, Contender], rounds: int) -> None:
    """Let both take turns, and print what came of it."""
    found: list[tuple[Figures, ...]] = []
    for number in range(rounds + 1):
        taken = {}
        # Who goes first changes: what one leaves in the caches of the disk serves the other.
        for one in contenders if number % 2 else reversed(contenders):
            with tempfile.TemporaryDirectory() as folder:
                taken[one.name] = asyncio.run(at_first_order(one, Path(folder)))
        found.append(tuple(taken[one.name] for one in contenders))
    ours, theirs = zip(*found[1:], strict=True)
    for title, name, unit in (("memory", "memory_mb", "MB"), ("processor time", "cpu_s", "s")):
        mine, before = ([getattr(one, name) for one in of] for of in (ours, theirs))
        ratio = statistics.median(mine) / statistics.median(before)
        pairs = [a / b for a, b in zip(mine, before, strict=True)]
        print(
            f"{title} at the first order: {_spread(mine)} {unit},"
            f" {contenders[1].name} {_spread(before)} {unit};"
            f" ratio {ratio:.2f} ({min(pairs):.2f} to {max(pairs):.2f})"
        )


def _spread(values: list[float]) -> str:
    return f"{statistics.median(values):.2f} ({min(values):.2f} to {max(values):.2f})"


def main(commit: str = "e884cc9", rounds: str = "7") -> None:
    with worktree(commit) as tree:
        compare((Contender("now", HERE), Contender(tree.name, tree)), int(rounds))


if __name__ == "__main__":
    main(*sys.argv[1:])
