"""The ledger's two stores: with a thread for real disks, and without one for virtual time."""

import contextlib
import threading
from collections.abc import Callable, Sequence
from pathlib import Path
from queue import SimpleQueue
from typing import Any, Generic, TypeVar

import attrs
import trio

from actors.ports.ledger_store import Slow, until_done
from engine.storage.ledger_database import LedgerDatabase, open_to_write
from trading.journal.tables import Query, Statement

T = TypeVar("T")

_LOOK_EVERY_S = 0.5


@attrs.define(eq=False)
class _Job(Generic[T]):
    """One piece of work for the thread, and what came of it."""

    work: Callable[[], T]
    token: trio.lowlevel.TrioToken = attrs.field(factory=trio.lowlevel.current_trio_token)
    done: trio.Event = attrs.field(factory=trio.Event)
    came: list[T] = attrs.field(factory=list)
    error: BaseException | None = None

    def carry_out(self) -> None:
        """Do the work, in the thread."""
        try:
            self.came.append(self.work())
        except BaseException as error:  # noqa: BLE001, ASYNC103  # raised where it is waited for
            self.error = error
        # Once trio has ended nobody waits for it any more.
        with contextlib.suppress(trio.RunFinishedError):
            self.token.run_sync_soon(self.done.set)

    def result(self) -> T:
        """What the work returned; or raise what it raised."""
        if self.error is not None:
            raise self.error
        return self.came[0]


class _Worker:
    """A thread that does one job after the other; it ends with the process, or when told."""

    def __init__(self) -> None:
        self._jobs = SimpleQueue[_Job[Any] | None]()
        threading.Thread(target=self._work, name="ledger", daemon=True).start()

    async def run(self, work: Callable[[], T], slow: Slow | None = None) -> T:
        """Have a piece of work done; what has begun is waited for, whoever is cancelled."""
        await trio.lowlevel.checkpoint_if_cancelled()
        job = _Job(work)
        self._jobs.put(job)
        await until_done(job.done.wait, slow)
        return job.result()

    def end(self) -> None:
        self._jobs.put(None)

    def _work(self) -> None:
        while (job := self._jobs.get()) is not None:
            job.carry_out()


class ThreadedLedgerStore:
    """
    A store that waits for the disk in a thread of its own, so that nothing else waits.

    A commit that has begun is not abandoned: a cancellation waits until it is over.
    """

    def __init__(self, database: LedgerDatabase, worker: _Worker | None = None) -> None:
        self._database = database
        self._worker = worker or _Worker()

    @classmethod
    async def open(cls, path: Path) -> "ThreadedLedgerStore":
        """
        Open the ledger at a path.

        Raises:
            Fatal: As ``open_to_write``.
        """
        worker = _Worker()
        try:
            return cls(await worker.run(lambda: open_to_write(path)), worker)
        except BaseException:
            worker.end()
            raise

    @property
    def look_every_s(self) -> float:
        return _LOOK_EVERY_S

    async def require_its_files(self) -> None:
        # Without the thread: this waits for no disk, and the thread may be waiting for a lock.
        self._database.require_its_files()
        await trio.lowlevel.checkpoint()

    async def commit(self, statements: Sequence[Statement], slow: Slow | None = None) -> None:
        await self._worker.run(lambda: self._database.commit(statements), slow)

    async def read(self, reader: Callable[[Query], T]) -> T:
        return await self._worker.run(lambda: self._database.read(reader))

    async def aclose(self) -> None:
        await self._worker.run(self._database.close)
        self._worker.end()


class InlineLedgerStore:
    """A store without a thread: in virtual time a thread at work would look like idleness."""

    def __init__(self, database: LedgerDatabase) -> None:
        self._database = database

    async def commit(self, statements: Sequence[Statement], slow: Slow | None = None) -> None:
        del slow  # it takes no time
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
