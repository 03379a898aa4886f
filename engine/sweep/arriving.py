"""
Keeps datasets that are sent to a worker's machine: whole, checked, and by their digest.

They grow in a folder that nobody looks for datasets in, and are renamed once every part is what was
written. What a cut transfer leaves there is removed by the next one after a day.
"""

import contextlib
import os
import shutil
import socket
from pathlib import Path

from engine.backtest.markets import find
from engine.backtest.refusal import NoBacktest
from engine.backtest.task import DataSpan
from engine.datasets.keeping import DATA_FOLDER, data_folder, data_folder_source
from engine.datasets.reading import META_NAME, DamagedDataset, file_digest, open_dataset
from engine.sweep.parcels import (
    Begin,
    Drop,
    Finish,
    Found,
    Garbled,
    Look,
    NotKept,
    Piece,
    Reply,
    Taken,
    encode_reply,
    sha256_of,
    unpack,
)
from trading.datasets.meta import DatasetMeta, WrongMeta, decode_meta

_ARRIVING = ".arriving"
"""A level deeper than the datasets, so that none is found in it."""
_ABANDONED_S = 24 * 3600.0
_ROOM_LEFT = 64 * 1024 * 1024
"""Bytes that a disk keeps free: results and logs are written on it too."""


def arrived(request: bytes) -> bytes:
    """Do what a parcel says, and reply."""
    asked, data = unpack(request)
    if isinstance(asked, Look):
        return encode_reply(_found(asked))
    folder = data_folder()
    if folder is None:
        why = f"it has no home folder: set ${DATA_FOLDER} there"
        return encode_reply(NotKept(why=why))
    aside = folder / _ARRIVING / f"{asked.digest}.{asked.token}"
    try:
        return encode_reply(_kept(asked, data, folder, aside))
    except OSError as error:
        why = f"{folder}: {error.strerror or error}"
    except (WrongMeta, DamagedDataset) as error:
        why = str(error)
    _remove(aside)
    return encode_reply(NotKept(why=why))


def _found(asked: Look) -> Found:
    folder = data_folder()
    return Found(
        host=socket.gethostname(),
        folder="" if folder is None else str(folder),
        source=data_folder_source(),
        lacks=tuple(digest for path, digest in asked.wanted if not _is_there(path, digest)),
    )


def _is_there(path: str, digest: str) -> bool:
    try:
        find(DataSpan(path=path, digest=digest))
    except NoBacktest:
        return False
    return True


def _kept(asked: Begin | Piece | Finish | Drop, data: bytes, folder: Path, aside: Path) -> Reply:
    match asked:
        case Begin():
            _meta_of(asked.digest, data)
            return _begin(folder, aside, asked.size)
        case Piece():
            if sha256_of(data) != asked.sha256:
                return Garbled()
            _write(aside / asked.name, asked.offset, data)
        case Finish():
            _finish(_meta_of(asked.digest, data), data, aside, folder / asked.digest)
        case Drop():
            _remove(aside)
    return Taken()


def _meta_of(digest: str, text: bytes) -> DatasetMeta:
    meta = decode_meta(text)
    if meta.digest != digest:
        raise WrongMeta("its meta.json is that of another dataset")
    return meta


def _begin(folder: Path, aside: Path, size: int) -> Reply:
    _remove(aside)
    aside.mkdir(parents=True)
    now = aside.stat().st_mtime  # by the clock of whatever keeps the files
    for other in aside.parent.iterdir():
        with contextlib.suppress(OSError):
            if now - other.stat().st_mtime > _ABANDONED_S:
                _remove(other)
    free = shutil.disk_usage(folder).free
    if size + _ROOM_LEFT > free:
        _remove(aside)
        return NotKept(why=f"{folder}: {size:,} bytes do not fit, {free:,} are free there")
    return Taken()


def _write(file: Path, offset: int, data: bytes) -> None:
    handle = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_CLOEXEC, 0o644)
    try:
        rest = memoryview(data)
        while rest:
            count = os.pwrite(handle, rest, offset)
            rest, offset = rest[count:], offset + count
    finally:
        os.close(handle)


def _finish(meta: DatasetMeta, text: bytes, aside: Path, place: Path) -> None:
    for part in meta.parts:
        file = aside / part.name
        _flush(file)
        if file_digest(file) != part.sha256:
            raise DamagedDataset(f"{part.name} is not what was written: its sha256 is another")
    (aside / META_NAME).write_bytes(text)
    _flush(aside / META_NAME)
    _flush(aside)
    if place.exists():
        if _is_whole(place, meta.digest):  # another sweep was faster
            _remove(aside)
            return
        old = aside.with_name(f"{aside.name}.old")
        place.rename(old)
        _remove(old)
    aside.rename(place)
    _flush(place.parent)


def _is_whole(place: Path, digest: str) -> bool:
    try:
        return open_dataset(place).meta.digest == digest
    except DamagedDataset:
        return False


def _flush(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _remove(folder: Path) -> None:
    shutil.rmtree(folder, ignore_errors=True)
