"""The world: all that an engine has from outside: clock, randomness, network and disk."""

import errno
import shutil
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from io import FileIO, RawIOBase
from pathlib import Path
from random import Random
from typing import Protocol, TypeVar

import attrs
import trio

from actors.net.local_network import LocalNetwork
from actors.net.network import Network, TcpNetwork
from actors.ports.alert_book import Messenger
from actors.ports.garbage import GarbageCollector
from actors.ports.ledger_store import LedgerStore
from actors.ports.ports import WallClock
from config.credentials import Secret
from engine.environment.local_sockets import UnixSockets
from engine.logs.ear import Ear
from engine.logs.files import shift, still_at
from engine.process.garbage import SettledCollector
from engine.storage.ledger_store import ThreadedLedgerStore
from engine.storage.private_folder import give_to_its_owner, make_private, sizes

T = TypeVar("T")


class Disk(Protocol):
    """The interface of the disk, as the engine needs it while it runs."""

    def lines(self, paths: Sequence[str]) -> Iterator[bytes]:
        """
        The lines of some files, one after the other; gzip and zstd are unpacked on the way.

        Raises:
            OSError: One cannot be read, or not to its end.
        """
        ...

    def append(self, path: str) -> FileIO:
        """
        Open a file to write at its end, unbuffered, with its folder made if need be.

        Raises:
            OSError: It cannot be.
        """
        ...

    def still_at(self, path: str, file: FileIO) -> bool:
        """
        Whether an open file is still the one at a path, neither deleted nor moved.

        Raises:
            OSError: It cannot be seen.
        """
        ...

    def shift(self, path: str, keep: int) -> None:
        """
        Give a file the name PATH.1, a former PATH.1 the next, and delete what is beyond.

        Raises:
            OSError: It cannot be.
        """
        ...

    def new_file(self, path: str) -> RawIOBase:
        """
        Open a file that is not there yet, unbuffered, with its private folder made.

        Raises:
            OSError: It cannot be.
        """
        ...

    def sizes(self, folder: str) -> Mapping[str, int]:
        """
        Bytes of each file, and in each folder, right below a folder; nothing without one.

        Raises:
            OSError: It cannot be seen.
        """
        ...

    def remove(self, folder: str) -> None:
        """
        Delete a folder and the files in it.

        Raises:
            OSError: It cannot be.
        """
        ...

    async def beside(self, work: Callable[[], T]) -> T:
        """
        Have work done that waits for the disk, beside the event loop, one after the other.

        Cancelled, this does not wait: the work goes on alone, and the next one after it.
        """
        ...

    async def open_ledger(self, path: Path) -> LedgerStore:
        """
        Open an engine's ledger, made if need be.

        Raises:
            Fatal: It cannot be written or trusted.
        """
        ...


class RealDisk:
    """This machine's disk."""

    def __init__(self) -> None:
        self._one_at_a_time: trio.CapacityLimiter | None = None

    def lines(self, paths: Sequence[str]) -> Iterator[bytes]:
        from engine.storage.recording_files import (  # noqa: PLC0415  # only to replay recordings
            DamagedFile,
            read_lines,
        )

        for path in paths:
            with Path(path).open("rb") as file:
                try:
                    yield from read_lines(file, Path(path), _unwatched)
                except DamagedFile as damaged:
                    raise OSError(errno.EIO, str(damaged), path) from damaged

    def append(self, path: str) -> FileIO:
        file = Path(path)
        file.parent.mkdir(parents=True, exist_ok=True)
        return file.open("ab", buffering=0)

    def still_at(self, path: str, file: FileIO) -> bool:
        return still_at(Path(path), file)

    def shift(self, path: str, keep: int) -> None:
        shift(Path(path), keep)

    def new_file(self, path: str) -> RawIOBase:
        make_private(Path(path).parent)
        file = Path(path).open("xb", buffering=0)  # noqa: SIM115  # its user closes it
        give_to_its_owner(Path(path))
        return file

    def sizes(self, folder: str) -> Mapping[str, int]:
        return sizes(Path(folder))

    def remove(self, folder: str) -> None:
        shutil.rmtree(folder)

    async def beside(self, work: Callable[[], T]) -> T:
        # Made here, for a disk is made before there is a loop.
        if self._one_at_a_time is None:
            self._one_at_a_time = trio.CapacityLimiter(1)
        return await trio.to_thread.run_sync(
            work, abandon_on_cancel=True, limiter=self._one_at_a_time
        )

    async def open_ledger(self, path: Path) -> LedgerStore:
        return await ThreadedLedgerStore.open(path)


def _unwatched(_bytes_read: int) -> None:
    """The default of a reading's progress, which is not watched."""


@attrs.frozen(kw_only=True)
class World:
    """
    The seams of a run. With simulated ones a run repeats exactly, in virtual time.

    Args:
        wall_clock: Nanoseconds since the epoch.
        random: The only source of randomness.
        local: Sockets for other processes of this machine.
        garbage: The collector of cyclic garbage; ``None`` leaves it alone.
        messengers: Who take messages to a person.
        heartbeat: A URL to be fetched while the engine runs; it may hold a token.
        ear: What the log tells of that a person has to know.
    """

    wall_clock: WallClock
    random: Random
    network: Network
    local: LocalNetwork
    disk: Disk
    garbage: GarbageCollector | None = None
    messengers: Sequence[Messenger] = ()
    heartbeat: Secret | None = None
    ear: Ear | None = None


def real_world(seed: int) -> World:
    """This machine's clock, network and disk."""
    return World(
        wall_clock=time.time_ns,  # noqa: TID251  # here is the clock port
        random=Random(seed),  # noqa: S311  # market noise and jitter, no secrets
        network=TcpNetwork(),
        local=UnixSockets(),
        disk=RealDisk(),
        garbage=SettledCollector(),
    )
