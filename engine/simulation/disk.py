"""A disk that outlives engine processes: slow, full, failing, or torn by a sudden end."""

import contextlib
import enum
import errno
import sqlite3
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from io import FileIO, RawIOBase
from pathlib import Path
from random import Random
from typing import NoReturn, TypeVar

import attrs
import trio

from actors.ports.ledger_store import LedgerStore, Slow, until_done
from engine.environment.world import RealDisk
from engine.simulation.recordings import MemoryRecordings
from engine.storage.ledger_database import (
    LedgerDatabase,
    copy_in_memory,
    open_in_memory,
    open_to_write,
)
from trading.core.errors import Fatal, FatalReason
from trading.journal import reading
from trading.journal.tables import HALTS, ORDERS, Query, Statement

T = TypeVar("T")

_INSERTS_ORDER, _INSERTS_HALT = (f"INSERT INTO {table.name} " for table in (ORDERS, HALTS))


_SYNCHRONOUS_FULL = 2
"""SQLite's word for a commit that returns once it is on the disk."""

_WRITTEN_BACK_EVERY_S = 30.0
"""Unsynchronised writes reach a disk by themselves some time later."""


class DiskError(enum.Enum):
    """The kinds of errors of a write."""

    FULL = "database or disk is full"
    IO = "disk I/O error"
    READ_ONLY = "attempt to write a readonly database"


@attrs.define(eq=False)
class Ledgers:
    """
    The ledgers on the disk, in whichever state they are.

    Args:
        random: Decides where a write is torn.
        usual_s: How long the disk takes for a commit.
        delays_s: How long it takes for the time being; the longest counts.
        errors: What every commit fails with for the time being.
        torn: How often a commit was under way when its process was killed.
        refused: How many commits failed, and how often it could not even be opened.
        durable: Monotonic seconds since which each order's intent is on the disk.
        halted_at: Monotonic seconds since which the newest ledger says that the engine is halted;
            ``None`` while it does not.
        recordings: The files of sessions' recordings.
    """

    random: Random
    usual_s: float = 0.002
    delays_s: list[float] = attrs.field(factory=list)
    errors: list[DiskError] = attrs.field(factory=list)
    torn: int = 0
    refused: int = 0
    durable: dict[str, float] = attrs.field(factory=dict)
    halted_at: float | None = None
    recordings: MemoryRecordings = attrs.field(factory=MemoryRecordings)
    _databases: dict[Path, LedgerDatabase] = attrs.field(factory=dict)
    _synchronised: dict[Path, bool] = attrs.field(factory=dict)
    _written_back: dict[Path, tuple[float, LedgerDatabase]] = attrs.field(factory=dict)

    @property
    def commit_s(self) -> float:
        return max(self.delays_s, default=self.usual_s)

    def database(self, path: Path) -> LedgerDatabase:
        if path not in self._databases:
            self._databases[path] = open_in_memory()
        return self._databases[path]

    def commit(self, path: Path, statements: Sequence[Statement]) -> None:
        """Make statements durable at once; or nearly, where the ledger does not synchronise."""
        self._write_back(path)
        self.database(path).commit(statements)
        for statement in statements:
            if statement.text.startswith(_INSERTS_ORDER):
                # Written again with each change; the row that is there already stays.
                self.durable.setdefault(str(statement.values[0]), trio.current_time())
            elif statement.text.startswith(_INSERTS_HALT):
                self._read_halt(path)

    def tear(self, path: Path, statements: Sequence[Statement]) -> None:
        """
        End a commit that was under way: all of it is left, nothing, or a torn piece.

        Earlier synchronised data is not touched; SQLite has to find out what is whole.
        """
        self.torn += 1
        with tempfile.TemporaryDirectory() as folder:
            torn = _torn(self.database(path), statements, Path(folder), self.random)
            found = open_to_write(torn)
            self._databases[path] = copy_in_memory(found)
            found.close()
        self._read_halt(path)

    def _write_back(self, path: Path) -> None:
        """Keep what a power cut would leave of a ledger whose commits are not synchronised."""
        database = self.database(path)
        if path not in self._synchronised:
            self._synchronised[path] = database.synchronous() == _SYNCHRONOUS_FULL
        if self._synchronised[path]:
            return
        at, _ = self._written_back.get(path, (float("-inf"), None))
        if trio.current_time() - at >= _WRITTEN_BACK_EVERY_S:
            self._written_back[path] = (trio.current_time(), copy_in_memory(database))

    def lose_power(self) -> None:
        """Lose all that was not synchronised."""
        for path, (_, database) in self._written_back.items():
            self._databases[path] = database
            self._read_halt(path)
        self._written_back.clear()

    def _read_halt(self, path: Path) -> None:
        if not self.database(path).read(reading.standing_halt):
            self.halted_at = None
        elif self.halted_at is None:
            self.halted_at = trio.current_time()


