"""
Sends the datasets of a sweep to the machines that lack them, before a cell is sent.

Workers are asked one after the other, each after what was sent to the one before: those that share
a disk have it from the first of them.
"""

import hashlib
import os
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import CancelledError, Future, wait
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Protocol

import attrs

from engine.datasets.keeping import DATA_FOLDER
from engine.datasets.reading import META_NAME, Dataset
from engine.process.exit_codes import ExitCode
from engine.simulation.breaking_off import BrokenOff
from engine.sweep.parcels import (
    PIECE_BYTES,
    Begin,
    Drop,
    Finish,
    Found,
    Garbled,
    Look,
    NotKept,
    Piece,
    Reply,
    decode_reply,
    pack,
    sha256_of,
)
from engine.sweep.runners.runner import DEATHS_MAX, NoCluster, Runner
from trading.datasets.meta import DatasetMeta, Part, WrongMeta, decode_meta

_LOOKS_EVERY_S = 0.2
"""Between two looks whether the sweep was broken off."""
_WORKERS_EVERY = 10
"""Looks between two questions whether a worker that does not answer is still there."""
_DROPPED_WITHIN_S = 5.0
"""A machine that does not hear of it removes the rest after a day."""

LOCAL = "--ship: nothing to send, cells are run on this machine"

_BROKEN_OFF = "broken off while datasets were sent: those that are whole stay, no cell was sent"


class NotShipped(Exception):
    """
    A dataset that could not be brought to a worker; the message says why, and what to do.

    Args:
        code: What the command ends with.
    """

    def __init__(self, message: str, code: ExitCode) -> None:
        super().__init__(message)
        self.code = code


@attrs.frozen
class Shipment:
    """
    A dataset that cells ask for.

    Args:
        path: As the plan names it.
    """

    path: str
    dataset: Dataset

    @property
    def digest(self) -> str:
        return self.dataset.meta.digest


class Watch(Protocol):
    """Whoever is told how far it is."""

    def say(self, line: str) -> None:
        """Something was done."""
        ...

    def sending(self, what: str, size: int) -> AbstractContextManager[Callable[[int], None]]:
        """So many bytes are sent from now on; what this yields is told of each so many more."""
        ...


def ship(
    runner: Runner, shipments: Sequence[Shipment], *, broken_off: BrokenOff, watch: Watch
) -> None:
    """
    Bring each dataset to each machine that lacks it.

    Raises:
        NotShipped: A machine cannot keep one, one is damaged here, or a signal has come.
        NoCluster: No worker is left.
    """
    workers = runner.workers()
    if not workers:
        watch.say(LOCAL)
        return
    shipping = _Shipping(runner, broken_off, watch)
    there = 0
    for worker in workers:
        try:
            shipping.bring(worker, shipments)
            there += 1
        except _Gone:
            watch.say(f"--ship: {worker} is gone, and gets nothing")
    if not there:
        raise NoCluster("no worker is left that a dataset could be sent to")


class _Gone(Exception):
    """A worker has left the cluster."""


