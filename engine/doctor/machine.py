"""The doctor's steps about the machine: its disk, its ports, its ledger."""

import os
import tempfile
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from statistics import median

import trio

from config.credentials import Secret
from engine.alerts.messengers import ProcessMessenger
from engine.doctor.context import DoctorContext
from engine.doctor.findings import Finding, failure, fine, warning
from engine.environment.state_folder import ledger_path, running_engine, state_folder
from engine.storage.last_conformance import last_conformance
from engine.storage.ledger_checks import WHOLE_CHECK_BYTES_MAX
from engine.storage.ledger_database import inspect
from trading.core.errors import Outage

_WRITES = 10
_WRITTEN = b"\0" * 4096
"""A page of the ledger: what a commit writes at least."""
_SLOW_S = 0.1
"""Every order waits for one such write: a quote would be so much staler than it need be."""
_HOPELESS_S = 1.0
_LOOPBACK = "127.0.0.1"


class RealMachine:
    """The machine that this runs on."""

    @property
    def environment(self) -> Mapping[str, str]:
        return os.environ

    async def address_trouble(self, address: Secret) -> str:
        return await ProcessMessenger(address=address).look()

    async def addresses(self, host: str) -> Sequence[str]:
        found = await trio.socket.getaddrinfo(host, None, type=trio.socket.SOCK_STREAM)
        return sorted({str(entry[4][0]) for entry in found})

    async def write_times(self, folder: Path) -> Sequence[float]:
        return await trio.to_thread.run_sync(_write_times, folder)

    async def ledger_bytes(self, path: Path, *, in_use: bool) -> int:
        return await trio.to_thread.run_sync(lambda: inspect(path, in_use=in_use))


async def check_disk(examination: DoctorContext) -> Finding:
    """Check how long the ledger's disk takes to make a write durable."""
    folder = _existing(state_folder(examination.settings.engine))
    try:
        times = await examination.machine.write_times(folder)
    except OSError as error:
        return failure(
            f"{folder} cannot be written: {error.strerror or error}",
            "give this user the right to write there, free the disk, or choose another"
            " engine.state_directory",
        )
    typical, worst = median(times), max(times)
    said = f"{folder}: a durable write takes {_ms(typical)}, at worst {_ms(worst)}"
    cure = "put engine.state_directory on a local SSD"
    if typical > _HOPELESS_S:
        return failure(said, cure)
    return warning(said, cure) if worst > _SLOW_S else fine(said)


async def check_ports(examination: DoctorContext) -> Finding:
    """Check that the port for the engine's metrics is free."""
    engine = examination.settings.engine
    port = engine.metrics_port
    if port is None:
        return fine("none is asked for")
    try:
        bound = await examination.world.network.listen(_LOOPBACK, port)
    except Outage as outage:
        if (user := running_engine(state_folder(engine))) is not None:
            return fine(f"{port} is in use, by {user} as it seems: this engine runs")
        return failure(
            f"engine.metrics_port {port} cannot be had: {outage}",
            "end whatever has it (ss -ltnp), or choose another engine.metrics_port: the engine"
            " would trade, and nobody would see its figures",
            blocks=False,
        )
    for listener in bound.listeners:
        await listener.aclose()
    return fine(f"{port} is free")


async def check_ledger(examination: DoctorContext) -> Finding:
    """Check that the ledger can be trusted; an engine may be writing it meanwhile."""
    engine = examination.settings.engine
    path, user = ledger_path(engine), running_engine(state_folder(engine))
    try:
        size = await examination.machine.ledger_bytes(path, in_use=user is not None)
    except FileNotFoundError:
        return fine(f"there is none at {path} yet: the first run makes it")
    meanwhile = "" if user is None else f"; {user} is using it, so its last commits were not judged"
    if size > WHOLE_CHECK_BYTES_MAX:
        return fine(
            f"{path}, {size >> 20} MiB, is sound where a run reads it (engine ledger check checks"
            f" all of it){meanwhile}"
        )
    return fine(f"{path} is sound, {size / 1024:.0f} KiB{meanwhile}")


def _existing(folder: Path) -> Path:
    """The folder, or the nearest existing one above it, as a check creates nothing."""
    return next(one for one in (folder, *folder.absolute().parents) if one.is_dir())


def _write_times(folder: Path) -> Sequence[float]:
    times = []
    with tempfile.TemporaryFile(dir=folder) as file:
        for _ in range(_WRITES):
            began = time.perf_counter()
            file.write(_WRITTEN)
            file.flush()
            os.fsync(file.fileno())
            times.append(time.perf_counter() - began)
    return times


def _ms(seconds: float) -> str:
    return f"{seconds * 1000:.1f} ms"


async def check_conformance(examination: DoctorContext) -> Finding:
    """Check when the venue was last looked at, and whether it does what is assumed of it."""
    await trio.lowlevel.checkpoint()
    party, settings = examination.party, examination.settings
    if party.exchange is not None:
        return fine("the simulated exchange does what is assumed")
    last = last_conformance(state_folder(settings.engine), party.identity)
    if last is None:
        return fine("the venue was never looked at: engine conformance CONFIG does it")
    looked = (
        f"{len(last.checks)} of {last.known} checks looked at, last" if last.known else "looked at"
    )
    said = f"{looked} on {last.day} (level {last.level})"
    if not last.differing:
        return fine(f"{said}: as expected")
    differing = [f"{name} differs since {last.checks[name].since}" for name in last.differing]
    return warning(
        f"{said}; {', '.join(differing)}",
        "run engine conformance CONFIG again with --out, and see docs/conformance.md",
    )
