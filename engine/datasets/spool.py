"""
A place beside a dataset where records wait until all of them were seen, to be told in order.

They come as their files have them: trades after books, rows out of order. Each run of them that is
in order is a file; runs are merged when they are told. So memory is bounded by a run.
"""

import heapq
from collections.abc import Iterable, Iterator
from itertools import islice
from operator import itemgetter
from pathlib import Path

import attrs
import zstandard

from trading.datasets.record import LAYOUT
from trading.datasets.standing import BareRecord

_RUN_RECORDS = 200_000
"""Records that are sorted in memory, some 80 MB as tuples."""
_CHUNK_RECORDS = 4096
_seen_ns = itemgetter(1)


@attrs.define
class Spool:
    """
    Records in order of their receive times; of equal times those that came first go first.

    Args:
        folder: Empty, and the spool's own.
        run_records: How many are sorted at a time.
    """

    folder: Path
    run_records: int = _RUN_RECORDS
    count: int = 0
    disordered: int = 0
    _runs: list[list[Path]] = attrs.field(factory=list)
    _end_ns: int = 0

    def add(self, records: Iterable[BareRecord]) -> None:
        """
        Take records.

        Raises:
            OSError: The disk does not take them.
        """
        waiting = iter(records)
        while run := list(islice(waiting, self.run_records)):
            times = list(map(_seen_ns, run))
            backwards = sum(map(int.__gt__, times, times[1:]))
            if backwards:
                run.sort(key=_seen_ns)
            self.disordered += backwards
            path = self.folder / f"run-{self.count}"
            self._write(path, run)
            self.count += len(run)
            if self._runs and self._end_ns <= run[0][1]:
                self._runs[-1].append(path)
            else:
                self.disordered += bool(self._runs)
                self._runs.append([path])
            self._end_ns = run[-1][1]

    def records(self) -> Iterator[BareRecord]:
        """All that were taken, in order."""
        if len(self._runs) == 1:
            return _read(self._runs[0])
        return heapq.merge(*map(_read, self._runs), key=_seen_ns)

    def _write(self, path: Path, run: list[BareRecord]) -> None:
        pack = LAYOUT.pack
        with path.open("xb") as file, zstandard.ZstdCompressor(level=1).stream_writer(file) as sink:
            for begin in range(0, len(run), _CHUNK_RECORDS):
                chunk = run[begin : begin + _CHUNK_RECORDS]
                sink.write(b"".join([pack(*record) for record in chunk]))


def _read(paths: Iterable[Path]) -> Iterator[BareRecord]:
    for path in paths:
        with path.open("rb") as file, zstandard.ZstdDecompressor().stream_reader(file) as whole:
            while chunk := whole.read(LAYOUT.size * _CHUNK_RECORDS):
                yield from LAYOUT.iter_unpack(chunk)
