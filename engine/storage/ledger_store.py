"""The ledger's two stores: with a thread for real disks, and without one for virtual time."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TypeVar

import trio

from engine.storage.ledger_database import LedgerDatabase, open_to_write
from trading.journal.tables import Query, Statement

T = TypeVar("T")

_LOOK_EVERY_S = 0.5


class ThreadedLedgerStore:
    """
    A store that waits for the disk in a thread of its own, so that nothing else waits.

    A commit that has begun is not abandoned: a cancellation waits until it is over.
    """

    def __init__(self, database: LedgerDatabase, limiter: trio.CapacityLimiter) -> None:
        self._database = database
        self._limiter = limiter

    @classmethod
    async def open(cls, path: Path) -> "ThreadedLedgerStore":
        """
        Open the ledger at a path.

        Raises:
            Fatal: As ``open_to_write``.
        """
        limiter = trio.CapacityLimiter(1)
        return cls(await trio.to_thread.run_sync(open_to_write, path, limiter=limiter), limiter)

    @property
    def look_every_s(self) -> float:
        return _LOOK_EVERY_S

    async def require_its_files(self) -> None:
        # Without the thread: this waits for no disk, and the thread may be waiting for a lock.
        self._database.require_its_files()
        await trio.lowlevel.checkpoint()

    async def commit(self, statements: Sequence[Statement]) -> None:
        await trio.to_thread.run_sync(self._database.commit, statements, limiter=self._limiter)

    async def read(self, reader: Callable[[Query], T]) -> T:
        return await trio.to_thread.run_sync(self._database.read, reader, limiter=self._limiter)

    async def aclose(self) -> None:
        await trio.to_thread.run_sync(self._database.close, limiter=self._limiter)


class InlineLedgerStore:
    """A store without a thread: in virtual time a thread at work would look like idleness."""

    def __init__(self, database: LedgerDatabase) -> None:
        self._database = database

    async def commit(self, statements: Sequence[Statement]) -> None:
        self._database.commit(statements)

    async def read(self, reader: Callable[[Query], T]) -> T:
        return self._database.read(reader)

    @property
    def look_every_s(self) -> float:
        return float("inf")

    async def require_its_files(self) -> None:
        """Nothing: a database in memory has no files."""

    async def aclose(self) -> None:
        """Nothing: the database stays open, and so survives the end of a run."""
