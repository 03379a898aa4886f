"""Writes datasets: aside, to the disk, and then renamed whole; or not at all."""

import hashlib
import os
import re
import shutil
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from itertools import islice
from pathlib import Path

import attrs
import msgspec
import zstandard

from engine.datasets.reading import META_NAME
from engine.storage.places import FolderKind, PlaceTaken, check_folder, is_regular, where_it_leads
from trading.datasets.meta import (
    GAPS_LISTED_MAX,
    DatasetMeta,
    Part,
    WrongMeta,
    decode_meta,
    encode_meta,
)
from trading.datasets.record import LAYOUT, Kind
from trading.datasets.standing import BareRecord

PART_RECORDS_MAX = 4_000_000
"""Records of a part: 176 MB unpacked, some 20 to 40 MB packed."""

_CHUNK_RECORDS = 4096
_PART = re.compile(r"part-[0-9]{4,}\.zst", re.ASCII)


class WrongOrder(ValueError):
    """A record to be written was seen before the one before it, or before it happened."""


def write_dataset(
    path: Path,
    meta: DatasetMeta | Callable[[], DatasetMeta],
    records: Iterable[BareRecord],
    *,
    replace: bool = False,
    part_records_max: int = PART_RECORDS_MAX,
) -> DatasetMeta:
    """
    Write a dataset, and return what is known of it now.

    Args:
        path: A folder that is not there yet, in one that is.
        meta: What is known beside them, or what tells it once they are written; counts, gaps,
            parts and the longest latency are filled in.
        records: In the order in which they were seen.
        replace: Whether a dataset that is there already makes way, once the new one is complete.
        part_records_max: Records of one file.

    Raises:
        FileExistsError: Something is there already.
        PlaceTaken: It is to be replaced, and is not a dataset and nothing else.
        WrongOrder: The records are not in order.
        OSError: The disk does not take it.
    """
    path = where_it_leads(path)
    check_place(path, replace=replace)
    with _aside(path) as folder:
        found = _Found()
        parts = tuple(_parts(folder, iter(records), found, part_records_max))
        known = meta if isinstance(meta, DatasetMeta) else meta()
        clock = msgspec.structs.replace(known.clock, latency_max_ns=found.latency_max_ns)
        whole = msgspec.structs.replace(
            known,
            counts={kind.name: found.counts[kind] for kind in Kind if found.counts[kind]},
            gaps=tuple(found.gaps),
            parts=parts,
            contents=found.contents.hexdigest(),
            clock=clock,
        )
        with (folder / META_NAME).open("wb") as file:
            file.write(encode_meta(whole))
            file.flush()
            os.fsync(file.fileno())
    return whole


def check_place(path: Path, *, replace: bool) -> None:
    """
    See that a dataset may be written.

    Args:
        replace: Whether a dataset that is there already makes way.

    Raises:
        FileExistsError: Something is there already, and nothing is to make way.
        PlaceTaken: Something is there that is not a dataset and nothing else.
        OSError: It cannot be looked into.
    """
    if not path.exists():
        return
    if not replace:
        raise FileExistsError(17, "it is there already", str(path))
    if not (path / META_NAME).is_file():
        raise PlaceTaken(
            path, "it is no dataset, and nothing else is replaced; name another folder"
        )
    check_folder(path, _OF_IMPORTS)


def _foreign(folder: Path, names: Sequence[str]) -> Sequence[str]:
    try:
        decode_meta((folder / META_NAME).read_bytes())
    except (OSError, WrongMeta):
        return names

    def is_own(name: str) -> bool:
        known = name == META_NAME or _PART.fullmatch(name) is not None
        return known and is_regular(folder / name)

    return [name for name in names if not is_own(name)]


_OF_IMPORTS = FolderKind(title="a dataset", foreign=_foreign)


@attrs.define
class _Found:
    """What is told of records while they are written."""

    counts: Counter[int] = attrs.field(factory=Counter)
    gaps: list[int] = attrs.field(factory=list)
    latency_max_ns: int = 0
    seen_ns: int = -(2**63)
    clear_ns: int | None = None
    contents: "hashlib._Hash" = attrs.field(factory=hashlib.sha256)

    def take(self, chunk: list[BareRecord]) -> None:
        seen_ns, latency_ns = self.seen_ns, self.latency_max_ns
        for record in chunk:
            exch_ns, recv_ns = record[0], record[1]
            if recv_ns < seen_ns or recv_ns < exch_ns:
                raise WrongOrder(f"{record} was seen before {max(seen_ns, exch_ns)}")
            seen_ns = recv_ns
            latency_ns = max(latency_ns, recv_ns - exch_ns)
            kind = record[5]
            if kind == Kind.CLEAR and self.clear_ns is None:
                self.clear_ns = recv_ns
            elif kind == Kind.GAP and len(self.gaps) < GAPS_LISTED_MAX:
                self.gaps.append(recv_ns)
        self.counts.update([record[5] for record in chunk])
        self.seen_ns, self.latency_max_ns = seen_ns, latency_ns


def _parts(
    folder: Path, records: Iterator[BareRecord], found: _Found, records_max: int
) -> Iterator[Part]:
    number = 0
    while first := list(islice(records, min(_CHUNK_RECORDS, records_max))):
        number += 1
        yield _part(folder / f"part-{number:04}.zst", first, records, found, records_max)


def _part(
    path: Path,
    chunk: list[BareRecord],
    records: Iterator[BareRecord],
    found: _Found,
    records_max: int,
) -> Part:
    packer, digest, pack = zstandard.ZstdCompressor().compressobj(), hashlib.sha256(), LAYOUT.pack
    first_ns, count, found.clear_ns = chunk[0][1], 0, None
    with path.open("xb") as file:

        def add(data: bytes) -> None:
            digest.update(data)
            file.write(data)

        while chunk:
            found.take(chunk)
            data = b"".join([pack(*record) for record in chunk])
            found.contents.update(data)
            add(packer.compress(data))
            count += len(chunk)
            chunk = list(islice(records, min(_CHUNK_RECORDS, records_max - count)))
        add(packer.flush())
        file.flush()
        os.fsync(file.fileno())
    return Part(
        name=path.name,
        sha256=digest.hexdigest(),
        records=count,
        first_ns=first_ns,
        last_ns=found.seen_ns,
        clear_ns=found.clear_ns,
    )


@contextmanager
def _aside(path: Path) -> Iterator[Path]:
    """A new folder beside a place, which takes the place when all went well."""
    folder = path.with_name(f".{path.name}.{os.getpid()}.new")
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    try:
        yield folder
        if path.exists():
            old = path.with_name(f".{path.name}.{os.getpid()}.old")
            path.rename(old)
            folder.rename(path)
            shutil.rmtree(old)
        else:
            folder.rename(path)
    except BaseException:
        shutil.rmtree(folder, ignore_errors=True)
        raise
    handle = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
