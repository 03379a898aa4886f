"""A ledger without threads, whose disk can be made slow or full at a word."""

import sqlite3
from collections.abc import Sequence

import attrs
import trio
from typing_extensions import override

from actors.ports.ledger_store import Slow
from engine.storage.ledger_database import LedgerDatabase
from engine.storage.ledger_store import InlineLedgerStore
from trading.core.errors import Fatal, FatalReason
from trading.journal.tables import Statement

DISK_FULL = sqlite3.OperationalError("database or disk is full")
READ_ONLY = sqlite3.OperationalError("attempt to write a readonly database")
IO_ERROR = sqlite3.OperationalError("disk I/O error")


@attrs.define
class Trouble:
    """
    What is wrong with a disk.

    Args:
        error: What writing fails with.
        from_commit: The first commit that fails, counted from 1; ``None`` for none.
        slow_s: Seconds that each commit takes.
        locked: Whether another program holds the lock.
        gone: Whether somebody has deleted the file.
        commits: How many were begun.
        failed_at: Monotonic seconds of the first failure.
    """

    error: sqlite3.Error = DISK_FULL
    from_commit: int | None = None
    slow_s: float = 0.0
    locked: bool = False
    gone: bool = False
    commits: int = 0
    failed_at: float | None = None


class TroubledLedger(InlineLedgerStore):
    """What was committed survives the engine; what was not does not."""

    def __init__(self, database: LedgerDatabase, trouble: Trouble) -> None:
        super().__init__(database)
        self.database = database
        self.trouble = trouble

    @property
    @override
    def look_every_s(self) -> float:
        return 0.5

    @override
    async def require_its_files(self) -> None:
        if self.trouble.gone:
            raise Fatal("the ledger's file was deleted", FatalReason.LEDGER)

    @override
    async def commit(self, statements: Sequence[Statement], slow: Slow | None = None) -> None:
        trouble = self.trouble
        if trouble.slow_s:
            written_at = trio.current_time() + trouble.slow_s
            if slow is not None and slow.at < written_at:
                await trio.sleep_until(slow.at)
                slow.tell()
            await trio.sleep_until(written_at)
        if trouble.locked:
            await trio.sleep(2)
            raise Fatal("the ledger is locked: another program has it open", FatalReason.PASSING)
        trouble.commits += 1
        if trouble.from_commit is not None and trouble.commits >= trouble.from_commit:
            if trouble.failed_at is None:
                trouble.failed_at = trio.current_time()
            raise Fatal(f"the ledger cannot be written: {trouble.error}", FatalReason.LEDGER)
        await super().commit(statements)
