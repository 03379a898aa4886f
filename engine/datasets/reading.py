"""
Reads datasets: ``D/meta.json``, and ``D/part-NNNN.zst`` record by record.

A part is a zstd stream of packed records (``trading.datasets.record.LAYOUT``), in the order in
which they were seen. No more of it is held than a window of its packing and a few thousand records.
"""

import hashlib
import itertools
import struct
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from operator import itemgetter
from pathlib import Path

import attrs
import zstandard

from trading.datasets.meta import DatasetMeta, Part, WrongMeta, decode_meta
from trading.datasets.record import LAYOUT
from trading.datasets.standing import BareRecord, StandingBook

META_NAME = "meta.json"

_CHUNK_RECORDS = 4096
_HASH_CHUNK_BYTES = 1024 * 1024
_META_BYTES_MAX = 16 * 1024 * 1024
_exch_ns = itemgetter(0)


class DamagedDataset(Exception):
    """A dataset is not there, or is not what was written; the message says which file and why."""


@attrs.frozen
class Dataset:
    """A dataset that lies on disk."""

    path: Path
    meta: DatasetMeta

    def records(self, from_ns: int | None = None, to_ns: int | None = None) -> Iterator[BareRecord]:
        """
        Records in the order in which they were seen.

        Where it does not begin at the beginning, the book as it stands there comes first: a
        ``CLEAR`` and its levels or orders, seen at ``from_ns``, and happened when it last changed.

        Args:
            from_ns: Those seen from then on; ``None`` for all.
            to_ns: Those seen before then; ``None`` for all.

        Raises:
            DamagedDataset: A part is missing or damaged; it is told before a record of that part.
        """
        parts = self._parts(from_ns, to_ns)
        records: Iterator[BareRecord] = itertools.chain.from_iterable(map(self._unpacked, parts))
        if from_ns is not None:
            records = _begun_at(from_ns, records)
        if to_ns is not None:
            end_ns = to_ns
            records = itertools.takewhile(lambda record: record[1] < end_ns, records)
        return records

    def records_by_exchange(
        self, from_ns: int | None = None, to_ns: int | None = None
    ) -> Iterator[BareRecord]:
        """
        The same records in the order in which they happened; those of one moment as they were seen.

        Holds those of as long a time as news takes at most (``meta.clock.latency_max_ns``).

        Args:
            from_ns: As for ``records``: by the time at which they were seen.
            to_ns: Likewise.

        Raises:
            DamagedDataset: A part is missing or damaged.
        """
        waiting: list[BareRecord] = []
        latency_ns = self.meta.clock.latency_max_ns
        records = self.records(from_ns, to_ns)
        while chunk := list(itertools.islice(records, _CHUNK_RECORDS)):
            waiting += chunk
            waiting.sort(key=_exch_ns)  # in order but for a few; equal ones stay as they were seen
            # Whatever is still to be seen happened then or later.
            certain = bisect_left(waiting, chunk[-1][1] - latency_ns, key=_exch_ns)
            yield from waiting[:certain]
            del waiting[:certain]
        yield from waiting

    def _parts(self, from_ns: int | None, to_ns: int | None) -> Sequence[Part]:
        """The parts that hold a span, and before it those that its book follows from."""
        parts = self.meta.parts
        if to_ns is not None:
            parts = tuple(part for part in parts if part.first_ns < to_ns)
        if from_ns is None:
            return parts
        begins = [
            index
            for index, part in enumerate(parts)
            if part.clear_ns is not None and part.clear_ns <= from_ns
        ]
        return parts[begins[-1] :] if begins else parts

    def _unpacked(self, part: Part) -> Iterator[BareRecord]:
        path, count = self.path / part.name, 0
        try:
            if file_digest(path) != part.sha256:
                raise DamagedDataset(f"{path} is not what was written: its sha256 is another")
            with path.open("rb") as file, zstandard.ZstdDecompressor().stream_reader(file) as whole:
                while chunk := whole.read(LAYOUT.size * _CHUNK_RECORDS):
                    yield from LAYOUT.iter_unpack(chunk)
                    count += len(chunk) // LAYOUT.size
        except OSError as error:
            raise DamagedDataset(f"{path}: {error.strerror}") from error
        except (zstandard.ZstdError, struct.error) as error:
            raise DamagedDataset(f"{path} cannot be unpacked: {error}") from error
        if count != part.records:
            raise DamagedDataset(f"{path} has {count} records, and {part.records} were written")


def open_dataset(path: Path) -> Dataset:
    """
    A dataset, by its folder; its parts are looked at when they are read.

    Raises:
        DamagedDataset: It is not there, or its ``meta.json`` cannot be read.
    """
    file = path / META_NAME
    try:
        with file.open("rb") as opened:
            text = opened.read(_META_BYTES_MAX)
        return Dataset(path, decode_meta(text))
    except OSError as error:
        raise DamagedDataset(f"{path} is no dataset: {META_NAME}: {error.strerror}") from error
    except WrongMeta as error:
        raise DamagedDataset(f"{file} cannot be read: {error}") from error


def _begun_at(from_ns: int, records: Iterator[BareRecord]) -> Iterator[BareRecord]:
    book = StandingBook()
    first: tuple[BareRecord, ...] = ()
    for record in records:
        if record[1] >= from_ns:
            first = (record,)
            break
        book.take(record)
    yield from book.told(from_ns)
    yield from first
    yield from records


def file_digest(path: Path) -> str:
    """
    The sha256 of a file, in hexadecimal.

    Raises:
        OSError: It cannot be read.
    """
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while chunk := file.read(_HASH_CHUNK_BYTES):
            digest.update(chunk)
    return digest.hexdigest()