@attrs.define(eq=False)
class ProcessDisk:
    """
    The disk as one engine process has it.

    Args:
        ledgers: The files on it.
        dead: Whether the process was killed.
    """

    ledgers: Ledgers
    dead: bool = False
    under_way: list[tuple[Path, Sequence[Statement]]] = attrs.field(factory=list)

    def lines(self, paths: Sequence[str]) -> Iterator[bytes]:
        return RealDisk().lines(paths)

    def append(self, path: str) -> FileIO:
        raise OSError(f"{path}: a simulation writes no files")

    def still_at(self, path: str, file: FileIO) -> bool:
        raise OSError(f"{path}: a simulation writes no files, so {file} is none")

    def shift(self, path: str, keep: int) -> None:
        raise OSError(f"{path}: a simulation writes no files, so there are no {keep} to keep")

    def new_file(self, path: str) -> RawIOBase:
        return self.ledgers.recordings.new_file(path, self._fail_if_it_does)

    def sizes(self, folder: str) -> Mapping[str, int]:
        return self.ledgers.recordings.sizes(folder)

    def remove(self, folder: str) -> None:
        self._fail_if_it_does()
        self.ledgers.recordings.remove(folder)

    async def beside(self, work: Callable[[], T]) -> T:
        await trio.lowlevel.checkpoint()
        return work()

    def _fail_if_it_does(self) -> None:
        if self.dead or self.ledgers.errors:
            why = self.ledgers.errors[0].value if self.ledgers.errors else "the process is dead"
            raise OSError(errno.EIO, why)

    async def open_ledger(self, path: Path) -> LedgerStore:
        await trio.lowlevel.checkpoint()
        if self.ledgers.errors:
            self.ledgers.refused += 1
            _fail(self.ledgers.errors[0].value)
        return _Ledger(path, self)

    def die(self, *, with_power: bool = False) -> None:
        """The process is killed: what it was writing may be there, or not, or be torn."""
        self.dead = True
        if with_power:
            self.ledgers.lose_power()
        for path, statements in self.under_way:
            self.ledgers.tear(path, statements)
        self.under_way.clear()


@attrs.frozen(eq=False)
class _Ledger:
    path: Path
    disk: ProcessDisk

    async def commit(self, statements: Sequence[Statement], slow: Slow | None = None) -> None:
        ledgers, entry = self.disk.ledgers, (self.path, statements)
        self.disk.under_way.append(entry)
        # What has begun is not interrupted, as with a thread at work.
        written_at = trio.current_time() + ledgers.commit_s

        async def written() -> None:
            await trio.sleep_until(written_at)

        await until_done(written, slow)
        if self.disk.dead:
            _fail("the process is dead")
        self.disk.under_way.remove(entry)
        if ledgers.errors:
            ledgers.refused += 1
            _fail(ledgers.errors[0].value)
        ledgers.commit(self.path, statements)

    @property
    def look_every_s(self) -> float:
        return float("inf")

    async def require_its_files(self) -> None:
        """Do nothing: only the engine touches the files."""

    async def read(self, reader: Callable[[Query], T]) -> T:
        await trio.lowlevel.checkpoint()
        if self.disk.dead:
            _fail("the process is dead")
        return self.disk.ledgers.database(self.path).read(reader)

    async def aclose(self) -> None:
        """The database stays as it is: it is what survives the end of a process."""
        await trio.lowlevel.checkpoint()


def _fail(why: str) -> NoReturn:
    raise Fatal(f"the ledger cannot be written: {why}", FatalReason.LEDGER)


def _torn(
    database: LedgerDatabase, statements: Sequence[Statement], folder: Path, random: Random
) -> Path:
    """A ledger's files as they are after power went while a commit was being written."""
    whole, torn = folder / "whole.sqlite", folder / "torn.sqlite"
    with contextlib.closing(sqlite3.connect(whole)) as file:
        database.copy_to(file)
    opened = open_to_write(whole)
    log = whole.with_name(whole.name + "-wal")
    synchronised = log.stat().st_size if log.exists() else 0
    opened.commit(statements)
    torn.write_bytes(whole.read_bytes())
    written = log.read_bytes()
    kept = random.randint(synchronised, len(written))
    torn.with_name(torn.name + "-wal").write_bytes(written[:kept])
    opened.close()
    return torn
