"""
Whole engines, from a tick to a cancel and a new order on the wire, beside a naive pipeline.

    pip install aiohttp
    python -m benchmarks.reprice
    python -m benchmarks.reprice --rounds 1 --seconds 3 --rates 100 --contenders now,naive

Contenders are this tree (``now``), the same recording its session (``recording``, where it is asked
for), e884cc9 (``before``, checked out into a temporary worktree) and
``naive.py``. They take turns in each round, each as a process of its own with its ledger on the
disk of the temporary folder, every check on and its log in a file. The venue runs in this process,
and answers all of them alike. Printed are medians over the rounds, with the smallest and the
largest: processor time for each order placed, microseconds from tick to order, and the share of
ticks that were answered before the next thousand.
"""

import argparse
import asyncio
import contextlib
import gc
import json
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

import attrs

from benchmarks.reprice.contenders import Contender, cpu_s, memory_mb
from benchmarks.reprice.venue import BenchmarkVenue
from benchmarks.worktree import HERE, worktree

_READY_S = 60


@attrs.frozen
class Figures:
    """Of one window."""

    cpu_us_an_order: float
    p50_us: float
    p99_us: float
    answered: float
    memory_mb: float


async def measured(
    contender: Contender, folder: Path, *, rate: float, seconds: float, pairs: int, further: int
) -> Figures:
    """Start a contender at a venue of its own, let it warm up, and measure one window."""
    folder = folder / contender.name
    folder.mkdir(exist_ok=True)
    venue = BenchmarkVenue(pairs)
    async with (
        venue.serving() as port,
        contender.running(port, folder, pairs, further) as process,
    ):
        await warm_up(venue, process, pairs * (further + 1))
        gc.collect()
        before = cpu_s(process)
        window = await venue.tick(rate, seconds)
        used = cpu_s(process) - before
        memory = memory_mb(process)
    if not window.placed:
        raise SystemExit(f"{contender.name} has placed nothing; see {folder}")
    latencies = sorted(window.latencies)
    return Figures(
        cpu_us_an_order=used / window.placed * 1e6,
        p50_us=statistics.median(latencies) * 1e6,
        p99_us=latencies[int(len(latencies) * 0.99)] * 1e6,
        answered=window.placed / window.ticks,
        memory_mb=memory,
    )


async def warm_up(venue: BenchmarkVenue, process: subprocess.Popen[bytes], orders: int) -> None:
    """Tick slowly until it answers, and all further orders stand."""
    async with asyncio.timeout(_READY_S):
        await venue.subscribed.wait()
        while True:
            window = await venue.tick(50, 1)
            standing = len(venue.exchange.venue.orders.open_of(next(iter(venue.accounts))))
            if window.placed > window.ticks / 4 and standing >= orders - 1:
                return
            if process.poll() is not None:
                raise SystemExit(f"a contender has ended with {process.returncode}")


def compare(contenders: Sequence[Contender], arguments: argparse.Namespace) -> None:
    """Let the contenders take turns, and print what came of it."""
    cases = [
        {"rate": rate, "pairs": pairs, "further": further}
        for rate in arguments.rates
        for pairs in arguments.pairs
        for further in arguments.further
    ]
    for case in cases:
        rounds: dict[str, list[Figures]] = {one.name: [] for one in contenders}
        for number in range(arguments.rounds):
            for one in contenders:
                with tempfile.TemporaryDirectory() as folder:
                    figures = asyncio.run(
                        measured(one, Path(folder), seconds=arguments.seconds, **case)
                    )
                rounds[one.name].append(figures)
                if arguments.json:
                    print(
                        json.dumps(
                            {"contender": one.name, "round": number, **case} | attrs.asdict(figures)
                        ),
                        flush=True,
                    )
        if not arguments.json:
            _show(case, rounds)


def _show(case: dict[str, float], rounds: dict[str, list[Figures]]) -> None:
    count = len(next(iter(rounds.values())))
    print(
        f"{case['rate']:g} ticks a second, {case['pairs']} pairs, {case['further']} further orders;"
        f" medians of {count} rounds (smallest to largest)"
    )
    heads = (("CPU us an order", 24), ("p50 us", 24), ("p99 us", 24), ("answered", 20), ("MB", 16))
    print(f"  {'':8} " + " ".join(f"{head:>{width}}" for head, width in heads))
    for name, figures in rounds.items():
        columns = [
            (24, [f.cpu_us_an_order for f in figures], "{:.0f}"),
            (24, [f.p50_us for f in figures], "{:.0f}"),
            (24, [f.p99_us for f in figures], "{:.0f}"),
            (20, [f.answered for f in figures], "{:.2f}"),
            (16, [f.memory_mb for f in figures], "{:.0f}"),
        ]
        cells = [
            f"{form.format(statistics.median(of))} ({form.format(min(of))}-{form.format(max(of))})"
            for _, of, form in columns
        ]
        widths = [width for width, _, _ in columns]
        print(f"  {name:8} " + " ".join(f"{c:>{w}}" for c, w in zip(cells, widths, strict=True)))
    first, *others = rounds
    for other in others:
        pairs = list(zip(rounds[first], rounds[other], strict=True))
        cpu = statistics.median(a.cpu_us_an_order / b.cpu_us_an_order for a, b in pairs)
        p50 = statistics.median(a.p50_us / b.p50_us for a, b in pairs)
        print(f"  {first} / {other}: CPU {cpu:.2f}, p50 {p50:.2f}")
    sys.stdout.flush()


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=8, help="of one window")
    parser.add_argument("--rates", type=_numbers, default=[10, 100, 1000], help="ticks a second")
    parser.add_argument("--pairs", type=_numbers, default=[1])
    parser.add_argument("--further", type=_numbers, default=[0], help="orders that stay")
    parser.add_argument("--contenders", default="now,before,naive")
    parser.add_argument("--before", default="e884cc9", help="a commit, or a folder with a checkout")
    parser.add_argument("--json", action="store_true", help="one line for each window")
    arguments = parser.parse_args()
    names = arguments.contenders.split(",")
    with contextlib.ExitStack() as stack:
        trees: dict[str, Path | None] = {"now": HERE, "recording": HERE, "naive": None}
        if "before" in names:
            trees["before"] = stack.enter_context(worktree(arguments.before))
        compare(
            [Contender(name, trees[name], records=name == "recording") for name in names], arguments
        )


def _numbers(words: str) -> list[int]:
    return [int(word) for word in words.split(",")]


if __name__ == "__main__":
    main()
