"""
Rows and clocks of a recording as hftbacktest counts them, beside ours.

    pip install hftbacktest==2.4.4          # into any environment that has ours; some 870 MB
    python benchmarks/hftbacktest_rows.py FILE... --pair BTCUSDT --tick 0.01 --lot 0.00001

FILEs are raw lines of Binance's streams. hftbacktest converts those of futures: to lines of spot
the two fields that it asks for are added, `X` to trades, and `T` to changes (that of `E`) and to
the snapshot (that of the change before it).
"""

import argparse
import gzip
import json
import tempfile
from collections.abc import Iterator, Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any

import numpy as np
from hftbacktest.data.utils import binancefutures

from engine.datasets.importing import Import, import_files
from engine.datasets.sources import source_of
from trading.core.identifiers import Pair

LOCAL = 1 << 30
NAMES = {1: "changes of levels", 2: "trades", 3: "clears", 4: "levels of snapshots"}


def main() -> None:
    """Convert the files in both ways, and count."""
    parser = argparse.ArgumentParser()
    parser.add_argument("files", nargs="+", type=Path)
    parser.add_argument("--pair", default="BTCUSDT")
    parser.add_argument("--tick", default="0.01", type=Decimal)
    parser.add_argument("--lot", default="0.00001", type=Decimal)
    told = parser.parse_args()
    files = sorted(told.files)
    with tempfile.TemporaryDirectory() as folder:
        whole = Path(folder) / "raw.gz"
        with gzip.open(whole, "wt", compresslevel=1) as out:
            out.writelines(_lines(files))
        rows = binancefutures.convert(str(whole), base_latency=1_000_000)
        seen = rows[rows["ev"] & LOCAL != 0]
        print(f"hftbacktest: {len(rows):,} rows, {len(seen):,} of them for the receiver")
        kinds, counts = np.unique(seen["ev"] & 0xFF, return_counts=True)
        for kind, count in zip(kinds, counts, strict=True):
            print(f"    {count:>9,} {NAMES.get(int(kind), kind)}")
        meta = import_files(
            Import(
                files=files, format_name=None, pair=Pair(told.pair), tick=told.tick, lot=told.lot,
                out=Path(folder) / "dataset",
            )
        )  # fmt: skip
    print(f"ours: {meta.records:,} records, difference {meta.clock.difference_min_ns:,} ns")
    for each in (meta.counts, meta.skipped):
        for name, count in each.items():
            print(f"    {count:>9,} {name}")


def _lines(files: Sequence[Path]) -> Iterator[str]:
    sent_ms = 0
    for file in files:
        for line in source_of(file).lines(lambda _: None):
            stamp, _, text = line.decode().partition(" ")
            message: dict[str, Any] = json.loads(text)
            data: dict[str, Any] | None = message.get("data")
            if data is None:
                message.setdefault("T", sent_ms)
            elif data.get("e") == "trade":
                data.setdefault("X", "MARKET")
            elif data.get("e") == "depthUpdate":
                sent_ms = data.setdefault("T", data["E"])
            else:
                data.setdefault("e", "bookTicker")
            yield f"{stamp} {json.dumps(message)}\n"


if __name__ == "__main__":
    main()
