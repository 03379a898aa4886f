"""Imports files that a test has written, as a user would, and reads what came of it."""

import gzip
from collections.abc import Iterable
from decimal import Decimal
from pathlib import Path

import attrs
import zstandard

from engine.datasets.importing import Import, import_files
from engine.datasets.reading import Dataset, open_dataset
from trading.core.identifiers import Pair
from trading.datasets.record import Kind, Record

T0_NS = 1_700_000_000_000_000_000
T0_MS = T0_NS // 1_000_000
MS = 1_000_000


@attrs.frozen(kw_only=True)
class Importing:
    """Where it happens, and what is asked for."""

    folder: Path
    pair: str = "BTCUSDT"
    tick: str = "0.1"
    lot: str = "0.001"
    format_name: str | None = None

    def file(self, name: str, lines: Iterable[str]) -> Path:
        """A file of lines; its suffix says how it is packed."""
        text = "".join(f"{line}\n" for line in lines).encode()
        path = self.folder / name
        match path.suffix:
            case ".gz":
                path.write_bytes(gzip.compress(text))
            case ".zst":
                path.write_bytes(zstandard.ZstdCompressor().compress(text))
            case _:
                path.write_bytes(text)
        return path

    def dataset(self, *files: Path) -> Dataset:
        out = self.folder / "dataset"
        request = Import(
            files=files,
            format_name=self.format_name,
            pair=Pair(self.pair),
            tick=Decimal(self.tick),
            lot=Decimal(self.lot),
            out=out,
            replace=True,
        )
        meta = import_files(request)
        dataset = open_dataset(out)
        assert dataset.meta == meta
        return dataset


def told(dataset: Dataset, *kinds: Kind) -> list[Record]:
    """Its records of some kinds, or all."""
    records = [Record(*bare) for bare in dataset.records()]
    return [each for each in records if not kinds or each.kind in kinds]


def shown(dataset: Dataset) -> list[tuple[str, int, int, int]]:
    """Its records as kind, side, price and quantity."""
    return [(Kind(each.kind).name, each.side, each.price, each.quantity) for each in told(dataset)]
