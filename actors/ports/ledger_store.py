"""The interface of the ledger's database; ``engine/storage`` implements it."""

from collections.abc import Awaitable, Callable, Sequence
from typing import Protocol, TypeVar

import msgspec
import trio

from trading.journal.tables import Query, Statement

T = TypeVar("T")


class Slow(msgspec.Struct, frozen=True):
    """
    What is done about a commit that takes long.

    Args:
        at: Monotonic seconds from which on it takes long.
        tell: Called then, while the commit goes on.
    """

    at: float
    tell: Callable[[], None]


async def until_done(wait: Callable[[], Awaitable[object]], slow: Slow | None) -> None:
    """Wait for what is not to be interrupted."""
    if slow is not None:
        with trio.CancelScope(shield=True, deadline=slow.at):
            await wait()
            return
        slow.tell()
    with trio.CancelScope(shield=True):
        await wait()


class LedgerStore(Protocol):
    """A database with one writer. What has been committed survives a power cut."""

    async def commit(self, statements: Sequence[Statement], slow: Slow | None = None) -> None:
        """
        Carry out all of some statements, or none, durably.

        Once begun it is not interrupted: a cancellation comes before it or after it.

        Args:
            slow: Whom to tell that it takes long.

        Raises:
            Fatal: They cannot be written: disk full, read-only, damaged, deleted; ``PASSING`` when
                another program has it locked, so that nothing was done and it may be tried again.
        """
        ...

    async def read(self, reader: Callable[[Query], T]) -> T:
        """
        Have a pure function read, at one moment.

        Raises:
            Fatal: The database cannot be read, or is damaged.
        """
        ...

    @property
    def look_every_s(self) -> float:
        """Seconds between two looks at its files; infinite where there are none to touch."""
        ...

    async def require_its_files(self) -> None:
        """
        Make sure that what is written can be found again.

        Raises:
            Fatal: Its file was deleted, moved or replaced.
        """
        ...

    async def aclose(self) -> None:
        """End the writing; what was committed stays."""
        ...