class _Shipping:
    def __init__(self, runner: Runner, broken_off: BrokenOff, watch: Watch) -> None:
        self._runner = runner
        self._broken_off = broken_off
        self._watch = watch
        self._token = os.urandom(8).hex()

    def bring(self, worker: str, shipments: Sequence[Shipment]) -> None:
        wanted = tuple((each.path, each.digest) for each in shipments)
        found = self._ask(worker, pack(Look(wanted=wanted)))
        assert isinstance(found, Found)
        lacking = [each for each in shipments if each.digest in found.lacks]
        if not lacking:
            self._watch.say(f"--ship: {found.host} lacks no dataset")
        for each in lacking:
            try:
                size = self._send(worker, each, found.host)
            except _Refused as refused:
                raise NotShipped(
                    f"{found.host} cannot keep {each.path}: {refused}. Nothing of it was left"
                    f" there: make room, or have ${DATA_FOLDER} name another folder there; the same"
                    " command goes on",
                    ExitCode.IO_ERROR,
                ) from refused
            self._watch.say(
                f"--ship: sent {each.path}, {size:,} bytes, to {found.host}, into {found.folder}"
                f" ({found.source})"
            )

    def _send(self, worker: str, shipment: Shipment, host: str) -> int:
        folder, digest, token = shipment.dataset.path, shipment.digest, self._token
        # Read anew: it has to name the parts that are sent.
        text, meta = _meta_of(folder)
        if meta.digest != digest:
            raise _damaged(folder, f"{META_NAME} is another than when the sweep began")
        size = sum(_size_of(folder / part.name) for part in meta.parts)
        self._do(worker, pack(Begin(token=token, digest=digest, size=size + len(text)), text))
        try:
            what = f"{Path(shipment.path).name} to {host}"
            with self._watch.sending(what, size) as advance:
                for part in meta.parts:
                    for offset, data in _pieces(folder, part):
                        piece = Piece(
                            token=token,
                            digest=digest,
                            name=part.name,
                            offset=offset,
                            sha256=sha256_of(data),
                        )
                        self._do(worker, pack(piece, data))
                        advance(len(data))
                self._do(worker, pack(Finish(token=token, digest=digest), text))
        except (_Refused, _Gone):
            raise
        except BaseException:
            drop = pack(Drop(token=token, digest=digest))
            wait([self._runner.submit(drop, worker)], _DROPPED_WITHIN_S)
            raise
        return size + len(text)

    def _do(self, worker: str, request: bytes) -> None:
        """
        Have a request done, once more where its bytes came garbled.

        Raises:
            _Refused: The machine cannot keep it.
        """
        for _ in range(DEATHS_MAX):
            reply = self._ask(worker, request)
            if isinstance(reply, NotKept):
                raise _Refused(reply.why)
            if not isinstance(reply, Garbled):
                return
        raise _Refused(f"its bytes came garbled {DEATHS_MAX} times")

    def _ask(self, worker: str, request: bytes) -> Reply:
        deaths = 0
        lost: tuple[type[BaseException], ...] = (*self._runner.lost, CancelledError)
        while True:
            try:
                return decode_reply(self._wait(worker, self._runner.submit(request, worker)))
            except lost as error:
                deaths += 1
                if deaths >= DEATHS_MAX or worker not in self._runner.workers():
                    raise _Gone from error

    def _wait(self, worker: str, future: Future[bytes]) -> bytes:
        looks = 0
        while not wait([future], _LOOKS_EVERY_S).done:
            looks += 1
            if self._broken_off():
                raise NotShipped(_BROKEN_OFF, ExitCode.FORCED)
            # What was meant for a worker that is gone waits for its return.
            if looks % _WORKERS_EVERY == 0 and worker not in self._runner.workers():
                raise _Gone
        if self._broken_off():
            raise NotShipped(_BROKEN_OFF, ExitCode.FORCED)
        return future.result()


class _Refused(Exception):
    """A machine cannot keep a dataset."""


def _meta_of(folder: Path) -> tuple[bytes, DatasetMeta]:
    try:
        text = (folder / META_NAME).read_bytes()
        return text, decode_meta(text)
    except OSError as error:
        raise _damaged(folder, f"{META_NAME}: {error.strerror}") from error
    except WrongMeta as error:
        raise _damaged(folder, f"{META_NAME} cannot be read: {error}") from error


def _size_of(file: Path) -> int:
    try:
        return file.stat().st_size
    except OSError as error:
        raise _damaged(file.parent, f"{file.name}: {error.strerror}") from error


def _pieces(folder: Path, part: Part) -> Iterator[tuple[int, bytes]]:
    """A part piece by piece, unless it is not what was written: then not the last of them."""
    digest, offset = hashlib.sha256(), 0
    try:
        with (folder / part.name).open("rb") as file:
            data = file.read(PIECE_BYTES)
            while data:
                digest.update(data)
                following = file.read(PIECE_BYTES)
                if not following and digest.hexdigest() != part.sha256:
                    raise _damaged(
                        folder, f"{part.name} is not what was written: its sha256 is another"
                    )
                yield offset, data
                offset, data = offset + len(data), following
    except OSError as error:
        raise _damaged(folder, f"{part.name}: {error.strerror}") from error


def _damaged(folder: Path, why: str) -> NotShipped:
    return NotShipped(f"{folder} is damaged here, and is not sent: {why}", ExitCode.NO_INPUT)
