"""
CPU seconds to read one market from a dataset, beside reading it from the JSON that it came from.

    python benchmarks/datasets.py FILE... [--pair BTCUSDT] [--tick 0.01] [--lot 0.00001]

FILEs are raw lines of Binance's streams, as `engine recording import` takes them; they are imported
into a temporary dataset first. A round is one turn of each contestant, so that a slow moment is
nobody's alone; a ratio is of two turns of the same round. The lines are unpacked and in memory
before they are timed; of the dataset, unpacking and its sha256 are timed too.
"""

import argparse
import statistics
import tempfile
import time
from collections import deque
from collections.abc import Callable, Iterable, Mapping, Sequence
from decimal import Decimal
from pathlib import Path

from engine.datasets.importing import Import, import_files
from engine.datasets.reading import open_dataset
from engine.datasets.sources import source_of
from trading.core.identifiers import Pair
from trading.datasets.importers import binance_raw
from trading.datasets.importers.notes import Asked, Notes
from trading.datasets.importers.scale import Scale
from trading.simulator.core.flows import RecordedFlow
from trading.simulator.market.raw_rows import raw_rows

DATASET = "the dataset, as it was seen"


def main() -> None:
    """Import the files, and read them in every way."""
    parser = argparse.ArgumentParser()
    parser.add_argument("files", nargs="+", type=Path)
    parser.add_argument("--pair", default="BTCUSDT")
    parser.add_argument("--tick", default="0.01", type=Decimal)
    parser.add_argument("--lot", default="0.00001", type=Decimal)
    parser.add_argument("--rounds", default=5, type=int)
    told = parser.parse_args()
    pair = Pair(told.pair.replace("-", ""))
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder) / "dataset"
        began = time.process_time()
        meta = import_files(
            Import(
                files=told.files, format_name=None, pair=pair, tick=told.tick, lot=told.lot, out=out
            )
        )
        print(f"{meta.records:,} records, imported in {time.process_time() - began:.2f} s")
        lines = [line for file in sorted(told.files) for line in source_of(file).lines(_nobody)]
        size = sum(part.stat().st_size for part in out.iterdir())
        print(f"{len(lines):,} lines of {sum(map(len, lines)):,} bytes; {size:,} bytes of dataset")
        scale = Scale(told.tick, told.lot)
        flow = RecordedFlow(tick_size=told.tick, lot_size=told.lot)
        _report(
            {
                DATASET: lambda: open_dataset(out).records(),
                "the dataset, as it happened": lambda: open_dataset(out).records_by_exchange(),
                "JSON, by the importer": lambda: binance_raw.read(
                    lines, Asked(pair, Scale(scale.tick, scale.lot), Notes())
                ),
                "JSON, by the simulator's reader": lambda: raw_rows(lines, flow),
            },
            told.rounds,
        )


def _nobody(_: int) -> None:
    pass


def _report(contestants: Mapping[str, Callable[[], Iterable[object]]], rounds: int) -> None:
    seen: dict[str, list[float]] = {name: [] for name in contestants}
    for _ in range(rounds):
        for name, read in contestants.items():
            began = time.process_time()
            deque(read(), maxlen=0)
            seen[name].append(time.process_time() - began)
    print(f"{'':36} {'median s':>9} {'of the dataset':>15}")
    for name, turns in seen.items():
        print(f"{name:36} {statistics.median(turns):9.3f} {_ratio(turns, seen[DATASET]):>15}")


def _ratio(turns: Sequence[float], others: Sequence[float]) -> str:
    ratios = [turn / other for turn, other in zip(turns, others, strict=True)]
    return f"{statistics.median(ratios):.1f} ({min(ratios):.1f} to {max(ratios):.1f})"


if __name__ == "__main__":
    main()
